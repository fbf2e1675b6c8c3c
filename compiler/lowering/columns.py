"""Columns of the residual stream, and what is read off it.

Every number that a model computes with is a linear form over columns (a reading), so that it costs nothing
but weights. Columns hold integers exactly (snapped after attention, see `runtime.weights.Layer`) or, for
means with too many denominators, reals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from compiler.graph.terms import Term
from compiler.linear import ONE, ZERO, Linear
from rasp.words import Atom


@dataclass(frozen=True, eq=False)
class Column:
    """One residual column.

    `low` and `high` bound the value at every position; `at_bos` is the exact value at BOS.
    `noise` bounds the float32 error (0 for integers, which are exact). `of` is the s-op that it belongs to;
    none for the column that marks BOS. `part_of`: the name of a read that it is one of several parts of.
    `rest`: what its readers add to it, or to the sum of such parts: the read where nothing is selected.
    """

    name: str
    meaning: str
    low: Fraction
    high: Fraction
    at_bos: Fraction = ZERO
    snapped: bool = False
    noise: Fraction = ZERO
    labels: tuple[Atom, ...] | None = field(default=None, repr=False)
    scale: Fraction = ONE
    of: Term | None = None
    part_of: str = ""
    rest: Fraction = ZERO

    @property
    def bound(self) -> Fraction:
        """The largest magnitude it takes."""
        return max(abs(self.low), abs(self.high), abs(self.at_bos))


class Reading(Linear[Column]):
    """A number that is read off the residual stream: a constant plus weighted columns."""

    @property
    def at_bos(self) -> Fraction:
        return self.constant + sum((w * c.at_bos for c, w in self.coefficients.items()), ZERO)

    @property
    def low(self) -> Fraction:
        """The least value, BOS apart."""
        return self.constant + sum((min(w * c.low, w * c.high) for c, w in self.coefficients.items()), ZERO)

    @property
    def high(self) -> Fraction:
        """The largest value, BOS apart."""
        return self.constant + sum((max(w * c.low, w * c.high) for c, w in self.coefficients.items()), ZERO)

    @property
    def bound(self) -> Fraction:
        """What no partial sum of the reading exceeds in magnitude, in any order of summation."""
        return abs(self.constant) + sum((abs(w) * c.bound for c, w in self.coefficients.items()), ZERO)

    @property
    def noise(self) -> Fraction:
        return sum((abs(w) * c.noise for c, w in self.coefficients.items()), ZERO)

    @property
    def text(self) -> str:
        """The reading as people write it."""
        parts = [c.name if w == 1 else f"{w}*{c.name}" for c, w in self.coefficients.items()]
        if self.constant or not parts:
            parts.append(str(self.constant))
        return " + ".join(parts)


def each_once(units: Iterable[tuple[Reading, Fraction]]) -> tuple[tuple[Reading, Fraction], ...]:
    """Neurons that read alike as one, with all of their weights; those that cancel out are none."""
    found: dict[object, tuple[Reading, Fraction]] = {}
    for reading, weight in units:
        known = found.get(reading.key, (reading, Fraction(0)))
        found[reading.key] = (reading, known[1] + weight)
    return tuple((reading, weight) for reading, weight in found.values() if weight)


def constant(value: Fraction | int) -> Reading:
    return Reading(Fraction(value), {})


def column_reading(column: Column, weight: Fraction | int = 1) -> Reading:
    return Reading(ZERO, {column: Fraction(weight)})


def weighted_sum(start: Fraction, parts: Iterable[tuple[Reading, Fraction]]) -> Reading:
    """start + sum of weight * reading."""
    total, weights = start, dict[Column, Fraction]()
    for reading, factor in parts:
        total += factor * reading.constant
        for column, weight in reading.coefficients.items():
            weights[column] = weights.get(column, ZERO) + factor * weight
    return Reading(total, {c: w for c, w in weights.items() if w})


def vanishing_at_bos(reading: Reading, bos: Column) -> Reading:
    """The same reading at every token, and 0 at BOS (`bos` is the column that is 1 just there)."""
    return reading.plus(column_reading(bos), -reading.at_bos)
