"""The plan: what has been decided, and what follows from it."""

from __future__ import annotations

from compiler.graph.terms import Kind
from compiler.lowering.planning import make_plan
from tests.support.worked import assert_text, lines, stages

VOWEL = """
    vowel = tokens in ["a", "e"];
    answer = "vowel" if vowel else "other";
"""


def test_functions_of_one_variable() -> None:
    """All here are functions of the token, and so known from the embedding on: for each of the tokens a, b
    and e, the rank of the value in the s-op's domain.
    """
    settled = stages(VOWEL, "abe").settled
    plan = make_plan(settled.root, settled.domains)
    assert_text(
        lines(
            f"{t.title}: {plan.domains.get(t).text} {plan.ranks(t).tolist()}, ready after {plan.ready(t)}"
            for t in plan.terms
            if t.kind is not Kind.CONST
        ),
        """
        tokens_str: {"a", "b", "e"} [0, 1, 2], ready after 0
        vowel: {False, True} [1, 0, 1], ready after 0
        answer: {"other", "vowel"} [1, 0, 1], ready after 0
        """,
    )
