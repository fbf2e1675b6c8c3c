"""A residual stream that survives layer norms, for GPT-2, BERT and llama.cpp.

- The variance is made invisible: with eps = 2**80 and the norm's weight 2**40, dividing by
  sqrt(var + eps) and multiplying again are powers of two.
- The mean is made zero: dimension 2i holds x_i and dimension 2i + 1 holds -x_i. Readers take half of each,
  so that whatever rounding leaves of a mean falls out of what they read.
- Attention there divides scores by sqrt(head size): sizes are padded to a power of 4, and queries are
  multiplied by that (exact) root.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from runtime.exports.lifting import lift
from runtime.weights import Array, Layer, Weights

NORM_EPSILON = 2.0**80
NORM_WEIGHT = 2.0**40


@dataclass(frozen=True)
class Sizes:
    """Sizes that every layer is padded to: `width` = heads * head_size residual dimensions."""

    heads: int
    head_size: int
    neurons: int

    @property
    def width(self) -> int:
        return self.heads * self.head_size

    @property
    def query_factor(self) -> float:
        """What undoes the division by sqrt(head size)."""
        return math.sqrt(self.head_size)


@dataclass(frozen=True)
class MirrorLayer:
    """One layer in mirrored form: matrices are [in, out], heads side by side, all padded with zeros."""

    w_qkv: tuple[Array, Array, Array]  # each [D, D], queries with their factor
    b_qkv: tuple[Array, Array, Array]  # each [D]
    w_o: Array  # [D, D]
    b_o: Array  # [D]
    w_in: Array  # [D, n]
    b_in: Array  # [n]
    w_out: Array  # [n, D]
    b_out: Array  # [D]


@dataclass(frozen=True)
class Mirrored:
    """A model in mirrored form, without a decision on where layer norms stand.

    The residual holds true values plus `carried` [D]; whoever reads it must take `carried` off first.
    `rounded_by` [D] is the sublayer that rounds a dimension, 0 if none.
    """

    sizes: Sizes
    tokens: Array  # [1 + V, D]
    positions: Array  # [1 + N, D]
    layers: tuple[MirrorLayer, ...]
    unembedding: Array  # [D, L]
    bias: Array  # [L]
    carried: Array
    rounded_by: Array

    @property
    def norm_weight(self) -> Array:
        """The weight of every layer norm."""
        return np.full(self.sizes.width, NORM_WEIGHT, np.float32)


def choose_sizes(weights: Weights) -> Sizes:
    """The smallest width that holds the mirrored residual, with a head size that is a power of four."""
    need = 2 * weights.token_embedding.shape[1]
    heads = max([1, *(layer.w_q.shape[0] for layer in weights.layers)])
    size = max([1, *(layer.w_q.shape[2] for layer in weights.layers if layer.w_q.shape[0])])
    neurons = max([1, *(layer.w_in.shape[1] for layer in weights.layers)])
    candidates = []
    power = 1
    while power < 4 * max(size, need):
        if power >= size:
            candidates.append(Sizes(max(heads, -(-need // power)), power, neurons))
        power *= 4
    return min(candidates, key=lambda sizes: (sizes.width, sizes.heads))


def mirror(weights: Weights) -> Mirrored:
    """The model in mirrored form; ExportError if its rounding cannot be expressed."""
    lifted = lift(weights, integers=True)
    sizes = choose_sizes(weights)
    plain = lifted.weights
    return Mirrored(
        sizes=sizes,
        tokens=written(plain.token_embedding, sizes.width),
        positions=written(plain.position_embedding, sizes.width),
        layers=tuple(mirror_layer(layer, sizes) for layer in plain.layers),
        unembedding=read(plain.unembedding, sizes.width),
        bias=plain.unembedding_bias.astype(np.float32),
        carried=written(lifted.carried, sizes.width),
        rounded_by=np.abs(written(lifted.rounded_by.astype(np.float32), sizes.width)),
    )


def written(matrix: Array, width: int) -> Array:
    """What is written to the residual [..., d] -> [..., D]: each column and its negative side by side."""
    wide = np.zeros((*matrix.shape[:-1], width), np.float32)
    used = 2 * matrix.shape[-1]
    wide[..., 0:used:2] = matrix
    wide[..., 1:used:2] = -matrix
    return wide


def read(matrix: Array, width: int) -> Array:
    """What reads the residual [d, k] -> [D, k]: half of each column minus half of its negative."""
    return np.ascontiguousarray(written(matrix.T / 2, width).T)


def mirror_layer(layer: Layer, sizes: Sizes) -> MirrorLayer:
    """Pad and mirror one layer."""
    heads, _, size = layer.w_q.shape

    def side_by_side(weight: Array, bias: Array, factor: float) -> tuple[Array, Array]:
        joined = np.zeros((sizes.width, sizes.heads, sizes.head_size), np.float32)
        joined[:, :heads, :size] = (
            np.stack([read(part * factor, sizes.width) for part in weight], 1) if heads else 0
        )
        padded = np.zeros((sizes.heads, sizes.head_size), np.float32)
        padded[:heads, :size] = bias * factor
        return joined.reshape(sizes.width, -1), padded.reshape(-1)

    query = side_by_side(layer.w_q, layer.b_q, sizes.query_factor)
    key, value = side_by_side(layer.w_k, layer.b_k, 1), side_by_side(layer.w_v, layer.b_v, 1)
    w_o = np.zeros((sizes.heads, sizes.head_size, sizes.width), np.float32)
    w_o[:heads, :size] = written(layer.w_o, sizes.width)
    neurons = sizes.neurons - layer.w_in.shape[1]
    return MirrorLayer(
        w_qkv=(query[0], key[0], value[0]),
        b_qkv=(query[1], key[1], value[1]),
        w_o=w_o.reshape(-1, sizes.width),
        b_o=written(layer.b_o, sizes.width),
        w_in=np.pad(read(layer.w_in, sizes.width), ((0, 0), (0, neurons))),
        b_in=np.pad(layer.b_in, (0, neurons)).astype(np.float32),
        w_out=np.pad(written(layer.w_out, sizes.width), ((0, neurons), (0, 0))),
        b_out=written(layer.b_out, sizes.width),
    )


def with_constant(weights: Weights) -> Weights:
    """The same model with one more column that is always 1, which the unembedding reads as its bias.

    For targets whose unembedding has no bias of its own.
    """

    def widen(matrix: Array, axis: int) -> Array:
        pad = [(0, 0)] * matrix.ndim
        pad[axis] = (0, 1)
        return np.pad(matrix, pad)

    tokens = widen(weights.token_embedding, 1)
    tokens[:, -1] = 1
    return replace(
        weights,
        token_embedding=tokens,
        position_embedding=widen(weights.position_embedding, 1),
        layers=tuple(
            replace(
                layer,
                w_q=widen(layer.w_q, 1),
                w_k=widen(layer.w_k, 1),
                w_v=widen(layer.w_v, 1),
                w_o=widen(layer.w_o, 2),
                b_o=widen(layer.b_o, 0),
                w_in=widen(layer.w_in, 0),
                w_out=widen(layer.w_out, 1),
                b_out=widen(layer.b_out, 0),
            )
            for layer in weights.layers
        ),
        unembedding=np.concatenate([weights.unembedding, weights.unembedding_bias[None]]),
        unembedding_bias=np.zeros_like(weights.unembedding_bias),
    )
