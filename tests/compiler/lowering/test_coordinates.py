"""Coordinates: of what a table depends, and how many points their combinations are."""

from __future__ import annotations

from fractions import Fraction

from compiler.lowering.coordinates import COMFORTABLE_POINTS, FormCoordinate, Grid, VariableCoordinate
from compiler.ranges.affine import AffineForm
from tests.support.worked import assert_text, lines, named, stages

NEARER = """
    left = indices - length / 2;
    answer = tokens if left < 0 else "-";
"""


def test_a_variable_and_a_sum() -> None:
    """Two tokens times all values of index - length / 2 are the points on which the table is computed."""
    root = stages(NEARER).settled.root
    index, length = named(root, "indices"), named(root, "length")
    half = Fraction(1, 2)
    values = tuple(sorted({i - n * half for n in (1, 2, 3) for i in range(n)}))
    left = FormCoordinate(AffineForm(Fraction(0), {index: Fraction(1), length: -half}), values, half, False)
    grid = Grid(root, (VariableCoordinate(named(root, "tokens_str"), 2), left), layer=1)
    assert_text(
        lines([*(f"{c.title}: {c.size} values" for c in grid.coordinates), f"{grid.points} points"]),
        """
        tokens_str: 2 values
        indices + -1/2*length: 5 values
        10 points
        """,
    )
    assert grid.fits(COMFORTABLE_POINTS)
