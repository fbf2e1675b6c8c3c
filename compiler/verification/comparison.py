"""A compiled model against the reference interpreter: the same answer at every position, or a report.

Sweeps run through the batched oracle, which is exact and much faster than the interpreter; whatever is
reported has been confirmed by the interpreter itself. The work is spread over all of JAX's devices.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from compiler.rechecking.proof import recheck
from compiler.verification import sampling
from compiler.verification.localizing import first_difference
from compiler.verification.oracle import Answers, Oracle
from compiler.verification.report import Mismatch, Report, of_proof
from compiler.verification.runs import compare_runs
from rasp import interrupts
from rasp.errors import EvaluationError, InputError, ModelError
from rasp.graph.interpreter import longest_input
from rasp.graph.sops import SOp
from rasp.inputs import shrink
from rasp.notation import approximate
from rasp.session import Program
from rasp.words import Atom
from runtime.model import Model
from runtime.transformer import batching, tokens
from runtime.transformer.engine import device_mesh
from runtime.weights import Array, LabelOutput

Ids = NDArray[np.int64]
Bools = NDArray[np.bool_]

KEPT = 100
"""How many of the inputs that differ a report lists."""

FEW, FEW_ROWS = 1 << 13, 256
"""Sweeps over at most `FEW` inputs run in batches of `FEW_ROWS`."""

MOST_INPUTS = 10**10
"""Up to so many inputs all of them are tried, which takes days."""

SPOT_CHECKS = 16
"""Inputs of each sweep on which the oracle itself is compared with the interpreter."""


@dataclass(frozen=True)
class Progress:
    """How far a sweep has come: `done` of `total` inputs, `differing` of them, after so many `seconds`."""

    done: int
    total: int
    differing: int
    seconds: float


def verify(
    sop: SOp,
    model: Model,
    samples: int = 1000,
    exhaustive: bool = False,
    seed: int = 0,
    certificate: bool = False,
    progress: Callable[[Progress], None] | None = None,
    steps: int = 1,
) -> Report:
    """Compare `model` with the interpreter's answers of `sop`, which it should compute: on all inputs
    (`exhaustive`) or on edge cases and `samples` random ones of mixed lengths, the same for the same `seed`;
    or try nothing, and prove the model's `certificate` again from its weights. `progress` is called after
    every batch. With `steps`, answers are the next inputs (`Model.iterate`), and every state of so many steps
    is compared, and how runs end.

    A mismatch is shrunk to a smallest input, with the first s-op whose columns in the model went wrong.
    Stopped by Ctrl-C, it reports what it has found so far (`Report.complete` says whether that is all).
    Raises InputError if an argument is of another type than said, if both modes are asked for, or if there
    are too many inputs to try them all.
    """
    check_arguments(sop, model, progress)
    check_options(
        {"samples": samples, "seed": seed, "steps": steps},
        {"exhaustive": exhaustive, "certificate": certificate},
    )
    if not steps or (certificate and steps > 1):
        hint = "the certificate of a step is that of all of them: see `model.loop`" if steps else None
        raise InputError("steps is 1 or more, and 1 where the certificate is proved", hint=hint)
    if exhaustive and certificate:
        raise InputError("either all inputs are tried, or the certificate is proved again: ask for one")
    if certificate:
        return of_proof(recheck(model, sop))
    vocab, longest = len(model.config.vocab), model.config.max_length
    order = sampling.ascending(model.config.vocab)
    edges = sum(map(len, sampling.edge_inputs(order, longest)))
    if exhaustive:
        mode, total = "exhaustive", sampling.count_inputs(vocab, longest)
        if total > MOST_INPUTS:
            raise InputError(
                f"there are {approximate(total)} inputs, too many to try them all ({MOST_INPUTS:,} at most)",
                hint="try samples=K random ones, or certificate=True, which proves all of them",
            )
    else:
        mode, total = "random", samples + edges
    comparison = Comparison(sop, model, total)
    rows = comparison.rows
    batches = (
        sampling.every_input(vocab, longest, rows)
        if exhaustive
        else sampling.random_inputs(order, longest, samples, seed, rows)
    )
    start = time.perf_counter()
    sweep = Sweep(comparison, total, start, progress, steps)
    with contextlib.suppress(KeyboardInterrupt), interrupts.noted() as stopped:
        for ids in batches:
            sweep.add(ids)
            if stopped():
                break
    seconds = time.perf_counter() - start
    mismatches = tuple(sweep.mismatch(one) for one in sweep.found)
    wrong = [one.inputs for one in mismatches if one.inputs not in sweep.astray]
    smallest = comparison.smallest(wrong) if wrong else next(iter(mismatches), None)
    return Report(
        mode,
        sweep.done - sweep.undefined,
        sweep.undefined,
        sweep.differing,
        mismatches,
        smallest,
        first_difference(sop, model, smallest.inputs) if smallest and wrong else None,
        seed=None if exhaustive else seed,
        seconds=seconds,
        total=total,
        steps=steps,
        states=sweep.states,
    )


def check_arguments(sop: object, model: object, progress: object) -> None:
    """Raise InputError where these are not what `verify` takes."""
    if not isinstance(sop, SOp):
        hint = "give program.main" if isinstance(sop, Program) else None
        raise InputError("the first argument must be the s-op that the model should compute", hint=hint)
    if not isinstance(model, Model):
        raise InputError("the second argument must be a compiled model")
    if progress is not None and not callable(progress):
        raise InputError("progress must be a function, which is called with the state after every batch")


def check_options(numbers: Mapping[str, object], flags: Mapping[str, object]) -> None:
    """Raise InputError where these are not what `verify` takes."""
    for name, number in numbers.items():
        if type(number) is not int or number < 0:
            raise InputError(f"{name} must be an int, 0 or more")
    for name, flag in flags.items():
        if type(flag) is not bool:
            raise InputError(f"{name} must be True or False")


class Sweep:
    """What has been found so far."""

    def __init__(
        self,
        comparison: Comparison,
        total: int,
        start: float,
        progress: Callable[[Progress], None] | None,
        steps: int = 1,
    ) -> None:
        self.comparison = comparison
        self.total = total
        self.start = start
        self.progress = progress
        self.steps = steps
        self.done = self.undefined = self.differing = self.states = 0
        self.found: list[tuple[Atom, ...]] = []
        self.astray: dict[tuple[Atom, ...], tuple[Atom, ...]] = {}
        """States which the model answers rightly, and where its runs go from them all the same."""

    def add(self, ids: Ids) -> None:
        """Compare one more batch."""
        defined, wrong = self._steps(ids) if self.steps > 1 else self._answers(ids)
        self.done += len(ids)
        self.undefined += int((~defined).sum())
        self.differing += len(wrong)
        self.found += wrong[: KEPT - len(self.found)]
        if self.progress is not None:
            seconds = time.perf_counter() - self.start
            self.progress(Progress(self.done, self.total, self.differing, seconds))

    def _answers(self, ids: Ids) -> tuple[Bools, list[tuple[Atom, ...]]]:
        """Which inputs have an answer, and those that the model answers otherwise."""
        defined, differs = self.comparison.differing(ids)
        return defined, [self.comparison.inputs(ids[row]) for row in np.flatnonzero(differs)]

    def _steps(self, ids: Ids) -> tuple[Bools, list[tuple[Atom, ...]]]:
        """Which inputs have an answer, and the states from which runs of the model go on otherwise."""
        comparison = self.comparison
        compared = compare_runs(comparison.model, comparison.oracle, ids, self.steps, comparison.rows)
        self.states += compared.states
        for found in compared.deviations[:KEPT]:
            expected = comparison.mismatch(found.state)
            if expected.answer == expected.expected:
                self.astray[found.state] = found.answer
        return compared.defined, [found.state for found in compared.deviations]

    def mismatch(self, inputs: tuple[Atom, ...]) -> Mismatch:
        """What should come after an input, and what does."""
        found = self.comparison.mismatch(inputs)
        return replace(found, answer=self.astray[inputs]) if inputs in self.astray else found


class Comparison:
    """A model and the oracle of what it should compute, compared on arrays of inputs."""

    def __init__(self, sop: SOp, model: Model, total: int) -> None:
        self.sop = sop
        self.model = model
        self.vocab = model.config.vocab
        self.oracle = Oracle(sop, self.vocab, model.config.causal)
        largest = device_mesh().size * batching.largest_rows(model.weights, 1 + model.config.max_length)
        self.rows = largest if total > FEW else min(FEW_ROWS, largest)
        self._spot_checks = SPOT_CHECKS

    def differing(self, ids: Ids) -> tuple[Bools, Bools]:
        """For inputs of one length [B, n]: which are defined, and on which of those the model differs."""
        answers = self.oracle.answers(ids)
        self._check_oracle(ids, answers)
        given = self._given(ids)
        output = self.model.config.output
        if isinstance(output, LabelOutput):
            labels = {atom: place for place, atom in enumerate(output.labels)}
            wanted = np.array([labels.get(atom, -1) for atom in answers.atoms])
            same = wanted[answers.codes] == given.argmax(axis=-1)
        else:
            distinct, inverse = np.unique(given[..., 0], return_inverse=True)
            numbers = {atom: place for place, atom in enumerate(answers.atoms)}
            decoded = tokens.decode(output, distinct[:, None])
            got = np.array([numbers.get(number, -1) for number in decoded])
            wanted = np.array([numbers[atom] for atom in answers.atoms])
            same = wanted[answers.codes] == got[inverse].reshape(answers.codes.shape)
        return answers.defined, answers.defined & ~same.all(axis=1)

    def _given(self, ids: Ids) -> Array:
        """The model's logits [B, n, L], in batches padded to few shapes."""
        n = ids.shape[1]
        size = batching.padded_size(n, self.model.config.max_length)
        parts = []
        for start in range(0, len(ids), self.rows):
            part = ids[start : start + self.rows]
            # Always the same number of rows: JAX takes longer to compile a shape than to run some padding.
            padded = np.zeros((self.rows, size), dtype=np.int32)
            padded[: len(part), 1 : 1 + n] = part + 1
            lengths = np.zeros(self.rows, dtype=np.int32)
            lengths[: len(part)] = n
            parts.append(self.model.run(padded, lengths)[: len(part), :n])
        logits = np.concatenate(parts)
        if not np.isfinite(logits).all():
            raise ModelError("the model's numbers overflow: its weights are too large")
        return logits

    def _check_oracle(self, ids: Ids, answers: Answers) -> None:
        """The interpreter has the last word, also on the oracle."""
        for row in range(min(self._spot_checks, 2, len(ids))):
            self._spot_checks -= 1
            wanted = self.right(self.inputs(ids[row]))
            if wanted != answers.row(row):
                raise AssertionError(f"oracle and interpreter differ on {self.inputs(ids[row])!r}")

    def inputs(self, ids: NDArray[np.int64]) -> tuple[Atom, ...]:
        """The tokens of one input."""
        return tuple(self.vocab[place] for place in ids.tolist())

    def right(self, inputs: Sequence[Atom]) -> list[Atom] | None:
        """The interpreter's answer, or the oracle's where the input is too long for the interpreter."""
        longest = longest_input(self.oracle.order)
        if longest is None or len(inputs) <= longest:
            return expected(self.sop, inputs, self.model.config.causal)
        return self.oracle([inputs])[0]

    def mismatch(self, inputs: Sequence[Atom]) -> Mismatch:
        """Both answers to one input, the interpreter's and the model's."""
        wanted = self.right(inputs)
        assert wanted is not None
        return Mismatch(tuple(inputs), tuple(wanted), tuple(self.model(list(inputs))))

    def smallest(self, found: Sequence[tuple[Atom, ...]]) -> Mismatch:
        """A smallest input that differs, reached from the shortest of those found."""
        start = min(found, key=len)
        return self.mismatch(shrink(start, self.vocab, self.first_differing))

    def first_differing(self, candidates: Iterator[tuple[Atom, ...]]) -> tuple[Atom, ...] | None:
        """The first of these inputs on which the model differs."""
        places = {(type(atom), atom): place for place, atom in enumerate(self.vocab)}
        for _, alike in itertools.groupby(candidates, key=len):
            while some := list(itertools.islice(alike, self.rows)):
                ids = np.array([[places[type(atom), atom] for atom in one] for one in some])
                wrong = np.flatnonzero(self.differing(ids)[1])
                if len(wrong):
                    return some[int(wrong[0])]
        return None


def expected(sop: SOp, inputs: Sequence[Atom], causal: bool) -> list[Atom] | None:
    """The interpreter's answer, or None where it raises."""
    try:
        answer: list[Atom] = sop(list(inputs), causal=causal)
    except EvaluationError:
        return None
    return answer
