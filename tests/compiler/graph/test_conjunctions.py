"""Conjunctions: a selector in parts that heads can score, no two of which hold together."""

from __future__ import annotations

from compiler.graph.conjunctions import conjunctions
from tests.support.worked import assert_text, lines, stages

EITHER = """
    near = select(indices, indices, ==) or select(tokens, "a", ==);
    answer = selector_width(near);
"""


def test_an_or_in_disjoint_parts() -> None:
    """Myself, or any `a`: what is at my position counts once, so the second part is about other positions."""
    selector = stages(EITHER).built.root.args[0]
    assert_text(
        lines(" and ".join(literal.text for literal in part) for part in conjunctions(selector)),
        """
        indices != indices and tokens_str == "a"
        indices == indices
        """,
    )
