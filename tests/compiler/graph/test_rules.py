"""Rules: what a pattern of terms can be replaced by."""

from __future__ import annotations

from compiler.graph.building import build
from compiler.graph.rewriting import rewrite
from compiler.graph.rules import NECESSARY, RULES
from compiler.graph.terms import Graph, dump, render
from rasp.words import Comparison, Operator
from tests.support.worked import asked, assert_text, lines, sop_of

MEAN = """
    marked = indicator(tokens == "a");
    answer = round(length * aggregate(full_s, marked));
"""
"""The share of `a` times how many tokens there are: how many `a` there are, said in a roundabout way."""


def test_a_count_in_disguise() -> None:
    """Length times mean is a sum, and a sum of whole numbers needs no rounding: one head, no neurons."""
    assert_text(
        dump(build(sop_of(MEAN), asked()).root),
        """
        %0 = 1
        %1 full_s = select(%0, %0, ==)
        %2 tokens_str = tokens_str
        %3 = "a"
        %4 = (%2 == %3)
        %5 marked = indicator(%4)
        %6 answer = sum(%1, %5)
        """,
    )


def test_what_is_necessary_and_what_is_only_better() -> None:
    """Constants are always worked out, as lowering relies on it; that nothing is added is seen only where
    the graph is optimized.
    """
    graph = Graph(causal=False)
    terms = [
        graph.operation(Operator.ADD, graph.const(2), graph.const(3)),
        graph.select(graph.const(2), graph.const(3), Comparison.LT),
        graph.operation(Operator.ADD, graph.indices(), graph.const(0)),
    ]
    assert_text(
        lines(
            " -> ".join(map(render, (term, rewrite(graph, term, NECESSARY), rewrite(graph, term, RULES))))
            for term in terms
        ),
        """
        (2 + 3) -> 5 -> 5
        select(2, 3, <) -> select(1, 1, ==) -> select(1, 1, ==)
        (indices + 0) -> (indices + 0) -> indices
        """,
    )


def test_the_same_operand_twice_is_one_operand() -> None:
    """Whatever the values are, and however many: an s-op less itself is 0."""
    root = build(sop_of("v = aggregate(full_s, indices) / 7; answer = v - v;"), asked()).root
    assert render(root) == "0"
