"""Where in a model an error began: the first s-op of the program whose residual columns went wrong.

If compiling the program again gives a model that is right, the columns of the two are compared: the model was
damaged. Otherwise what columns should hold is learned from the model itself.
A column holds some function of its s-op's value (the value, one bit of it, its square ...), or a part of it:
several columns then add up to it. Which function, and which sum, is learned from inputs on which the model
is right; columns that contradict what was learned are wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compiler.graph import Graph
from compiler.pipeline import compile
from compiler.report import Difference
from compiler.simplify import build
from rasp.errors import CompileError
from rasp.interpreter import node_values
from rasp.sops import Atom, Node, SOp, in_order
from rasp.values import input_sequence
from runtime import Model, Trace

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
        return _against(sop, model, fresh, wrong)
    return _learned(sop, model, wrong, right) if right else None


def _freshly_compiled(sop: SOp, model: Model) -> Model | None:
    """The program compiled again, if that gives the same columns: a damaged model shows beside it."""
    config = model.config
    for optimize in (True, False):
        try:
            fresh = compile(sop, config.vocab, config.max_length, config.causal, optimize, config.dtype)
        except CompileError:
            continue
        if fresh.config.columns == config.columns:
            return fresh
    return None


def _against(sop: SOp, model: Model, fresh: Model, wrong: Sequence[Atom]) -> Difference:
    """The first column, in the order in which they are written, that is not as in the other model."""
    trace, reference = model.trace(list(wrong)), fresh.trace(list(wrong))
    names = {name: node for node, names in columns_of(sop, model).items() for name in names}
    for column in sorted(model.config.columns, key=lambda column: column.written):
        apart = np.abs(trace.column(column.name) - reference.column(column.name))
        if not (apart <= CLOSE).all():
            node = names.get(column.name)
            return _located(model, node, column.name, max(0, int((apart > CLOSE).argmax()) - 1))
    return _unembedding(sop, model, trace, wrong)


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
                return _located(model, node, name, position)
        position = wrong_sum(before, found[node])
        if position is not None:
            return _located(model, node, names[-1], position)
    return _unembedding(sop, model, trace, wrong)


def _unembedding(sop: SOp, model: Model, trace: Trace, wrong: Sequence[Atom]) -> Difference:
    """All columns are right, so their last reading is wrong."""
    answers = sop(list(wrong), causal=model.config.causal)
    position = next(i for i, (a, b) in enumerate(zip(trace.answers, answers, strict=True)) if a != b)
    return Difference(sop.name or "the output", "", 0, "unembedding", (), position)


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
    numeric = not any(isinstance(token, str) for token in model.config.vocab)
    graph = Graph(model.config.causal, numeric_tokens=numeric)
    titles: dict[str, SOp] = {}
    for node in in_order(sop):
        if isinstance(node, SOp):
            titles.setdefault(build(graph, node, True).title, node)
    columns: dict[SOp, list[str]] = {node: [] for node in titles.values()}
    for column in model.config.columns:
        if column.sop in titles:
            columns[titles[column.sop]].append(column.name)
    return columns


def _located(model: Model, node: SOp | None, name: str, position: int) -> Difference:
    """The sublayer and the heads that write a column."""
    number = next(i for i, column in enumerate(model.config.columns) if column.name == name)
    written = model.config.columns[number].written
    layer = (written + 1) // 2
    part = "embedding" if not written else "attention" if written % 2 else "MLP"
    heads: tuple[int, ...] = ()
    if part == "attention":
        w_o = model.weights.layers[layer - 1].w_o
        heads = tuple(np.flatnonzero(np.abs(w_o[:, :, model.config.place(number)]).sum(axis=1)).tolist())
    title = node.name if node is not None and node.name else name
    return Difference(title, name, layer, part, heads, position)
