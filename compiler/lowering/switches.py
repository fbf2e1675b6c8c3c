"""Numbers that are added where something holds: what gates are made of, before they are neurons.

A switch is on where a form of whole numbers is at least 0, or just 0. Switches multiply where one of them
only ever is at 0 or off: [f = 0][g >= 0] is [K f + g >= 0] less [f >= 1], for K above what g spans.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from compiler.ranges.affine import AffineForm, constant
from compiler.ranges.cases import Ranges

MAX_PARTS = 16
"""What takes more switches than this is no gate."""

MAX_PAIRS = 16
"""Nor is a product of conditions that have more pairs of switches than this."""

ONE = constant(1)


@dataclass(frozen=True, eq=False)
class Switch:
    """On where a form of whole numbers is 0 (`equal`), or at least 0. Where there are means in it, it is no
    nearer to 0 than whole numbers are, unless it is 0.
    """

    form: AffineForm
    equal: bool

    @property
    def key(self) -> object:
        return self.form.key, self.equal


@dataclass(frozen=True, eq=False)
class Gated:
    """`base`, and each of the other forms added where its switch is on."""

    base: AffineForm
    parts: tuple[tuple[Switch, AffineForm], ...] = ()

    def plus(self, other: Gated, factor: Fraction | int = 1) -> Gated:
        """self + factor * other."""
        more = tuple((switch, form.times(factor)) for switch, form in other.parts)
        return _collected(self.base.plus(other.base, factor), (*self.parts, *more))

    def times(self, factor: Fraction | int) -> Gated:
        return Gated(constant(0)).plus(self, factor)


@dataclass(frozen=True, eq=False)
class Condition:
    """A constant plus multiples of switches; 0 or 1 everywhere, or the difference of two such."""

    constant: Fraction
    parts: tuple[tuple[Switch, Fraction], ...] = ()

    @property
    def gated(self) -> Gated:
        return _collected(constant(self.constant), [(switch, constant(c)) for switch, c in self.parts])


class NoGate(Exception):
    """Not to be had from steps alone in one hidden layer."""


def _collected(base: AffineForm, parts: Iterable[tuple[Switch, AffineForm]]) -> Gated:
    """The same switch once."""
    found: dict[object, tuple[Switch, AffineForm]] = {}
    for switch, form in parts:
        known = found.get(switch.key)
        found[switch.key] = (switch, form if known is None else known[1].plus(form))
    kept = tuple((switch, form) for switch, form in found.values() if form.constant or form.coefficients)
    if len(kept) > MAX_PARTS:
        raise NoGate
    return Gated(base, kept)


class Switches:
    """Switches and products of them, over the values that s-ops take."""

    def __init__(self, ranges: Ranges) -> None:
        self._ranges = ranges

    def ends(self, form: AffineForm) -> tuple[Fraction, Fraction]:
        """The least and the largest value over all combinations of the s-ops' values."""
        low = high = form.constant
        for leaf, coefficient in form.coefficients.items():
            ends = [coefficient * end for end in self._ranges.measured(leaf).ends]
            low, high = low + min(ends), high + max(ends)
        return low, high

    def positive(self, form: AffineForm) -> Condition:
        """On where a form is above 0."""
        if not form.coefficients:
            return Condition(Fraction(int(form.constant > 0)))
        if self._ranges.real(form):
            return self._on(form.times(1 / self._ranges.gap(form)).shifted(-1))
        unit = self._ranges.unit(form)
        return self.holds(form.shifted((math.ceil(form.constant / unit) - 1) * unit - form.constant))

    def holds(self, form: AffineForm, equal: bool = False) -> Condition:
        """On where a form is at least 0, or just 0."""
        if not form.coefficients:
            return Condition(Fraction(int(form.constant == 0 if equal else form.constant >= 0)))
        if self._ranges.real(form):
            return self._on(form.times(1 / self._ranges.gap(form)), equal)
        unit = self._ranges.unit(form)
        if equal and (form.constant / unit).denominator > 1:
            return Condition(Fraction(0))
        whole = form.shifted(-form.constant).times(1 / unit).shifted(math.floor(form.constant / unit))
        return self._on(whole, equal)

    def _on(self, whole: AffineForm, equal: bool = False) -> Condition:
        """On where a form that is never strictly between -1 and 0, or between 0 and 1, is at least 0, or just
        0.
        """
        low, high = self.ends(whole)
        if high < 0 or (equal and low > 0):
            return Condition(Fraction(0))
        if low >= 0 and (not equal or high == 0):
            return Condition(Fraction(1))
        if equal and low == 0:  # then it is 0 where it is not more
            return Condition(Fraction(0), ((Switch(whole.times(-1), False), Fraction(1)),))
        return Condition(Fraction(0), ((Switch(whole, equal and high > 0), Fraction(1)),))

    def both(self, left: Condition, right: Condition) -> Condition:
        """The product of two conditions."""
        total = Fraction(left.constant * right.constant)
        parts = [(switch, c * right.constant) for switch, c in left.parts]
        parts += [(switch, c * left.constant) for switch, c in right.parts]
        if len(left.parts) * len(right.parts) > MAX_PAIRS:
            raise NoGate
        for a, c in left.parts:
            for b, d in right.parts:
                product = self._product(a, b)
                total += c * d * product.constant
                parts += [(switch, c * d * e) for switch, e in product.parts]
        return condition(total, parts)

    def gate(self, truth: Condition, number: Gated) -> Gated:
        """The number where the condition holds, else 0."""
        parts: list[tuple[Switch, AffineForm]] = [(t, number.base.times(c)) for t, c in truth.parts]
        base = number.base.times(truth.constant)
        for switch, form in number.parts:
            both = self.both(truth, Condition(Fraction(0), ((switch, Fraction(1)),)))
            base = base.plus(form, both.constant)
            parts += [(t, form.times(c)) for t, c in both.parts]
        return _collected(base, [(self._without_jump(t, form), form) for t, form in parts])

    def _without_jump(self, switch: Switch, form: AffineForm) -> Switch:
        """The switch, or one that is on as well where a form of means is 0, if what it adds is 0 there: a
        mean where it is above 0 is that where it is at least 0.
        """
        if switch.equal or not form.coefficients or not self._ranges.real(switch.form):
            return switch
        wider = switch.form.shifted(1)
        along = multiple(wider, form)
        return Switch(wider, False) if along is not None and along[1] == 0 else switch

    def _product(self, a: Switch, b: Switch) -> Condition:
        """On where two switches are on."""
        if self._ranges.real(a.form) or self._ranges.real(b.form):
            raise NoGate
        along = multiple(a.form, b.form)
        if along is not None:
            return self._along(a, b, *along)
        for one, other in ((a, b), (b, a)):
            if one.equal or self.ends(one.form)[1] <= 0:
                return self._where_zero(one, other)
        return self._where_both(a, b)

    def _where_both(self, a: Switch, b: Switch) -> Condition:
        """On where two switches are on, of which one is on whenever the other is off, or only then, or
        whenever the other is on: whole numbers that are both below 0 add up to less than -1.
        """
        low, high = self.ends(a.form.plus(b.form))
        parts = ((a, Fraction(1)), (b, Fraction(1)))
        if low >= -1:
            return Condition(Fraction(-1), parts)
        if high < 0:
            return Condition(Fraction(0))
        less, more = self.ends(a.form.plus(b.form, -1))
        if less >= 0:  # a is on whenever b is
            return Condition(Fraction(0), parts[1:])
        if more <= 0:
            return Condition(Fraction(0), parts[:1])
        raise NoGate

    def _along(self, a: Switch, b: Switch, factor: Fraction, rest: Fraction) -> Condition:
        """On where two switches of one direction are on: b's form is factor * a's form + rest."""
        if a.equal:
            return Condition(Fraction(0), ((a, Fraction(1)),)) if _passes(b, rest) else Condition(Fraction(0))
        if b.equal:
            return self._along(b, a, 1 / factor, -rest / factor)
        least = math.ceil(-rest / factor) if factor > 0 else 0  # of a's form, where factor > 0
        if factor > 0:
            return self.holds(a.form.shifted(-max(least, 0)))
        most = math.floor(rest / -factor)  # of a's form
        if most < 0:
            return Condition(Fraction(0))
        above = self.holds(a.form.shifted(-most - 1))
        return plus(Condition(Fraction(0), ((a, Fraction(1)),)), above, -1)

    def _where_zero(self, zero: Switch, other: Switch) -> Condition:
        """Whether a form that decides by being 0 is so, and the other switch holds as well."""
        low, high = self.ends(other.form)
        form, top = zero.form, self.ends(zero.form)[1]
        if other.equal:
            factor = max(high, -low) + 1
            return self.holds(form.times(factor).plus(other.form), equal=True)
        factor = max(high + 1, -low if top > 0 else Fraction(1), Fraction(1))
        together = self.holds(form.times(factor).plus(other.form))
        return plus(together, self.holds(form.shifted(-1)), -1) if top > 0 else together


def _passes(switch: Switch, value: Fraction) -> bool:
    return value == 0 if switch.equal else value >= 0


def multiple(a: AffineForm, b: AffineForm) -> tuple[Fraction, Fraction] | None:
    """(factor, rest) such that b = factor * a + rest."""
    if a.coefficients.keys() != b.coefficients.keys():
        return None
    factors = {b.coefficients[leaf] / c for leaf, c in a.coefficients.items()}
    if len(factors) != 1:
        return None
    factor = factors.pop()
    return factor, b.constant - factor * a.constant


def condition(total: Fraction, parts: Iterable[tuple[Switch, Fraction]]) -> Condition:
    """A constant plus multiples of switches, the same once."""
    gated = _collected(constant(total), [(switch, constant(c)) for switch, c in parts])
    return Condition(gated.base.constant, tuple((switch, form.constant) for switch, form in gated.parts))


def plus(left: Condition, right: Condition, factor: int = 1) -> Condition:
    """left + factor * right."""
    more = [(switch, factor * c) for switch, c in right.parts]
    return condition(left.constant + factor * right.constant, [*left.parts, *more])
