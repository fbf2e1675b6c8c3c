"""Rewriting: rules are tried until none fits."""

from __future__ import annotations

from compiler.graph.rewriting import rewrite
from compiler.graph.terms import Graph, Kind, Term, render
from rasp.words import Comparison, Operator
from tests.support.worked import assert_text, lines


def without_zero(graph: Graph, term: Term) -> Term | None:
    """x + 0 is x."""
    return term.args[0] if term.operator is Operator.ADD and term.args[1] is graph.const(0) else None


def count_of_earlier(graph: Graph, term: Term) -> Term | None:
    """How many positions come before this one is the position."""
    before = graph.select(graph.indices(), graph.indices(), Comparison.LT)
    return graph.indices() if term.kind is Kind.WIDTH and term.args[0] is before else None


def test_two_rules_one_after_the_other() -> None:
    """With the first rule alone the term stops half way; the second fits only what the first has left."""
    graph = Graph(causal=False)
    before = graph.select(graph.indices(), graph.indices(), Comparison.LT)
    width = graph.make(Kind.WIDTH, (before,))
    start = graph.operation(Operator.ADD, width, graph.const(0))
    tried = [(count_of_earlier,), (without_zero,), (count_of_earlier, without_zero)]
    assert_text(
        lines(render(rewrite(graph, start, rules)) for rules in tried),
        """
        (selector_width(select(indices, indices, <)) + 0)
        selector_width(select(indices, indices, <))
        indices
        """,
    )
