"""Spaced forms read back (see `spacing`): which halves of layers are the program's, and what rounds columns.

As with all that is read back, it is a guess, which is exported again to see whether it is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import isqrt

import numpy as np

from runtime.exports.lifting import ROUNDING
from runtime.exports.spacing import Half, as_attention, as_mlp, attention_half, mlp_half
from runtime.weights import Array, Config, Layer, Weights

Arrays = Mapping[str, Array]


def layers_of_lens(named: Arrays) -> Iterator[Layer]:
    """The padded layers of a `HookedTransformer`."""
    number = 0
    while (name := f"blocks.{number}") + ".attn.W_Q" in named:
        attention = {part.lower(): named[f"{name}.attn.{part}"] for part in ("W_Q", "W_K", "W_V", "W_O")}
        biases = {part.lower(): named[f"{name}.attn.{part}"] for part in ("b_Q", "b_K", "b_V", "b_O")}
        mlp = {part.lower(): named[f"{name}.mlp.{part}"] for part in ("W_in", "b_in", "W_out", "b_out")}
        yield Layer(**attention, **biases, **mlp)
        number += 1


def layers_of_llama(named: Arrays, heads: int) -> Iterator[Layer]:
    """The padded layers of a Llama folder."""
    number = 0
    while (name := f"model.layers.{number}") + ".self_attn.q_proj.weight" in named:
        into: dict[str, Array] = {}
        for part in "qkv":
            weight, bias = (named[f"{name}.self_attn.{part}_proj.{kind}"] for kind in ("weight", "bias"))
            size = weight.shape[0] // heads
            root = np.float32(size**0.5 if part == "q" else 1)
            into[f"w_{part}"] = weight.reshape(heads, size, -1).transpose(0, 2, 1) / root
            into[f"b_{part}"] = bias.reshape(heads, size) / root
        w_o = named[f"{name}.self_attn.o_proj.weight"].T
        yield Layer(
            **into,
            w_o=w_o.reshape(heads, -1, w_o.shape[1]),
            b_o=named[f"{name}.self_attn.o_proj.bias"],
            w_in=named[f"{name}.mlp.gate_proj.weight"].T,
            b_in=named[f"{name}.mlp.gate_proj.bias"],
            w_out=named[f"{name}.mlp.down_proj.weight"].T,
            b_out=named[f"{name}.mlp.down_proj.bias"],
        )
        number += 1


def halves(layers: Sequence[Layer]) -> list[Half]:
    """The halves in their order that do more than add a bias."""
    every = [half for layer in layers for half in (attention_half(layer), mlp_half(layer))]
    return [half for half in every if any(array.any() for name, array in half.items() if name[0] == "w")]


def with_positions(tokens: Array, found: Sequence[Half], d: int, length: int) -> tuple[Array, Array]:
    """The embeddings of tokens and of positions, of what a Llama begins with: halves that find out the
    position and add what each step changes (see `llama.without_positions`). A column comes from one of both.
    """
    _, steps, added = found
    steep = -steps["w_in"][d + 1]
    moving = [isqrt(int(twice) // 2) for twice in steep[steep > 0][: len(np.flatnonzero(steep)) // 2]]
    positions = np.zeros((1 + length, d), np.float32)
    positions[moving] = added["w_out"][: len(moving), :d]
    moved = positions.any(axis=0)
    positions[0] = np.where(moved, tokens[0, :d], 0)
    return np.where(moved, np.float32(0), tokens[:, :d]), np.cumsum(positions, axis=0, dtype=np.float32)


def unspaced(config: Config, weights: Weights, found: Sequence[Half], least: int = 0) -> Weights:
    """The model whose sublayers are these halves: each is where its columns say, and rounds as our runtime
    does it, by a bias. There are `least` layers or more.
    """
    d, dtype = len(config.columns), weights.token_embedding.dtype
    when = np.array([column.written for column in config.columns])
    rounded = (when > 0) & (weights.token_embedding == ROUNDING).all(axis=0)
    places = {_place(half, when): _narrow(half, d) for half in found}
    count = max(least, (max([0, *places]) + 1) // 2)
    made = []
    for number in range(1, 1 + count):
        first, second = places.get(2 * number - 1), places.get(2 * number)
        layer = Layer(**(first or as_attention(None, d, dtype)), **(second or as_mlp(None, d, dtype)))
        odd, even = (
            np.where(rounded & (when == now), ROUNDING, 0).astype(dtype)
            for now in (2 * number - 1, 2 * number)
        )
        made.append(replace(layer, b_o=layer.b_o + odd, b_out=layer.b_out + even))
    start = np.where(rounded, np.array(-ROUNDING, dtype), weights.token_embedding)
    return replace(weights, token_embedding=start, layers=tuple(made))


def _place(half: Half, when: Array) -> int:
    """The sublayer that writes what a half writes."""
    matrix, bias = (half["w_o"], half["b_o"]) if "w_o" in half else (half["w_out"], half["b_out"])
    written = matrix.reshape(-1, matrix.shape[-1]).any(axis=0) | (bias != 0)
    return int(when[np.flatnonzero(written[: len(when)])[0]])


def _narrow(half: Half, d: int) -> Half:
    """Without columns that the program does not have."""
    axes = {"w_q": 1, "w_k": 1, "w_v": 1, "w_o": 2, "b_o": 0, "w_in": 0, "w_out": 1, "b_out": 0}
    return {
        name: np.ascontiguousarray(np.take(array, range(d), axis=axes[name])) if name in axes else array
        for name, array in half.items()
    }
