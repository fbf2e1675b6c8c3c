"""One run over all programs and sizes: who is asked what, and which answers are right."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from compiler.verification.oracle import Oracle
from tests.benchmarks.ours import main_sop, plain
from tests.benchmarks.tasks import LONG, TASKS, random_inputs
from tests.benchmarks.worker import Measured, Request, Worker

INPUTS = 50
BATCHES = (1, 256)
OURS, TRACR = "ours", "tracr"

TOLERANCE = 0.005
"""How far, relatively, a number of Tracr's may be off, as in its own tests; this compiler's must be equal."""


@dataclass(frozen=True)
class Plan:
    """What to run: programs by name, sizes (vocabulary, length) for both, and what is ours alone."""

    tasks: Sequence[str]
    sizes: Sequence[tuple[int, int]]
    long: bool
    tracr_python: str | None
    """The interpreter that has Tracr; None leaves Tracr out."""
    limit: float
    """Seconds for one program at one size."""
    inputs: int = INPUTS
    batches: Sequence[int] = BATCHES


def rows(plan: Plan) -> Iterator[Measured]:
    """What was measured, one row for each program, size and compiler, as they come."""
    workers = {OURS: Worker(sys.executable, "tests.benchmarks.ours")}
    if plan.tracr_python is not None:
        workers[TRACR] = Worker(plan.tracr_python, "tests.benchmarks.peer")
    try:
        for name in plan.tasks:
            for size, length in plan.sizes:
                for system, worker in workers.items():
                    yield row(plan, name, size, length, system, worker)
        for length, names in LONG.items() if plan.long else ():
            for name in (name for name in names if name in plan.tasks):
                yield row(plan, name, 26, length, OURS, workers[OURS])
    finally:
        for worker in workers.values():
            worker.stop()


def row(plan: Plan, name: str, size: int, length: int, system: str, worker: Worker) -> Measured:
    """One compiler, one program, one size."""
    task = TASKS[name]
    vocab = task.vocab(size)
    inputs = random_inputs(task, vocab, length, plan.inputs)
    measured = worker.ask(Request(name, vocab, length, inputs, list(plan.batches)), plan.limit)
    answers = measured.pop("answers", None)
    if answers is not None:
        expected = Oracle(main_sop(task), vocab)(inputs)
        tolerance = TOLERANCE if system == TRACR else 0.0
        pairs = zip(answers, expected, strict=True)
        measured["right"] = sum(correct(answer, wanted, tolerance) for answer, wanted in pairs)
        measured["inputs"] = len(inputs)
    return {"program": name, "vocabulary": len(vocab), "length": length, "system": system, **measured}


def correct(answer: Sequence[Any], wanted: Sequence[Any] | None, tolerance: float) -> bool:
    """Whether an answer is right at every position."""
    assert wanted is not None, "every input has an answer"
    return all(same(a, plain(w), tolerance) for a, w in zip(answer, wanted, strict=True))


def same(answer: Any, wanted: Any, tolerance: float) -> bool:
    """Equal, or close enough where both are numbers."""
    if isinstance(answer, str) or isinstance(wanted, str) or answer is None:
        return bool(answer == wanted)
    return bool(abs(answer - wanted) <= tolerance * abs(wanted) + (1e-7 if tolerance else 0.0))
