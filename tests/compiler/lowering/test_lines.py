"""Lines: a function of finitely many points as one hidden layer of neurons."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from compiler.lowering.coordinates import FormCoordinate, Grid
from compiler.lowering.lines import tabulate
from compiler.precision import FLOAT32
from compiler.ranges.affine import AffineForm
from tests.support.worked import COUNT, assert_text, lines, named, stages


def test_is_the_count_two() -> None:
    """The count is 1, 2 or 3, on the line at 0, 1 and 2: up by one, then down by two, which is a tent."""
    root = stages(COUNT).settled.root
    count = named(root, "copies")
    form = AffineForm(Fraction(0), {count: Fraction(1)})
    values = (Fraction(1), Fraction(2), Fraction(3))
    grid = Grid(root, (FormCoordinate(form, values, Fraction(1), False),), layer=1)
    line = tabulate(grid, np.array([0, 1, 0]), [np.array([0, 1])], FLOAT32)
    units = zip(line.weights[:, 0], line.signs, line.thresholds, strict=True)
    assert_text(
        lines(
            [
                f"start {line.starts[0]:g}",
                *(f"{weight:+g} * relu({sign:+g} * (p - {at:g}))" for weight, sign, at in units),
                f"at 0, 1, 2: {[float(line.at(Fraction(p))[0]) for p in range(3)]}",
            ]
        ),
        """
        start 0
        +1 * relu(+1 * (p - 0))
        -2 * relu(+1 * (p - 1))
        at 0, 1, 2: [0.0, 1.0, 0.0]
        """,
    )
