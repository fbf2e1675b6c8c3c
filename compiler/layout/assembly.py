"""Heads and neurons as dense weight matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compiler.graph.terms import Term
from compiler.layout.schedule import Schedule
from compiler.lowering.columns import Column, Reading, column_reading
from compiler.lowering.demands import has_truths
from compiler.lowering.operations import Gate, Head, HeadValue, Held, Lowered, Neurons
from compiler.precision import Precision
from compiler.ranges.domains import Means, Numbers
from compiler.request import Request
from rasp.errors import CompileError, TooLargeError
from runtime.weights import Column as ModelColumn
from runtime.weights import Config, Kept, LabelOutput, Layer, NumberOutput, Output, Weights

Floats = NDArray[np.float64]

BOS_SELF_GAPS = 4
"""By how many gaps of scores BOS prefers itself as a key: it reads nothing, so that all is known there."""


@dataclass(frozen=True)
class Layout:
    """Which column of the residual stream each named column is."""

    columns: tuple[Column, ...]

    def place(self, column: Column) -> int:
        return self._places[id(column)]

    def __post_init__(self) -> None:
        object.__setattr__(self, "_places", {id(c): i for i, c in enumerate(self.columns)})

    _places: dict[int, int] = None  # type: ignore[assignment]


def allocate(lowered: Lowered, schedule: Schedule) -> Layout:
    """One column after the other: embeddings first, then in the order of the layers that write them."""
    columns = [e.column for e in lowered.embedded]
    for head in lowered.heads:
        columns += [v.column for v in head.values]
    for hidden in lowered.hidden:
        columns += hidden.columns
    return Layout(tuple(sorted(columns, key=lambda c: schedule.written[c])))


@dataclass(frozen=True, eq=False)
class Stored:
    """A model as it is stored, the column of lowering that each column of its configuration is, the numbers
    of the s-ops that have columns (`Column.of` in the configuration), and why the columns lie where they do.
    """

    config: Config
    weights: Weights
    columns: tuple[Column, ...]
    numbers: Mapping[Term, int]
    reason: str = "every column has a place of its own"


def assemble(lowered: Lowered, schedule: Schedule, asked: Request, as_number: bool = False) -> Stored:
    """The configuration and weights of the model that computes the lowered program. `as_number`: the answer
    is read off as a number, where it is one, instead of by its label.
    """
    layout = allocate(lowered, schedule)
    token, position = _embeddings(lowered, layout, len(asked.vocab), asked.max_length, asked.precision.snap)
    layers = tuple(
        _layer(
            layout,
            lowered.bos,
            [head for layer, head in schedule.heads if layer == number],
            [hidden for layer, hidden in schedule.hidden if layer == number],
            asked.precision,
        )
        for number in range(1, schedule.depth + 1)
    )
    output, unembedding, bias = _unembedding(lowered, layout, asked.precision.exact, as_number)
    numbers = number_sops(layout.columns)
    columns = tuple(_column(column, schedule.written[column], numbers) for column in layout.columns)
    kept = _kept(lowered, layout)
    config = Config(asked.vocab, asked.max_length, asked.causal, output, columns, asked.dtype, kept=kept)
    weights = Weights(token, position, layers, unembedding, bias)
    return Stored(config, cast(weights, asked.dtype), layout.columns, numbers)


def number_sops(columns: Sequence[Column]) -> dict[Term, int]:
    """The s-ops that have columns, numbered in the order of these."""
    sops = dict.fromkeys(column.of for column in columns if column.of is not None)
    return {sop: number for number, sop in enumerate(sops)}


def _column(column: Column, written: int, numbers: Mapping[Term, int]) -> ModelColumn:
    """A column as the model knows it."""
    title, number = ("", None) if column.of is None else (column.of.title, numbers[column.of])
    return ModelColumn(
        column.name,
        column.meaning,
        written,
        column.scale,
        column.labels,
        title,
        number,
        column.part_of,
        column.rest,
    )


def _kept(lowered: Lowered, layout: Layout) -> tuple[Kept, ...]:
    """What the columns of each kept s-op hold for each of its values."""
    found: dict[Term, list[Held]] = {}
    for held in lowered.held:
        if held.subject.is_kept:
            found.setdefault(held.subject, []).append(held)
    kept = []
    for term in lowered.kept_values:
        if term not in found:
            reason = "all that reads it is the same for each of its values"
            raise CompileError(f"{term.title} cannot be kept: {reason}")
    for term, features in found.items():
        columns = tuple(layout.place(column) for held in features for column in held.columns)
        numbers = np.stack([held.values for held in features if held.values is not None], axis=1)
        values = lowered.kept_values[term]
        kept.append(Kept(term.title, values, columns, tuple(map(tuple, numbers.tolist()))))
    return tuple(kept)


def cast(weights: Weights, dtype: str) -> Weights:
    """The weights in the model's number format."""

    def convert(array: NDArray[np.floating]) -> NDArray[np.floating]:
        return np.ascontiguousarray(array.astype(dtype))

    layers = tuple(
        Layer(**{name: convert(value) for name, value in vars(layer).items()}) for layer in weights.layers
    )
    return Weights(
        convert(weights.token_embedding),
        convert(weights.position_embedding),
        layers,
        convert(weights.unembedding),
        convert(weights.unembedding_bias),
    )


