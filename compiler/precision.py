"""The number formats that a model can be compiled for, and what each can carry exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Dtype = Literal["float32", "float64"]


@dataclass(frozen=True)
class Precision:
    """A binary float format: integers below `exact` are exact in it, one operation errs by at most
    `rounding` relative to its result, and adding `snap` to a small number rounds it to a whole one.
    """

    dtype: Dtype
    exact: int
    snap: float

    @property
    def rounding(self) -> Fraction:
        return Fraction(1, self.exact)


PRECISIONS: dict[Dtype, Precision] = {
    "float32": Precision("float32", 1 << 24, 1.5 * 2.0**23),
    "float64": Precision("float64", 1 << 53, 1.5 * 2.0**52),
}
FLOAT32 = PRECISIONS["float32"]
