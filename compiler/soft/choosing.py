"""The margin of a soft model: the smallest at which it is right, with room to spare.

A soft model is not proved. It is held against the interpreter on inputs, and what was tried is said where a
certificate would stand.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import numpy as np

from compiler.graph.terms import Term
from compiler.request import Request
from compiler.soft.assembly import SHARP, assemble
from compiler.soft.building import soften
from compiler.underway import Watch
from compiler.values.settling import Settled
from rasp.errors import CompileError, EvaluationError
from rasp.graph.sops import SOp
from rasp.inputs import random_inputs
from rasp.words import Atom
from runtime.saving.certificate import Certificate
from runtime.transformer import numpy_forward
from runtime.weights import Array, Config, LabelOutput, Weights

MARGINS = (8, 10, 12, 14, 16)
"""In nats: by how much what is not selected scores less."""

TRIED = 256
"""On how many inputs a model is tried."""

ROOM = 0.8
"""How far ahead the right answer should be everywhere, as a part of what it would be without any error."""

Case = tuple[tuple[Atom, ...], list[Atom]]


def soft_model(
    sop: SOp, settled: Settled, asked: Request, watch: Watch
) -> tuple[Config, Weights, dict[Term, int], Certificate]:
    """A soft model, the numbers of its s-ops, and what was tried.

    Raises:
        CompileError: too many values, or it is not right at any margin.
    """
    watch.step("heads and neurons")
    soft = soften(settled.root, settled.domains, asked.basis)
    cases = list(_cases(sop, asked))
    best: tuple[float, int, Config, Weights, dict[Term, int]] | None = None
    for margin in MARGINS:
        watch.step(f"tried at a margin of {margin}")
        config, weights, numbers = assemble(soft, asked, margin)
        ahead = lead(config, weights, cases)
        if best is None or ahead > best[0]:
            best = (ahead, margin, config, weights, numbers)
        if ahead >= ROOM:
            break
    assert best is not None
    ahead, margin, config, weights, numbers = best
    if ahead <= 0:
        raise CompileError(
            f"{sop.name or 'the program'} is not right in the soft style at any margin up to {MARGINS[-1]}",
            span=sop.user_span,
            hint="the exact style compiles it",
        )
    said = f"not certified: a soft model, right on {len(cases)} inputs tried (score margin {margin})"
    return config, weights, numbers, Certificate(False, said)


def lead(config: Config, weights: Weights, cases: Sequence[Case]) -> float:
    """By how much the right answer is ahead of the next at least, as a part of what it could be: at most 0 if
    an answer is wrong.
    """
    assert isinstance(config.output, LabelOutput)
    known = {label: number for number, label in enumerate(config.output.labels)}
    logits, _ = numpy_forward.logits_of(config, weights, [inputs for inputs, _ in cases])
    gaps = [
        _gap(logits[row, i], known.get(value))
        for row, (_, wanted) in enumerate(cases)
        for i, value in enumerate(wanted)
    ]
    return min(gaps, default=1.0)


def _gap(logits: Array, right: int | None) -> float:
    if right is None:
        return -1.0
    others = np.delete(logits, right)
    return float(logits[right] - others.max()) / SHARP if others.size else 1.0


def _cases(sop: SOp, asked: Request) -> Iterator[Case]:
    """Inputs that have an answer, with that: random ones, and long ones of equal tokens."""
    source = random.Random(0)
    full = asked.max_length
    edges = [(token,) * full for token in asked.vocab[:16]]
    edges += [tuple(source.choice(asked.vocab[:3]) for _ in range(full)) for _ in range(TRIED // 4)]
    for inputs in [*edges, *random_inputs(source, asked.vocab, full, TRIED - len(edges))]:
        try:
            yield tuple(inputs), sop(list(inputs), causal=asked.causal)
        except EvaluationError:
            continue
