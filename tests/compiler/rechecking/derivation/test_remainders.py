"""Remainders of sums, and of what is added up."""

from __future__ import annotations

from fractions import Fraction

import pytest

from compiler.graph.terms import Graph, Kind
from compiler.rechecking.derivation.remainders import remainders_first
from compiler.request import Request
from rasp.words import Atom, Operator
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


HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("values", "tokens", "divisor", "shown"),
    [
        ("tokens_asis", (-3, 0, 4), 5, True),
        ("tokens_asis", (-3, 0, 4), -5, True),
        ("tokens_asis", (-3, Fraction(2), 4), 5, True),
        ("tokens_asis", (False, True), 5, True),
        ("tokens_int", ("1", "x", "3"), 5, True),
        ("3 * tokens_asis - indices * indices", (1, 2), 5, True),
        ("tokens_asis", (-3, HALF, 4), 5, False),
        ("tokens_asis", (-3, 0, 4), 5 * HALF, False),
        ("tokens_asis / 2", (-3, 0, 4), 5, False),
        ("tokens_asis - indices / 2", (1, 2), 5, False),
        ("indices / 2 - tokens_asis", (1, 2), 5, False),
        ("indices / 2 + indices", (1, 2), 5, False),
        ("tokens_asis * tokens_asis + 1", (1, 2), 5, True),
        ("tokens_asis", ("a", "b"), 5, False),
    ],
)
def test_what_is_whole_may_be_rounded(
    values: str, tokens: tuple[Atom, ...], divisor: int | Fraction, shown: bool
) -> None:
    """Sums of whole numbers, by a whole number: not of 1/2 and 1/2, which are rounded to 0 each."""
    graph = Graph(causal=False)
    selector, summed, by = term(graph, "select(tokens, tokens, <)"), term(graph, values), graph.const(divisor)
    rounded = (
        graph.operation(Operator.ROUND, graph.make(Kind.SUM, (selector, each)))
        for each in (summed, graph.operation(Operator.MOD, summed, by))
    )
    before, after = (graph.operation(Operator.MOD, each, by) for each in rounded)
    assert remainders_first(before, after, graph, known(graph, Request(tokens, 4))) is shown
