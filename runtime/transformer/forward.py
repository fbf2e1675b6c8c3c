"""The forward pass: a plain transformer with softmax attention and ReLU MLPs, batched, in JAX.

Shapes: B = inputs in the batch, T = 1 + padded length (BOS in front), d = places of the residual
stream, and per layer H heads of size e and m neurons. Everything is float32 (or float64) at full precision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import partial

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from runtime.transformer.batching import MOST_SCORES
from runtime.weights import Layer, Weights

for record in (Layer, Weights):
    jax.tree_util.register_dataclass(record, [field.name for field in fields(record)], [])

Hook = Callable[[str, jax.Array], jax.Array]
"""Sees every activation with its name, and returns what the model goes on with (to record or to patch)."""


def unchanged(_name: str, activation: jax.Array) -> jax.Array:
    """The hook that does nothing."""
    return activation


def product(equation: str, left: ArrayLike, right: ArrayLike) -> jax.Array:
    """An einsum at full precision: the default on GPU and TPU would round the factors."""
    return jnp.einsum(equation, left, right, precision="highest")


def add_to_residual(x: jax.Array, update: jax.Array, bias: ArrayLike) -> jax.Array:
    """`x + (update + bias)` in this order: see `Layer` for why the order is part of the meaning."""
    barrier: Callable[[jax.Array], jax.Array] = jax.lax.optimization_barrier
    finished = barrier(update)  # without it the bias could become the start of the product's own sum
    return x + (finished + jnp.asarray(bias)[None, None])


def embed(weights: Weights, ids: jax.Array) -> jax.Array:
    """Token plus position: [B, T] -> [B, T, d]."""
    positions = jnp.minimum(jnp.arange(ids.shape[1]), weights.position_embedding.shape[0] - 1)
    return (
        jnp.asarray(weights.token_embedding)[ids] + jnp.asarray(weights.position_embedding)[positions][None]
    )


def project(x: jax.Array, weight: ArrayLike, bias: ArrayLike) -> jax.Array:
    """Queries, keys or values of all heads: [B, T, d] -> [B, H, T, e]."""
    return product("btd,hde->bhte", x, weight) + jnp.asarray(bias)[None, :, None]


def attend(q: jax.Array, k: jax.Array, v: jax.Array, visible: jax.Array, name: str, hook: Hook) -> jax.Array:
    """Softmax attention that divides last, so that sums of integers stay exact: -> [B, T, H, e]."""
    scores = hook(f"{name}.scores", product("bhqe,bhke->bhqk", q, k))
    scores = jnp.where(visible, scores, -jnp.inf)
    powers = jnp.exp(scores - scores.max(axis=-1, keepdims=True))
    total = powers.sum(axis=-1, keepdims=True)
    hook(f"{name}.pattern", powers / total)
    return (product("bhqk,bhke->bhqe", powers, v) / total).transpose(0, 2, 1, 3)


def attention(x: jax.Array, layer: Layer, visible: jax.Array, name: str, hook: Hook) -> jax.Array:
    """The attention sublayer; `visible` [B, 1, T, T] says which keys each query may see."""
    q = hook(f"{name}.queries", project(x, layer.w_q, layer.b_q))
    k = hook(f"{name}.keys", project(x, layer.w_k, layer.b_k))
    v = hook(f"{name}.values", project(x, layer.w_v, layer.b_v))
    heads = hook(f"{name}.heads", attend(q, k, v, visible, name, hook))
    return write_heads(x, heads, layer)


def attention_in_turn(x: jax.Array, layer: Layer, lengths: jax.Array, causal: bool, rows: int) -> jax.Array:
    """The attention sublayer for long inputs, `rows` queries at a time: the scores of all would not fit."""
    q, k, v = (
        project(x, weight, bias)
        for weight, bias in ((layer.w_q, layer.b_q), (layer.w_k, layer.b_k), (layer.w_v, layer.b_v))
    )
    batch, size = x.shape[:2]
    turns = -(-size // rows)
    q = jnp.pad(q, ((0, 0), (0, 0), (0, turns * rows - size), (0, 0)))

    def turn(first: jax.Array) -> jax.Array:
        visible = visible_keys(lengths, first + jnp.arange(rows, dtype=lengths.dtype), size, causal)
        return attend(jax.lax.dynamic_slice_in_dim(q, first, rows, 2), k, v, visible, "", unchanged)

    heads = jax.lax.map(turn, rows * jnp.arange(turns, dtype=lengths.dtype))  # [turns, B, rows, H, e]
    joined = jnp.moveaxis(heads, 0, 1).reshape(batch, turns * rows, *heads.shape[3:])
    return write_heads(x, joined[:, :size], layer)


def write_heads(x: jax.Array, heads: jax.Array, layer: Layer) -> jax.Array:
    """All heads' outputs [B, T, H, e], side by side, through W_O into the residual."""
    batch, length, count, size = heads.shape
    joined = heads.reshape(batch, length, count * size)
    output = jnp.reshape(layer.w_o, (count * size, -1))
    return add_to_residual(x, product("bti,id->btd", joined, output), layer.b_o)


