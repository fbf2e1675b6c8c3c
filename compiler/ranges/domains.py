"""The values that every s-op can take, over a vocabulary and up to a length.

A domain is a superset: combinations that cannot occur together may be counted in, never one left out that
can (positions where the interpreter raises an error have no value and count for nothing). Numbers are
held as small integers times a common scale wherever that is possible, since integers are what float32
carries exactly; a mean over many positions has too many denominators for that and stays real.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from rasp.words import Atom

Codes = NDArray[np.int64]

MAX_CODE = 1 << 21
"""Integers up to this size survive every step in float32 (see `compiler.certificate.bounds`)."""

MAX_VALUES = 20_000
"""How many values a domain may list."""

MAX_UNIT_BITS = 2_000
"""Fractions whose least common denominator is longer are not compared by way of it."""

MAX_SUMS = 4_000_000
"""How many pairs of integers are added one by one."""

MAX_UNITS = 1 << 48
"""Of integers below this, 64 bits hold the sum of as many as there ever are."""

MAX_FACTOR = 1 << 31
"""Of integers below this, 64 bits hold the product of two."""


def is_number(value: Atom) -> bool:
    """True for ints, bools and fractions."""
    return not isinstance(value, str)


@dataclass(frozen=True, eq=False)
class _Listed:
    """Distinct values in ascending order (strings after numbers), each with an integer code."""

    values: tuple[Atom, ...]
    codes: Codes

    @property
    def size(self) -> int:
        return len(self.values)

    @property
    def lowest(self) -> int:
        return int(self.codes[0])

    @property
    def highest(self) -> int:
        return int(self.codes[-1])

    @cached_property
    def ranks(self) -> dict[Atom, int]:
        """Value -> its rank in `values` (1, 1.0 and True are one value)."""
        return {v: i for i, v in enumerate(self.values)}

    @cached_property
    def wholes(self) -> Codes | None:
        """The values as 64-bit integers, if they are whole numbers of which any two can be multiplied."""
        fit = all(isinstance(v, int) and -MAX_FACTOR < v < MAX_FACTOR for v in self.values)
        return np.array(self.values, dtype=np.int64) if fit else None

    @property
    def few(self) -> str:
        """The first values."""
        shown = ", ".join(str(v) if is_number(v) else f'"{v}"' for v in self.values[:8])
        return "{" + shown + (", ..." if self.size > 8 else "") + "}"


@dataclass(frozen=True, eq=False)
class Labels(_Listed):
    """Values that are told apart and no more, the code of each its rank: strings, and numbers beside strings
    or that are no integers of one scale.
    """

    scale = ends = None
    binary = whole = False

    @property
    def text(self) -> str:
        return self.few


@dataclass(frozen=True, eq=False)
class Numbers(_Listed):
    """Integers times one scale: value = code * scale."""

    scale: Fraction

    @property
    def ends(self) -> tuple[Fraction, Fraction]:
        """The smallest and the largest value."""
        return self.lowest * self.scale, self.highest * self.scale

    @property
    def binary(self) -> bool:
        """Whether all values are 0 or 1 (or False and True)."""
        return all(v in (0, 1) for v in self.values)

    @property
    def whole(self) -> bool:
        """Whether all values are whole numbers."""
        return self.scale.denominator == 1

    @property
    def text(self) -> str:
        return f"{self.size} values from {self.values[0]} to {self.values[-1]}" if self.size > 8 else self.few


@dataclass(frozen=True, eq=False)
class Means:
    """Fractions `scale * p/q` with q <= max_denominator between two bounds: too many to be integers.

    A residual column carries p/q itself, rounded to float32. `listed`: these are known to be all.
    """

    low: Fraction
    high: Fraction
    max_denominator: int
    scale: Fraction
    listed: tuple[Fraction, ...] | None = None

    binary = whole = False

    @property
    def ends(self) -> tuple[Fraction, Fraction]:
        """The smallest and the largest value."""
        return self.low * self.scale, self.high * self.scale

    @cached_property
    def fractions(self) -> tuple[Fraction, ...] | None:
        """All of them (without the scale), or None if there are more than MAX_VALUES."""
        if self.listed is not None:
            return self.listed
        found: set[Fraction] = set()
        for q in range(1, self.max_denominator + 1):
            lowest, highest = math.ceil(self.low * q), math.floor(self.high * q)
            if highest - lowest > MAX_VALUES:
                return None
            found.update(Fraction(p, q) for p in range(lowest, highest + 1))
            if len(found) > MAX_VALUES:
                return None
        return tuple(sorted(found))

    @cached_property
    def values(self) -> tuple[Atom, ...] | None:
        """All values, or None if there are more than MAX_VALUES."""
        return None if self.fractions is None else tuple(exact(f * self.scale) for f in self.fractions)

    @cached_property
    def ranks(self) -> dict[Atom, int]:
        """Value -> its rank in `values`."""
        return {v: i for i, v in enumerate(self.values or ())}

    @property
    def text(self) -> str:
        low, high = self.ends
        times = "" if self.scale == 1 else f"{self.scale} times "
        return f"{times}fractions with denominator up to {self.max_denominator}, from {low} to {high}"


Listed = Labels | Numbers
"""Few enough to be listed one by one, whatever they are."""

Domain = Labels | Numbers | Means
"""All values that an s-op can take. Every kind says its `values` (None where they are too many to list), its
`ends` and `scale` (None where they are no numbers), and a `text` for people.
"""


def make_domain(values: Iterable[Atom]) -> Listed:
    """The domain of these values, duplicates by `==` merged: where an int, a bool or a fraction are equal,
    the int stands for all of them, since any operation that is defined for one of them is so for an int.
    """
    chosen: dict[Atom, Atom] = {}
    for value in values:
        known = chosen.setdefault(value, value)
        if type(known) is not type(value) and not isinstance(known, str):
            chosen[value] = int(known)
    texts = sorted(value for value in chosen.values() if isinstance(value, str))
    numbers = [value for value in chosen.values() if not isinstance(value, str)]
    return labels([*sorted(numbers), *texts]) if texts else _of_numbers(numbers)


def labels(values: Sequence[Atom]) -> Labels:
    """These values, in ascending order, told apart by rank."""
    return Labels(tuple(values), np.arange(len(values), dtype=np.int64))


def _of_numbers(numbers: Sequence[int | Fraction]) -> Listed:
    """The domain of different numbers: multiples of a unit where that is coarse enough, else labels."""
    common = 1
    for number in numbers:
        common = math.lcm(common, number.denominator)
        if common.bit_length() > MAX_UNIT_BITS:
            return labels(sorted(numbers))
    by_code = {number.numerator * (common // number.denominator): number for number in numbers}
    codes = sorted(by_code)  # far quicker than fractions, and in the same order
    values = tuple(by_code[code] for code in codes)
    if codes and max(-codes[0], codes[-1]) > MAX_CODE:
        return labels(values)
    return Numbers(values, np.array(codes, dtype=np.int64), Fraction(1, common))


def int_domain(low: int, high: int) -> Numbers:
    """All ints from low to high."""
    return multiples(np.arange(low, high + 1, dtype=np.int64), Fraction(1))


def multiples(codes: Codes, scale: Fraction) -> Numbers:
    """Integers, in ascending order, times a scale."""
    if scale == 1:
        return Numbers(tuple(codes.tolist()), codes, scale)
    return Numbers(tuple(exact(code * scale) for code in codes.tolist()), codes, scale)


def common_unit(one: Fraction, other: Fraction) -> Fraction:
    """The largest number of which both are multiples."""
    return Fraction(math.gcd(one.numerator, other.numerator), math.lcm(one.denominator, other.denominator))


def exact(number: int | Fraction) -> Atom:
    """Whole numbers as ints (equal to the fraction, and accepted by more operations)."""
    return int(number) if number.denominator == 1 else number


def in_units(codes: Codes, factor: Fraction) -> Codes | None:
    """Integers times a whole number; None where they would be too large for 64 bits, which wrap around."""
    largest = int(np.abs(codes).max(initial=0)) * abs(factor)
    return codes * int(factor) if abs(factor) < MAX_UNITS and largest < MAX_UNITS else None


def places(numbers: Codes, among: Codes) -> Codes:
    """Where each of some numbers stands among others, which ascend; -1 where it does not."""
    found = np.minimum(np.searchsorted(among, numbers), among.size - 1)
    there: Codes = np.where(among[found] == numbers, found, -1).astype(np.int64)
    return there


def all_sums(left: Codes, right: Codes) -> Codes:
    """Every sum of one of either, ascending; where these are too many, every integer between the ends."""
    if left.size * right.size > MAX_SUMS:
        return np.arange(left.min() + right.min(), left.max() + right.max() + 1)
    low, high = left.min() + right.min(), left.max() + right.max()
    if high - low >= min(MAX_SUMS, 16 * left.size * right.size):
        return np.unique(left[:, None] + right[None, :])
    found = np.zeros(high - low + 1, dtype=bool)  # many times faster than sorting them
    found[left[:, None] + (right - low)] = True
    sums: Codes = (np.flatnonzero(found) + low).astype(np.int64)
    return sums
