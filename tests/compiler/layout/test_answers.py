"""Answers: a label for each, or a number where labels would take most of the model."""

from __future__ import annotations

import rasp
from compiler.layout.answers import labels_are_dear
from compiler.layout.assembly import assemble
from compiler.pipeline import run
from compiler.request import Request
from runtime.weights import NumberOutput

SUM = "tokens = tokens_asis; answer = 50 * tokens + indices;"


def test_many_numbers_are_read_as_numbers() -> None:
    """4 tokens and 8 positions give 32 answers, no tokens: their labels would be most of this model."""
    made = run(rasp.parse(SUM).main, Request((0, 1, 2, 3), 8))
    assert labels_are_dear(assemble(made.lowered, made.schedule, made.asked))
    assert isinstance(made.stored.config.output, NumberOutput)


def test_answers_that_are_tokens_have_labels() -> None:
    """Such answers can be fed to the model again, however many there are."""
    made = run(rasp.parse("answer = tokens;").main, Request(tuple(map(str, range(50))), 4))
    assert not labels_are_dear(made.stored)


def test_answers_that_are_positions_have_labels() -> None:
    """There are as many as positions, for which the model has an embedding anyway."""
    made = run(rasp.parse("answer = indices;").main, Request(tuple("ab"), 64))
    assert not labels_are_dear(made.stored)
