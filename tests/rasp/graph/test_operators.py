"""Operators between plain values."""

from __future__ import annotations

from fractions import Fraction

import pytest

from rasp.errors import RaspError
from rasp.graph.operators import add, divide, equal, item_at, order, power, remainder, round_half_even


def test_numbers_are_exact() -> None:
    assert divide(1, 3) == Fraction(1, 3)
    assert remainder(-1, 3) == 2
    assert power(4, Fraction(1, 2)) == 2
    assert [round_half_even(number) for number in (Fraction(1, 2), Fraction(3, 2))] == [0, 2]


def test_text_and_lists() -> None:
    assert add("a", "b") == "ab"
    assert item_at("abc", -1) == "c"
    assert equal(1, True)
    assert not equal(1, "1")
    assert order("<", "a", "b") == -1


def test_what_an_operator_does_not_take() -> None:
    with pytest.raises(RaspError, match=r'`\+` does not work between string "a" and int 1'):
        add("a", 1)
