"""What selectors select alike."""

from __future__ import annotations

import pytest

from compiler.graph.conjunctions import conjunctions
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


def test_what_is_selected_everywhere_or_nowhere() -> None:
    graph = Graph(causal=False)
    selecting = Selecting(graph, known(graph))
    for text, wanted in (
        ("full_s", True),
        ('select(tokens, "z", ==)', False),
        ('select(tokens, "a", ==)', None),
    ):
        assert selecting.constant(term(graph, text)) is wanted


def test_of_one_position_everything_is_the_same() -> None:
    for most in (1, 2):
        graph = Graph(causal=False)
        selecting = Selecting(graph, known(graph, Request(("a", "b"), most)))
        assert selecting.uniform(term(graph, "tokens")) is (most == 1)


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


@pytest.mark.parametrize(
    ("selector", "causally"),
    [
        ("select(indices, indices + 1, ==)", False),
        ("select(indices - 3, indices - 2, >=)", False),
        ("select(indices, indices + 1, !=)", True),
        ("select(indices, indices + 1, <)", True),
        ("select(indices, indices, ==)", None),
        ("select(indices + 1, indices, ==)", None),
        ("select(0 - indices, 1 - indices, ==)", None),
        ("select(tokens_int, tokens_int + 1, ==)", None),
        ("select(indices + tokens_int, indices + tokens_int + 1, ==)", None),
    ],
)
def test_causally_no_key_lies_ahead(selector: str, causally: bool | None) -> None:
    """At any length; otherwise there are such keys. What is no index and a number may be larger there."""
    for causal in (False, True):
        graph = Graph(causal)
        selecting = Selecting(graph, known(graph, Request(("1", "2"), 10_000, causal)))
        [way] = conjunctions(term(graph, selector))
        assert selecting.truth(way[0], way) is (causally if causal else None)


@pytest.mark.parametrize(
    ("literal", "beside", "causal", "truth"),
    [
        ("select(indices, 99, <)", "full_s", False, True),
        ("select(indices, 99, >)", "full_s", False, False),
        ("select(indices, 2, <)", "full_s", False, None),
        ("select(tokens, tokens, ==)", "full_s", False, None),
        ("select(tokens, tokens, ==)", "select(indices, indices, ==)", False, True),
        ("select(tokens, tokens, !=)", "select(indices, indices, ==)", False, False),
        ("select(tokens, tokens, ==)", "select(indices, indices - 1, ==)", False, None),
        ("select(tokens, tokens, ==)", "select(indices, 1, ==)", False, None),
        ("select(indices, indices + 1, <)", "select(indices, indices, ==)", False, True),
        ("select(indices + 2, indices, <=)", "select(indices, indices, ==)", False, False),
        ("select(indices + 2, indices, >)", "select(indices + 1, indices, ==)", False, True),
        ("select(indices + 2, indices, <)", "select(indices + 1, indices, ==)", False, False),
        ("select(indices, indices + 1, ==)", "full_s", True, False),
        ("select(indices, indices + 1, ==)", "full_s", False, None),
        ("select(indices, indices - 1, ==)", "full_s", True, None),
    ],
)
def test_what_holds_beside_another_literal(
    literal: str, beside: str, causal: bool, truth: bool | None
) -> None:
    graph = Graph(causal)
    selecting = Selecting(graph, known(graph))
    [[one]], [way] = (conjunctions(term(graph, each)) for each in (literal, beside))
    assert selecting.truth(one, (one, *way)) is truth
