"""Which token each answer is, by labels and by numbers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

import compiler
import rasp
from runtime.transformer import tokens
from runtime.transformer.stepping import answer_ids, logits_of, loop, neighbour, number_tokens
from runtime.weights import Config, LabelOutput, NumberOutput, Output


def config(vocab: tuple[object, ...], output: Output) -> Config:
    return Config(vocab, 3, False, output, ())  # type: ignore[arg-type]


def test_labels_are_tokens_by_value() -> None:
    asked = config((0, 1, 5), LabelOutput((False, 5, 7, True)))
    assert answer_ids(asked).ids.tolist() == [1, 3, 0, 2]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_neighbours_of_fractions(limit: int) -> None:
    every = sorted({Fraction(p, q) for q in range(1, limit + 1) for p in range(-2 * q, 2 * q + 1)})
    for left, right in pairwise(every):
        assert neighbour(left, limit, 1) == right
        assert neighbour(right, limit, -1) == left


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_the_last_logits_that_mean_a_number(limit: int) -> None:
    """One float further, and decoding gives another number."""
    for number in (Fraction(0), Fraction(5), Fraction(-7, limit), Fraction(1000, 1)):
        ends = logits_of(number, limit, np.dtype("float32"))
        assert ends is not None
        outward = (np.nextafter(ends[0], -np.inf), np.nextafter(ends[1], np.inf))
        said = [Fraction(float(end)).limit_denominator(limit) == number for end in (*ends, *outward)]
        assert said == [True, True, False, False]


def test_what_no_float_means_is_no_token() -> None:
    assert logits_of(Fraction(2**24 + 1), 1, np.dtype("float32")) is None


def test_numbers_are_tokens_where_decoding_says_so() -> None:
    output = NumberOutput(3, Fraction(1, 2))
    asked = config((2, 0, Fraction(1, 3), Fraction(1, 7), Fraction(1, 12)), output)
    ids, low, high = number_tokens(asked, output)
    assert ids.tolist() == [2, 3, 1], "1/7 and 1/12 are no fractions that it answers"
    known = tokens.token_ids(asked)
    for token, *ends in zip(ids.tolist(), low.tolist(), high.tolist(), strict=True):
        assert {known.by_value(tokens.nearest_fraction(output, end)) for end in ends} == {token}


def test_closed_guarded_and_no_step() -> None:
    step = rasp.parse("s = tokens_asis + 1;").main
    guarded = compiler.compile(step, range(6), 6).loop
    assert (guarded.closed, guarded.outside) == (False, (6,))
    assert guarded.summary == "guarded: a run is exact, and ends before a step that gives no token (6)"
    closed = compiler.compile(rasp.parse("s = (tokens_asis + 1) % 6;").main, range(6), 3).loop
    assert closed.summary == "closed: every answer is a token, so that a run is exact for any number of steps"
    assert loop(config(("a",), LabelOutput((1,)))).summary == "none: no answer is a token"
    many = loop(config((0,), LabelOutput((0, 1, 2, 3, 4))))
    assert many.summary.endswith("no token (1, 2, 3, ...)")
    assert repr(many).startswith("<Loop: guarded")


def test_a_run_is_no_surer_than_its_steps() -> None:
    """A soft model is tried and not certified: neither are its runs."""
    soft = compiler.compile(rasp.parse("s = (tokens_asis + 1) % 3;").main, range(3), 3, style="soft").loop
    assert (soft.closed, soft.certified) == (True, False)
    assert "exact" not in soft.summary
    assert "which are not certified" in soft.summary
    guarded = loop(config((0,), LabelOutput((0, 1))), certified=False)
    assert guarded.summary.startswith("guarded: a run, whose steps are not certified, ends before")


def test_numbers_are_never_known_to_be_closed() -> None:
    assert not loop(config((0, 1), NumberOutput(1))).closed
    assert replace(loop(config((0, 1), NumberOutput(1)))).tokens
