"""Edge attribution by gradients, against the true connections of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from runtime.inspection.circuit import Part
from runtime.model import Model
from runtime.transformer.forward import embed
from runtime.weights import Weights
from tests.support.disturbed import Case, as_arrays


def run(weights: Weights, ids: Any, added: Mapping[Part, Any]) -> tuple[Any, dict[Part, Any]]:
    """The logits at full length, and what each part writes; `added` is put on top of what a part reads."""
    x = embed(weights, ids)
    written: dict[Part, Any] = {("embedding",): x}
    for number, layer in enumerate(weights.layers, start=1):
        heads = 0.0
        for head in range(layer.w_q.shape[0]):
            part: Part = ("head", number, head)
            read = x + added.get(part, 0.0)
            q, k, v = (
                read @ getattr(layer, f"w_{name}")[head] + getattr(layer, f"b_{name}")[head][None, None]
                for name in "qkv"
            )
            pattern = jax.nn.softmax(jnp.einsum("bqe,bke->bqk", q, k), -1)
            written[part] = pattern @ v @ layer.w_o[head]
            heads = heads + written[part]
        x = x + heads + layer.b_o[None, None]
        hidden = jax.nn.relu((x + added.get(("mlp", number), 0.0)) @ layer.w_in + layer.b_in[None, None])
        written["mlp", number] = hidden @ layer.w_out
        x = x + written["mlp", number] + layer.b_out[None, None]
    x = x + added.get(("logits",), 0.0)
    return x[:, 1:] @ weights.unembedding + weights.unembedding_bias[None, None], written


def areas(model: Model, given: Sequence[Case]) -> tuple[float, float]:
    """How well attribution tells the edges that carry something different on these inputs (all of full
    length) from all others, and those that carry anything from all others: the areas under both curves.
    """
    half = len(given) // 2
    clean, corrupt = as_arrays(model.config, given[:half]), as_arrays(model.config, given[half : 2 * half])
    graph, weights = model.connections(), jax.tree.map(jnp.asarray, model.weights)
    blank = jnp.zeros((half, clean[0].shape[1], model.size.d_model))

    def lead(added: Mapping[Part, Any]) -> Any:
        logits, _ = run(weights, clean[0], added)
        right = jnp.take_along_axis(logits, clean[2][..., None], -1)[..., 0]
        return (right - (logits.sum(-1) - right) / (logits.shape[-1] - 1)).mean()

    slopes = jax.jit(jax.grad(lead))({part: blank for part in graph.nodes if part != ("embedding",)})
    mine, theirs = run(weights, clean[0], {})[1], run(weights, corrupt[0], {})[1]
    change = {part: np.asarray(theirs[part] - mine[part]) for part in mine}
    scores, varying, carrying = [], [], []
    for source, target, edge in graph.edges(data=True):
        scores.append(float(np.abs((change[source] * np.asarray(slopes[target])).sum((1, 2))).mean()))
        shared = [n for n, column in enumerate(model.config.columns) if column.name in edge["columns"]]
        carrying.append(bool(edge["carries"]))
        varying.append(bool((np.abs(change[source][..., shared]) > 1e-6).any()))
    return area(scores, varying), area(scores, carrying)


def area(scores: Sequence[float], true: Sequence[bool]) -> float:
    """How often a true one scores more than a false one; as often as not where they score the same."""
    pairs = [
        (a, b)
        for a, t in zip(scores, true, strict=True)
        if t
        for b, u in zip(scores, true, strict=True)
        if not u
    ]
    return sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs)
