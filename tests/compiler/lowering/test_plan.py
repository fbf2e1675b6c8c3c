"""The plan: what has been decided, and what follows from it."""

from __future__ import annotations

from compiler.graph.terms import Kind
from compiler.lowering.plan import Plan
from compiler.lowering.planning import make_plan
from tests.support.worked import assert_text, lines, stages

VOWEL = """
    vowel = tokens in ["a", "e"];
    answer = "vowel" if vowel else "other";
"""


def ranks(plan: Plan) -> str:
    """For each s-op: its values, its rank for each value of its variable, and when it is there."""
    return lines(
        f"{t.title}: {plan.domains.get(t).text} {plan.ranks(t).tolist()}, after layer {plan.ready(t)}"
        for t in plan.terms
        if t.kind is not Kind.CONST
    )


def test_functions_of_one_variable() -> None:
    """All here are functions of the token, and so known from the embedding on: for each of the tokens a, b
    and e, the rank of the value in the s-op's domain.
    """
    settled = stages(VOWEL, "abe").settled
    assert_text(
        ranks(make_plan(settled.root, settled.domains)),
        """
        tokens_str: {"a", "b", "e"} [0, 1, 2], after layer 0
        vowel: {False, True} [1, 0, 1], after layer 0
        answer: {"other", "vowel"} [1, 0, 1], after layer 0
        """,
    )
