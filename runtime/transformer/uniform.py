"""What is the same at every position is computed once: a model made lean for runs.

Machines read at the program counter: the queries of their heads are the same at all positions, and so is what
these heads find, and what neurons make of it. Which places of the residual stream are, follows from the
weights. Sums are added up in another order than in `forward`, and the largest of many logits is found by
bisection where they are lines of one number; so only models that are certified are made lean.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from rasp.errors import ModelError
from runtime.places import apart
from runtime.transformer import forward
from runtime.transformer.stepping import AnswerIds
from runtime.weights import Array, Config, Layer, Weights

Bools = NDArray[np.bool_]

ONCE = 2
"""Positions at which is computed what is the same at all of them: BOS, which is another matter, and one
more.
"""


class Heads(NamedTuple):
    """Some heads of a layer."""

    w_q: Array
    b_q: Array
    w_k: Array
    b_k: Array
    w_v: Array
    b_v: Array
    w_o: Array


class Neurons(NamedTuple):
    """Some neurons of a layer."""

    w_in: Array
    b_in: Array
    w_out: Array


class LeanLayer(NamedTuple):
    """A layer in two parts: what is computed once, and what each position has of its own."""

    heads_once: Heads | None
    heads: Heads | None
    b_o: Array
    neurons_once: Neurons | None
    neurons: Neurons | None
    b_out: Array


class Lines(NamedTuple):
    """An unembedding whose logits are lines of one number: how that is read from the residual stream, at
    which of its values another label becomes the largest, and the ids of those labels.
    """

    reads: Array
    bounds: Array
    ids: NDArray[np.int32]


class Lean(NamedTuple):
    """A model for runs. Without `lines`, the unembedding is as it was, and `answers` are the ids by label."""

    token_embedding: Array
    position_embedding: Array
    layers: tuple[LeanLayer, ...]
    lines: Lines | None
    unembedding: Array | None
    unembedding_bias: Array | None
    answers: AnswerIds | None


def lean(config: Config, weights: Weights, answers: AnswerIds) -> Lean:
    """The model in two parts, with a place of its own for each column: a place that one takes over from
    another would hold both kinds.
    """
    with contextlib.suppress(ModelError):  # it shares places in a way that cannot be undone
        config, weights = apart(config, weights) if config.places else (config, weights)
    same = at_start(weights)
    layers = []
    for layer in weights.layers:
        made, same = split(layer, same, config.causal)
        layers.append(made)
    lines = None if answers.low is not None else lines_of(weights, answers.ids)
    ends = (None, None, None) if lines else (weights.unembedding, weights.unembedding_bias, answers)
    return Lean(weights.token_embedding, weights.position_embedding, tuple(layers), lines, *ends)


def at_start(weights: Weights) -> Bools:
    """The places that hold the same at every position after the embedding, BOS left out."""
    tokens, positions = weights.token_embedding[1:], weights.position_embedding[1:]
    same: Bools = (tokens == tokens[:1]).all(axis=0) & (positions == positions[:1]).all(axis=0)
    return same


def split(layer: Layer, same: Bools, causal: bool) -> tuple[LeanLayer, Bools]:
    """A layer in two parts, and the places that hold the same at every position after it.

    A head finds the same where its query is the same and sees the same keys.
    """
    asks = (layer.w_q != 0).any(axis=2)  # [H, d]
    once = ~(asks & ~same).any(axis=1) & (not causal)
    written = (layer.w_o != 0).any(axis=1)
    same = same & ~written[~once].any(axis=0)
    heads = (_heads(layer, once), _heads(layer, ~once))
    reads = (layer.w_in != 0).T
    alike = ~(reads & ~same).any(axis=1)
    after = same & ~(layer.w_out != 0)[~alike].any(axis=0)
    neurons = (_neurons(layer, alike), _neurons(layer, ~alike))
    return LeanLayer(*heads, layer.b_o, *neurons, layer.b_out), after


def _heads(layer: Layer, which: Bools) -> Heads | None:
    return Heads(*(getattr(layer, name)[which] for name in Heads._fields)) if which.any() else None


def _neurons(layer: Layer, which: Bools) -> Neurons | None:
    if not which.any():
        return None
    return Neurons(layer.w_in[:, which], layer.b_in[which], layer.w_out[which])


def lines_of(weights: Weights, ids: NDArray[np.int32]) -> Lines | None:
    """The unembedding as lines of one number, where every column of it is a whole multiple of one of them."""
    columns = weights.unembedding.astype(np.float64)
    sizes = np.abs(columns).max(axis=0)
    if not sizes.any():
        return None
    unit = columns[:, int(np.where(sizes > 0, sizes, np.inf).argmin())]
    place = int(np.abs(unit).argmax())
    slopes = columns[place] / unit[place]
    if not (slopes == np.round(slopes)).all() or not (columns == unit[:, None] * slopes[None]).all():
        return None
    largest, bounds = envelope(slopes.tolist(), weights.unembedding_bias.tolist())
    dtype = weights.unembedding.dtype
    return Lines(unit.astype(dtype), np.array(bounds, dtype), ids[largest])


def envelope(slopes: Sequence[float], heights: Sequence[float]) -> tuple[list[int], list[float]]:
    """The lines that are the largest somewhere, from left to right, and where each next one takes over."""
    order = sorted(range(len(slopes)), key=lambda i: (slopes[i], heights[i], -i))
    found: list[int] = []
    for line in order:
        if found and slopes[found[-1]] == slopes[line]:
            found.pop()
        while len(found) > 1 and meets(slopes, heights, found[-2], line) <= meets(
            slopes, heights, found[-2], found[-1]
        ):
            found.pop()
        found.append(line)
    return found, [float(meets(slopes, heights, *pair)) for pair in pairwise(found)]


def meets(slopes: Sequence[float], heights: Sequence[float], left: int, right: int) -> Fraction:
    """Where two lines meet."""
    return Fraction(heights[left] - heights[right]) / Fraction(slopes[right] - slopes[left])


def entries(model: Lean, size: int) -> int:
    """How many numbers the largest activation of one input of a padded size takes."""
    own = max((0 if layer.heads is None else len(layer.heads.w_q) for layer in model.layers), default=0)
    neurons = max((0 if n is None else n.w_in.shape[1] for n in (x.neurons for x in model.layers)), default=0)
    labels = 1 if model.unembedding is None else model.unembedding.shape[1]
    return size * max(own * size, int(model.token_embedding.shape[1]), neurons, int(labels))


def token_answers(
    model: Lean,
    ids: jax.Array,
    lengths: jax.Array,
    causal: bool,
    by_label: Callable[[AnswerIds, jax.Array], jax.Array],
) -> tuple[jax.Array, jax.Array]:
    """The ids [B, T - 1] of the answers, 0 where one is no token, and whether what they are read from is
    finite.
    """
    size = ids.shape[1]
    x = forward.embed(_embeddings(model), ids)
    queries = jnp.arange(size, dtype=lengths.dtype)
    visible = forward.visible_keys(lengths, queries, size, causal)
    for layer in model.layers:
        x = _both(x, [(layer.heads_once, True), (layer.heads, False)], _attend(visible), layer.b_o)
        x = _both(x, [(layer.neurons_once, True), (layer.neurons, False)], _activate, layer.b_out)
    if model.lines is None:
        assert model.answers is not None
        logits = forward.product("btd,dl->btl", x, jnp.asarray(model.unembedding))[:, 1:]
        logits = logits + jnp.asarray(model.unembedding_bias)[None, None]
        return by_label(model.answers, logits), jnp.isfinite(logits).all(axis=-1)
    number = forward.product("btd,d->bt", x, model.lines.reads)[:, 1:]
    place = jnp.searchsorted(jnp.asarray(model.lines.bounds), number)
    return jnp.asarray(model.lines.ids)[place], jnp.isfinite(number)


def _embeddings(model: Lean) -> Weights:
    empty: Any = ()
    return Weights(model.token_embedding, model.position_embedding, (), empty, empty)


def _both(
    x: jax.Array,
    parts: Sequence[tuple[Any, bool]],
    update: Callable[[jax.Array, Any, bool], jax.Array],
    bias: Array,
) -> jax.Array:
    """A sublayer: what its two parts write, one of them the same for all positions, and its bias."""
    made = [_spread(update(x, part, once), x.shape[1], once) for part, once in parts if part is not None]
    return forward.add_to_residual(x, sum(made[1:], start=made[0]), bias) if made else x


def _spread(written: jax.Array, size: int, once: bool) -> jax.Array:
    """What is written at BOS and at one more position [B, 2, d], at all of them."""
    if not once:
        return written
    rest = jnp.broadcast_to(written[:, 1:ONCE], (written.shape[0], size - 1, written.shape[2]))
    return jnp.concatenate([written[:, :1], rest], axis=1)


def _attend(visible: jax.Array) -> Callable[[jax.Array, Heads, bool], jax.Array]:
    def update(x: jax.Array, heads: Heads, once: bool) -> jax.Array:
        asking, seen = (x[:, :ONCE], visible[:, :, :ONCE]) if once else (x, visible)
        q = forward.project(asking, heads.w_q, heads.b_q)
        k, v = forward.project(x, heads.w_k, heads.b_k), forward.project(x, heads.w_v, heads.b_v)
        found = forward.attend(q, k, v, seen, "", forward.unchanged)
        batch, length, count, size = found.shape
        joined = found.reshape(batch, length, count * size)
        return forward.product("bti,id->btd", joined, jnp.reshape(heads.w_o, (count * size, -1)))

    return update


def _activate(x: jax.Array, neurons: Neurons, once: bool) -> jax.Array:
    read = x[:, :ONCE] if once else x
    hidden = jax.nn.relu(forward.product("btd,dm->btm", read, neurons.w_in) + neurons.b_in[None, None])
    return forward.product("btm,md->btd", hidden, neurons.w_out)
