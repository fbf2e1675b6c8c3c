"""Building: from the s-ops of a program to terms, and which term each of them became."""

from __future__ import annotations

from compiler.graph.building import build
from compiler.graph.terms import render
from rasp.graph.sops import SOp
from tests.support.worked import asked, assert_text, lines, sop_of

NEGATED = """
    begins = indices == 0;
    answer = not (not begins);
"""


def test_what_each_s_op_became() -> None:
    """Node by node, operands first: the second `not` has become what the first one negates."""
    built = build(sop_of(NEGATED), asked())
    assert_text(
        lines(
            f"{node.name or 'unnamed'}: {render(term, depth=2)}"
            for node, term in built.terms.items()
            if isinstance(node, SOp)
        ),
        """
        indices: indices
        unnamed: 0
        begins: (indices == 0)
        unnamed: (not begins)
        answer: (indices == 0)
        """,
    )
