"""Where a wrong answer arose: the first stage that changed it, and there the first s-op that went wrong.

The stages are asked one after the other, on the input itself: the simplified graph, the graph as it is
lowered, the heads and neurons in exact fractions, the weights as they were laid out. If all of them are
right, the model has other weights than the program compiles to: it was damaged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from compiler.graph.meaning import all_values
from compiler.graph.terms import INDEX, TOKEN, Term
from compiler.lowering.meaning import run_exactly
from compiler.lowering.operations import Held
from compiler.pipeline import Compiled, run
from compiler.program.saving import as_saved
from compiler.ranges.domains import Listed
from compiler.request import Request
from compiler.verification.report import Difference, Stage
from rasp.errors import CompileError, EvaluationError
from rasp.graph.interpreter import node_values
from rasp.graph.sops import Node, SOp, in_order
from rasp.graph.values import input_sequence
from rasp.words import Atom
from runtime.inspection.trace import Trace
from runtime.model import Model
from runtime.weights import Config, Weights, named_arrays

CLOSE = 1e-3
"""How near to each other numbers are that count as the same."""


def first_difference(sop: SOp, model: Model, wrong: Sequence[Atom]) -> Difference | None:
    """Where the model's answer to an input on which it is wrong began to be so; None if the program compiles
    to no model of this shape.
    """
    compiled = compiled_again(sop, model)
    if compiled is None:
        return None
    found = wrong_stage(compiled, wrong)
    if found is not None:
        return found
    fresh = Model(compiled.stored.config, compiled.stored.weights)
    trace, reference = model.trace(list(wrong)), fresh.trace(list(wrong))
    if reference.answers == tuple(sop(list(wrong), causal=model.config.causal)):
        return _beside(model, trace, reference)
    return _beside_lowered(compiled, model, trace)


def compiled_again(sop: SOp, model: Model) -> Compiled | None:
    """The program compiled to a model of the same shape."""
    config = model.config
    asked = Request(config.vocab, config.max_length, config.causal, dtype=config.dtype)
    for optimize in (True, False):
        try:
            compiled = run(as_saved(sop, asked).sop, replace(asked, optimize=optimize))
        except CompileError:
            continue
        if shape(compiled.stored.config, compiled.stored.weights) == shape(config, model.weights):
            return compiled
    return None


def shape(config: Config, weights: Weights) -> tuple[object, ...]:
    """What two models must share to be compared number by number. Names need not be the same: a saved
    program has its own for what its user has not named.
    """
    columns = [(column.written, column.scale, column.labels) for column in config.columns]
    sizes = {name: array.shape for name, array in named_arrays(weights).items()}
    return columns, config.places, config.output, sizes


# Stages before the weights ----------------------------------------------------------------------------


def wrong_stage(compiled: Compiled, inputs: Sequence[Atom]) -> Difference | None:
    """The first stage before the weights that does not mean what the program means on an input; None if all
    of them do, or the program has no answer.
    """
    sequence, causal = input_sequence(list(inputs)), compiled.asked.causal
    try:
        wanted = interpreted(compiled.sop, sequence, causal)
        simplified = all_values(compiled.built.root, sequence, causal)
        settled = all_values(compiled.settled.root, sequence, causal)
    except EvaluationError:
        return None
    return (
        _wrong_term("graph", wanted, compiled.built.terms, simplified)
        or _wrong_term("values", wanted, compiled.settled.terms, settled)
        or _wrong_column(compiled, sequence, settled)
    )


def interpreted(sop: SOp, sequence: list[Atom], causal: bool) -> dict[Node, list[Atom]]:
    """The reference interpreter's values of every node."""
    values: dict[Node, list[Atom]] = {}
    for node in in_order(sop):
        values[node] = node_values(node, sequence, values, causal)
    return values


def _wrong_term(
    stage: Stage,
    wanted: Mapping[Node, list[Atom]],
    terms: Mapping[Node, Term],
    values: Mapping[int, list[Atom]],
) -> Difference | None:
    """The first s-op, in the order of the program, that is not what it became."""
    for node, term in terms.items():
        if isinstance(node, SOp) and term.index in values:
            position = first_apart(wanted[node], values[term.index])
            if position is not None:
                return Difference(node.name or term.title, "", 0, "", (), position, stage)
    return None


def first_apart(wanted: Sequence[Atom | None], found: Sequence[Atom | None]) -> int | None:
    """The first position at which two rows differ."""
    pairs = enumerate(zip(wanted, found, strict=True))
    return next((position for position, (a, b) in pairs if a != b), None)


