"""What adds up over keys."""

from __future__ import annotations

from fractions import Fraction

import pytest

from compiler.graph.terms import Graph
from compiler.rechecking.derivation.tallies import always_the_same, tally
from tests.support.derivations import known, term

MIXED = 'select(aggregate(select(tokens, "a", ==), tokens), "b", <)'
MINE = 'indicator(aggregate(select(tokens, "a", ==), tokens) < "b")'
ALL = f"selector_width({MIXED})"
"""Strings where anything is selected, else the number 0, so that no table of values says how they compare."""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("selector_width(select(tokens, tokens, ==))", "selector_width(select(tokens, tokens, !=))", False),
        (
            "selector_width(select(tokens, tokens, ==)) + selector_width(select(tokens, tokens, !=))",
            "length",
            True,
        ),
        ("2 * indices + 1 - indices", "selector_width(select(indices, indices, <=))", True),
        ("2 * indices + 1 - indices", "selector_width(select(indices, indices, <))", False),
        ("selector_width(select(indices, 0, ==))", "1", True),
        ("selector_width(select(indices, 1, ==))", "1", False),
        (
            f"selector_width({MIXED} and select(indices, indices, !=))",
            f"selector_width({MIXED}) - {MINE}",
            True,
        ),
        (f"selector_width({MIXED} and select(indices, indices, !=))", f"selector_width({MIXED}) - 1", False),
        (f"selector_width({MIXED} and select(indices, indices, ==))", MINE, True),
        (f"selector_width({MIXED} and select(indices, indices, <=))", MINE, False),
    ],
)
def test_counts_are_compared_key_by_key(one: str, other: str, same: bool) -> None:
    graph = Graph(causal=False)
    before, after = (tally(graph, term(graph, side)) for side in (one, other))
    assert always_the_same(before, after, known(graph), graph) is same


def test_a_number_is_told_apart_from_what_varies() -> None:
    graph = Graph(causal=False)
    assert tally(graph, term(graph, "indices + 3 - indices")).constant == Fraction(3)
    assert tally(graph, term(graph, "indices + 3")).constant is None
