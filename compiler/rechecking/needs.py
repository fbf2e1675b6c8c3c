"""What a proved model needs from the machine that it runs on, found out while it is proved.

Whatever the proof never had to use is not needed: where all numbers are whole and small, no order of adding
and no fused product makes a difference, and the only thing that `exp` has to know is exp(0) = 1 and that it
is 0 far below.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

MOST_ROUNDINGS = 1 << 20
"""Larger errors of `exp` than so many roundings are not asked about."""


@dataclass(frozen=True)
class Needs:
    """`format`: the number format. `bias_apart`: products are finished before their bias is added, and the
    sum before it is added to the stream, since columns are rounded by that. `divides_last`: attention adds up
    powers times values and divides then, since several equal values are read as one. `exp_roundings`: by how
    many roundings (relative) `exp` may be off at most; None where only exp(0) = 1 and 0 far below count.
    `besides`: what an exported model needs of its target.
    """

    format: str
    bias_apart: bool = False
    divides_last: bool = False
    exp_roundings: int | None = None
    besides: str = ""

    @property
    def text(self) -> str:
        """In words."""
        said = [
            f"IEEE {self.format}",
            "sums in any order, fused or not",
            "subnormal numbers may be taken for 0",
        ]
        if self.bias_apart:
            said.append("a bias is added to a finished product")
        if self.divides_last:
            said.append("attention divides last")
        if self.exp_roundings is None:
            said.append("exp(0) is 1")
        else:
            said.append(f"exp errs by at most {self.exp_roundings:,} roundings")
        return "; ".join([*said, self.besides] if self.besides else said)

    def of_target(self, besides: str) -> Needs:
        """The same with what a target has to keep to; its form decides where biases are added."""
        return replace(self, besides=besides)


@dataclass
class Needed:
    """What has been used so far."""

    bias_apart: bool = False
    divides_last: bool = False
    exp_roundings: int | None = None

    def exp(self, roundings: int) -> None:
        """A step that holds as long as `exp` is off by no more roundings than this."""
        known = self.exp_roundings
        self.exp_roundings = roundings if known is None else min(known, roundings)

    def all(self, number_format: str) -> Needs:
        """All of it."""
        return Needs(number_format, self.bias_apart, self.divides_last, self.exp_roundings)
