"""Tables of which one coordinate tells on what single other one they depend, as switches along it.

A choice whose conditions are told by one coordinate is at each value of that a feature of a single other one,
its branch there, whatever feature of the choice is asked for: the square of a choice is the choice of the
squares. So it is the first of these features, and wherever another one begins, at c, what that adds to the
one before:

    d where p >= c, else 0  is  relu(K (p - c) + d - low) - relu(K (p - c) - low)

for K no less than what d spans, 0 included. That takes a neuron for each column and one more wherever the
branch changes, however many values the branches have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from compiler.graph.terms import Term
from compiler.lowering.columns import Reading, constant, each_once
from compiler.lowering.coordinates import Coordinate, FormCoordinate, Grid, Ranks, VariableCoordinate
from compiler.lowering.features import Feature
from compiler.lowering.plan import Plan
from compiler.precision import Precision

MAX_COORDINATES = 6
"""Tables over more are not looked at."""

MARGIN = 4
"""How many times larger than is found here sums may be, as columns hold features with something added."""

FREE = -1
"""The number of a row where it does not matter which it is."""


@dataclass(frozen=True, eq=False)
class Branch:
    """What a table is from one value of a coordinate on (`first`: its number): for each value of another
    coordinate, `by`, the number of a row of features.
    """

    first: int
    by: int
    rows: Feature


Part = tuple[Term, Feature]
"""A variable and a feature of it."""


@dataclass(frozen=True, eq=False)
class Change:
    """Where a column is no longer one feature but another; `factor` is K, and `low` the least that this adds,
    or 0.
    """

    at: Fraction
    before: Part
    after: Part
    factor: int
    low: int


@dataclass(frozen=True, eq=False)
class Fan:
    """Columns of a table: what each is at first, and its changes along a coordinate."""

    grid: Grid
    along: Coordinate
    firsts: tuple[Part, ...]
    changes: tuple[tuple[Change, ...], ...]

    @property
    def units(self) -> int:
        """How many neurons it takes."""
        steps = {change.at for changes in self.changes for change in changes}
        return len(steps) + sum(map(len, self.changes)) + len(self.firsts)

    @property
    def features(self) -> Iterator[Part]:
        """All features that are read."""
        yield from self.firsts
        for changes in self.changes:
            for change in changes:
                yield from (change.before, change.after)
        if isinstance(self.along, VariableCoordinate):
            yield self.along.variable, numbers(self.along)


def numbers(along: VariableCoordinate) -> Feature:
    """The values of a variable, numbered."""
    return np.arange(along.size, dtype=np.int64)


def find_fan(grid: Grid, ranks: Ranks, columns: Sequence[Feature], precision: Precision) -> Fan | None:
    """Columns (features of the grid's term, whose value at each point `ranks` tells) as a fan along the
    coordinate that takes the fewest neurons; None if they are none, or not exactly.
    """
    if not 1 < len(grid.coordinates) <= MAX_COORDINATES:
        return None
    table, rows = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
    points = np.where(ranks < 0, FREE, rows.reshape(-1)[ranks])
    found = list[Fan]()
    for axis, along in enumerate(grid.coordinates):
        if not (isinstance(along, FormCoordinate) and along.real):
            branches = _branches(points, axis, grid.coordinates)
            found += [] if branches is None else [_fan(grid, along, branches, table)]
    exact = [fan for fan in found if MARGIN * _largest_sum(fan) < precision.exact]
    return min(exact, key=lambda fan: fan.units, default=None)


def _branches(points: Ranks, axis: int, coordinates: Sequence[Coordinate]) -> list[Branch] | None:
    """What there is along one axis, if it is a feature of a single other one wherever that is."""
    others = [n for n, c in enumerate(coordinates) if n != axis and isinstance(c, VariableCoordinate)]
    branches = list[Branch]()
    for first in range(points.shape[axis]):
        here = np.take(points, [first], axis)
        known = {by: rows for by in others if (rows := _alone(here, by)) is not None}
        if not known:
            return None
        last = branches[-1] if branches else None
        if last is not None and last.by in known and _agree(last.rows, known[last.by]):
            branches[-1] = Branch(last.first, last.by, np.maximum(last.rows, known[last.by]))
        else:
            by = min(known, key=lambda by: len(np.unique(known[by])))
            branches.append(Branch(first, by, known[by]))
    return branches


def _alone(points: Ranks, by: int) -> Feature | None:
    """The points as a function of one axis, if they are one."""
    rest = tuple(n for n in range(points.ndim) if n != by)
    most = points.max(axis=rest)
    least = np.where(points == FREE, np.iinfo(np.int64).max, points).min(axis=rest)
    found: Feature = most
    return found if bool(((most == FREE) | (most == least)).all()) else None


def _agree(one: Feature, other: Feature) -> bool:
    return bool(((one == FREE) | (other == FREE) | (one == other)).all())


def _fan(grid: Grid, along: Coordinate, branches: Sequence[Branch], table: NDArray[np.int64]) -> Fan:
    """The fan of these branches."""
    firsts, changes = list[Part](), list[tuple[Change, ...]]()
    for column in table.T:
        parts = [_part(grid, branch, column) for branch in branches]
        firsts.append(parts[0])
        changes.append(
            tuple(
                Change(_position(along, after.first), one, other, *_reach(before, after, table))
                for (before, after), (one, other) in zip(pairwise(branches), pairwise(parts), strict=True)
                if not _same(one, other)
            )
        )
    return Fan(grid, along, tuple(firsts), tuple(changes))


def _part(grid: Grid, branch: Branch, column: Feature) -> Part:
    """One column of a branch."""
    coordinate = grid.coordinates[branch.by]
    assert isinstance(coordinate, VariableCoordinate)
    return coordinate.variable, column[_filled(branch.rows)]


def _filled(rows: Feature) -> Feature:
    """The rows, and one of them where it does not matter which."""
    return np.where(rows == FREE, max(int(rows.max()), 0), rows)


def _same(one: Part, other: Part) -> bool:
    """Whether both are the same number everywhere."""
    both = np.concatenate([one[1], other[1]])
    return bool((both == both[0]).all()) or (one[0] is other[0] and np.array_equal(one[1], other[1]))


def _reach(before: Branch, after: Branch, table: NDArray[np.int64]) -> tuple[int, int]:
    """K and the least that one branch adds to another, over all columns, so that these share a neuron."""
    was, becomes = (table[_filled(branch.rows)] for branch in (before, after))
    if before.by == after.by:
        low, high = int((becomes - was).min()), int((becomes - was).max())
    else:
        low = int((becomes.min(axis=0) - was.max(axis=0)).min())
        high = int((becomes.max(axis=0) - was.min(axis=0)).max())
    return max(high, 0) - min(low, 0), min(low, 0)


def _position(along: Coordinate, number: int) -> Fraction:
    """The coordinate's value of that number, in units."""
    return Fraction(number) if isinstance(along, VariableCoordinate) else along.values[number] / along.unit


def _largest_sum(fan: Fan) -> Fraction:
    """What the neurons of any column add up to at most, and no reading of theirs exceeds."""
    reach = 2 * max(abs(_position(fan.along, number)) for number in (0, fan.along.size - 1)) + 3
    sums = (sum((2 * change.factor * reach for change in changes), Fraction(0)) for changes in fan.changes)
    return max(sums, default=Fraction(0)) + max(int(np.abs(feature).max()) for _, feature in fan.firsts)


Units = tuple[tuple[Reading, Fraction], ...]
"""What neurons read, and their weights."""

Read = Callable[[Term, Feature], Reading]
Code = Callable[[Term, Feature | None], Reading]


def neurons(fan: Fan, plan: Plan, read: Read, code: Code) -> Iterator[tuple[Fraction, Units]]:
    """For each column what it gets apart from neurons, and these. `read`: how a feature of a variable is
    read, `code`: how the code of any s-op is.
    """
    along = _along(fan, plan, read, code)
    for first, changes in zip(fan.firsts, fan.changes, strict=True):
        low = int(first[1].min())
        made = [(read(*first).shifted(-low), Fraction(1))]
        for change in changes:
            step = along.shifted(-change.at).times(change.factor).shifted(-change.low)
            more = read(*change.after).plus(read(*change.before), -1)
            made += [(step.plus(more), Fraction(1)), (step, Fraction(-1))]
        steady = (weight * max(each.constant, Fraction(0)) for each, weight in made if not each.coefficients)
        yield sum(steady, Fraction(low)), each_once(unit for unit in made if unit[0].coefficients)


def _along(fan: Fan, plan: Plan, read: Read, code: Code) -> Reading:
    """The coordinate by which the branches are told apart, in units."""
    along, total = fan.along, constant(0)
    if isinstance(along, VariableCoordinate):
        return read(along.variable, numbers(along))
    for leaf, coefficient in along.form.coefficients.items():
        total = total.plus(code(leaf, None), coefficient * plan.domains.scale(leaf) / along.unit)
    return total
