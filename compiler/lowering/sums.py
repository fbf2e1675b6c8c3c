"""Sums by attention: how heavy BOS must be for a head to add up what it selects, and how far off that is."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from compiler.graph.terms import Kind, Term
from compiler.precision import Precision
from compiler.rounding import sum_error
from compiler.values.inference import Domains
from rasp.errors import TooLargeError

SNAP_TOLERANCE = 0.45
"""A number within this of a whole one is rounded to it (just under one half)."""


def bos_share(max_length: int, largest: int) -> tuple[Fraction, float]:
    """(score, weight B) of BOS in a head that sums: B is heavy enough that the head's output, times
    B + N/2, is the sum of up to N integers of at most `largest` to within 1/128 (S/(w+B) is almost linear),
    and that adding the other shares to its own loses no more than twice that. The score is rounded to 2**-8,
    so that float32 holds it exactly; B is exp of that.
    """
    wanted = 64 * max_length * max_length * max(largest, 1)
    score = Fraction(int(np.ceil(np.log(max(wanted, 2**12)) * 256)), 256)
    return score, float(np.exp(float(score)))


def sum_off(length: int, largest: int, precision: Precision) -> float:
    """By how much a sum of up to `length` integers of at most `largest` may be off before it is snapped."""
    score, weight = bos_share(length, largest)
    return sum_error(largest, weight + length / 2, float(score), length, float(precision.rounding))


def largest_addend(domains: Domains, term: Term) -> int:
    """The largest magnitude of what a count or a sum adds up at one position."""
    if term.kind is Kind.WIDTH:
        return 1
    source = domains.finite(term.args[1])
    return max(abs(source.lowest), abs(source.highest), 1)


def sum_refused(term: Term, length: int, largest: int, precision: Precision) -> TooLargeError:
    """The refusal of a sum that the number format cannot carry at this length."""
    works = length
    while works > 1 and sum_off(works, largest, precision) >= SNAP_TOLERANCE:
        works -= max(1, works // 64)
    return TooLargeError(
        f"the sum {term.title} over {length} positions of values up to {largest} may be off by "
        f"{sum_off(length, largest, precision):.2g} in {precision.dtype}, and must be within "
        f"{SNAP_TOLERANCE} of a whole number",
        reason="a sum that the number format cannot carry",
        span=term.span,
        likely=works,
    )
