"""Remainders of sums, and of what is added up."""

from __future__ import annotations

from fractions import Fraction

import pytest

from compiler.graph.terms import Graph, Kind
from compiler.rechecking.derivation.remainders import remainders_first
from rasp.words import Operator
from tests.support.derivations import known, term


@pytest.mark.parametrize(
    ("factor", "divisor", "taken", "values", "shown"),
    [
        ("3", "5", "5", "indices", True),
        ("3", "5", "5", "indices * indices", True),
        ("3", "5", "4", "indices", False),
        ("1 / 2", "5", "5", "indices", False),
        ("indices", "5", "5", "indices", False),
        ("3", "indices", "indices", "indices", False),
        ("3", "5", "5", "tokens_str", False),
    ],
)
def test_remainders_of_sums(factor: str, divisor: str, taken: str, values: str, shown: bool) -> None:
    """Whole multiples of sums have the remainder that those of remainders have; others, and by what is not
    the same everywhere, need not.
    """
    graph = Graph(causal=False)
    times = graph.const(Fraction(1, 2)) if "/" in factor else term(graph, factor)
    summed, by = term(graph, values), term(graph, divisor)
    reduced = graph.operation(Operator.MOD, summed, term(graph, taken))
    before, after = (
        graph.operation(
            Operator.MOD,
            graph.operation(
                Operator.SUB,
                graph.indices(),
                graph.operation(
                    Operator.MUL, times, graph.make(Kind.SUM, (term(graph, "select(tokens, tokens, ==)"), x))
                ),
            ),
            by,
        )
        for x in (summed, reduced)
    )
    assert remainders_first(before, after, graph, known(graph)) is shown
