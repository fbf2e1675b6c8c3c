"""ONNX: the layers of a model as operators, from ids to logits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runtime.exports.onnx_graph import Graph
from runtime.model import Model
from runtime.weights import Array, Layer, Weights

MASKED = -1e30


def logits_of(graph: Graph, model: Model, ids: str, positions: str, visible: str) -> str:
    """The logits [batch, length, L], as our runtime has them."""
    weights, dtype = model.weights, model.config.dtype
    x = layered(graph, embedded(graph, weights, ids, positions), weights.layers, visible, False)
    product = graph.matmul(x, weights.unembedding.astype(dtype))
    return graph.add(product, graph.constant(weights.unembedding_bias.astype(dtype)))


def embedded(graph: Graph, weights: Weights, ids: str, positions: str) -> str:
    """Token plus position; one id more than there are tokens has nothing but its position."""
    d = weights.token_embedding.shape[1]
    table = np.concatenate([weights.token_embedding, np.zeros((1, d), weights.token_embedding.dtype)])
    return graph.add(
        graph.node("Gather", graph.constant(table), ids),
        graph.node("Gather", graph.constant(weights.position_embedding), positions),
    )


def layered(graph: Graph, x: str, layers: Sequence[Layer], visible: str, cached: bool) -> str:
    """All layers; `cached`: with keys and values that are taken and given, layer by layer."""
    for number, layer in enumerate(layers):
        if layer.w_q.shape[0]:
            x = attention(graph, x, layer, visible, number if cached else None)
        if layer.w_in.shape[1]:
            hidden = graph.node("Relu", graph.add(graph.matmul(x, layer.w_in), graph.constant(layer.b_in)))
            x = graph.add_to_residual(x, graph.matmul(hidden, layer.w_out), layer.b_out)
    return x


def plain_positions(graph: Graph, ids: str, mask: str, causal: bool) -> tuple[str, str]:
    """Positions [length] and which keys [batch or 1, 1, length, length] each query sees."""
    length = graph.node("Gather", graph.node("Shape", ids), graph.constant(np.array(1)))
    positions = graph.node("Range", graph.constant(np.array(0)), length, graph.constant(np.array(1)))
    visible = graph.node("Cast", graph.unsqueeze(mask, 1, 2), to=graph.boolean)
    if causal:
        earlier = graph.node("LessOrEqual", graph.unsqueeze(positions, 0), graph.unsqueeze(positions, 1))
        visible = graph.node("And", visible, graph.unsqueeze(earlier, 0, 1))
    return positions, visible


def attention(graph: Graph, x: str, layer: Layer, visible: str, cache: int | None) -> str:
    """One attention sublayer, dividing last; `cache` is the layer's number in the cache."""
    heads, d, size = layer.w_q.shape

    def project(weight: Array, bias: Array) -> str:
        joined = graph.matmul(x, weight.transpose(1, 0, 2).reshape(d, heads * size))
        added = graph.add(joined, graph.constant(bias.reshape(-1)))
        return graph.node("Reshape", added, graph.constant(np.array([0, 0, heads, size])))

    def by_head(projected: str) -> str:
        return graph.node("Transpose", projected, perm=[0, 2, 1, 3])

    q, k, v = (
        by_head(project(weight, bias))
        for weight, bias in ((layer.w_q, layer.b_q), (layer.w_k, layer.b_k), (layer.w_v, layer.b_v))
    )
    if cache is not None:
        shape = ["batch", heads, "past", size]
        grown = ["batch", heads, "total", size]
        k = graph.node("Concat", graph.input(f"past_key_values.{cache}.key", shape, numbers=True), k, axis=2)
        v = graph.node(
            "Concat", graph.input(f"past_key_values.{cache}.value", shape, numbers=True), v, axis=2
        )
        graph.output(f"present.{cache}.key", k, grown)
        graph.output(f"present.{cache}.value", v, grown)
    scores = graph.node("MatMul", q, graph.node("Transpose", k, perm=[0, 1, 3, 2]))
    scores = graph.node("Where", visible, scores, graph.constant(np.array(MASKED, layer.w_q.dtype)))
    largest = graph.node("ReduceMax", scores, axes=[-1], keepdims=1)
    powers = graph.node("Exp", graph.node("Sub", scores, largest))
    total = graph.node("ReduceSum", powers, graph.constant(np.array([-1])), keepdims=1)
    mixed = graph.node("Div", graph.node("MatMul", powers, v), total)
    joined = graph.node("Reshape", by_head(mixed), graph.constant(np.array([0, 0, heads * size])))
    return graph.add_to_residual(x, graph.matmul(joined, layer.w_o.reshape(heads * size, d)), layer.b_o)