def mlp(x: jax.Array, layer: Layer, name: str, hook: Hook) -> jax.Array:
    """The MLP sublayer: one hidden layer of ReLU neurons."""
    hidden = product("btd,dm->btm", x, layer.w_in) + layer.b_in[None, None]
    hidden = hook(f"{name}.hidden", jax.nn.relu(hidden))
    return add_to_residual(x, product("btm,md->btd", hidden, layer.w_out), layer.b_out)


def unembed(weights: Weights, x: jax.Array) -> jax.Array:
    """Logits of every position: [B, T, d] -> [B, T, number of logits]."""
    return product("btd,dl->btl", x, weights.unembedding) + weights.unembedding_bias[None, None]


def visible_keys(lengths: jax.Array, queries: jax.Array, size: int, causal: bool) -> jax.Array:
    """[B, 1, Q, T], Q queries: BOS and the input's own tokens, in a causal model none after the query."""
    position = jnp.arange(size, dtype=lengths.dtype)
    visible = position[None, None, None, :] <= lengths[:, None, None, None]
    if causal:
        visible = visible & (position[None, None, None, :] <= queries[None, None, :, None])
    return visible


def forward(
    weights: Weights, ids: jax.Array, lengths: jax.Array, causal: bool, hook: Hook = unchanged
) -> jax.Array:
    """Logits [B, T - 1, L] of the input's positions; BOS has none. `ids` is padded with 0 after `lengths`."""
    batch, size = ids.shape
    x = hook("residual.0", embed(weights, ids))
    for number, layer in enumerate(weights.layers, start=1):
        heads = layer.w_q.shape[0]
        rows = MOST_SCORES // (batch * size * heads) if heads else size
        if rows < size and hook is unchanged:
            x = attention_in_turn(x, layer, lengths, causal, max(rows, 1))
        elif heads:
            visible = visible_keys(lengths, jnp.arange(size, dtype=lengths.dtype), size, causal)
            x = attention(x, layer, visible, f"layer.{number}", hook)
        x = hook(f"residual.{2 * number - 1}", x)
        if layer.w_in.shape[1]:
            x = mlp(x, layer, f"layer.{number}", hook)
        x = hook(f"residual.{2 * number}", x)
    return hook("logits", unembed(weights, x)[:, 1:])


@partial(jax.jit, static_argnames="causal")
def run(weights: Weights, ids: jax.Array, lengths: jax.Array, causal: bool) -> jax.Array:
    """`forward`, compiled once for each combination of shapes."""
    return forward(weights, ids, lengths, causal)


@partial(jax.jit, static_argnames="causal")
def run_recording(weights: Weights, ids: jax.Array, lengths: jax.Array, causal: bool) -> dict[str, jax.Array]:
    """Every activation of the forward pass by its name, the logits under "logits"."""
    activations: dict[str, jax.Array] = {}

    def record(name: str, activation: jax.Array) -> jax.Array:
        activations[name] = activation
        return activation

    forward(weights, ids, lengths, causal, record)
    return activations
