"""Notation: atoms and inputs as people and JSON write them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from rasp.errors import InputError, RaspError
from rasp.notation import dump_json, read_input, read_vocab, show_matrix, show_sequence
from tests.support.worked import assert_text


def test_inputs_and_vocabularies() -> None:
    """A JSON list if it is one, else characters; a range of numbers with a colon."""
    assert read_input("ab") == ["a", "b"]
    assert read_input("[1, 2.5]") == [1, Fraction(5, 2)]
    assert read_input("[1]", as_text=True) == ["[", "1", "]"]
    assert list(read_vocab("0:3")) == [0, 1, 2]
    with pytest.raises((InputError, RaspError)):
        read_vocab("5:2:9")


def test_answers_for_people() -> None:
    """Three decimals, one word for equal values, and a selector as a matrix."""
    assert show_sequence([1, Fraction(1, 3)]) == "[1, 0.333] (floats)"
    assert show_sequence([2, 2]) == "[2]*2 (ints)"
    assert dump_json([Fraction(1, 2), "a"]) == '[0.5, "a"]'
    assert_text(
        show_matrix([[True, False], [True, True]], ["a", "b"]),
        """
            a b
        a | 1
        b | 1 1
        """,
    )
