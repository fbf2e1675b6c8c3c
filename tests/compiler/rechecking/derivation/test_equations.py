"""What the statements show, and what they do not."""

from __future__ import annotations

import pytest

from compiler.graph.terms import Graph, Kind
from compiler.rechecking.derivation.equations import Equations
from tests.support.derivations import hold, known, term

TRUE = """
    selector_width(select(indices, indices, <)) -> indices
    selector_width(select(indices, indices, !=)) -> length - 1
    has_focus(full_s) -> True
    has_focus(select(indices, 9, ==)) -> False
    aggregate(select(indices, 0, ==), 1, 5) -> 1
    aggregate(select(indices, 9, ==), indices, 5) -> 5
    aggregate(select(tokens, "a", ==), 3, 3) -> 3
    length * aggregate(full_s, indices) - length * aggregate(full_s, indices) -> 0
    1 / aggregate(full_s, indicator(indices == 0), 1) -> length
    indices if True else 0 -> indices
    aggregate(full_s, indices) != aggregate(full_s, indices) -> False
    has_focus(select(tokens, "a", ==)) -> selector_width(select(tokens, "a", ==)) > 0
    tokens_asis == "a" -> not (tokens_asis != "a")
"""

FALSE = """
    selector_width(select(indices, indices, <)) -> indices + 1
    selector_width(select(indices, indices, <=)) -> indices
    selector_width(select(indices, indices, !=)) -> length
    has_focus(select(indices, indices, <)) -> True
    not has_focus(select(tokens, "a", ==)) -> selector_width(select(tokens, "a", ==)) > 0
    selector_width(select(tokens, "a", ==)) == 0 -> has_focus(select(tokens, "a", ==))
    aggregate(select(indices, 0, ==), 1, 5) -> 5
    aggregate(select(tokens, "a", ==), 1, 5) -> 1
    aggregate(select(tokens, "a", ==), 3, 5) -> 3
    aggregate(full_s, aggregate(full_s, indices), 0) -> 0
    length * aggregate(select(tokens, "a", ==), indices) -> length
    1 / aggregate(full_s, indicator(indices == 1), 1) -> length
    indices if tokens == "a" else 0 -> indices
    indices - indices -> 1
    aggregate(full_s, indices) <= aggregate(full_s, indices) -> False
    tokens_asis == "a" -> tokens_asis == "b"
    has_focus(select(tokens, "a", ==) or select(tokens, "b", ==)) -> has_focus(select(tokens, "a", ==))
    selector_width(select(tokens, "a", ==)) -> selector_width(select(tokens, "a", !=))
    selector_width(select(tokens, tokens, ==)) -> 1
"""
"""What is not so, as a wrong rule would have it."""


def rows(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("row", rows(TRUE))
def test_what_is_so_is_shown(row: str) -> None:
    assert hold(row)


@pytest.mark.parametrize("row", rows(FALSE))
@pytest.mark.parametrize("causal", [False, True])
def test_what_is_not_so_is_not_shown(row: str, causal: bool) -> None:
    assert not hold(row, causal)


def test_a_selector_is_no_other() -> None:
    graph = Graph(causal=False)
    less = term(graph, "select(indices, indices, <)")
    negated = graph.make(Kind.NOT, (less,))
    equations = Equations(graph, known(graph))
    assert equations.hold(graph.make(Kind.NOT, (negated,)), less)
    assert not equations.hold(negated, less)
