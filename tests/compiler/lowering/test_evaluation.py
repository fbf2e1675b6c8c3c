"""Evaluation: what an s-op is at every point of a grid."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

import compiler
import rasp
from compiler.lowering.coordinates import Multiples
from compiler.lowering.evaluation import Evaluator, Measured
from compiler.lowering.planning import make_plan
from compiler.ranges.domains import Numbers, int_domain, make_domain
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


def test_points_that_may_occur() -> None:
    """An index is below the length."""
    settled = stages("main = indices % round(length / 2 + 1 / 4);").settled
    plan = make_plan(settled.root, settled.domains)
    grid = plan.grids[settled.root.index]
    occurs = Evaluator(plan, grid).occurs()
    sizes = np.broadcast_to(occurs, tuple(c.size for c in grid.coordinates))
    assert (sizes.size, sizes.sum()) == (9, 6)


def test_a_table_is_right_only_where_it_may_be_asked() -> None:
    """Half of the points over an index and a length occur."""
    model = compiler.compile(rasp.parse("main = indices % round(length / 2 + 1 / 4);").main, "ab", 12)
    assert model.size.parameters < 600  # 768 for a table that is right at all points
    assert [model("a" * n) for n in (1, 2, 5, 12)] == [
        [0], [0, 0], [0, 1, 2, 0, 1], [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]
    ]  # fmt: skip
    assert compiler.recheck(model).problem is None


@pytest.mark.parametrize("unit", [Fraction(1), Fraction(-3, 2), Fraction(1, 3)])
def test_multiples_are_measured_as_their_values_are(unit: Fraction) -> None:
    """Signs and ranks of integers times a unit, which may be negative, as of the fractions that these are."""
    codes = np.array([-4, -1, 0, 2, 3, 6])
    index = np.arange(codes.size)
    at_once = Measured(Multiples(codes, unit), index)
    one_by_one = Measured([int(code) * unit for code in codes], index)
    assert at_once.signs == one_by_one.signs
    for domain in (int_domain(-6, 9), make_domain([Fraction(-1, 2), 1, 3]), make_domain([4, 6])):
        assert isinstance(domain, Numbers)
        assert at_once.ranks(domain) == one_by_one.ranks(domain)
