"""The outcome of a re-check: every step with its bound and the tolerance it has to stay under."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, field

from compiler.certificate.needs import Needs
from rasp.records import to_data
from runtime.inspection.tables import Table, counted


class Unproved(Exception):
    """A claim that does not hold, or cannot be shown to."""


@dataclass(frozen=True)
class Step:
    """One thing shown: `bound` had to be less than `tolerance` (both in the units that `what` names)."""

    step: str
    what: str
    bound: float
    tolerance: float


@dataclass
class Steps:
    """The steps shown so far, and the part of the model that is being looked at."""

    where: str = ""
    done: list[Step] = field(default_factory=list)

    def add(self, what: str, bound: float, tolerance: float) -> None:
        """A step that holds; raises Unproved if the bound is not below the tolerance."""
        step = Step(self.where, what, float(bound), float(tolerance))
        if not bound < tolerance:
            raise Unproved(f"{what}: {bound:.4g} is not below {tolerance:.4g}")
        self.done.append(step)


@dataclass(frozen=True, repr=False)
class Recheck:
    """Whether a model is what its certificate says: all `steps` that hold, and the first that does not, as
    the sentence `problem` (None if all hold). `needs`: what a machine must keep to for that to be so, and
    `besides`: what the target of an exported model must.
    """

    steps: tuple[Step, ...]
    problem: str | None
    needs: Needs | None = None
    besides: str = ""

    def __repr__(self) -> str:
        return f"<Recheck: {self.summary()}>"

    def __str__(self) -> str:
        needs = "" if self.needs is None else f"\n{self.needed}"
        return f"{self.summary()}{needs}\n{self._table().text()}"

    @property
    def needed(self) -> str:
        """What is needed, one line for people."""
        return "; ".join(
            [f"needs {'' if self.needs is None else self.needs.text}", *filter(None, [self.besides])]
        )

    def _repr_html_(self) -> str:
        """What notebooks show."""
        return f"<p>{html.escape(self.summary())}</p>{self._table().html()}"

    def _table(self) -> Table:
        """Each step that holds: its bound, what it has to stay under, and where and of what it is."""
        rows = ((f"{s.bound:.6g}", f"{s.tolerance:.6g}", f"{s.step}: {s.what}") for s in self.steps)
        return Table(("bound", "tolerance", "of what"), tuple(rows), right=3)

    @property
    def ok(self) -> bool:
        return self.problem is None

    def summary(self) -> str:
        """One line for people."""
        if self.problem is not None:
            return f"not proved: {self.problem}"
        exact = "exact on every input that the program answers"
        return f"proved from the weights: {exact} ({counted(len(self.steps), 'bound')})"

    def to_json(self) -> str:
        """The outcome as JSON."""
        return json.dumps({"ok": self.ok, **to_data(self)}, sort_keys=True)
