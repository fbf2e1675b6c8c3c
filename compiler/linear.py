"""A constant plus weighted items: of s-ops (an affine form), of columns of the residual stream (a reading).

Exact: coefficients are fractions, and none is zero.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Generic, Self, TypeVar

Item = TypeVar("Item", bound=Hashable)
ZERO = Fraction(0)
ONE = Fraction(1)


@dataclass(frozen=True, eq=False)
class Linear(Generic[Item]):
    """constant + sum of coefficient * item."""

    constant: Fraction
    coefficients: Mapping[Item, Fraction]

    def plus(self, other: Self, factor: Fraction | int = 1) -> Self:
        """self + factor * other."""
        coefficients = dict(self.coefficients)
        for item, coefficient in other.coefficients.items():
            coefficients[item] = coefficients.get(item, ZERO) + factor * coefficient
        kept = {item: c for item, c in coefficients.items() if c}
        return type(self)(self.constant + factor * other.constant, kept)

    def times(self, factor: Fraction | int) -> Self:
        return type(self)(ZERO, {}).plus(self, factor)

    def shifted(self, amount: Fraction | int) -> Self:
        return type(self)(self.constant + amount, self.coefficients)

    @cached_property
    def key(self) -> tuple[Fraction, frozenset[tuple[Item, Fraction]]]:
        """Equal for equal forms."""
        return self.constant, frozenset(self.coefficients.items())
