"""`only(selector, values, default)`: what all selected positions hold."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import rasp
from rasp.errors import AggregateError, ArityError, OperandError
from rasp.graph.sops import Aggregate
from rasp.words import Atom


def values(expression: str, given: object, causal: bool = False) -> list[Any]:
    """The answer of an expression on an input."""
    return rasp.parse(f"x = {expression};").main(given, causal=causal)


@pytest.mark.parametrize(
    ("expression", "given", "expected"),
    [
        ('only(select(tokens, "b", ==), indices)', "abc", [1, 1, 1]),
        ('only(select(tokens, "b", ==), indices)', "aac", [0, 0, 0]),
        ('only(select(tokens, "b", ==), indices, -1)', "aac", [-1, -1, -1]),
        ("only(select(tokens, tokens, ==), tokens)", "abba", ["a", "b", "b", "a"]),
        ('only(select(tokens, tokens, ==), tokens == "a")', "aba", [True, False, True]),
        ("only(full_s, 7)", "abc", [7, 7, 7]),
        ('only(select(indices, indices, <), "x", "none")', "abc", ["none", "x", "x"]),
    ],
)
def test_what_all_that_is_selected_holds(expression: str, given: object, expected: list[Atom]) -> None:
    assert values(expression, given) == expected


def test_a_number_is_handed_on_and_not_averaged() -> None:
    assert type(values("only(full_s, 7)", "abc")[0]) is int
    assert type(values("aggregate(full_s, 7)", "abc")[0]) is Fraction
    index = "[5, 6, 7][only(select(tokens, tokens, ==), length - 1)]"
    assert values(index, "aab") == [7, 7, 7]


def test_of_equal_values_of_different_types_the_first_is_taken() -> None:
    assert [type(value) for value in values("only(full_s, tokens_asis)", [True, 1])] == [bool, bool]
    assert [type(value) for value in values("only(full_s, tokens_asis)", [1, True])] == [int, int]


@pytest.mark.parametrize(
    ("expression", "given", "message"),
    [
        ('only(select(tokens, "b", ==), indices)', "bab", "0 and 2, at position 0"),
        ("only(select(indices, indices, <=), tokens)", "aab", '"a" and "b", at position 2'),
        ("only(full_s, indices == 0)", "ab", "True and False, at position 0"),
    ],
)
def test_different_values_have_no_answer(expression: str, given: object, message: str) -> None:
    with pytest.raises(AggregateError, match=f"several different values are selected, {message}"):
        values(expression, given)


def test_a_causal_selector_selects_no_later_position() -> None:
    assert values("only(full_s, indices >= 1, 5)", "a", causal=True) == [False]
    second = 'only(select(indices, 1, ==), tokens, "?")'
    assert values(second, "abc", causal=True) == ["?", "b", "b"]


@pytest.mark.parametrize(
    ("expression", "error", "message"),
    [
        ("only(full_s)", ArityError, r"takes 2 or 3 arguments, got 1"),
        ("only(full_s, 1, 2, 3)", ArityError, r"takes 2 or 3 arguments, got 4"),
        ("only(tokens, tokens)", OperandError, "first argument of `only` must be a selector"),
        ("only(full_s, full_s)", OperandError, "second argument of `only` must be an s-op or an atom"),
        ("only(full_s, indices, [1])", OperandError, "default of `only` must be"),
    ],
)
def test_wrong_arguments(expression: str, error: type[rasp.RaspError], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        values(expression, "ab")
    assert caught.value.span is not None


def test_a_program_may_use_the_name_for_something_else() -> None:
    """The original has no such function."""
    assert rasp.parse("only = 3; x = indices + only;").main("ab") == [3, 4]
    assert rasp.parse("def only(a) { return a + 1; } x = only(indices);").main("ab") == [1, 2]


def test_both_forms_make_the_same_node() -> None:
    written = rasp.parse("x = only(full_s, indices, 2);").main
    built = rasp.only(rasp.full_s, rasp.indices, 2)
    for node in (written, built):
        assert isinstance(node, Aggregate)
        assert node.only
        assert node.default == 2
