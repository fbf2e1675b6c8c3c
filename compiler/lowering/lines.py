"""Hidden layers that compute functions of finitely many points exactly.

All coordinates of a table are laid out along one line, p = sum of stride * coordinate (mixed radix), and
every feature becomes a piecewise linear function of p: start + sum of weight * relu(p - threshold). Between
integers p the slopes are integers, so everything that float32 adds up is an integer, and exact as long
as no partial sum reaches 2**24. A mean among the coordinates makes p real: then steps rise in the middle
of the gaps between neighbouring values, flat around the values themselves.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compiler.lowering.coordinates import Coordinate, FormCoordinate, Grid, Ranks, VariableCoordinate
from compiler.lowering.features import Feature
from compiler.precision import FLOAT32, Precision
from compiler.underway import go_on

MAX_UNITS = 1 << 14

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Axis:
    """One coordinate on the line: `positions` (ascending, from 0) of its values or classes of values.

    `classes` is the class of each value where the coordinate is a variable; otherwise a position is
    (value - shift) / unit.
    """

    coordinate: Coordinate
    positions: tuple[Fraction, ...]
    classes: Feature | None
    shift: Fraction
    unit: Fraction
    real: bool

    @property
    def span(self) -> int:
        """The positions fit into 0 ... span - 1."""
        return int(np.ceil(float(self.positions[-1]))) + 1


@dataclass(frozen=True, eq=False)
class Line:
    """Axes with their strides, and the piecewise linear functions along them.

    Unit u is relu(signs[u] * (p - thresholds[u])); output f is starts[f] plus the sum of weights[u, f] times
    unit u. `noise` bounds the float32 error of any output (0: exact).
    """

    axes: tuple[Axis, ...]
    strides: tuple[int, ...]
    signs: Floats
    thresholds: Floats
    starts: Floats
    weights: Floats
    noise: Fraction

    def at(self, point: Fraction) -> Floats:
        """The outputs at a point."""
        units = np.maximum(self.signs * (float(point) - self.thresholds), 0.0)
        values: Floats = self.starts + units @ self.weights
        return values


def tabulate(grid: Grid, ranks: Ranks, columns: Sequence[Feature], precision: Precision) -> Line:
    """The cheapest line on which these columns (features of the grid's term) can be computed, of orders of
    the axes that are as cheap the first one.
    """
    table = np.stack(columns, axis=1)
    axes, rows = _compress(grid.coordinates, np.where(ranks < 0, -1, _alike(table)[ranks]))
    if (rows < 0).all():  # nothing is asked for: any value will do
        rows, table = np.zeros_like(rows), np.zeros((1, len(columns)), dtype=np.int64)
    mixed = _mixed(table)
    laid = [_fit(tuple(axes[i] for i in order), np.transpose(rows, order), mixed) for order in _orders(axes)]
    fits = [(fit.least, number, fit) for number, fit in enumerate(laid) if fit is not None]
    best: tuple[int, int, Line] | None = None
    for least, number, fit in sorted(fits, key=lambda each: each[:2]):
        go_on()
        if best is not None and (least, number) > best[:2]:
            continue
        line = fit.line(table, precision)
        if line is not None and (best is None or (len(line.thresholds), number) < best[:2]):
            best = (len(line.thresholds), number, line)
    if best is None or best[0] > MAX_UNITS:
        raise TooManyUnits(grid, None if best is None else best[0])
    return best[2]


class TooManyUnits(Exception):
    """No line fits; the caller knows the program's words for it."""

    def __init__(self, grid: Grid, units: int | None) -> None:
        super().__init__(grid.term.title)
        self.grid = grid
        self.units = units


def _alike(table: NDArray[np.int64]) -> Ranks:
    """For every row the number of the first that is equal to it."""
    first: dict[bytes, int] = {}
    return np.array([first.setdefault(row.tobytes(), number) for number, row in enumerate(table)])


def _compress(coordinates: Sequence[Coordinate], values: Ranks) -> tuple[list[Axis], Ranks]:
    """Lay out every coordinate of a grid with a number on every point; values of a variable that make no
    difference share a class, and coordinates that make none at all are dropped.
    """
    axes: list[Axis] = []
    for coordinate in coordinates:
        number = len(axes)
        front = np.moveaxis(values, number, 0)
        flat = front.reshape(front.shape[0], -1)
        if isinstance(coordinate, VariableCoordinate):
            rows, first, inverse = np.unique(flat, axis=0, return_index=True, return_inverse=True)
            rank: Feature = np.argsort(np.argsort(first)).astype(np.int64)
            classes: Feature = np.take(rank, inverse.reshape(-1))
            kept = np.sort(first)
            count = rows.shape[0]
            axis = Axis(
                coordinate, tuple(Fraction(i) for i in range(count)), classes, Fraction(0), Fraction(1), False
            )
        else:
            kept = np.arange(1 if (flat == flat[:1]).all() else flat.shape[0])
            count = len(kept)
            axis = _form_axis(coordinate)
        values = np.moveaxis(front[kept], 0, number)
        if count == 1:
            values = np.squeeze(values, axis=number)
        else:
            axes.append(axis)
    return axes, values


def _form_axis(coordinate: FormCoordinate) -> Axis:
    low, unit = coordinate.values[0], coordinate.unit
    positions = tuple((v - low) / unit for v in coordinate.values)
    return Axis(coordinate, positions, None, low, unit, coordinate.real)


def _orders(axes: Sequence[Axis]) -> list[tuple[int, ...]]:
    """The orders of axes worth trying (the last runs fastest); a real axis must be last."""
    numbers = range(len(axes))
    if len(axes) > 4:
        by_size = sorted(numbers, key=lambda i: (axes[i].real, len(axes[i].positions)))
        return [tuple(by_size), tuple(sorted(numbers, key=lambda i: (axes[i].real, -len(axes[i].positions))))]
    return [o for o in itertools.permutations(numbers) if all(not axes[i].real for i in o[:-1])]


@dataclass(frozen=True, eq=False)
class Laid:
    """Axes in one order: which row of the table is asked for at each point that is `defined`. `points` are
    where those are on the line, but for a real one. It takes `least` neurons, or more.
    """

    axes: tuple[Axis, ...]
    strides: tuple[int, ...]
    defined: NDArray[np.bool_]
    rows: Ranks
    points: NDArray[np.int64]
    least: int

    def line(self, table: NDArray[np.int64], precision: Precision) -> Line | None:
        """The functions of a table's columns on it; None where they are not exact."""
        if self.axes and self.axes[-1].real:
            return _fit_real(self.axes, self.strides, table[self.rows], self.defined, precision)
        return _integer_line(self.axes, self.strides, self.points, self.rows, table, precision)


def _fit(axes: tuple[Axis, ...], rows: Ranks, mixed: NDArray[np.int64]) -> Laid | None:
    strides = [1] * len(axes)
    for i in range(len(axes) - 2, -1, -1):
        strides[i] = strides[i + 1] * axes[i + 1].span
    if axes and (strides[0] * axes[0].span >= 1 << 21 or any(a.real for a in axes[:-1])):
        return None
    defined = (rows >= 0).reshape(-1)
    rows = rows.reshape(-1)[defined]
    if axes and axes[-1].real:
        return Laid(axes, tuple(strides), defined, rows, np.zeros(0, dtype=np.int64), 0)
    grids = np.meshgrid(
        *[np.array([int(p) for p in a.positions]) * s for a, s in zip(axes, strides, strict=True)],
        indexing="ij",
    )
    points = sum((g.reshape(-1) for g in grids), np.zeros(1, dtype=np.int64))
    points = np.broadcast_to(points, defined.shape)[defined]
    return Laid(axes, tuple(strides), defined, rows, points, _bends(points, mixed[rows]) - 1)


def _mixed(table: NDArray[np.int64]) -> NDArray[np.int64]:
    """All columns as one: where a sum of them bends, one of them does (and seldom the other way only)."""
    weights = np.random.default_rng(0).integers(1, 1 << 31, table.shape[1])
    mixed: NDArray[np.int64] = table @ weights  # beyond 64 bits it wraps around, which is no less linear
    return mixed


def _bends(points: NDArray[np.int64], values: NDArray[np.int64]) -> int:
    """So many points, with a neighbour on either side, at which values are not on one straight line."""
    close = np.diff(points) == 1
    rises = np.diff(values)
    return int(np.count_nonzero(close[:-1] & close[1:] & (rises[:-1] != rises[1:])))


def _integer_line(
    axes: tuple[Axis, ...],
    strides: Sequence[int],
    points: NDArray[np.int64],
    rows: Ranks,
    table: NDArray[np.int64],
    precision: Precision,
) -> Line | None:
    """Slopes are integers: over wider gaps the function waits and rises in the last unit, unless a straight
    line has an integer slope. Units rise from the left end, or from the middle both ways if the sums from
    one end would leave the exact integers.
    """
    knots, changes = _knots(points, rows, table)
    first, last, line = table[rows[0]], int(points[-1]), None
    some = slice(None, None, 1 + len(first) // 8)  # what is too much for some columns is for all
    for anchor in (0, len(knots) // 2):
        line = _from_anchor(axes, strides, knots, changes[:, some], first[some], last, anchor, precision)
        if line is not None:
            line = _from_anchor(axes, strides, knots, changes, first, last, anchor, precision)
        if line is not None and line.noise == 0:
            return line
    return line


def _knots(
    points: NDArray[np.int64], rows: Ranks, table: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where any column changes its slope, and by how much: [knots], [knots, columns]. The same step between
    the same rows comes often, so each is looked at once.
    """
    if len(points) < 2:
        return points[:0], table[:0]
    (before, after, wide), each = _kinds(rows[:-1], rows[1:], np.diff(points))
    rises, gaps = table[after] - table[before], wide[:, None]
    whole = (rises % gaps == 0).all(axis=1)
    waits = np.where(whole[:, None], rises // gaps, 0)
    slopes = np.concatenate([waits, np.where(whole[:, None], waits, rises), np.zeros_like(table[:1])])
    straight = whole[each]
    knots = np.stack([points[:-1], np.where(straight, points[:-1], points[1:] - 1)], axis=1)
    kept = np.stack([np.ones_like(straight), ~straight], axis=1).reshape(-1)
    knots = knots.reshape(-1)[kept]
    slope = np.stack([each, each + len(waits)], axis=1).reshape(-1)[kept]
    flat = len(slopes) - 1
    (left, right), each = _kinds(np.concatenate([[flat], slope[:-1]]), slope)
    changes = slopes[right] - slopes[left]
    used = changes.any(axis=1)[each]
    return knots[used], changes[each[used]]


def _kinds(*columns: NDArray[np.int64]) -> tuple[list[NDArray[np.int64]], Ranks]:
    """The combinations that occur in these columns (none below 0), and the number of each row's."""
    number: Ranks = np.zeros(len(columns[0]), dtype=np.int64)
    first: Ranks = number
    for column in columns:
        _, first, number = np.unique(
            number * (column.max() + 1) + column, return_index=True, return_inverse=True
        )
    return [column[first] for column in columns], number


def _from_anchor(
    axes: tuple[Axis, ...],
    strides: Sequence[int],
    knots: NDArray[np.int64],
    changes: NDArray[np.int64],
    first: NDArray[np.int64],
    last: int,
    anchor: int,
    precision: Precision = FLOAT32,
) -> Line | None:
    """The function as its value at one knot plus what is added to the right and to the left of it."""
    if len(knots):
        slopes = np.cumsum(changes, axis=0)
        rises = slopes[:-1] * np.diff(knots)[:, None]
        start = first + rises[:anchor].sum(axis=0)
        before = slopes[anchor - 1] if anchor else np.zeros_like(first)
        thresholds = np.concatenate([knots[:anchor], knots[anchor : anchor + 1], knots[anchor:]])
        signs = np.array([-1] * (anchor + 1) + [1] * (len(knots) - anchor))
        weights = np.concatenate(
            [changes[:anchor], -before[None], slopes[anchor : anchor + 1], changes[anchor + 1 :]]
        )
        used = weights.any(axis=1)
        thresholds, signs, weights = thresholds[used], signs[used], weights[used]
    else:
        start, thresholds, signs, weights = first, knots, np.zeros(0, dtype=np.int64), changes
    reach = np.where(signs > 0, last + 1 - thresholds, thresholds)
    total = int(((np.abs(weights) * reach[:, None]).sum(axis=0) + np.abs(start)).max(initial=0))
    noise = Fraction(0)
    if total >= precision.exact:
        noise = Fraction(total) * precision.rounding * (len(thresholds) + 2)
        if noise >= Fraction(1, 4):
            return None
    return Line(
        axes,
        tuple(strides),
        signs.astype(np.float64),
        thresholds.astype(np.float64),
        start.astype(np.float64),
        weights.astype(np.float64),
        noise,
    )


def _fit_real(
    axes: tuple[Axis, ...],
    strides: Sequence[int],
    features: NDArray[np.int64],
    defined: NDArray[np.bool_],
    precision: Precision,
) -> Line | None:
    """Steps in the middle half of the gaps; flat around every value, so small errors vanish.

    Right of the middle a step counts up from 0; left of it, it counts down from its full height, so that
    units far from p are 0 and their rounding errors with them.
    """
    whole = [[p * s for p in a.positions] for a, s in zip(axes, strides, strict=True)]
    points = [sum(c, Fraction(0)) for c, d in zip(itertools.product(*whole), defined, strict=True) if d]
    rises = np.diff(features, axis=0)
    steps = np.flatnonzero(rises.any(axis=1))
    middle = points[len(points) // 2]
    low = np.array([float(points[j] + (points[j + 1] - points[j]) / 4) for j in steps])
    high = np.array([float(points[j + 1] - (points[j + 1] - points[j]) / 4) for j in steps])
    slopes = np.array([float(2 / (points[j + 1] - points[j])) for j in steps])
    heights = rises[steps].astype(np.float64)
    left = low < float(middle)
    signs = np.repeat(np.where(left, -1.0, 1.0), 2)
    thresholds = np.stack([low, high], axis=1).reshape(-1)
    weights = np.stack([heights * slopes[:, None], -heights * slopes[:, None]], axis=1)
    reach = 1 + float(max(points[-1] - middle, middle - points[0]))
    steepest = (np.abs(heights) * slopes[:, None]).sum(axis=0)
    added = 4 + 4 * np.count_nonzero(heights, axis=0)  # what has no weight is not rounded
    noise = Fraction(float((steepest * added).max(initial=0.0)) * reach) * precision.rounding
    if noise >= Fraction(1, 4):
        return None
    starts = features[0].astype(np.float64) + heights[left].sum(axis=0)
    return Line(
        axes,
        tuple(strides),
        signs,
        thresholds,
        starts,
        weights.reshape(len(thresholds), features.shape[1]),
        max(noise, Fraction(1, 1 << 20)),
    )
