"""What a transformer is to learn of a program: inputs with answers, and what its heads should select."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compiler.verification.oracle import Oracle
from rasp.errors import InputError
from rasp.graph.sops import Selector, SOp
from rasp.words import Atom
from runtime.transformer.numpy_forward import visible_keys

Ids = NDArray[np.int32]
Bools = NDArray[np.bool_]

MOST_BYTES = 8_000_000_000
"""For what predicted heads select of all inputs: the paper's recipe with seven heads."""

NONE = -1
"""The label of a position that no input has."""


@dataclass(frozen=True)
class Predicted:
    """A head that the program foretells: it selects as `selector` does; `counts` if it tells how many it
    selects, for which it needs BOS beside them.
    """

    selector: Selector
    title: str
    counts: bool


@dataclass(frozen=True)
class Lesson:
    """`sop` over `vocab` on inputs of up to `max_length` tokens; `predicted`: heads by layer."""

    sop: SOp
    vocab: tuple[Atom, ...]
    max_length: int
    causal: bool = False
    predicted: tuple[tuple[Predicted, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs of a lesson: `ids` [B, T] with BOS in front, `lengths` [B], `labels` [B, T - 1] (NONE where
    there is no token) as places in `values`, and for each predicted head, layer by layer, what it selects,
    [B, T, T].
    """

    ids: Ids
    lengths: Ids
    labels: NDArray[np.int64]
    values: tuple[Atom, ...]
    selected: tuple[tuple[Bools, ...], ...]

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def digest(self) -> str:
        """A short text that tells these examples from others."""
        parts = (self.ids.tobytes(), self.labels.tobytes(), repr(self.values).encode())
        return hashlib.sha256(b"".join(parts)).hexdigest()

    def some(self, first: int, last: int) -> Examples:
        """Those from one to before another."""
        rows = slice(first, last)
        selected = tuple(tuple(each[rows] for each in layer) for layer in self.selected)
        return Examples(self.ids[rows], self.lengths[rows], self.labels[rows], self.values, selected)

    def visible(self, causal: bool) -> Bools:
        """Which keys each query sees, [B, 1, T, T], or [B, 1, 1, T] where all see the same."""
        return visible_keys(self.lengths, self.ids.shape[1], causal)


def examples(lesson: Lesson, count: int, seed: int) -> Examples:
    """So many random inputs that have an answer, all lengths equally often, in random order.

    Raises InputError if the program hardly ever has one, or inputs are too long for the memory.
    """
    refuse_long(lesson, count)
    rng = np.random.default_rng(seed)
    oracle = Oracle(lesson.sop, lesson.vocab, lesson.causal)
    size = 1 + lesson.max_length
    parts: list[tuple[Ids, Ids, NDArray[np.int64], list[list[Bools]]]] = []
    lengths = rng.integers(1, size, 2 * count)
    for length in range(1, size):
        tokens = rng.integers(0, len(lesson.vocab), ((lengths == length).sum(), length))
        if not len(tokens):
            continue
        found = oracle.answers(tokens)
        there = found.defined
        rows = int(there.sum())
        ids, labels = np.zeros((rows, size), np.int32), np.full((rows, size - 1), NONE, np.int64)
        ids[:, 1 : 1 + length], labels[:, :length] = 1 + tokens[there], found.codes[there]
        parts.append((ids, np.full(rows, length, np.int32), labels, _selected(oracle, lesson, tokens[there])))
    order = rng.permutation(sum(len(part[0]) for part in parts))[:count]
    if len(order) < count:
        raise InputError(f"the program has an answer on {len(order):,} of {2 * count:,} random inputs only")
    labels = np.concatenate([part[2] for part in parts])[order]
    used, places = np.unique(labels, return_inverse=True)
    none = int(used[0] == NONE)
    values = tuple(oracle.seen(lesson.sop).atoms[code] for code in used[none:].tolist())
    return Examples(
        np.concatenate([part[0] for part in parts])[order],
        np.concatenate([part[1] for part in parts])[order],
        places.reshape(labels.shape) - none,
        values,
        tuple(
            tuple(np.concatenate([part[3][n][m] for part in parts])[order] for m in range(len(layer)))
            for n, layer in enumerate(lesson.predicted)
        ),
    )


def refuse_long(lesson: Lesson, count: int) -> None:
    """Raise InputError where what heads select of so many inputs would not fit into memory."""
    heads = max(1, sum(map(len, lesson.predicted)))
    each = 2 * count * heads
    needed = each * (1 + lesson.max_length) ** 2
    if needed > MOST_BYTES:
        raise InputError(
            f"inputs of up to {lesson.max_length:,} tokens are too long to learn from: what heads select of "
            f"them takes {needed / 1e9:,.0f} GB",
            hint=f"use max_length={math.isqrt(MOST_BYTES // each) - 1}",
        )


def _selected(oracle: Oracle, lesson: Lesson, tokens: NDArray[np.int64]) -> list[list[Bools]]:
    """What each predicted head selects on inputs of one length, [B, T, T]."""
    wanted = [head.selector for layer in lesson.predicted for head in layer]
    chosen = oracle.chosen(tokens, wanted) if len(tokens) else {}
    return [
        [
            _with_bos(chosen[head.selector], head.counts, 1 + lesson.max_length)
            if len(tokens)
            else np.zeros((0, 1 + lesson.max_length, 1 + lesson.max_length), bool)
            for head in layer
        ]
        for layer in lesson.predicted
    ]


def _with_bos(chosen: Bools, counts: bool, size: int) -> Bools:
    """A selection as attention can show it: BOS where a head counts, or where nothing is selected."""
    batch, length, _ = chosen.shape
    found = np.zeros((batch, size, size), bool)
    found[:, 1 : 1 + length, 1 : 1 + length] = chosen
    found[:, 1 : 1 + length, 0] = counts | ~chosen.any(-1)
    return found


def smaller(layers: int, heads: int) -> Sequence[tuple[int, int]]:
    """A layer less and a head less, where there is one to leave out."""
    return [(a, b) for a, b in ((layers - 1, heads), (layers, heads - 1)) if a and b]
