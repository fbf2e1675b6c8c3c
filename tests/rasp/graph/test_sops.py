"""The graph of a program: s-ops and selectors, and what they are computed from."""

from __future__ import annotations

from rasp.graph.sops import Operation, Select, SOp, in_order, operands
from rasp.words import Operator
from tests.support.worked import FIRST, assert_text, lines, sop_of


def test_nodes_operands_first() -> None:
    """Each once, with what it is computed from."""
    nodes = list(in_order(sop_of(FIRST)))
    numbers = {node: number for number, node in enumerate(nodes)}
    assert_text(
        lines(
            f"{number} {type(node).__name__} {node.title or ''} {[numbers[each] for each in operands(node)]}"
            for node, number in numbers.items()
        ),
        """
        0 Indices indices []
        1 Constant  []
        2 Select  [0, 1]
        3 Tokens tokens_str []
        4 Aggregate first [2, 3]
        5 Operation answer [4, 3]
        """,
    )


def test_a_node_is_a_function() -> None:
    answer = sop_of(FIRST)
    assert isinstance(answer, Operation)
    assert answer.operator is Operator.EQ
    assert answer("aba") == [True, False, True]
    [select] = [node for node in in_order(answer) if isinstance(node, Select)]
    assert not isinstance(select, SOp)
    assert select("ab") == [[True, False], [True, False]]
