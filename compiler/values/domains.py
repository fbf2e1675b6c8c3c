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


def is_number(value: Atom) -> bool:
    """True for ints, bools and fractions."""
    return not isinstance(value, str)


@dataclass(frozen=True, eq=False)
class Domain:
    """Distinct values in ascending order (strings after numbers), each with an integer code.

    `scale` is set where all values are numbers: value = code * scale. Otherwise the code is the value's
    rank in `values`.
    """

    values: tuple[Atom, ...]
    scale: Fraction | None
    codes: Codes

    @property
    def size(self) -> int:
        return len(self.values)

    @property
    def numeric(self) -> bool:
        return self.scale is not None

    @property
    def lowest(self) -> int:
        return int(self.codes[0])

    @property
    def highest(self) -> int:
        return int(self.codes[-1])

    @property
    def listing(self) -> tuple[Atom, ...]:
        return self.values

    @cached_property
    def ranks(self) -> dict[Atom, int]:
        """Value -> its rank in `values` (1, 1.0 and True are one value)."""
        return {v: i for i, v in enumerate(self.values)}

    @property
    def text(self) -> str:
        if self.size > 8 and self.numeric:
            return f"{self.size} values from {self.values[0]} to {self.values[-1]}"
        shown = ", ".join(str(v) if is_number(v) else f'"{v}"' for v in self.values[:8])
        return "{" + shown + (", ..." if self.size > 8 else "") + "}"


@dataclass(frozen=True, eq=False)
class RealDomain:
    """Fractions `scale * p/q` with q <= max_denominator between two bounds: too many to be integers.

    A residual column carries p/q itself, rounded to float32.
    """

    low: Fraction
    high: Fraction
    max_denominator: int
    scale: Fraction

    numeric = True

    @cached_property
    def fractions(self) -> tuple[Fraction, ...] | None:
        """All of them (without the scale), or None if there are more than MAX_VALUES."""
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
    def listing(self) -> tuple[Atom, ...] | None:
        """All values, or None if there are more than MAX_VALUES."""
        return None if self.fractions is None else tuple(exact(f * self.scale) for f in self.fractions)

    @cached_property
    def ranks(self) -> dict[Atom, int]:
        """Value -> its rank in the listing."""
        return {v: i for i, v in enumerate(self.listing or ())}

    @property
    def text(self) -> str:
        times = "" if self.scale == 1 else f"{self.scale} times "
        return (
            f"{times}fractions with denominator up to {self.max_denominator}, "
            f"from {self.low * self.scale} to {self.high * self.scale}"
        )


AnyDomain = Domain | RealDomain


def make_domain(values: Iterable[Atom]) -> Domain:
    """The domain of these values, duplicates by `==` merged: where an int, a bool or a fraction are equal,
    the int stands for all of them, since any operation that is defined for one of them is so for an int.
    """
    chosen: dict[Atom, Atom] = {}
    for value in values:
        known = chosen.setdefault(value, value)
        if type(known) is not type(value) and not isinstance(known, str):
            chosen[value] = int(known)
    texts = sorted(value for value in chosen.values() if isinstance(value, str))
    if texts:
        numbers = sorted(value for value in chosen.values() if not isinstance(value, str))
        return Domain((*numbers, *texts), None, np.arange(len(chosen), dtype=np.int64))
    return _of_numbers([value for value in chosen.values() if not isinstance(value, str)])


def _of_numbers(numbers: Sequence[int | Fraction]) -> Domain:
    """The domain of different numbers: multiples of a unit where that is coarse enough, else labels."""
    common = 1
    for number in numbers:
        common = math.lcm(common, number.denominator)
        if common.bit_length() > MAX_UNIT_BITS:
            return Domain(tuple(sorted(numbers)), None, np.arange(len(numbers), dtype=np.int64))
    multiples = {number.numerator * (common // number.denominator): number for number in numbers}
    codes = sorted(multiples)  # far quicker than fractions, and in the same order
    values = tuple(multiples[code] for code in codes)
    if codes and max(-codes[0], codes[-1]) > MAX_CODE:
        return Domain(values, None, np.arange(len(values), dtype=np.int64))
    return Domain(values, Fraction(1, common), np.array(codes, dtype=np.int64))


def int_domain(low: int, high: int) -> Domain:
    """All ints from low to high."""
    return Domain(tuple(range(low, high + 1)), Fraction(1), np.arange(low, high + 1, dtype=np.int64))


def exact(number: Fraction) -> Atom:
    """Whole numbers as ints (equal to the fraction, and accepted by more operations)."""
    return int(number) if number.denominator == 1 else number


def all_sums(left: Codes, right: Codes) -> Codes:
    """Every sum of one of either, ascending; where these are too many, every integer between the ends."""
    if left.size * right.size > MAX_SUMS:
        return np.arange(left.min() + right.min(), left.max() + right.max() + 1)
    return np.unique(left[:, None] + right[None, :])
