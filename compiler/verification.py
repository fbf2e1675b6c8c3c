"""A compiled model against the reference interpreter: the same answer at every position, or a report."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rasp.errors import EvaluationError
from rasp.sops import Atom, SOp
from runtime import Model

BATCH = 256


@dataclass(frozen=True)
class Mismatch:
    """An input on which the two differ."""

    inputs: tuple[Atom, ...]
    expected: tuple[Atom, ...]
    answer: tuple[Atom, ...]


@dataclass(frozen=True)
class Report:
    """What was tried: `inputs` with an answer of the interpreter's, `undefined` ones without, and all on
    which the model differs.
    """

    inputs: int
    undefined: int
    mismatches: tuple[Mismatch, ...]

    @property
    def ok(self) -> bool:
        return not self.mismatches

    @property
    def smallest(self) -> Mismatch | None:
        """The shortest input that differs."""
        return min(self.mismatches, key=lambda m: len(m.inputs), default=None)

    def summary(self) -> str:
        """One or a few lines for people."""
        undefined = f" ({self.undefined} undefined ones left out)" if self.undefined else ""
        if self.ok:
            return f"equal on all {self.inputs} inputs tried{undefined}"
        worst = self.smallest
        assert worst is not None
        return (
            f"{len(self.mismatches)} of {self.inputs} inputs differ{undefined}; the smallest: "
            f"{list(worst.inputs)!r} -> {list(worst.answer)!r}, expected {list(worst.expected)!r}"
        )

    def to_json(self) -> str:
        """The report as JSON."""
        data: dict[str, Any] = {
            "ok": self.ok,
            "inputs": self.inputs,
            "undefined": self.undefined,
            "mismatches": [
                {"input": _plain(m.inputs), "expected": _plain(m.expected), "answer": _plain(m.answer)}
                for m in self.mismatches[:100]
            ],
        }
        return json.dumps(data, sort_keys=True)


def _plain(values: Iterable[Atom]) -> list[str | int | float | bool]:
    return [v if isinstance(v, str | int) else float(v) for v in values]


def verify(sop: SOp, model: Model, samples: int = 1000, exhaustive: bool = False, seed: int = 0) -> Report:
    """Compare on all inputs (`exhaustive`) or on edge cases and `samples` random ones of mixed lengths."""
    if exhaustive:
        inputs: Iterator[Sequence[Atom]] = every_input(model.config.vocab, model.config.max_length)
    else:
        inputs = sampled_inputs(model.config.vocab, model.config.max_length, samples, seed)
    tried = undefined = 0
    found: list[Mismatch] = []
    while batch := list(itertools.islice(inputs, BATCH)):
        defined = [(x, e) for x in batch if (e := expected(sop, x, model.config.causal)) is not None]
        undefined += len(batch) - len(defined)
        tried += len(defined)
        answers = model.batch([x for x, _ in defined])
        found += [
            Mismatch(tuple(x), tuple(e), tuple(a))
            for (x, e), a in zip(defined, answers, strict=True)
            if a != e
        ]
    return Report(tried, undefined, tuple(found))


def expected(sop: SOp, inputs: Sequence[Atom], causal: bool) -> list[Atom] | None:
    """The interpreter's answer, or None where it raises."""
    try:
        answer: list[Atom] = sop(list(inputs), causal=causal)
    except EvaluationError:
        return None
    return answer


def every_input(vocab: Sequence[Atom], max_length: int) -> Iterator[Sequence[Atom]]:
    """All inputs over the vocabulary, shortest first."""
    for n in range(1, max_length + 1):
        yield from itertools.product(vocab, repeat=n)


def sampled_inputs(
    vocab: Sequence[Atom], max_length: int, samples: int, seed: int
) -> Iterator[Sequence[Atom]]:
    """Edge cases, then random inputs: lengths 1 and the maximum often, sometimes few different tokens."""
    yield from edge_inputs(vocab, max_length)
    rng = random.Random(seed)
    for _ in range(samples):
        n = rng.choice([1, max_length, rng.randint(1, max_length), rng.randint(1, max_length)])
        some = rng.sample(list(vocab), rng.randint(1, len(vocab)))
        yield [rng.choice(some) for _ in range(n)]


def edge_inputs(vocab: Sequence[Atom], max_length: int) -> Iterator[Sequence[Atom]]:
    """Length 1, the maximum, all equal, all different, sorted both ways."""
    yield [vocab[0]]
    yield [vocab[-1]]
    yield [vocab[0]] * max_length
    yield [vocab[-1]] * max_length
    different = list(vocab)[:max_length]
    yield different
    yield different[::-1]
    filled = [vocab[i * len(vocab) // max_length] for i in range(max_length)]
    yield filled
    yield filled[::-1]
