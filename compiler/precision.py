"""The number formats that a model can be compiled for, and what each can carry exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Dtype = Literal["float32", "float64"]


@dataclass(frozen=True)
class Precision:
    """A binary float format: integers below `exact` are exact in it, one operation errs by at most
    `rounding` relative to its result, adding `snap` to a small number rounds it to a whole one, and `exp` of
    less than minus `underflow` is exactly 0. Scores of what is selected and what is not differ by `gap` nats,
    a power of two, so that scaling rounds nothing; of half of it `exp` is 0 as well.
    """

    dtype: Dtype
    exact: int
    snap: float
    underflow: float
    gap: int

    @property
    def rounding(self) -> Fraction:
        return Fraction(1, self.exact)

    @property
    def cautious(self) -> float:
        """`rounding` as bounds reckon with it: in float64, which they are themselves computed in, eight times
        as much.
        """
        return max(float(self.rounding), 2.0**-50)

    @property
    def shown(self) -> int:
        """Integers below this are shown to be exact: float64 reaches further, but bounds are computed in it,
        and their own sums over thousands of products have to stay exact.
        """
        return min(self.exact, 1 << 28)


PRECISIONS: dict[Dtype, Precision] = {
    "float32": Precision("float32", 1 << 24, 1.5 * 2.0**23, 104.0, 256),
    "float64": Precision("float64", 1 << 53, 1.5 * 2.0**52, 746.0, 2048),
}
FLOAT32 = PRECISIONS["float32"]
