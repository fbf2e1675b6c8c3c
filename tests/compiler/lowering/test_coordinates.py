"""Coordinates: of what a table depends, and how many points their combinations are."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from compiler.lowering.coordinates import (
    COMFORTABLE_POINTS,
    FormCoordinate,
    Grid,
    Multiples,
    VariableCoordinate,
)
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


def test_multiples_are_fractions_one_by_one() -> None:
    for unit in (Fraction(3), Fraction(-2, 3)):
        listed = [code * unit for code in (-1, 0, 5)]
        values = Multiples(np.array([-1, 0, 5]), unit)
        assert [*values] == listed == [values[i] for i in range(len(values))]
        assert [*values[1:]] == listed[1:]
        assert all(isinstance(value, Fraction) for value in values)
