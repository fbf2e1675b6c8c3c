"""Atoms: plain values at one position, every number exact."""

from __future__ import annotations

from fractions import Fraction

import pytest

from rasp.errors import RaspError
from rasp.graph.atoms import decimal, is_atom, shorten, shown, to_atom


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