def _wrong_column(
    compiled: Compiled, sequence: list[Atom], values: Mapping[int, list[Atom]]
) -> Difference | None:
    """The first columns that do not hold in exact numbers what they are to hold."""
    lowered, asked = compiled.lowered, compiled.asked
    rows = run_exactly(lowered, asked.vocab, sequence, asked.causal)
    for held in lowered.held:
        if not held.columns:
            continue
        found = [sum(row, Fraction(0)) for row in zip(*(rows[c][1:] for c in held.columns), strict=True)]
        apart: dict[int, Sequence[Atom]] = {TOKEN.index: sequence, INDEX.index: range(len(sequence))}
        subject = {**values, **apart}[held.subject.index]
        wanted = [_wanted(compiled, held, value) for value in subject]
        position = first_apart(wanted, found)
        if position is not None:
            name, written = held.columns[-1].name, compiled.schedule.written[held.columns[-1]]
            layer, part = sublayer_of(written)
            return Difference(held.subject.title, name, layer, part, (), position, "lowering")
    return None


def _wanted(compiled: Compiled, held: Held, value: Atom) -> Fraction | None:
    """What the columns in which it is held add up to where its s-op has this value."""
    domains = compiled.settled.domains
    if held.subject is TOKEN:
        assert held.values is not None
        return Fraction(int(held.values[domains.asked.vocab.index(value)])) - held.offset
    domain = domains.get(held.subject)
    if held.values is None and domain.scale is not None and not isinstance(value, str):
        return Fraction(value) / domain.scale - held.offset
    codes = domain.codes if held.values is None and isinstance(domain, Listed) else held.values
    rank = domain.ranks.get(value)
    return None if codes is None or rank is None else Fraction(int(codes[rank])) - held.offset


# The weights ------------------------------------------------------------------------------------------


def _beside(model: Model, trace: Trace, reference: Trace) -> Difference:
    """The first place in the residual stream that is not as in the model that the program compiles to."""
    for sublayer, (held, wanted) in enumerate(zip(trace.residual, reference.residual, strict=True)):
        apart = ~(np.abs(held - wanted) <= CLOSE)  # what is no number is apart as well
        if apart.any():
            position = int(apart.any(axis=1).argmax())
            tenants = [
                occupant(model.config, int(place), sublayer) for place in np.flatnonzero(apart[position])
            ]
            # What this sublayer writes is wrong; only if that is right, it has damaged something else.
            column = next((c for c in tenants if model.config.columns[c].written == sublayer), tenants[0])
            return _located(model, column, sublayer, max(0, position - 1), "model")
    return _unembedding(trace, reference.answers, "model")


def occupant(config: Config, place: int, sublayer: int) -> int:
    """The number of the column that has this place after so many sublayers, or that will have it first."""
    there = [number for number in range(len(config.columns)) if config.place(number) == place]
    written = [number for number in there if config.columns[number].written <= sublayer]
    return written[-1] if written else there[0]


def _beside_lowered(compiled: Compiled, model: Model, trace: Trace) -> Difference:
    """The first column that is not as it was lowered, although the weights are as they were laid out."""
    asked = compiled.asked
    rows = run_exactly(compiled.lowered, asked.vocab, trace.tokens, asked.causal)
    for number, column in enumerate(compiled.stored.columns):
        held = trace.column(model.config.columns[number].name)
        wanted = np.array([float(x) for x in rows[column]])
        apart = ~(np.abs(held - wanted) <= CLOSE)
        if apart.any():
            position = max(0, int(apart.argmax()) - 1)
            return _located(model, number, model.config.columns[number].written, position, "layout")
    answers = all_values(compiled.settled.root, trace.tokens, asked.causal)[compiled.settled.root.index]
    return _unembedding(trace, answers, "layout")


def _unembedding(trace: Trace, answers: Sequence[Atom], stage: Stage) -> Difference:
    """All columns are right, so their last reading is wrong."""
    position = first_apart(answers, trace.answers)
    return Difference("the output", "", 0, "unembedding", (), position or 0, stage)


def _located(model: Model, number: int, sublayer: int, position: int, stage: Stage) -> Difference:
    """A column that is wrong after so many sublayers, with the heads that write to its place there."""
    column = model.config.columns[number]
    layer, part = sublayer_of(sublayer)
    heads: tuple[int, ...] = ()
    if part == "attention":
        w_o = model.weights.layers[layer - 1].w_o
        heads = tuple(np.flatnonzero(np.abs(w_o[:, :, model.config.place(number)]).sum(axis=1)).tolist())
    return Difference(column.sop or column.name, column.name, layer, part, heads, position, stage)


def sublayer_of(number: int) -> tuple[int, str]:
    """The layer, from 1 (0: none), and the part of it, of a sublayer as `Column.written` counts them."""
    return (number + 1) // 2, "embedding" if not number else "attention" if number % 2 else "MLP"
