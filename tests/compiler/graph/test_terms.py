"""Terms: the compiler's own graph, in which equal structure is one object."""

from __future__ import annotations

from compiler.graph.terms import Graph, Term, dump, folded
from rasp.words import Comparison, Operator
from tests.support.worked import COUNT, assert_text, stages


def test_a_program_as_terms() -> None:
    """One line a term, operands first and by number: `copies` counts what the selector %1 selects."""
    assert_text(
        dump(stages(COUNT).built.root),
        """
        %0 tokens_str = tokens_str
        %1 = select(%0, %0, ==)
        %2 copies = selector_width(%1)
        %3 = 2
        %4 = (%2 == %3)
        %5 = "twice"
        %6 = "not"
        %7 answer = (%5 if %4 else %6)
        """,
    )


def test_equal_structure_is_one_term() -> None:
    """Made twice, the selector is the same object: whatever is true of it is worked out once."""
    graph = Graph(causal=False)
    one, again = (
        graph.select(graph.indices(), graph.operation(Operator.ADD, graph.indices(), graph.const(1)), order)
        for order in (Comparison.LT, Comparison.LT)
    )
    assert one is again
    assert_text(
        dump(one),
        """
        %0 = indices
        %1 = 1
        %2 = (%0 + %1)
        %3 = select(%0, %2, <)
        """,
    )


def test_a_term_is_folded_from_its_parts() -> None:
    """However deep it is, each part once, and nothing that is known already."""
    graph = Graph(causal=False)
    index = graph.indices()
    deep = index
    for _ in range(5_000):
        deep = graph.operation(Operator.ADD, deep, deep)
    asked: list[Term] = []

    def depth(term: Term, parts: list[int]) -> int:
        asked.append(term)
        return 1 + max(parts)

    known = {index: 0}
    assert folded(deep, lambda term: term.args, depth, known) == 5_000
    assert len(asked) == 5_000
    assert folded(deep, lambda term: term.args, depth, known) == 5_000
    assert len(asked) == 5_000


def test_other_operands() -> None:
    graph = Graph(causal=False)
    index, one = graph.indices(), graph.const(1)
    total = graph.operation(Operator.ADD, index, one)
    assert graph.with_args(total, (index, one)) is total
    assert graph.with_args(total, (one, one)) is graph.operation(Operator.ADD, one, one)
