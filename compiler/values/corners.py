"""Between what an affine form of an index and a length lies where other such forms are bounded.

An index i and a length n with 0 <= i < n <= N are the points of a triangle, and what bounds leave of it is a
polygon: a form is least and largest at corners of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations


@dataclass(frozen=True)
class OfPosition:
    """index * i + length * n + constant."""

    index: Fraction
    length: Fraction
    constant: Fraction

    def at(self, i: Fraction | int, n: Fraction | int) -> Fraction:
        return self.index * i + self.length * n + self.constant

    def less(self, other: OfPosition) -> OfPosition:
        """self - other."""
        return OfPosition(
            self.index - other.index, self.length - other.length, self.constant - other.constant
        )


def of_position(index: int, length: int, constant: int) -> OfPosition:
    return OfPosition(Fraction(index), Fraction(length), Fraction(constant))


def is_never_negative(form: OfPosition, bounds: Sequence[OfPosition], max_length: int, causal: bool) -> bool:
    """Whether a form is at least 0 wherever the bounds are, at every position of every input. Causally the
    length is that of what a position sees.
    """
    everywhere = [of_position(1, 0, 0), of_position(-1, 1, -1), of_position(0, -1, max_length)]
    everywhere += [of_position(1, -1, 1)] if causal else []
    return all(form.at(i, n) >= 0 for i, n in _corners([*everywhere, *bounds]))


def _corners(bounds: Sequence[OfPosition]) -> Iterator[tuple[Fraction, Fraction]]:
    """Where two bounds are 0 and no other is below; all corners of what they leave are among these."""
    for a, b in combinations(bounds, 2):
        area = a.index * b.length - b.index * a.length
        if area:
            i = (b.constant * a.length - a.constant * b.length) / area
            n = (a.constant * b.index - b.constant * a.index) / area
            if all(each.at(i, n) >= 0 for each in bounds):
                yield i, n
