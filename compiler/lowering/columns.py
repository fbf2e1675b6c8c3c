"""Columns of the residual stream, and linear forms over them.

Every number that a model computes with is a linear form over columns, so that reading it costs nothing
but weights. Columns hold integers exactly (snapped after attention, see `runtime.weights.Layer`) or, for
means with too many denominators, reals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from compiler.graph.terms import Term
from rasp.words import Atom

ZERO = Fraction(0)
ONE = Fraction(1)


@dataclass(frozen=True, eq=False)
class Column:
    """One residual column.

    `low` and `high` bound the value at every position; `at_bos` is the exact value at BOS.
    `noise` bounds the float32 error (0 for integers, which are exact). `of` is the s-op that it belongs to;
    none for the column that marks BOS.
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

    @property
    def bound(self) -> Fraction:
        """The largest magnitude it takes."""
        return max(abs(self.low), abs(self.high), abs(self.at_bos))


@dataclass(frozen=True, eq=False)
class Form:
    """constant + sum of weight * column."""

    constant: Fraction
    weights: Mapping[Column, Fraction]

    def plus(self, other: Form, factor: Fraction | int = 1) -> Form:
        """self + factor * other."""
        weights = dict(self.weights)
        for column, weight in other.weights.items():
            weights[column] = weights.get(column, ZERO) + factor * weight
        return Form(self.constant + factor * other.constant, {c: w for c, w in weights.items() if w})

    def times(self, factor: Fraction | int) -> Form:
        return Form(ZERO, {}).plus(self, factor)

    def shifted(self, amount: Fraction | int) -> Form:
        return Form(self.constant + amount, self.weights)

    @property
    def at_bos(self) -> Fraction:
        return self.constant + sum((w * c.at_bos for c, w in self.weights.items()), ZERO)

    @property
    def low(self) -> Fraction:
        """The least value, BOS apart."""
        return self.constant + sum((min(w * c.low, w * c.high) for c, w in self.weights.items()), ZERO)

    @property
    def high(self) -> Fraction:
        """The largest value, BOS apart."""
        return self.constant + sum((max(w * c.low, w * c.high) for c, w in self.weights.items()), ZERO)

    @property
    def bound(self) -> Fraction:
        """What no partial sum of the form exceeds in magnitude, in any order of summation."""
        return abs(self.constant) + sum((abs(w) * c.bound for c, w in self.weights.items()), ZERO)

    @property
    def noise(self) -> Fraction:
        return sum((abs(w) * c.noise for c, w in self.weights.items()), ZERO)

    @cached_property
    def key(self) -> tuple[Fraction, tuple[tuple[int, Fraction], ...]]:
        """Equal for equal forms."""
        return self.constant, tuple(sorted((id(c), w) for c, w in self.weights.items()))

    @property
    def text(self) -> str:
        """The form as people write it."""
        parts = [c.name if w == 1 else f"{w}*{c.name}" for c, w in self.weights.items()]
        if self.constant or not parts:
            parts.append(str(self.constant))
        return " + ".join(parts)


def constant(value: Fraction | int) -> Form:
    return Form(Fraction(value), {})


def column_form(column: Column, weight: Fraction | int = 1) -> Form:
    return Form(ZERO, {column: Fraction(weight)})


def weighted_sum(start: Fraction, parts: Iterable[tuple[Form, Fraction]]) -> Form:
    """start + sum of weight * form."""
    total, weights = start, dict[Column, Fraction]()
    for form, factor in parts:
        total += factor * form.constant
        for column, weight in form.weights.items():
            weights[column] = weights.get(column, ZERO) + factor * weight
    return Form(total, {c: w for c, w in weights.items() if w})


def vanishing_at_bos(form: Form, bos: Column) -> Form:
    """The same form at every token, and 0 at BOS (`bos` is the column that is 1 just there)."""
    return form.plus(column_form(bos), -form.at_bos)