def _embeddings(
    lowered: Lowered, layout: Layout, vocab_size: int, max_length: int, snap: float
) -> tuple[Floats, Floats]:
    width = len(layout.columns)
    token, position = np.zeros((1 + vocab_size, width)), np.zeros((1 + max_length, width))
    for entry in lowered.embedded:
        place = layout.place(entry.column)
        target = token if entry.of == "token" else position
        target[0, place] = float(entry.column.at_bos)
        target[1:, place] = entry.values
    for place, column in enumerate(layout.columns):
        if column.snapped:
            token[:, place] = -snap
    return token, position


def _vector(layout: Layout, reading: Reading) -> Floats:
    """The coefficients of a reading as one column of a matrix."""
    vector = np.zeros(len(layout.columns))
    for column, weight in reading.coefficients.items():
        vector[layout.place(column)] = float(weight)
    return vector


def _layer(
    layout: Layout, bos: Column, heads: Sequence[Head], layers: Sequence[Neurons], precision: Precision
) -> Layer:
    d = len(layout.columns)
    count = len(heads)
    width = max((max(len(h.dims) + 1, len(h.values)) for h in heads), default=0)
    w = {name: np.zeros((count, d, width)) for name in ("q", "k", "v")}
    b = {name: np.zeros((count, width)) for name in ("q", "k", "v")}
    w_o, b_o = np.zeros((count, width, d)), np.zeros(d)
    for i, head in enumerate(heads):
        query_key = [*head.dims, _bos_dim(bos, head.bos_score, precision.gap)]
        for j, (query, key) in enumerate(query_key):
            w["q"][i, :, j], b["q"][i, j] = _vector(layout, query), float(query.constant)
            w["k"][i, :, j], b["k"][i, j] = _vector(layout, key), float(key.constant)
        for j, value in enumerate(head.values):
            _write_value(layout, w["v"][i], b["v"][i], w_o[i], b_o, j, value, precision.snap)
    return Layer(
        w["q"], b["q"], w["k"], b["k"], w["v"], b["v"], w_o, b_o, *_mlp(layout, layers, precision.snap)
    )


def _bos_dim(bos: Column, score: Fraction, gap: int) -> tuple[Reading, Reading]:
    """The score of BOS as a key: `score` for every token, and so much for BOS that it sees itself only."""
    own = BOS_SELF_GAPS * gap - min(score + gap, Fraction(0))
    return Reading(score, {bos: own}), column_reading(bos)


