"""Evaluation: what an s-op is at every point of a grid."""

from __future__ import annotations

from itertools import product

from compiler.lowering.evaluation import Evaluator
from compiler.lowering.planning import make_plan
from tests.support.worked import assert_text, lines, stages

BOTH = """
    same = selector_width(select(tokens, tokens, ==));
    answer = tokens if same == 1 else "-";
"""


def test_a_table_point_by_point() -> None:
    """The table that neurons compute: for each rank of a count (0: there is one) and of a token, the
    answer.
    """
    settled = stages(BOTH).settled
    plan = make_plan(settled.root, settled.domains)
    grid = plan.grids[settled.root.index]
    found = Evaluator(plan, grid).on_grid(settled.root)
    labels = settled.domains.finite(settled.root).values
    titles = [c.title for c in grid.coordinates]
    assert_text(
        lines(
            f"{dict(zip(titles, at, strict=True))}: {labels[found[at]]}"
            for at in product(*(range(c.size) for c in grid.coordinates))
        ),
        """
        {'same': 0, 'tokens': 0}: a
        {'same': 0, 'tokens': 1}: b
        {'same': 1, 'tokens': 0}: -
        {'same': 1, 'tokens': 1}: -
        {'same': 2, 'tokens': 0}: -
        {'same': 2, 'tokens': 1}: -
        """,
    )
