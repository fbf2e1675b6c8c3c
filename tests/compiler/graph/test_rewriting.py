"""Rewriting: rules are tried until none fits."""

from __future__ import annotations

from compiler.graph.rewriting import rewrite
from compiler.graph.rules import drop_neutral, width_of_order
from compiler.graph.terms import Graph, Kind, render
from rasp.words import Comparison, Operator
from tests.support.worked import assert_text, lines


def test_two_rules_one_after_the_other() -> None:
    """How many positions come before this one, plus 0: the first rule drops the 0, then the second knows
    that the count is the position; with one rule alone it would stop half way.
    """
    graph = Graph(causal=False)
    before = graph.select(graph.indices(), graph.indices(), Comparison.LT)
    width = graph.make(Kind.WIDTH, (before,))
    start = graph.operation(Operator.ADD, width, graph.const(0))
    assert_text(
        lines(
            [
                render(start),
                render(rewrite(graph, start, (drop_neutral,))),
                render(rewrite(graph, start, (width_of_order, drop_neutral))),
            ]
        ),
        """
        (selector_width(select(indices, indices, <)) + 0)
        selector_width(select(indices, indices, <))
        indices
        """,
    )
