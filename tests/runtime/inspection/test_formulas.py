"""What neurons make of a number, as a formula."""

from __future__ import annotations

from fractions import Fraction

import pytest

import compiler
import rasp
from runtime.inspection.formulas import formula, polynomial
from tests.support.worked import COUNT, model

RANKED = """
    rank = selector_width(select(tokens, tokens, <));
    answer = aggregate(select(rank, indices, ==), tokens, "a");
"""
"""A count that is compared with positions: its quadratic is prepared by neurons."""


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([0, 13, 24, 33], "x\u00b7(14 \u2212 x)"),
        ([0, 3, 8, 15], "x\u00b7(x + 2)"),
        ([0, -1, 0, 3], "x\u00b7(x \u2212 2)"),
        ([0, -3, -8, -15], "\u2212x\u00b7(x + 2)"),
        ([0, 2, 8, 18], "2\u00b7x\u00b2"),
        ([1, 2, 5, 10], "x\u00b2 + 1"),
        ([3, 2, 1, 0], "\u2212x + 3"),
        ([1, 6, 13, 22], "x\u00b2 + 4\u00b7x + 1"),
        ([5, 5, 5, 5], "5"),
        ([9, 8, 5, 0], "9 \u2212 x\u00b2"),
        ([0, 1, 1, 1], ""),
    ],
)
def test_a_polynomial_through_points(values: list[int], text: str) -> None:
    assert polynomial("x", [(x, Fraction(y)) for x, y in enumerate(values)]) == text


def test_what_neurons_prepare_for_a_comparison() -> None:
    made = compiler.compile(rasp.load("sort").main, range(4), 8).apart
    found = {formula(made.config, made.weights, number) for number in range(len(made.config.columns))}
    assert found == {"", "rank\u00b7(6 \u2212 rank)"}


def test_a_polynomial_through_points_below_0() -> None:
    assert polynomial("x", [(x, Fraction(x * x + 4)) for x in range(-3, 3)]) == "x\u00b2 + 4"


def test_a_square_of_a_sum() -> None:
    """What has no column of its own is told by what has."""
    made = compiler.compile(rasp.load("dyck2_ptf").main, "()[]", 6).apart
    found = {formula(made.config, made.weights, number) for number in range(len(made.config.columns))}
    assert "(tokens in {), ]} + depth)\u00b2" in "".join(found), found


def test_what_is_read_with_a_default_has_it_in_formulas() -> None:
    """The formula is of the s-op, and not of the number that its column holds."""
    x = "x = aggregate(select(indices, indices - 1, ==), tokens_int, 5);"
    source = f"{x} y = aggregate(select(x + indices, indices, ==), tokens_asis, 0);"
    made = compiler.compile(rasp.parse(source).main, range(4), 6).apart
    [number] = [n for n, column in enumerate(made.config.columns) if column.name == "(x + indices) quadratic"]
    assert formula(made.config, made.weights, number) == "(indices + x)\u00b7(10 \u2212 (indices + x))"
    assert made.trace([3, 1, 2]).values("(x + indices) quadratic") == [5 * 5, 4 * 6, 3 * 7]


def test_what_is_no_polynomial_has_no_formula() -> None:
    made = model(COUNT).apart
    assert {formula(made.config, made.weights, n) for n in range(len(made.config.columns))} == {""}
