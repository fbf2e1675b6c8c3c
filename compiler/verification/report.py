"""What a verification found, for people and as JSON."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import Any, Literal

from compiler.rechecking.report import Recheck
from rasp.graph.atoms import decimal
from rasp.notation import to_json
from rasp.words import Atom
from runtime.inspection.tables import Table


@dataclass(frozen=True)
class Mismatch:
    """An input on which the interpreter and the model differ: the tokens `inputs`, and position by position
    what was `expected` and the model's `answer`.
    """

    inputs: tuple[Atom, ...]
    expected: tuple[Atom, ...]
    answer: tuple[Atom, ...]


Stage = Literal["graph", "values", "lowering", "layout", "model"]

AROSE: dict[Stage, str] = {
    "graph": "when the program was simplified (compiler/graph)",
    "values": "when its reads were settled (compiler/values)",
    "lowering": "when it was lowered to heads and neurons (compiler/lowering)",
    "layout": "when those were laid out as weights, or in float arithmetic (compiler/layout)",
    "model": "in the weights: they are not those that the program compiles to",
}
"""Where a wrong answer may have arisen, stage by stage."""


@dataclass(frozen=True)
class Difference:
    """The first s-op of the program that went wrong, and what made it wrong: the first `stage` that changed
    what it means, and in the model the column, as far as the stage has any.

    `layer` counts from 1; `part` is "embedding", "attention", "MLP" or "unembedding", or nothing before the
    program was lowered; `heads` are the heads (from 0) that write the column there, where the part is
    attention.
    """

    sop: str
    column: str
    layer: int
    part: str
    heads: tuple[int, ...]
    position: int
    stage: Stage

    def text(self) -> str:
        """One line."""
        if not self.part:
            return f"{self.sop}, at position {self.position}"
        where = f"the {self.part}" + (f" of layer {self.layer}" if self.layer else "")
        heads = f", head {' and '.join(map(str, self.heads))}" if self.heads else ""
        column = f" (column {self.column!r})" if self.column else ""
        return f"{self.sop}{column}, in {where}{heads}, at position {self.position}"


@dataclass(frozen=True, repr=False)
class Report:
    """What was tried: `inputs` with an answer of the interpreter's, of which `differing` came out otherwise,
    and `undefined` ones without an answer. `mismatches` lists the first hundred of those that differ.

    `smallest` is a smallest input that differs and `difference` where in the model that began. In the mode
    "certificate" nothing is tried: `certified` says whether the weights were proved right, `note` how. `mode`
    is "exhaustive", "random" or "certificate"; `total` is how many inputs there were to try, `seed` that of
    the random ones, and `seconds` how long it took. Where runs of more than one of `steps` were compared,
    `states` is how many states of them, and the inputs that differ are states from which they go on
    otherwise.
    """

    mode: str
    inputs: int
    undefined: int
    differing: int
    mismatches: tuple[Mismatch, ...]
    smallest: Mismatch | None = None
    difference: Difference | None = None
    seed: int | None = None
    seconds: float = 0.0
    certified: bool = False
    note: str = ""
    total: int = 0
    steps: int = 1
    states: int = 0

    def __repr__(self) -> str:
        return f"<Report: {self.summary().splitlines()[0]}>"

    def __str__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        """What notebooks show: the summary, and a smallest input that differs as a table."""
        lines = "<br>".join(html.escape(line) for line in self.summary(tabled=False).splitlines())
        differing = Table(*parted(self.smallest)).html() if self.smallest is not None else ""
        return f"<p>{lines}</p>{differing}"

    @property
    def complete(self) -> bool:
        """Whether all was tried that there was to try."""
        return self.inputs + self.undefined == self.total

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; a sweep that was stopped, or that found no answer to compare, is not."""
        if self.mode == "certificate":
            return self.certified
        return self.complete and self.inputs > 0 and not self.differing

    def summary(self, tabled: bool = True) -> str:
        """A few lines for people; with `tabled` they show a smallest input that differs."""
        if self.mode == "certificate":
            return self.note
        undefined = f" ({self.undefined:,} undefined ones left out)" if self.undefined else ""
        if not self.differing:
            return self._nothing_found() + undefined + self._speed()
        of = f"{self.states:,} states" if self.steps > 1 else f"{self.inputs:,} inputs"
        lines = [f"{self.differing:,} of {of} differ{undefined}{self._speed()}"]
        if not self.complete:
            lines.append(f"stopped before the end: {self.total:,} were to be tried")
        if self.smallest is not None and tabled:
            lines += ["the smallest of them:", *table(self.smallest)]
        if self.difference is not None:
            lines.append(f"first wrong: {self.difference.text()}")
            lines.append(f"it arose {AROSE[self.difference.stage]}")
        return "\n".join(lines)

    def _nothing_found(self) -> str:
        if not self.complete:
            done = self.inputs + self.undefined
            return f"stopped after {done:,} of {self.total:,} inputs: equal on all {self.inputs:,} compared"
        if not self.inputs:
            return "nothing compared: the program has no answer to any of the inputs tried"
        every = "every one of" if self.mode == "exhaustive" else "all"
        if self.steps > 1:
            return f"equal in every state of {every} {self.inputs:,} runs: {self.states:,} states"
        return f"equal on {every} {self.inputs:,} inputs"

    def _speed(self) -> str:
        if self.seconds < 0.05:
            return ""
        return f" in {self.seconds:.1f} s, {(self.inputs + self.undefined) / self.seconds:,.0f} a second"

    def to_json(self) -> str:
        """The report as JSON with sorted keys."""
        data: dict[str, Any] = {
            "mode": self.mode,
            "ok": self.ok,
            "inputs": self.inputs,
            "undefined": self.undefined,
            "differing": self.differing,
            "mismatches": [_mismatch(m) for m in self.mismatches],
            "smallest": None if self.smallest is None else _mismatch(self.smallest),
            "first_difference": None if self.difference is None else vars(self.difference),
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
            "complete": self.complete,
            "total": self.total,
            **({"steps": self.steps, "states": self.states} if self.steps > 1 else {}),
            "certified": self.certified if self.mode == "certificate" else None,
            "note": self.note,
        }
        return json.dumps(data, sort_keys=True)


def of_proof(proved: Recheck) -> Report:
    """The report on a certificate that was proved again."""
    return Report("certificate", 0, 0, 0, (), certified=proved.ok, note=_told(proved))


def _told(proved: Recheck) -> str:
    """What was proved, and what that needs from a machine."""
    return proved.summary() if proved.needs is None else f"{proved.summary()}\n{proved.needed}"


def parted(mismatch: Mismatch) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The positions, and input, expected and given answer at each."""
    differing = ("" if a == b else "^" for a, b in zip(mismatch.expected, mismatch.answer, strict=True))
    return ("position", *map(str, range(len(mismatch.inputs)))), (
        ("input", *map(_shown, mismatch.inputs)),
        ("expected", *map(_shown, mismatch.expected)),
        ("model", *map(_shown, mismatch.answer)),
        ("", *differing),
    )


def table(mismatch: Mismatch) -> list[str]:
    """Input, expected and given answer, position by position."""
    positions, others = parted(mismatch)
    rows = [positions, *others]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  " + "  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _shown(value: Atom) -> str:
    return decimal(value) if not isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)


def _mismatch(mismatch: Mismatch) -> dict[str, Any]:
    return {
        "input": to_json(mismatch.inputs),
        "expected": to_json(mismatch.expected),
        "answer": to_json(mismatch.answer),
    }
