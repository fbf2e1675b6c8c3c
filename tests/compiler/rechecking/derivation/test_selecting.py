"""What selectors select alike."""

from __future__ import annotations

import pytest

from compiler.graph.terms import Graph
from compiler.rechecking.derivation.selecting import Selecting
from compiler.request import Request
from rasp.words import Comparison
from tests.support.derivations import known, term


def test_what_can_never_be_selected() -> None:
    graph = Graph(causal=False)
    selecting = Selecting(graph, known(graph))
    assert selecting.never(term(graph, 'select(tokens, "z", ==)'))
    assert not selecting.never(term(graph, 'select(tokens, "a", ==)'))


def test_what_is_the_same_everywhere() -> None:
    graph = Graph(causal=False)
    selecting = Selecting(graph, known(graph))
    assert selecting.uniform(term(graph, 'selector_width(select(tokens, "a", ==)) + 1'))
    assert not selecting.uniform(term(graph, "selector_width(select(tokens, tokens, ==))"))


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
        selecting = Selecting(graph, known(graph, Request(("1", "2"), 4, causal)))
        assert selecting.hold(before, after) is shown, row
