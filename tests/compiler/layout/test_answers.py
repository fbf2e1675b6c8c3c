"""Answers are read by label, which tells more, until the labels are a good part of the model."""

from __future__ import annotations

import random

import pytest

import compiler
import rasp
from compiler.layout.answers import labels_are_dear
from compiler.layout.assembly import Stored
from compiler.pipeline import run
from compiler.request import request
from runtime.weights import LabelOutput, NumberOutput


def stored(text: str, vocab: str, length: int) -> Stored:
    return run(rasp.parse(text).main, request(vocab, length)).stored


TOTAL = "main = round(aggregate(full_s, tokens_int) * length);"
"""At length n it has 9n + 1 answers."""

REMAINDER = "main = round(aggregate(full_s, tokens_int) * length) % 7;"
"""It has 7 at every length."""


def test_a_few_labels_are_kept() -> None:
    few = stored(REMAINDER, "0123456789", 2)
    assert isinstance(few.config.output, LabelOutput)
    assert not labels_are_dear(few)


def test_many_labels_give_way_to_a_number() -> None:
    many = stored(TOTAL, "0123456789", 40)
    assert isinstance(many.config.output, NumberOutput)


@pytest.mark.parametrize("length", range(2, 41, 2))
def test_labels_take_a_third_of_a_model_at_most(length: int) -> None:
    assert not labels_are_dear(stored(TOTAL, "0123456789", length))


def test_what_can_be_fed_again_keeps_its_labels() -> None:
    """Tokens, and no more numbers than there are positions."""
    for text in ("main = tokens;", "main = indices;", "main = length;"):
        assert isinstance(stored(text, "abcdefghijklmnopqrstuvwxyz", 30).config.output, LabelOutput)


def test_truth_values_are_no_numbers() -> None:
    text = "main = round(aggregate(full_s, tokens_int) * length) > 20;"
    model = compiler.compile(rasp.parse(text).main, "0123456789", 20)
    assert [type(answer) for answer in model("9999")] == [bool] * 4


def test_a_number_is_read_exactly() -> None:
    main = rasp.parse(TOTAL).main
    model = compiler.compile(main, "0123456789", 40)
    draw = random.Random(5)
    for count in (1, 7, 39, 40):
        digits = "".join(draw.choice("0123456789") for _ in range(count))
        assert model(digits) == main(digits) == [sum(map(int, digits))] * count
