"""The forward pass again in NumPy, with the same order of operations: no compilation, so it suits fuzzing.

It doubles as an independent check of `runtime.transformer.forward`; the shapes are named there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from runtime.transformer import tokens
from runtime.weights import Array, Atom, Config, Layer, Weights

Ids = NDArray[np.integer]


Patches = Mapping[int, Callable[[Array], Array]]
"""By sublayer (as `Column.written` counts them): what replaces the residual stream [B, T, d] after it."""


def forward(
    weights: Weights, ids: Ids, lengths: Ids, causal: bool, patches: Patches = MappingProxyType({})
) -> Array:
    """Logits [B, T - 1, L] of the input's positions; `ids` [B, T] has BOS in front and 0 after `lengths`."""
    # BLAS may raise the processor's flags for what it reads beside small matrices: only the numbers count.
    with np.errstate(all="ignore"):
        return _forward(weights, ids, lengths, causal, patches)


def logits_of(config: Config, weights: Weights, inputs: Sequence[Sequence[Atom]]) -> tuple[Array, list[int]]:
    """The logits [B, T, L] of inputs that are run together, and how many tokens each has. InputError for a
    token that is none of the vocabulary's.
    """
    ids = tokens.token_ids(config)
    encoded = [tokens.encode(config, ids, one) for one in inputs]
    batch, lengths = tokens.padded(encoded, len(encoded), 1 + max(map(len, encoded), default=0))
    return forward(weights, batch, lengths, config.causal), [len(one) for one in encoded]


def _forward(weights: Weights, ids: Ids, lengths: Ids, causal: bool, patches: Patches) -> Array:
    size = ids.shape[1]
    visible = visible_keys(np.asarray(lengths), size, causal)
    x = patched(weights.token_embedding[ids] + weights.position_embedding[:size], 0, patches)
    for number, layer in enumerate(weights.layers, start=1):
        if layer.w_q.shape[0]:
            x = x + (attention(x, layer, visible) + layer.b_o)
        x = patched(x, 2 * number - 1, patches)
        if layer.w_in.shape[1]:
            hidden = np.maximum(x @ layer.w_in + layer.b_in, 0)
            x = x + (hidden @ layer.w_out + layer.b_out)
        x = patched(x, 2 * number, patches)
    logits: Array = x[:, 1:] @ weights.unembedding + weights.unembedding_bias
    return logits


def patched(x: Array, sublayer: int, patches: Patches) -> Array:
    """The residual stream after a sublayer, or what replaces it."""
    return patches[sublayer](x) if sublayer in patches else x


def visible_keys(lengths: Ids, size: int, causal: bool) -> NDArray[np.bool_]:
    """[B, 1, T, T]: BOS and the input's own tokens, in a causal model none after the query."""
    position = np.arange(size)
    visible = position[None, None, None, :] <= lengths[:, None, None, None]
    return visible & (position[None, :] <= position[:, None]) if causal else visible


def attention(x: Array, layer: Layer, visible: NDArray[np.bool_]) -> Array:
    """What the heads write, before the bias: [B, T, d]."""
    q, k, v = (
        x[:, None] @ weight + bias[:, None]
        for weight, bias in ((layer.w_q, layer.b_q), (layer.w_k, layer.b_k), (layer.w_v, layer.b_v))
    )  # each [B, H, T, e]
    scores = np.where(visible, q @ k.swapaxes(-1, -2), np.asarray(-np.inf, x.dtype))
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    heads = (powers @ v) / powers.sum(axis=-1, keepdims=True)
    output = layer.w_o.reshape(-1, x.shape[-1])
    joined = heads.swapaxes(1, 2).reshape(*x.shape[:2], len(output))
    written: Array = joined @ output
    return written
