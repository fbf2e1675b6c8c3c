"""Defaults of `aggregate` and `only` that are s-ops, and `!=` between s-ops."""

from __future__ import annotations

from typing import Any

import pytest

import rasp
from rasp.errors import OperandError, RaspSyntaxError
from rasp.graph.sops import Aggregate, Constant


def values(expression: str, given: object, causal: bool = False) -> list[Any]:
    """The answer of an expression on an input."""
    return rasp.parse(f"x = {expression};").main(given, causal=causal)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("aggregate(select(indices, indices - 1, ==), indices, 10 * (indices + 1))", [10, 0, 1]),
        ('aggregate(select(indices, indices - 1, ==), tokens, tokens + "!")', ["a!", "a", "b"]),
        ('aggregate(select(tokens, "c", ==), tokens == "a", tokens == "b")', [False, False, False]),
        ('aggregate(select(tokens, "z", ==), tokens == "a", tokens == "b")', [False, True, False]),
        ('only(select(tokens, "z", ==), indices, length - indices)', [3, 2, 1]),
        ('only(select(tokens, "b", ==), indices, tokens)', [1, 1, 1]),
    ],
)
def test_a_default_is_read_at_the_query(expression: str, expected: list[Any]) -> None:
    assert values(expression, "abc") == expected


def test_a_default_of_another_type_is_an_error_where_it_is_used() -> None:
    with pytest.raises(OperandError, match="not of one type"):
        values("aggregate(select(indices, indices - 1, ==), tokens, indices)", "abc")


def test_what_is_never_read_is_no_default() -> None:
    with pytest.raises(OperandError, match="every position is selected, so a default s-op") as caught:
        rasp.parse("x = aggregate(full_s, indices, tokens);")
    assert caught.value.span is not None
    assert caught.value.span.text() == "tokens"
    with pytest.raises(OperandError, match="default of `only` must be an s-op or an atom, got a selector"):
        rasp.only(rasp.full_s, 1, rasp.select(1, 2, "=="))  # type: ignore[arg-type]


def test_both_forms_take_a_default_s_op() -> None:
    before = rasp.select(rasp.indices, rasp.indices - 1, "==")
    written = "aggregate(select(indices, indices - 1, ==), tokens, indices)"
    assert rasp.aggregate(before, rasp.tokens, rasp.indices)([5, 7]) == [0, 5]
    assert values(written.replace("tokens", "tokens_asis"), [5, 7]) == [0, 5]
    plain = rasp.only(before, rasp.indices, Constant(3))
    assert isinstance(plain, Aggregate)
    assert plain.default == 3


def test_a_default_belongs_to_the_flow_of_an_s_op() -> None:
    from rasp.drawing.flow import depths
    from rasp.graph.sops import in_order

    program = rasp.parse("d = length + 1; x = aggregate(select(indices, 9, ==), indices, length + 1);")
    assert depths(list(in_order(program["x"])))[program["x"]] == 1  # type: ignore[arg-type, index]
    deep = rasp.parse(
        "d = aggregate(select(indices, length, ==), length); x = aggregate(select(indices, 9, ==), 1, d);"
    )
    assert depths(list(in_order(deep["x"])))[deep["x"]] == 2  # type: ignore[arg-type, index]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('tokens != "b"', [True, False, True]),
        ("indices != length - 2", [True, False, True]),
        ("indices != tokens", [True, True, True]),
        ('not (tokens != "b")', [False, True, False]),
        ('tokens != "a" and indices != 2', [False, True, False]),
        ("1 + indices != 2 * 1", [True, False, True]),
    ],
)
def test_unequal_position_by_position(expression: str, expected: list[bool]) -> None:
    assert values(expression, "abc") == expected


def test_unequal_between_plain_values() -> None:
    """Between two that are written out it is nothing but a mistake; names may stand for anything."""
    with pytest.raises(RaspSyntaxError, match="`!=` is known only to s-ops and `select`"):
        rasp.parse("x = 1 != 2;")
    assert rasp.parse('a = "p"; b = "q"; x = indices if a != b else 0;').main("ab") == [0, 1]
