"""What a model needs from the machine that it runs on, as data: the compiler names it in the certificate, and
the checker finds out what its proof had to use and refuses a certificate that names less.

Never needed are an order of adding, products that are fused with sums or are not, and subnormal numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compiler.rounding import EXP_ROUNDINGS, sum_error

MOST_ROUNDINGS = 1 << 20
"""Larger errors of `exp` than so many roundings are not asked about."""

ALWAYS: Mapping[str, str] = {"sums": "in any order, fused or not", "subnormals": "may be taken for 0"}
"""What is so for every model, as the certificate writes it."""


@dataclass(frozen=True)
class Needs:
    """`format`: the number format. `bias_apart`: products are finished before their bias is added, and the
    sum before it is added to the stream, since columns are rounded by that. `divides_last`: attention adds up
    powers times values and divides then, since several equal values are read as one. `exp_roundings`: by how
    many roundings (relative) `exp` may be off at most; None where only exp(0) = 1 and 0 far below count.
    """

    format: str
    bias_apart: bool = False
    divides_last: bool = False
    exp_roundings: int | None = None

    @property
    def text(self) -> str:
        """In words."""
        said = [f"IEEE {self.format}", f"sums {ALWAYS['sums']}", f"subnormal numbers {ALWAYS['subnormals']}"]
        if self.bias_apart:
            said.append("a bias is added to a finished product")
        if self.divides_last:
            said.append("attention divides last")
        if self.exp_roundings is None:
            said.append("exp(0) is 1")
        else:
            said.append(f"exp errs by at most {self.exp_roundings:,} roundings")
        return "; ".join(said)

    def missing(self, found: Needs) -> str | None:
        """The first thing that is needed, as `found`, and not named here; None if nothing is."""
        if self.format != found.format:
            return found.format
        if found.bias_apart and not self.bias_apart:
            return "a bias that is added to a finished product"
        if found.divides_last and not self.divides_last:
            return "attention that divides last"
        if found.exp_roundings is not None and (
            self.exp_roundings is None or self.exp_roundings > found.exp_roundings
        ):
            return f"an exp that errs by at most {found.exp_roundings:,} roundings"
        return None


def exp_allowed(largest: float, factor: float, bos_score: float, selected: int, unit: float) -> int:
    """By how many roundings `exp` may be off until a count (see `sum_error`) is no longer surely rounded to
    the right integer, `EXP_ROUNDINGS` at least.
    """
    allowed, step = EXP_ROUNDINGS, MOST_ROUNDINGS
    while step >= 1:
        more = allowed + step
        if more <= MOST_ROUNDINGS and sum_error(largest, factor, bos_score, selected, unit, more) < 0.5:
            allowed = more
        step //= 2
    return allowed


def to_data(needs: Needs) -> dict[str, Any]:
    """As JSON data."""
    return {
        "format": needs.format,
        **ALWAYS,
        "bias_apart": needs.bias_apart,
        "divides_last": needs.divides_last,
        "exp_roundings": needs.exp_roundings,
    }


def from_data(data: Mapping[str, Any]) -> Needs:
    """What `to_data` wrote; ValueError, KeyError or TypeError for anything else."""
    exp = data["exp_roundings"]
    needs = Needs(str(data["format"]), data["bias_apart"] is True, data["divides_last"] is True, exp)
    if (exp is not None and type(exp) is not int) or to_data(needs) != data:
        raise ValueError("what is needed from a machine")
    return needs


def named(claims: Mapping[str, Any]) -> Needs | None:
    """What the claims of a saved certificate name; None if they do not."""
    try:
        return from_data(claims["needs"])
    except (KeyError, TypeError, ValueError):
        return None
