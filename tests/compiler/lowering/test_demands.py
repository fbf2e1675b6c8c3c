"""Demands: which features of which s-ops are needed, from the output back to the tokens."""

from __future__ import annotations

from compiler.graph.terms import TOKEN
from compiler.lowering.demands import Demands, output_feature
from compiler.lowering.planning import make_plan
from tests.support.worked import COUNT, FIRST, assert_text, lines, stages


def demanded(program: str) -> str:
    """All features that are needed once the output asks for its own."""
    settled = stages(program).settled
    plan = make_plan(settled.root, settled.domains)
    demands = Demands(plan)
    demands.add(settled.root, output_feature(plan, settled.root))
    demands.resolve()
    found = []
    for term in (*reversed(plan.terms), TOKEN):
        for feature in demands.variables.get(term.index, {}).values():
            found.append(f"{term.title}: {feature.tolist()}")
        if term.index in demands.raw:
            found.append(f"{term.title}: its number")
    return lines(found)


def test_what_a_count_needs() -> None:
    """The answer needs the number of copies, and that needs to know of each token whether it is an a or a b
    (to a query and to a key).
    """
    assert_text(
        demanded(COUNT),
        """
        (copies == 2): [0, 1]
        copies: its number
        tokens: [-1, 0]
        tokens: [0, 1]
        tokens: [0, -1]
        tokens: [1, 0]
        """,
    )


def test_what_a_copy_needs() -> None:
    """The answer needs to tell the first token, and so does the token here; the head has to find index 0."""
    assert_text(
        demanded(FIRST),
        """
        answer: [0, 1]
        first: [0, 1]
        indices: [0, -1, -1]
        tokens: [0, 1]
        """,
    )
