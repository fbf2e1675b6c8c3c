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

from compiler.features import Feature
from compiler.tables import Coordinate, FormCoordinate, Grid, Places, VariableCoordinate

EXACT = 1 << 24
"""Integers below this are exact in float32."""

ROUNDING = Fraction(1, 1 << 24)
"""The relative error of one float32 operation."""

MAX_UNITS = 1 << 14


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

    `signs[u]`, `thresholds[u]`: unit u is relu(signs[u] * (p - thresholds[u])); output f is `starts[f]` plus
    the sum of `weights[f][u]` times unit u. `noise` bounds the float32 error of any output (0: exact).
    """

    axes: tuple[Axis, ...]
    strides: tuple[int, ...]
    signs: tuple[int, ...]
    thresholds: tuple[Fraction, ...]
    starts: tuple[Fraction, ...]
    weights: tuple[tuple[Fraction, ...], ...]
    noise: Fraction


def tabulate(grid: Grid, places: Places, columns: Sequence[Feature]) -> Line:
    """The cheapest line on which these columns (features of the grid's term) can be computed."""
    undefined = np.iinfo(np.int64).min
    values = np.stack([np.where(places < 0, undefined, c[places]) for c in columns], axis=-1)
    axes, values = _compress(grid.coordinates, values)
    best: tuple[int, Line] | None = None
    for order in _orders(axes):
        ordered = tuple(axes[i] for i in order)
        line = _fit(ordered, np.transpose(values, (*order, len(axes))), undefined)
        if line is not None and (best is None or len(line.thresholds) < best[0]):
            best = (len(line.thresholds), line)
    if best is None or best[0] > MAX_UNITS:
        raise TooManyUnits(grid, None if best is None else best[0])
    return best[1]


class TooManyUnits(Exception):
    """No line fits; the caller knows the program's words for it."""

    def __init__(self, grid: Grid, units: int | None) -> None:
        super().__init__(grid.term.title)
        self.grid = grid
        self.units = units


def _compress(
    coordinates: Sequence[Coordinate], values: NDArray[np.int64]
) -> tuple[list[Axis], NDArray[np.int64]]:
    """Lay out every coordinate; values of a variable that make no difference share a class, and
    coordinates that make none at all are dropped.
    """
    axes: list[Axis] = []
    for coordinate in coordinates:
        place = len(axes)
        front = np.moveaxis(values, place, 0)
        flat = front.reshape(front.shape[0], -1)
        if isinstance(coordinate, VariableCoordinate):
            rows, first, inverse = np.unique(flat, axis=0, return_index=True, return_inverse=True)
            rank = np.argsort(np.argsort(first))
            classes = rank[inverse.reshape(-1)].astype(np.int64)
            kept = np.sort(first)
            count = rows.shape[0]
            axis = Axis(
                coordinate, tuple(Fraction(i) for i in range(count)), classes, Fraction(0), Fraction(1), False
            )
        else:
            constant = bool((flat == flat[:1]).all())
            kept = np.array([0]) if constant else np.arange(flat.shape[0])
            count = len(kept)
            axis = _form_axis(coordinate)
        values = np.moveaxis(front[kept], 0, place)
        if count == 1:
            values = values.take(0, axis=place)
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


def _fit(axes: tuple[Axis, ...], values: NDArray[np.int64], undefined: int) -> Line | None:
    strides = [1] * len(axes)
    for i in range(len(axes) - 2, -1, -1):
        strides[i] = strides[i + 1] * axes[i + 1].span
    if axes and strides[0] * axes[0].span >= 1 << 21:
        return None
    real = bool(axes) and axes[-1].real
    features = values.reshape(-1, values.shape[-1])
    defined = ~(features == undefined).any(axis=1)
    features = features[defined]
    if features.shape[0] == 0:
        features = np.zeros((1, values.shape[-1]), dtype=np.int64)
        defined[:] = False
        defined[0] = True
    if real:
        return _fit_real(axes, strides, features, defined)
    grids = np.meshgrid(
        *[np.array([int(p) for p in a.positions]) * s for a, s in zip(axes, strides, strict=True)], indexing="ij"
    )
    points = sum((g.reshape(-1) for g in grids), np.zeros(1, dtype=np.int64))
    points = np.broadcast_to(points, defined.shape)[defined]
    return _integer_line(axes, strides, points, features)


def _integer_line(
    axes: tuple[Axis, ...], strides: Sequence[int], points: NDArray[np.int64], features: NDArray[np.int64]
) -> Line | None:
    """Slopes are integers: over wider gaps the function waits and rises in the last unit, unless a straight
    line has an integer slope.
    """
    knots: list[int] = []
    table: list[NDArray[np.int64]] = []
    for left, right, rise in zip(points, points[1:], np.diff(features, axis=0), strict=False):
        gap = int(right - left)
        if (rise % gap == 0).all():
            knots.append(int(left))
            table.append(rise // gap)
        else:
            knots += [int(left), int(right) - 1]
            table += [np.zeros_like(rise), rise]
    if not knots:
        return _line(axes, strides, [], features[0], np.zeros((0, features.shape[1]), dtype=np.int64), 0)
    slope = np.stack(table)
    change = np.diff(np.concatenate([np.zeros((1, slope.shape[1]), dtype=np.int64), slope]), axis=0)
    used = change.any(axis=1)
    thresholds = np.array(knots)[used]
    return _line(axes, strides, thresholds.tolist(), features[0], change[used], int(points[-1]))


def _line(
    axes: tuple[Axis, ...],
    strides: Sequence[int],
    thresholds: list[int],
    start: NDArray[np.int64],
    change: NDArray[np.int64],
    last: int,
) -> Line | None:
    """Check that every sum of the units stays an exact integer."""
    reach = np.array([last + 1 - t for t in thresholds], dtype=np.int64)
    total = (np.abs(change) * reach[:, None]).sum(axis=0) + np.abs(start) if thresholds else np.abs(start)
    noise = Fraction(0)
    if int(total.max(initial=0)) >= EXACT:
        noise = Fraction(int(total.max())) * ROUNDING * (len(thresholds) + 2)
        if noise >= Fraction(1, 4):
            return None
    return Line(
        axes,
        tuple(strides),
        tuple(1 for _ in thresholds),
        tuple(Fraction(t) for t in thresholds),
        tuple(Fraction(int(s)) for s in start),
        tuple(tuple(Fraction(int(c)) for c in column) for column in change.T),
        noise,
    )


def _fit_real(
    axes: tuple[Axis, ...], strides: Sequence[int], features: NDArray[np.int64], defined: NDArray[np.bool_]
) -> Line | None:
    """Steps in the middle half of the gaps; flat around every value, so small errors vanish."""
    whole = [[p * s for p in a.positions] for a, s in zip(axes, strides, strict=True)]
    points = [sum(c, Fraction(0)) for c, d in zip(itertools.product(*whole), defined, strict=True) if d]
    rises = np.diff(features, axis=0)
    middle = points[len(points) // 2] if points else Fraction(0)
    signs: list[int] = []
    thresholds: list[Fraction] = []
    weights: list[NDArray[np.object_]] = []
    starts = np.array([Fraction(int(v)) for v in features[0]], dtype=object)
    steepest = Fraction(0)
    for j in np.flatnonzero(rises.any(axis=1)):
        gap = points[j + 1] - points[j]
        slope = 2 / gap
        rise = np.array([Fraction(int(v)) for v in rises[j]], dtype=object)
        low, high = points[j] + gap / 4, points[j + 1] - gap / 4
        steepest += slope * max(abs(v) for v in rise)
        if low >= middle:
            signs += [1, 1]
            thresholds += [low, high]
            weights += [rise * slope, -rise * slope]
        else:  # rising from the left: rise - (what is still missing), so that far units are 0
            signs += [-1, -1]
            thresholds += [low, high]
            weights += [rise * slope, -rise * slope]
            starts = starts + rise
    reach = 1 + (max(points[-1] - middle, middle - points[0]) if points else 0)
    noise = steepest * reach * ROUNDING * (4 + 2 * len(thresholds))
    if noise >= Fraction(1, 4):
        return None
    columns = len(starts)
    return Line(
        axes,
        tuple(strides),
        tuple(signs),
        tuple(thresholds),
        tuple(starts),
        tuple(tuple(w[f] for w in weights) for f in range(columns)),
        max(noise, Fraction(1, 1 << 20)),
    )
