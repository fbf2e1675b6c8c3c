"""Lines over all positions, against every position of every input."""

from __future__ import annotations

from fractions import Fraction

import pytest

from compiler.graph.building import build
from compiler.rechecking.derivation.lines import Line, by_index_and_length, is_position
from compiler.request import Request
from rasp import parse


def line(expression: str) -> Line | None:
    built = build(parse(f"x = {expression};").main, Request(("a", "b"), 5))
    return by_index_and_length(built.root, lambda count: True)


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("length - 1 - indices", (-1, -1, 1)),
        ("length - 1", (-1, 0, 1)),
        ("indices + length", (0, 1, 1)),
        ("2 - length - indices - length", (2, -1, -2)),
        ("indices + (indices - 0.5)", (-0.5, 2, 0)),
        ("indices * indices", None),
        ("indices + aggregate(full_s, indices)", None),
    ],
)
def test_what_is_a_line(expression: str, found: tuple[float, float, float] | None) -> None:
    shown = line(expression)
    assert (None if shown is None else tuple(map(float, shown))) == found


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_line_is_a_position_where_it_is_one_at_each(length: int) -> None:
    places = [(i, n) for n in range(1, length + 1) for i in range(n)]
    for number in range(-2, 3):
        for index in range(-2, 3):
            for times in range(-2, 3):
                there = all(0 <= number + index * i + times * n < n for i, n in places)
                assert is_position((Fraction(number), Fraction(index), Fraction(times)), length) == there
    assert not is_position((Fraction(1, 2), Fraction(0), Fraction(0)), length)
