"""Grids: the fewest coordinates on which a table depends."""

from __future__ import annotations

from compiler.lowering.grids import find_grid
from compiler.lowering.planning import make_plan
from tests.support.worked import assert_text, lines, stages

AHEAD = """
    a = count(tokens, "a"); b = count(tokens, "b");
    answer = tokens if a > b else "-";
"""


def test_a_comparison_depends_on_a_difference() -> None:
    """Neither count matters on its own, only their difference: 7 values instead of 4 times 4. The answer is
    computed by the same neurons, from the difference and the token.
    """
    settled = stages(AHEAD).settled
    plan = make_plan(settled.root, settled.domains)
    grids = {term.title: find_grid(plan, term) for term in plan.terms if term.index in plan.grids}
    assert_text(
        lines(
            f"{title}, layer {grid.layer}: {' x '.join(f'{c.title} ({c.size})' for c in grid.coordinates)}"
            for title, grid in grids.items()
        ),
        """
        (a > b), layer 1: a + -1*b (7)
        answer, layer 1: a + -1*b (7) x tokens (2)
        """,
    )


WINNER = """
    a = count(tokens, "a"); b = count(tokens, "b");
    answer = "a" if a > b else ("b" if b > a else "-");
"""


def test_a_difference_and_its_opposite_are_one_coordinate() -> None:
    settled = stages(WINNER).settled
    plan = make_plan(settled.root, settled.domains)
    grid = find_grid(plan, settled.root)
    assert [(each.title, each.size) for each in grid.coordinates] == [("a + -1*b", 7)]
