"""Of what a table depends: coordinates, and the grid of all their combinations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import overload

import numpy as np
from numpy.typing import NDArray

from compiler.graph.terms import Term
from compiler.ranges.affine import AffineForm

COMFORTABLE_POINTS = 1 << 11
"""Larger tables are built only if computing the operands one layer earlier does not make them smaller. The
values of a sum count half: tables follow them in straight lines, so there are fewer neurons than points.
"""

FEW_POINTS = 1 << 5
"""The same where tables are to be small, though it may take a layer more."""

Ranks = NDArray[np.int64]
"""For every point of a grid, the rank of a value in its domain; -1 where there is none."""


@dataclass(frozen=True, eq=False)
class Multiples(Sequence[Fraction]):
    """Integers times a unit. Fractions take far longer to make than to count, which is mostly all."""

    codes: NDArray[np.int64]
    unit: Fraction

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, index: int) -> Fraction: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Fraction]: ...

    def __getitem__(self, index: int | slice) -> Fraction | Sequence[Fraction]:
        if isinstance(index, slice):
            return Multiples(self.codes[index], self.unit)
        return int(self.codes[index]) * self.unit

    def __iter__(self) -> Iterator[Fraction]:
        whole, times = self.unit.denominator == 1, self.unit.numerator
        for code in self.codes.tolist():
            yield Fraction(code * times) if whole else code * self.unit


@dataclass(frozen=True, eq=False)
class VariableCoordinate:
    """A variable; any feature of it can be had."""

    variable: Term
    size: int

    @property
    def key(self) -> object:
        return ("variable", self.variable.index)

    @property
    def title(self) -> str:
        return self.variable.title


@dataclass(frozen=True, eq=False)
class FormCoordinate:
    """A number that is an affine form (without constant) of s-ops' values: `values` in ascending order,
    all multiples of `unit` unless they are real.
    """

    form: AffineForm
    values: Sequence[Fraction]
    unit: Fraction
    real: bool

    @property
    def size(self) -> int:
        return len(self.values)

    @property
    def key(self) -> object:
        return ("form", self.form.key)

    @property
    def title(self) -> str:
        return " + ".join(t.title if c == 1 else f"{c}*{t.title}" for t, c in self.form.coefficients.items())


Coordinate = VariableCoordinate | FormCoordinate


@dataclass(frozen=True, eq=False)
class Grid:
    """The coordinates of one table, and the layer whose MLP holds it."""

    term: Term
    coordinates: tuple[Coordinate, ...]
    layer: int

    @property
    def points(self) -> int:
        return math.prod(c.size for c in self.coordinates)

    def fits(self, most: int) -> bool:
        """Whether the table has no more than so many points."""
        sizes = ((c.size + 1) // 2 if isinstance(c, FormCoordinate) else c.size for c in self.coordinates)
        return math.prod(sizes) <= most
