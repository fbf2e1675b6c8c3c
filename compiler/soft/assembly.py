"""Softened programs as weights."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compiler.graph.terms import Term
from compiler.layout.assembly import cast
from compiler.request import Request
from compiler.soft.parts import Column, Form, Head, Neuron, Softened, Variable
from runtime.weights import Array, Config, Kept, LabelOutput, Layer, Weights
from runtime.weights import Column as ModelColumn

Floats = NDArray[np.float64]

SHARP = 10.0
"""The logit of an answer, over those of others."""

ALONE = 2
"""How many margins BOS scores as a key of itself, so that it reads nothing else."""


def assemble(soft: Softened, asked: Request, margin: float) -> tuple[Config, Weights, dict[Term, int]]:
    """The model in which what is not selected scores so much less, and the numbers of its s-ops."""
    place = {column: number for number, column in enumerate(soft.columns)}
    d = len(place)
    token, position = np.zeros((1 + len(asked.vocab), d)), np.zeros((1 + asked.max_length, d))
    token[0, place[soft.bos]] = 1
    for table, variable in ((token, soft.tokens), (position, soft.positions)):
        for row, column in enumerate(variable.columns, start=1):
            assert column is not None
            table[row, place[column]] = 1
    used = [*(h.sublayer for h in soft.heads), *(n.sublayer for n in soft.neurons)]
    layers = tuple(
        _layer(
            place,
            soft.bos,
            [head for head in soft.heads if head.sublayer == 2 * number - 1],
            [neuron for neuron in soft.neurons if neuron.sublayer == 2 * number],
            margin,
        )
        for number in range(1, (max(used, default=1) + 1) // 2 + 1)
    )
    unembedding, bias = np.zeros((d, len(soft.labels))), np.zeros(len(soft.labels))
    for label, (_, ranks) in enumerate(soft.labels):
        feature = [int(rank in ranks) for rank in range(len(soft.answer.values))]
        form = soft.answer.form(feature)
        unembedding[:, label], bias[label] = SHARP * _vector(place, form), SHARP * float(form.constant)
    numbers = {
        term: n for n, term in enumerate(dict.fromkeys(c.of for c in soft.columns if c.of is not None))
    }
    config = Config(
        asked.vocab,
        asked.max_length,
        asked.causal,
        LabelOutput(tuple(value for value, _ in soft.labels)),
        tuple(_column(column, numbers) for column in soft.columns),
        asked.dtype,
        kept=tuple(_kept(term, variable, place) for term, variable in soft.kept.items()),
        style="soft",
    )
    weights = cast(Weights(token, position, layers, unembedding, bias), asked.dtype)
    return (*merged(config, weights), numbers) if asked.basis == "fewest" else (config, weights, numbers)


def _column(column: Column, numbers: Mapping[Term, int]) -> ModelColumn:
    title, number = ("", None) if column.of is None else (column.of.title, numbers[column.of])
    return ModelColumn(
        column.name, column.meaning, column.written, column.scale, column.labels, title, number
    )


def _kept(term: Term, variable: Variable, place: Mapping[Column, int]) -> Kept:
    columns = tuple(place[column] for column in variable.columns if column is not None)
    return Kept(
        term.title, variable.values, columns, tuple(map(tuple, np.eye(len(columns), dtype=int).tolist()))
    )


def _vector(place: Mapping[Column, int], form: Form) -> Floats:
    vector = np.zeros(len(place))
    for column, weight in form.coefficients.items():
        vector[place[column]] = float(weight)
    return vector


def _read(place: Mapping[Column, int], bos: Column, form: Form) -> tuple[Floats, float]:
    """A form as a vector and a bias, 0 at BOS."""
    vector = _vector(place, form)
    at_bos = form.constant + sum((w * column.at_bos for column, w in form.coefficients.items()), Fraction(0))
    own = form.coefficients.keys() == {bos}  # what reads BOS itself
    vector[place[bos]] -= 0.0 if own else float(at_bos)
    return vector, float(form.constant)


def _layer(
    place: Mapping[Column, int], bos: Column, heads: Sequence[Head], neurons: Sequence[Neuron], margin: float
) -> Layer:
    d, count = len(place), len(heads)
    size = max((max(len(h.dims) + 1, len(h.values)) for h in heads), default=0)
    w = {name: np.zeros((count, d, size)) for name in "qkv"}
    b = {name: np.zeros((count, size)) for name in "qkv"}
    w_o = np.zeros((count, size, d))
    root = margin**0.5
    for number, head in enumerate(heads):
        for j, (query, key) in enumerate(head.dims):
            for name, form, factor in (("q", query, -root), ("k", key, root)):
                vector, bias = _read(place, bos, form)
                w[name][number, :, j], b[name][number, j] = factor * vector, factor * bias
        last = len(head.dims)
        w["q"][number, place[bos], last] = root * (ALONE + float(head.bos))
        b["q"][number, last] = -root * float(head.bos)
        w["k"][number, place[bos], last] = root
        for j, (form, column) in enumerate(head.values):
            w["v"][number, :, j], b["v"][number, j] = _read(place, bos, form)
            w_o[number, j, place[column]] += 1
    attention = (w["q"], b["q"], w["k"], b["k"], w["v"], b["v"], w_o, np.zeros(d))
    return Layer(*attention, *_mlp(place, bos, neurons))


def _mlp(
    place: Mapping[Column, int], bos: Column, neurons: Sequence[Neuron]
) -> tuple[Floats, Floats, Floats, Floats]:
    d, m = len(place), len(neurons)
    w_in, b_in, w_out = np.zeros((d, m)), np.zeros(m), np.zeros((m, d))
    for number, neuron in enumerate(neurons):
        vector = neuron.gain * _vector(place, neuron.reading)
        bias = neuron.gain * (float(neuron.reading.constant) - neuron.threshold)
        at_bos = bias + sum(float(c.at_bos) * vector[place[c]] for c in neuron.reading.coefficients)
        vector[place[bos]] -= max(0.0, at_bos)
        w_in[:, number], b_in[number] = vector, bias
        for column, weight in neuron.weights.items():
            w_out[number, place[column]] = weight
    return w_in, b_in, w_out, np.zeros(d)


# Columns that nobody tells apart ----------------------------------------------------------------------


def merged(config: Config, weights: Weights) -> tuple[Config, Weights]:
    """The same model without what nothing reads, and with one column for those of one s-op that all readers
    read alike.
    """
    while True:
        groups = _groups(config, weights)
        if len(groups) == len(config.columns):
            return config, weights
        config, weights = _regrouped(config, weights, groups)


def _groups(config: Config, weights: Weights) -> list[list[int]]:
    """Columns that may be one; those that nothing reads are in none."""
    reads = np.concatenate(
        [
            *(np.moveaxis(a, 1, 0).reshape(len(config.columns), -1) for a in _readers(weights)),
            weights.unembedding,
        ],
        axis=1,
    )
    fixed = {column for kept in config.kept for column in kept.columns}
    found: dict[object, list[int]] = defaultdict(list)
    for number, column in enumerate(config.columns):
        alone = number if number in fixed else None
        if reads[number].any() or number in fixed:
            found[column.written, column.of, column.scale, alone, reads[number].tobytes()].append(number)
    return list(found.values())


def _readers(weights: Weights) -> list[Array]:
    """All matrices that read the stream, [..., d, ...] with d second."""
    return [
        array
        for layer in weights.layers
        for array in (layer.w_q, layer.w_k, layer.w_v, layer.w_in[None])
        if array.size
    ]


def _regrouped(config: Config, weights: Weights, groups: Sequence[Sequence[int]]) -> tuple[Config, Weights]:
    firsts = [group[0] for group in groups]
    into = np.zeros((len(config.columns), len(groups)), weights.unembedding.dtype)
    for number, group in enumerate(groups):
        into[list(group), number] = 1

    def layer(old: Layer) -> Layer:
        w_out, w_o = old.w_out @ into, old.w_o @ into
        neurons, heads = w_out.any(axis=1), w_o.any(axis=(1, 2))
        kept = {name: getattr(old, name)[heads] for name in ("b_q", "b_k", "b_v")}
        kept |= {name: getattr(old, name)[heads][:, firsts] for name in ("w_q", "w_k", "w_v")}
        return Layer(
            **kept,
            w_o=w_o[heads],
            b_o=old.b_o @ into,
            w_in=old.w_in[firsts][:, neurons],
            b_in=old.b_in[neurons],
            w_out=w_out[neurons],
            b_out=old.b_out @ into,
        )

    new = replace(
        weights,
        token_embedding=weights.token_embedding @ into,
        position_embedding=weights.position_embedding @ into,
        layers=tuple(map(layer, weights.layers)),
        unembedding=weights.unembedding[firsts],
    )
    columns = tuple(_joined([config.columns[c] for c in group]) for group in groups)
    place = {old: at for at, group in enumerate(groups) for old in group}
    kept = tuple(replace(k, columns=tuple(place[c] for c in k.columns)) for k in config.kept)
    return replace(config, columns=columns, kept=kept), new


def _joined(columns: Sequence[ModelColumn]) -> ModelColumn:
    """One column for several of one s-op: it is one of their values."""
    if len(columns) == 1:
        return columns[0]
    parts = [column.name.rpartition(" = ") for column in columns]
    name = f"{parts[0][0]} = {' or '.join(value for _, _, value in parts)}"
    return replace(columns[0], name=name, meaning=name)
