"""What the statements show, and what they do not."""

from __future__ import annotations

import pytest

from compiler.graph.terms import Graph, Kind
from compiler.rechecking.derivation.equations import Equations
from compiler.request import Request
from rasp.words import Comparison
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


def test_what_can_never_be_selected() -> None:
    graph = Graph(causal=False)
    equations = Equations(graph, known(graph))
    assert equations.never(term(graph, 'select(tokens, "z", ==)'))
    assert not equations.never(term(graph, 'select(tokens, "a", ==)'))


def test_what_is_the_same_everywhere() -> None:
    graph = Graph(causal=False)
    equations = Equations(graph, known(graph))
    assert equations.uniform(term(graph, 'selector_width(select(tokens, "a", ==)) + 1'))
    assert not equations.uniform(term(graph, "selector_width(select(tokens, tokens, ==))"))


TURNED = """
    (indices + tokens_int[0]) % length -> (indices - tokens_int[0]) % length
    (indices - 3 + length) % length -> (indices + 3 - length) % length
    (tokens_int[1] - indices) % length -> (tokens_int[1] - indices) % length
"""

NOT_TURNED = """
    (indices + 1) % length -> (indices + 1) % length
    (1 - indices) % length -> (indices - 1) % length
    (2 * indices) % length -> (2 * indices) % length
    (indices + 1) % 3 -> (indices - 1) % 3
    (indices + tokens_int) % length -> (indices - tokens_int) % length
"""


@pytest.mark.parametrize(
    ("text", "causal", "shown"),
    [
        (TURNED, False, True),
        (TURNED, True, False),
        (NOT_TURNED, False, False),
    ],
)
def test_keys_are_turned_to_the_side_of_the_query(text: str, causal: bool, shown: bool) -> None:
    for row in text.strip().splitlines():
        graph = Graph(causal)
        keys, queries = (term(graph, side) for side in row.split(" -> "))
        before = graph.select(keys, graph.indices(), Comparison.EQ)
        after = graph.select(graph.indices(), queries, Comparison.EQ)
        equations = Equations(graph, known(graph, Request(("1", "2"), 4, causal)))
        assert equations.hold(before, after) is shown, row
