"""What a proved model needs from the machine that it runs on, found out while it is proved.

Whatever the proof never had to use is not needed: where all numbers are whole and small, no order of adding
and no fused product makes a difference, and the only thing that `exp` has to know is exp(0) = 1 and that it
is 0 far below. The certificate has to name at least that (`require_named`).
"""

from __future__ import annotations

from dataclasses import dataclass

from compiler.certificate.needs import Needs
from compiler.rechecking.report import Unproved


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


def require_named(claimed: Needs | None, found: Needs) -> None:
    """Raise Unproved unless the certificate names all that the proof had to use."""
    if claimed is None:
        raise Unproved("the certificate does not say what the model needs from a machine")
    missing = claimed.missing(found)
    if missing is not None:
        raise Unproved(f"the certificate does not say that the model needs {missing}")
