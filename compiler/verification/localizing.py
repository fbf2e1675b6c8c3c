"""Where in a model an error began: the first sublayer and column of the residual stream that went wrong.

If compiling the program again gives a model of the same shape that is right, the residual streams of the two
are compared: the model was damaged. Otherwise what columns should hold is learned from the model itself.
A column holds some function of its s-op's value (the value, one bit of it, its square ...), or a part of it:
several columns then add up to it. Which function, and which sum, is learned from inputs on which the model
is right; columns that contradict what was learned are wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compiler.graph.building import build
from compiler.pipeline import compile
from compiler.request import Request
from compiler.verification.report import Difference
from rasp.errors import CompileError
from rasp.graph.interpreter import node_values
from rasp.graph.sops import Node, SOp, in_order
from rasp.graph.values import input_sequence
from rasp.words import Atom
from runtime import Model, Trace
from runtime.inspection.reading import base_name
from runtime.weights import Config, named_arrays

Floats = NDArray[np.float64]

CLOSE = 1e-3
"""How near to each other numbers are that count as the same."""


@dataclass(frozen=True)
class Seen:
    """An s-op's values at some positions, and what its columns held there [positions, columns]."""

    values: list[Atom]
    held: Floats


def first_difference(
    sop: SOp, model: Model, wrong: Sequence[Atom], right: Sequence[Sequence[Atom]]
) -> Difference | None:
    """The first s-op, in the order of the program, that has wrong columns on the input `wrong`; None if
    there are no inputs on which the model is right to learn from.
    """
    fresh = _freshly_compiled(sop, model)
    if fresh is not None and fresh(list(wrong)) == sop(list(wrong), causal=model.config.causal):
        return _against(model, fresh, wrong)
    return _learned(sop, model, wrong, right) if right else None


def _freshly_compiled(sop: SOp, model: Model) -> Model | None:
    """The program compiled again, if that gives a model of the same shape: a damaged one shows beside it."""
    config = model.config
    for optimize in (True, False):
        try:
            fresh = compile(sop, config.vocab, config.max_length, config.causal, optimize, config.dtype)
        except CompileError:
            continue
        if shape(fresh) == shape(model):
            return fresh
    return None


def shape(model: Model) -> tuple[object, ...]:
    """What two models must share to be compared number by number. Names need not be the same: a saved
    program has its own for what its user has not named.
    """
    config = model.config
    columns = [(column.written, column.scale, column.labels) for column in config.columns]
    sizes = {name: array.shape for name, array in named_arrays(model.weights).items()}
    return columns, config.places, config.output, sizes


def _against(model: Model, fresh: Model, wrong: Sequence[Atom]) -> Difference:
    """The first place in the residual stream that is not as in the other model."""
    trace, reference = model.trace(list(wrong)), fresh.trace(list(wrong))
    for sublayer, (held, wanted) in enumerate(zip(trace.residual, reference.residual, strict=True)):
        apart = ~(np.abs(held - wanted) <= CLOSE)  # what is no number is apart as well
        if apart.any():
            position = int(apart.any(axis=1).argmax())
            tenants = [
                occupant(model.config, int(place), sublayer) for place in np.flatnonzero(apart[position])
            ]
            # What this sublayer writes is wrong; only if that is right, it has damaged something else.
            column = next((c for c in tenants if model.config.columns[c].written == sublayer), tenants[0])
            return _located(model, column, sublayer, max(0, position - 1))
    return _unembedding(model, trace, reference.answers)


def occupant(config: Config, place: int, sublayer: int) -> int:
    """The number of the column that has this place after so many sublayers, or that will have it first."""
    there = [number for number in range(len(config.columns)) if config.place(number) == place]
    written = [number for number in there if config.columns[number].written <= sublayer]
    return written[-1] if written else there[0]


def _learned(sop: SOp, model: Model, wrong: Sequence[Atom], right: Sequence[Sequence[Atom]]) -> Difference:
    """The first s-op whose columns contradict what they held on the inputs where the model is right."""
    columns = {node: names for node, names in columns_of(sop, model).items() if names}
    known = [_seen(sop, model, columns, one) for one in right]
    trace = model.trace(list(wrong))
    found = _seen(sop, model, columns, wrong)
    for node, names in columns.items():
        before = Seen(
            [value for each in known for value in each[node].values],
            np.concatenate([each[node].held for each in known]),
        )
        for column, name in enumerate(names):
            position = contradiction(before, found[node], column)
            if position is not None:
                return _written_wrongly(model, name, position)
        position = wrong_sum(before, found[node])
        if position is not None:
            return _written_wrongly(model, names[-1], position)
    return _unembedding(model, trace, sop(list(wrong), causal=model.config.causal))


