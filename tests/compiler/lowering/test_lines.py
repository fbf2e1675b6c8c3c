"""Lines: a function of finitely many points as one hidden layer of neurons."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from compiler.lowering.coordinates import FormCoordinate, Grid
from compiler.lowering.lines import _fit, _mixed, tabulate
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


@pytest.mark.parametrize("seed", range(12))
def test_the_cheapest_order_of_the_axes_is_found(seed: int) -> None:
    """Orders that cannot be cheaper are not tried to the end; all others would not be cheaper either."""
    root, rng = stages(COUNT).settled.root, np.random.default_rng(seed)
    shape = tuple(int(size) for size in rng.integers(2, 6, 3))
    form = AffineForm(Fraction(0), {named(root, "copies"): Fraction(1)})
    spread = [sorted(rng.choice(9, size, replace=False)) for size in shape]
    values = [tuple(Fraction(int(each)) for each in one) for one in spread]
    grid = Grid(root, tuple(FormCoordinate(form, each, Fraction(1), False) for each in values), layer=1)
    table = rng.integers(-3, 4, (3, 12))
    ranks = rng.integers(-1, 3, shape)
    line = tabulate(grid, ranks, list(table), FLOAT32)
    forms = [axis.coordinate for axis in line.axes if isinstance(axis.coordinate, FormCoordinate)]
    where = [values.index(tuple(form.values)) for form in forms]
    for at in itertools.product(*map(range, shape)):
        steps = [axis.positions[at[k]] for axis, k in zip(line.axes, where, strict=True)]
        p = sum((s * x for s, x in zip(line.strides, steps, strict=True)), Fraction(0))
        if ranks[at] >= 0:
            assert (line.at(p) == table[:, ranks[at]]).all()
    rows, columns = np.transpose(ranks, where), table.T
    for order in itertools.permutations(range(len(where))):
        fit = _fit(tuple(line.axes[i] for i in order), np.transpose(rows, order), _mixed(columns))
        other = None if fit is None else fit.line(columns, FLOAT32)
        if fit is not None and other is not None:
            assert fit.least <= len(other.thresholds)
            assert len(line.thresholds) <= len(other.thresholds)
