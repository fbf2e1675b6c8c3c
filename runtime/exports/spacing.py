"""A residual stream for architectures whose norms have no bias (Llama) or that have none (HookedTransformer).

As in `lifting`, the residual carries C where a column is to be rounded. With no norm bias to take C off
again, a sublayer of its own does it: one that writes nothing but the bias -C. It takes the next free half of
a layer, so that layers with rounding become two or three.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from runtime.exports.lifting import lift
from runtime.weights import Array, Layer, Weights

Kind = Literal["attention", "mlp", "shift"]
Half = dict[str, Array]
"""The fields of a `Layer` that belong to one of its sublayers."""


@dataclass(frozen=True)
class Spaced:
    """The model with C in its residual and sublayers that take it off; biases count even without heads.

    `places[k - 1]` is where sublayer k of the original model went: twice the layer's number from 0, plus 1
    for its MLP; None for a sublayer that did nothing.
    """

    weights: Weights
    places: tuple[int | None, ...]


@dataclass(frozen=True)
class Sublayer:
    """One step of the residual stream; `original` is its number in the model, 0 for a new one."""

    kind: Kind
    half: Half
    original: int = 0


def spaced(weights: Weights, before: tuple[Sublayer, ...] = ()) -> Spaced:
    """The spaced form; ExportError if the model's rounding cannot be expressed.

    `before` are sublayers to come first.
    """
    lifted = lift(weights, integers=False)
    carried = lifted.carried.astype(weights.token_embedding.dtype)
    steps = list(before)
    for number, half in sublayers(lifted.weights):
        if any(array.any() for array in half.half.values()):
            steps.append(half)
        rounded = np.where(lifted.rounded_by == number, -carried, 0).astype(carried.dtype)
        if rounded.any():
            steps.append(shift(rounded))
    layers, places = pack(steps, len(carried), carried.dtype)
    found = [places.get(number) for number in range(1, 1 + 2 * len(weights.layers))]
    embedding = lifted.weights.token_embedding + carried
    return Spaced(replace(lifted.weights, token_embedding=embedding, layers=layers), tuple(found))


def sublayers(weights: Weights) -> Iterator[tuple[int, Sublayer]]:
    """Each sublayer with its number, counted from 1."""
    for number, layer in enumerate(weights.layers, start=1):
        yield 2 * number - 1, Sublayer("attention", attention_half(layer), 2 * number - 1)
        yield 2 * number, Sublayer("mlp", mlp_half(layer), 2 * number)


def attention_half(layer: Layer) -> Half:
    """The attention's fields."""
    names = ("w_q", "b_q", "w_k", "b_k", "w_v", "b_v", "w_o", "b_o")
    return {name: getattr(layer, name) for name in names}


def mlp_half(layer: Layer) -> Half:
    """The MLP's fields."""
    return {name: getattr(layer, name) for name in ("w_in", "b_in", "w_out", "b_out")}


def shift(bias: Array) -> Sublayer:
    """A sublayer that only adds a bias."""
    return Sublayer("shift", {"bias": bias})


def as_attention(step: Sublayer | None, d: int, dtype: np.dtype[np.floating]) -> Half:
    """The attention half of a layer: a real one, a mere bias, or nothing."""
    if step is not None and step.kind == "attention":
        return step.half
    into, bias = np.zeros((0, d, 0), dtype), np.zeros((0, 0), dtype)
    added = np.zeros(d, dtype) if step is None else step.half["bias"]
    empty = dict.fromkeys(("w_q", "w_k", "w_v"), into) | dict.fromkeys(("b_q", "b_k", "b_v"), bias)
    return {**empty, "w_o": np.zeros((0, 0, d), dtype), "b_o": added}


def as_mlp(step: Sublayer | None, d: int, dtype: np.dtype[np.floating]) -> Half:
    """The MLP half of a layer: a real one, a mere bias, or nothing."""
    if step is not None and step.kind == "mlp":
        return step.half
    added = np.zeros(d, dtype) if step is None else step.half["bias"]
    empty = {"w_in": np.zeros((d, 0), dtype), "b_in": np.zeros(0, dtype), "w_out": np.zeros((0, d), dtype)}
    return {**empty, "b_out": added}


def pack(
    steps: list[Sublayer], d: int, dtype: np.dtype[np.floating]
) -> tuple[tuple[Layer, ...], dict[int, int]]:
    """Put the steps in order into halves of layers; also says where each original sublayer went."""
    pairs: list[tuple[Sublayer | None, Sublayer | None]] = []
    waiting: Sublayer | None = None
    for step in steps:
        if waiting is None and step.kind != "mlp":
            waiting = step
        elif step.kind == "attention":
            pairs.append((waiting, None))
            waiting = step
        else:
            pairs.append((waiting, step))
            waiting = None
    if waiting is not None or not pairs:
        pairs.append((waiting, None))
    layers = tuple(
        Layer(**as_attention(first, d, dtype), **as_mlp(second, d, dtype)) for first, second in pairs
    )
    places = {
        step.original: 2 * number + offset
        for number, pair in enumerate(pairs)
        for offset, step in enumerate(pair)
        if step is not None and step.original
    }
    return layers, places


def power_of_four(least: int) -> int:
    """The smallest power of four from `least` on: a head size whose square root is a power of two."""
    power = 1
    while power < least:
        power *= 4
    return power


def padded_heads(array: Array, heads: int, size: int, axis: int) -> Array:
    """Zeros for missing heads (axis 0) and for the rest of each head (`axis`)."""
    if not array.shape[0]:
        shape = list(array.shape)
        shape[0], shape[axis] = heads, size
        return np.zeros(shape, array.dtype)
    pad = [(0, 0)] * array.ndim
    pad[0] = (0, heads - array.shape[0])
    pad[axis] = (0, size - array.shape[axis])
    return np.pad(array, pad)


def padded_layer(layer: Layer, heads: int, size: int, neurons: int) -> Layer:
    """The layer with zero heads, head dimensions and neurons added."""
    more = neurons - layer.w_in.shape[1]
    return replace(
        layer,
        **{name: padded_heads(getattr(layer, name), heads, size, 2) for name in ("w_q", "w_k", "w_v")},
        **{name: padded_heads(getattr(layer, name), heads, size, 1) for name in ("b_q", "b_k", "b_v", "w_o")},
        w_in=np.pad(layer.w_in, ((0, 0), (0, more))),
        b_in=np.pad(layer.b_in, (0, more)),
        w_out=np.pad(layer.w_out, ((0, more), (0, 0))),
    )
