"""ONNX: a model as a step, with the operator `Loop` around its forward pass (see
`runtime.transformer.iterating`).

`loop.onnx` takes input_ids and attention_mask [batch, length] as `model.onnx` does, and max_steps; it gives
the ids after the last step [batch, length], the steps [batch] that led there, and how each run ended [batch]:
0 at the limit, 1 at a fixpoint, 3 before a step that gives no token.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from runtime.exports.onnx_graph import Graph
from runtime.exports.onnx_layers import logits_of, plain_positions
from runtime.model import Model
from runtime.transformer import stepping

RUNNING, FIXPOINT, LEFT = 0, 1, 3


def loop_graph(onnx: Any, model: Model) -> bytes:
    """The serialized graph."""
    graph = Graph(onnx, model.config.dtype)
    ids = graph.input("input_ids", ["batch", "length"])
    mask = graph.input("attention_mask", ["batch", "length"])
    limit = graph.input("max_steps", [])
    rows, length = (graph.node("Shape", ids, start=axis, end=axis + 1) for axis in (0, 1))
    none = graph.node("Expand", graph.constant(np.array(0)), rows)
    positions, visible = plain_positions(graph, ids, mask, model.config.causal)
    shape = graph.node("Concat", rows, length, axis=0)
    later = graph.node("Greater", positions, graph.constant(np.array(0)))  # BOS stays
    later = graph.node("Expand", later, shape)
    within = graph.node("And", graph.node("Cast", mask, to=graph.boolean), later)

    body = graph.body("step")
    after = step(body, model, positions, visible, within)
    dims: dict[str, list[str | int]] = {"ids": ["batch", "length"], "steps": ["batch"], "ended": ["batch"]}
    graph.loop(body, after, limit, graph.constant(np.array(True)), [ids, none, none], list(dims))
    for name, each in dims.items():
        graph.whole(name, each)
    return graph.serialized()


def step(body: Graph, model: Model, positions: str, visible: str, within: str) -> dict[str, str]:
    """One step of every run that goes on: first whether there is a further one, then what there is after
    it.
    """
    body.input("step_number", [])
    body.flag("step_goes")
    state = body.input("step_ids", ["batch", "length"])
    taken, ended = (body.input(name, ["batch"]) for name in ("step_taken", "step_ended"))
    zero = body.constant(np.array(0))
    found = answers(body, model, logits_of(body, model, state, positions, visible))
    found = body.node("Where", within, found, zero)
    left = some(body, body.node("And", within, body.node("Equal", found, zero)))
    changed = some(body, body.node("Not", body.node("Equal", found, state)))
    end = body.node("Where", changed, zero, body.constant(np.array(FIXPOINT)))
    end = body.node("Where", left, body.constant(np.array(LEFT)), end)
    now = body.node("Where", body.node("Equal", ended, zero), end, ended)
    moves = body.node("Equal", now, zero)
    moved = body.node("Cast", moves, to=body.integer)
    return {
        "step_goes_on": body.node(
            "Cast", body.node("ReduceMax", moved, axes=[0], keepdims=0), to=body.boolean
        ),
        "step_ids_after": body.node("Where", body.unsqueeze(moves, 1), found, state),
        "step_taken_after": body.add(taken, moved),
        "step_ended_after": now,
    }


def some(graph: Graph, flags: str) -> str:
    """For each input, whether any of its flags [batch, length] is set."""
    counted = graph.node("Cast", flags, to=graph.integer)
    return graph.node("Cast", graph.node("ReduceMax", counted, axes=[1], keepdims=0), to=graph.boolean)


def answers(graph: Graph, model: Model, logits: str) -> str:
    """The ids [batch, length] of the answers, 0 where one is no token (see `stepping.AnswerIds`)."""
    known = stepping.answer_ids(model.config)
    ids = graph.constant(known.ids.astype(np.int64))
    if known.low is None or known.high is None:
        return graph.node("Gather", ids, graph.node("ArgMax", logits, axis=-1, keepdims=0))
    number = graph.node("Squeeze", logits, graph.constant(np.array([-1])))
    reached = graph.node("GreaterOrEqual", logits, graph.constant(known.low))
    counted = graph.node("Cast", reached, to=graph.integer)
    many = graph.node("ReduceSum", counted, graph.constant(np.array([-1])), keepdims=0)
    one = graph.constant(np.array(1))
    at = graph.node("Max", graph.node("Sub", many, one), graph.constant(np.array(0)))
    there = graph.node("LessOrEqual", number, graph.node("Gather", graph.constant(known.high), at))
    there = graph.node("And", there, graph.node("GreaterOrEqual", many, one))
    return graph.node("Where", there, graph.node("Gather", ids, at), graph.constant(np.array(0)))
