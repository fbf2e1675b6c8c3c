"""What adds up over keys."""

from __future__ import annotations

from fractions import Fraction

import pytest

from compiler.graph.terms import Graph, Kind
from compiler.rechecking.derivation.tallies import always_the_same, tally
from rasp.words import Operator
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


def test_what_is_negated_is_taken_away() -> None:
    graph = Graph(causal=False)
    negated = graph.operation(Operator.NEG, term(graph, "indices - 3"))
    total = tally(graph, graph.operation(Operator.ADD, negated, graph.indices()))
    assert total.constant == Fraction(3)


@pytest.mark.parametrize(("power", "same"), [(4, True), (60, False)])
def test_numbers_too_large_are_not_added_up(power: int, same: bool) -> None:
    """Where they would have to be, as one selector is the other by values only."""
    graph = Graph(causal=False)
    one, other = (
        graph.make(
            Kind.SUM, (term(graph, f"select(indices, {limit}, ==)"), term(graph, f"{values} * 2^{power}"))
        )
        for limit, values in (("0", "indices"), ("1", "(indices - 1)"))
    )
    assert always_the_same(tally(graph, one), tally(graph, other), known(graph), graph) is same


def test_a_multiple_that_no_64_bits_hold_is_not_0() -> None:
    graph = Graph(causal=False)
    mine = (term(graph, "select(indices, indices, ==)"), term(graph, "indices * 2^40"))
    total = graph.operation(Operator.MUL, graph.const(2**40), graph.make(Kind.SUM, mine))
    assert not always_the_same(tally(graph, total), tally(graph, graph.const(0)), known(graph), graph)


def test_a_unit_that_makes_numbers_too_large_is_seen() -> None:
    """Also where nothing is added up in it."""
    graph = Graph(causal=False)
    mine = (term(graph, "select(indices, indices, ==)"), graph.indices())
    total = graph.operation(Operator.MUL, graph.const(2**20), graph.make(Kind.SUM, mine))
    small = graph.make(Kind.SUM, (term(graph, "select(indices, 9, ==)"), term(graph, "indices / 2^44")))
    both = tally(graph, graph.operation(Operator.ADD, total, small))
    assert not always_the_same(both, tally(graph, graph.const(0)), known(graph), graph)
