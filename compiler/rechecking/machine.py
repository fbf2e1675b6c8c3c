"""What a number format makes of the weights, whatever they mean: asked before anything is proved of them.

All other steps reckon as if numbers had as many bits as they need and every sublayer were computed. That is
so if no weight or product is so small that it is no normal number (a runtime may take those for 0) or so
large that a sum overflows, if no bias stands where the runtime skips a sublayer, if both embeddings never
have to be rounded when they are added, and if the padding behind an input stays finite, since even a share
of 0 of what is not finite is no number.
"""

from __future__ import annotations

import numpy as np

from compiler.rechecking.report import Unproved
from compiler.rechecking.stream import OVERFLOW, Floats, Stream
from runtime.weights import Array, Layer, Weights, named_arrays

SMALLEST = 2.0**-30
LARGEST = {"float32": 2.0**30, "float64": 2.0**60}
"""Between these lie all weights that are not 0: their products with what the stream holds and with powers of
e down to `attention.MAX_BOS_SCORE` are then normal numbers.
"""


def check_machine(stream: Stream) -> None:
    """Raise Unproved unless a machine computes with these weights as with any other numbers."""
    _check_range(stream.weights, LARGEST[stream.config.dtype])
    for number, layer in enumerate(stream.weights.layers, start=1):
        _check_skipped(layer, number)
    _check_embeddings(stream.weights)
    _check_padding(stream)


def _check_range(weights: Weights, largest: float) -> None:
    """No entry is too small or too large."""
    for name, array in named_arrays(weights).items():
        sizes = np.abs(array[array != 0].astype(np.float64))
        if not ((sizes >= SMALLEST) & (sizes <= largest)).all():
            worst = sizes[(sizes < SMALLEST) | (sizes > largest)][0]
            raise Unproved(f"{name} holds {worst:.3g}, and products with it may not be normal numbers")


def _check_skipped(layer: Layer, number: int) -> None:
    """The runtime computes no attention without heads and no MLP without neurons, their biases included."""
    if not layer.w_q.shape[0] and layer.b_o.any():
        raise Unproved(f"layer {number} has a bias of attention, but no head")
    if not layer.w_in.shape[1] and layer.b_out.any():
        raise Unproved(f"layer {number} has a bias of the MLP, but no neuron")


def _check_embeddings(weights: Weights) -> None:
    """Each column comes from one of the two, BOS and padding included."""
    both = (weights.token_embedding != 0).any(axis=0) & (weights.position_embedding != 0).any(axis=0)
    if both.any():
        raise Unproved(f"tokens and positions both start place {int(np.flatnonzero(both)[0])} of the stream")


def _check_padding(stream: Stream) -> None:
    """The magnitudes that padding can have in each column, sublayer by sublayer, stay far from overflow.

    No token attends to padding. Padding itself attends to BOS and to tokens, whose bounds are those of the
    columns, and its queries meet their keys.
    """
    weights = stream.weights
    seen, most = stream.bounds(), OVERFLOW[stream.config.dtype] ** 2
    now = np.abs(weights.token_embedding[0]).astype(float) + np.abs(weights.position_embedding).max(axis=0)
    for number, layer in enumerate(weights.layers, start=1):
        for head in range(layer.w_q.shape[0]):
            queries, keys, values = (
                _largest(from_, weight[head], bias[head])
                for from_, weight, bias in (
                    (now, layer.w_q, layer.b_q),
                    (np.maximum(now, seen), layer.w_k, layer.b_k),
                    (np.maximum(now, seen), layer.w_v, layer.b_v),
                )
            )
            _require_finite(np.append(values, queries @ keys), most, number)
        read = [_largest(seen, layer.w_v[h], layer.b_v[h]) for h in range(layer.w_q.shape[0])]
        now = now + sum(
            (v @ np.abs(layer.w_o[h].astype(float)) for h, v in enumerate(read)), np.zeros(len(now))
        )
        now = now + np.abs(layer.b_o.astype(float))
        hidden = _largest(now, layer.w_in, layer.b_in)
        now = now + hidden @ np.abs(layer.w_out.astype(float)) + np.abs(layer.b_out.astype(float))
        _require_finite(np.append(hidden, now), most, number)


def _largest(x: Floats, weight: Array, bias: Array) -> Floats:
    """No sum is larger, whatever the signs."""
    found: Floats = x @ np.abs(weight.astype(float)) + np.abs(bias.astype(float))
    return found


def _require_finite(sizes: Floats, most: float, number: int) -> None:
    if not (sizes < most).all():
        raise Unproved(f"what stands behind an input may overflow in layer {number}")
