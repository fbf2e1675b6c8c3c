"""What comes of a step that is taken again and again: a leaf that the interpreter and the models share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rasp.errors import InputError
from rasp.words import Atom

DEFAULT_STEPS = 10_000
"""How many steps are taken at most, where nothing else is said."""

HALT_HINT = "a comparison makes truth values: `halt = tokens_asis == 1;`"
"""What to do about a `halt` of another type."""

Reason = Literal["fixpoint", "halt", "limit", "left", "stopped"]
"""Why a run ended: nothing changes any more, `halt` is true somewhere, so many steps were allowed, the next
state holds what is no token, or Ctrl-C.
"""


@dataclass(frozen=True)
class Run:
    """How a run ended: its last `state`, how many `steps` led there, and the `reason`.

    `outside`: of a run that would have left the vocabulary, the first position that the next state has
    outside of it and what it holds there. The state is then the last one of tokens.
    """

    state: tuple[Atom, ...]
    steps: int
    reason: Reason
    outside: tuple[int, Atom] | None = None

    def summary(self) -> str:
        """One line for people."""
        steps = f"{self.steps:,} {'step' if self.steps == 1 else 'steps'}"
        if self.outside is not None:
            position, value = self.outside
            shown = f"{value!r}" if isinstance(value, str) else f"{value}"
            return f"left the vocabulary after {steps}: position {position} would hold {shown:.40}"
        return {
            "fixpoint": f"fixpoint after {steps}: nothing changes any more",
            "halt": f"halted after {steps}",
            "limit": f"stopped after {steps}, the limit",
        }.get(self.reason, f"interrupted after {steps}")


def check_steps(max_steps: object) -> int:
    """The largest number of steps. Raises InputError if it cannot be one."""
    if isinstance(max_steps, bool) or not isinstance(max_steps, int) or max_steps < 1:
        shown = f"{max_steps!r}"
        raise InputError(f"the largest number of steps must be a whole number of at least 1, not {shown:.40}")
    return max_steps
