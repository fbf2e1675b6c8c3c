"""Values of the language: how they are called, shown and taken from Python."""

from __future__ import annotations

from fractions import Fraction

import pytest

import rasp
from rasp.errors import InputError
from rasp.graph.values import Value, describe, input_sequence, show, to_value, truth
from tests.support.worked import assert_text, lines


def test_values_in_words() -> None:
    """As messages call them."""
    values = [3, "ab", Fraction(1, 4), [1, [2]], {1: 2}, rasp.indices, rasp.tokens + 1]
    assert_text(
        lines(map(describe, values)),
        """
        int 3
        string "ab"
        float 0.25
        a list
        a dict
        s-op `indices`
        an s-op
        """,
    )
    assert show([1, [2], "a"]) == '[1, [...], "a"]'


def test_from_python() -> None:
    assert to_value((1, 0.5)) == [1, Fraction(1, 2)]
    values: list[Value] = [0, "", [1]]
    assert [truth(value) for value in values] == [False, False, True]
    assert input_sequence("ab") == ["a", "b"]
    with pytest.raises(InputError, match="the input is a set, which has no order"):
        input_sequence({1, 2})
