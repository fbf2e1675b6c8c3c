"""Mentions: where a program's text calls an s-op by a name."""

from __future__ import annotations

from compiler.program.mentions import mentions
from rasp.graph.labels import label
from rasp.graph.sops import Node, Operation
from tests.support.worked import assert_text, lines, sop_of

TWICE = "x = indices + 1;\nx = x * 2;"


def made_by(node: Node) -> str:
    """The operator of an operation, the name of anything else."""
    return node.operator.value if isinstance(node, Operation) else label(node)


def test_one_name_for_two_s_ops() -> None:
    """The `x` that is read in the second statement is the sum, the one assigned there is the product: a name
    stands for what it was assigned last.
    """
    answer = sop_of(TWICE)
    assert_text(
        lines(
            f"{span.offsets} {TWICE[slice(*span.offsets)]}: {made_by(node)}"
            for span, nodes in mentions(answer, TWICE)
            for node in nodes
        ),
        """
        (4, 11) indices: indices
        (0, 1) x: +
        (21, 22) x: +
        (17, 18) x: *
        """,
    )