def _write_value(
    layout: Layout, w_v: Floats, b_v: Floats, w_o: Floats, b_o: Floats, j: int, value: HeadValue, snap: float
) -> None:
    w_v[:, j], b_v[j] = _vector(layout, value.reading), float(value.reading.constant)
    place = layout.place(value.column)
    w_o[j, place] = float(value.factor)
    if value.column.snapped:
        b_o[place] = snap


def _mlp(layout: Layout, layers: Sequence[Neurons], snap: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Hidden layers side by side; units of the same reading, direction and threshold are shared."""
    d = len(layout.columns)
    numbers: dict[object, int] = {}
    units = [
        [numbers.setdefault((reading.key, 1.0, 0.0), len(numbers)) for reading, _ in t.units]
        if isinstance(t, Gate)
        else [
            numbers.setdefault((t.reading.key, s, h), len(numbers))
            for s, h in zip(t.signs, t.thresholds, strict=True)
        ]
        for t in layers
    ]
    w_in, b_in = np.zeros((d, len(numbers))), np.zeros(len(numbers))
    w_out, b_out = np.zeros((len(numbers), d)), np.zeros(d)
    for hidden, places in zip(layers, units, strict=True):
        if isinstance(hidden, Gate):
            place = layout.place(hidden.column)
            assert len(set(places)) == len(places), f"{hidden.title} reads the same more than once"
            for unit, (reading, weight) in zip(places, hidden.units, strict=True):
                w_in[:, unit], b_in[unit] = _vector(layout, reading), float(reading.constant)
                w_out[unit, place] = float(weight)
            b_out[place] = float(hidden.start) + (snap if hidden.column.snapped else 0.0)
            continue
        w_in[:, places] = _vector(layout, hidden.reading)[:, None] * hidden.signs
        b_in[places] = hidden.signs * (float(hidden.reading.constant) - hidden.thresholds)
        for j, column in enumerate(hidden.columns):
            place = layout.place(column)
            w_out[places, place] = hidden.weights[:, j]
            b_out[place] = hidden.starts[j] + (snap if column.snapped else 0.0)
    return w_in, b_in, w_out, b_out


def _unembedding(
    lowered: Lowered, layout: Layout, exact: int, as_number: bool
) -> tuple[Output, Floats, Floats]:
    """Logits 2vx - v^2 for a code x, one per label: the largest belongs to the nearest v. A number whose
    labels would not be exact is read as a number instead.
    """
    reading, domain = lowered.output, lowered.output_domain
    vector = _vector(layout, reading)
    if isinstance(domain, Means):
        output = NumberOutput(domain.max_denominator, domain.scale)
        return output, vector[:, None], np.array([float(reading.constant)])
    codes = lowered.output_codes
    centre = int(codes.max() + codes.min()) // 2
    v = (codes - centre).astype(np.float64)
    bias = 2 * v * float(reading.constant - centre) - v * v
    largest = 2 * np.abs(v).max() * float(reading.bound) + np.abs(bias).max()
    if isinstance(domain, Numbers) and (as_number or largest >= exact) and is_read_by_code(lowered):
        output = NumberOutput(1, domain.scale)
        return output, vector[:, None], np.array([float(reading.constant)])
    if has_truths(domain) and max(2 * np.abs(v).max() * float(reading.bound), np.abs(bias).max()) >= exact:
        raise TooLargeError(
            "the output is a number that is too large, or a truth value, which no number tells",
            reason="an output of too many labels",
            span=lowered.root.span,
        )
    return LabelOutput(domain.values), vector[:, None] * (2 * v)[None, :], bias


def is_read_by_code(lowered: Lowered) -> bool:
    """Whether the output is a number whose code the unembedding reads, and no truth value among them."""
    domain = lowered.output_domain
    if not isinstance(domain, Numbers):
        return False
    return not has_truths(domain) and np.array_equal(lowered.output_codes, domain.codes)
