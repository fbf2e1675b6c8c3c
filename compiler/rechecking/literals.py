"""The scores of one literal, over all values that its key and its query can take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compiler.graph.conjunctions import Literal, related
from compiler.graph.terms import Term
from compiler.rechecking.points import Axis, Points, Ranks, sample
from compiler.rechecking.report import Unproved
from compiler.rechecking.stream import Floats, Stream
from rasp.words import Atom
from runtime.weights import Layer

CHUNK = 1 << 17
"""So many pairs of a key and a query are looked at together: they stay in a processor's cache."""


@dataclass(frozen=True)
class Margin:
    """Of a literal's scores: the least and the largest where it holds, by how much less it is where it does
    not, and what no partial sum exceeds.
    """

    low: float
    high: float
    gap: float
    size: float


def literal_margin(
    stream: Stream, layer: Layer, head: int, literal: Literal, dims: list[int], ordered: bool
) -> Margin:
    """The scores of one literal over all values of its key and query. `ordered`: some key always matches,
    and only the order of the scores within a query's row counts.
    """
    now = 2 * (1 + next(i for i, x in enumerate(stream.weights.layers) if x is layer)) - 1
    sides = []
    for weights, biases, term in (
        (layer.w_q, layer.b_q, literal.queries),
        (layer.w_k, layer.b_k, literal.keys),
    ):
        if stream.domains.get(term).values is None:
            raise Unproved(f"{term.title} takes too many values to list")
        reading = stream.read(weights[head][:, dims].astype(float), biases[head][dims].astype(float), now)
        axis = reading.axis(term)
        ranks, values = values_along(stream, axis, term)
        line = reading.along([axis]).line
        sides.append((line[ranks >= 0], ranks[ranks >= 0], values))
    (q, q_ranks, q_values), (k, k_ranks, k_values) = sides
    compared = _compared(literal, k_values, q_values)
    k, keys = _distinct(k, [side[k_ranks] for side in compared[0]])
    q, queries = _distinct(q, [side[q_ranks] for side in compared[1]])
    low, high, gap = np.inf, -np.inf, np.inf
    size = float(np.abs(q).max(axis=0, initial=0.0) @ np.abs(k).max(axis=0, initial=0.0))
    rows = max(1, CHUNK // max(1, len(k)))
    for start in range(0, len(q), rows):
        scores = q[start : start + rows] @ k.T
        holds = _truth(literal, keys, [side[start : start + rows] for side in queries])
        best = np.where(holds, scores, -np.inf).max(axis=1, initial=-np.inf)
        worst = np.where(holds, scores, np.inf).min(axis=1, initial=np.inf)
        fails = np.where(holds, -np.inf, scores).max(axis=1, initial=-np.inf)
        matched = np.isfinite(best)
        if (best[matched] != worst[matched]).any():
            raise Unproved(f"{literal.text} does not score the same wherever it holds")
        low, high = min(low, worst.min(initial=np.inf)), max(high, best.max(initial=-np.inf))
        if ordered:
            gap = min(gap, (best - fails)[matched & np.isfinite(fails)].min(initial=np.inf))
        else:
            gap = min(gap, -fails.max(initial=-np.inf))
    if not np.isfinite(low):
        low = high = 0.0
    return Margin(low, high, min(gap if ordered else gap + low, 1e9), size)


def values_along(stream: Stream, axis: Axis, term: Term) -> tuple[Ranks, Sequence[Atom]]:
    """For each point of an axis: the rank of the s-op's value among its values (-1: none, or one that cannot
    occur).
    """
    values = sample(stream.domains.get(term))
    if axis.term is term:
        return np.where(axis.occurs, np.arange(axis.size), -1), values
    return np.broadcast_to(Points(stream.occurring, [axis]).ranks(term), (axis.size,)), values


Side = Sequence[Floats]
"""What a literal compares of each key or query: the value's number in their order and whether it is a string;
with a digit, only the numbers down to that digit, and above it.
"""


def _compared(literal: Literal, keys: Sequence[Atom], queries: Sequence[Atom]) -> tuple[Side, Side]:
    """Both sides' values in one numbering that keeps their order."""
    ordered = sorted({*keys, *queries}, key=lambda v: (isinstance(v, str), v))
    level = {v: float(i) for i, v in enumerate(ordered)}
    strings = {isinstance(v, str) for v in ordered}
    if literal.digit is not None and len(strings) > 1:
        raise Unproved(f"{literal.text}: strings and numbers have no digits in common")

    def side(values: Sequence[Atom]) -> Side:
        levels = np.array([level[v] for v in values])
        if literal.digit is None:
            return [levels, np.array([float(isinstance(v, str)) for v in values])]
        above = literal.digit.above or len(ordered)
        return [levels // literal.digit.place, levels // above]

    return side(keys), side(queries)


def _distinct(line: Floats, compared: Side) -> tuple[Floats, Side]:
    """Each different row of scores and what is compared, once: equal ones need not be looked at again."""
    rows = np.unique(np.column_stack([line, *compared]), axis=0)
    return rows[:, : line.shape[1]], list(rows[:, line.shape[1] :].T)


def _truth(literal: Literal, keys: Side, queries: Side) -> NDArray[np.bool_]:
    """[queries, keys]: whether the literal holds; if it is about a digit, whether it is decided there."""
    (k, k_other), (q, q_other) = keys, queries
    relation = literal.relation if literal.digit is None else literal.digit.relation(literal.relation)
    holds = np.zeros((len(q), len(k)), dtype=bool)
    for compare, symbol in ((np.less, "<"), (np.equal, "="), (np.greater, ">")):
        if symbol in relation:
            holds |= compare(k[None, :], q[:, None])
    alike = k_other[None, :] == q_other[:, None]
    return np.where(alike, holds, literal.digit is None and bool(related("", 0, literal.relation)))