def _unembedding(model: Model, trace: Trace, answers: Sequence[Atom]) -> Difference:
    """All columns are right, so their last reading is wrong."""
    position = next(i for i, (a, b) in enumerate(zip(trace.answers, answers, strict=True)) if a != b)
    return Difference("the output", "", 0, "unembedding", (), position)


def _seen(sop: SOp, model: Model, columns: dict[SOp, list[str]], inputs: Sequence[Atom]) -> dict[SOp, Seen]:
    """What each s-op's columns hold on one input."""
    trace: Trace = model.trace(list(inputs))
    values = all_values(sop, inputs, model.config.causal)
    return {
        node: Seen(values[node], np.stack([trace.column(name)[1:] for name in names], axis=1).astype(float))
        for node, names in columns.items()
    }


def contradiction(before: Seen, now: Seen, column: int) -> int | None:
    """The first position where a column does not hold what it always held for that value; None if there is
    no such position, or the column never was a function of the value.
    """
    meaning: dict[tuple[type, Atom], float] = {}
    for value, x in zip(before.values, before.held[:, column].tolist(), strict=True):
        if abs(meaning.setdefault((type(value), value), x) - x) > CLOSE:
            return None
    for position, (value, x) in enumerate(zip(now.values, now.held[:, column].tolist(), strict=True)):
        if abs(meaning.get((type(value), value), x) - x) > CLOSE:
            return position
    return None


def wrong_sum(before: Seen, now: Seen) -> int | None:
    """The first position where the columns do not add up to the value as they always did; None if there is
    no such position, or they never added up.
    """
    if any(isinstance(value, str) for value in (*before.values, *now.values)):
        return None  # strings have no sum
    known, new = (np.hstack([seen.held, np.ones((len(seen.held), 1))]) for seen in (before, now))
    wanted = np.array([float(value) for value in before.values])
    weights, _, rank, _ = np.linalg.lstsq(known, wanted, rcond=1e-9)
    if np.abs(known @ weights - wanted).max() > CLOSE:
        return None
    errors = np.abs(new @ weights - [float(value) for value in now.values])
    for position in np.flatnonzero(errors > CLOSE).tolist():
        # What lies in a direction never seen before cannot be judged.
        if np.linalg.matrix_rank(np.vstack([known, new[position]]), tol=1e-6) == rank:
            return int(position)
    return None


def all_values(sop: SOp, inputs: Sequence[Atom], causal: bool) -> dict[Node, list[Atom]]:
    """The reference interpreter's values of every node."""
    sequence = input_sequence(list(inputs))
    values: dict[Node, list[Atom]] = {}
    for node in in_order(sop):
        values[node] = node_values(node, sequence, values, causal)
    return values


def columns_of(sop: SOp, model: Model) -> dict[SOp, list[str]]:
    """The names of the columns of each s-op."""
    config = model.config
    terms = build(sop, Request(config.vocab, config.max_length, config.causal)).terms
    titles: dict[str, SOp] = {}
    for node in in_order(sop):
        if isinstance(node, SOp):
            titles.setdefault(terms[node].title, node)
    columns: dict[SOp, list[str]] = {node: [] for node in titles.values()}
    for column in model.config.columns:
        if column.sop in titles:
            columns[titles[column.sop]].append(column.name)
    return columns


def _written_wrongly(model: Model, name: str, position: int) -> Difference:
    """A column that is wrong from where it was written on."""
    number = next(i for i, column in enumerate(model.config.columns) if column.name == name)
    return _located(model, number, model.config.columns[number].written, position)


def _located(model: Model, number: int, sublayer: int, position: int) -> Difference:
    """A column that is wrong after so many sublayers, with the heads that write to its place there."""
    column = model.config.columns[number]
    layer = (sublayer + 1) // 2
    part = "embedding" if not sublayer else "attention" if sublayer % 2 else "MLP"
    heads: tuple[int, ...] = ()
    if part == "attention":
        w_o = model.weights.layers[layer - 1].w_o
        heads = tuple(np.flatnonzero(np.abs(w_o[:, :, model.config.place(number)]).sum(axis=1)).tolist())
    return Difference(base_name(column), column.name, layer, part, heads, position)
