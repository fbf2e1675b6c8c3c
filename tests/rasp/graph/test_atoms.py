"""Atoms: plain values at one position, every number exact."""

from __future__ import annotations

from fractions import Fraction

import pytest

import compiler
import rasp
from rasp.errors import RaspError
from rasp.graph.atoms import Answer, decimal, is_atom, shorten, shown, to_atom


def test_floats_are_the_decimals_they_print_as() -> None:
    assert to_atom(0.1) == Fraction(1, 10)
    assert decimal(Fraction(1, 10)) == "0.1"
    assert decimal(Fraction(2)) == "2.0"


def test_what_is_none() -> None:
    assert not is_atom([1])
    with pytest.raises(RaspError):
        to_atom(float("nan"))


def test_messages_stay_short() -> None:
    assert shorten("abcdef", 4) == "a..."
    assert len(shown("x" * 1000)) < 100


def test_an_answer_shows_fractions_as_people_write_them() -> None:
    """It is a list all the same; what is not a number is shown as Python does."""
    answer = Answer([Fraction(1, 2), Fraction(2), 1, True, "a"])
    assert repr(answer) == str(answer) == "[1/2, 2, 1, True, 'a']"
    assert answer == [Fraction(1, 2), 2, 1, True, "a"]


def test_answers_of_s_ops_and_models_are_shown_so() -> None:
    program = rasp.load("frac_prevs").main
    model = compiler.compile(program, vocab="abx", max_length=4, keep=["frac_prevs"])
    assert repr(program("axa")) == repr(model("axa")) == repr(model.batch(["axa"])[0]) == "[0, 1/2, 1/3]"
    assert repr(model.intervene("ax", {"frac_prevs": Fraction(1, 2)})) == "[1/2, 1/2]"
    assert repr(rasp.evaluate(rasp.indices / 2, "ab")) == repr((rasp.indices / 2)("ab")) == "[0, 1/2]"
