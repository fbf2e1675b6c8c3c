"""Random models of whole numbers and hard attention, to stand in for compiled ones.

Every sublayer writes columns of its own, rounded to integers as compiled models do it: preloaded with -C,
with +C as the bias. Scores are integers times 128, so that attention is hard and has many exact ties.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np

from rasp import inputs
from runtime import Column, Config, LabelOutput, Layer, Model, NumberOutput, Weights
from runtime.weights import Array, Atom, Output

ROUNDING = 1.5 * 2**23
GAIN = 128.0
FRESH = 3  # columns that each sublayer writes


def random_model(
    seed: int,
    *,
    vocab: Sequence[Atom] = tuple("abc"),
    max_length: int = 9,
    causal: bool = False,
    labels: Sequence[Atom] | None = None,
    heads: Sequence[int] = (2, 1),
    neurons: Sequence[int] = (6, 0),
    dtype: Any = "float32",
) -> Model:
    """A model with `len(heads)` layers; labels default to the vocabulary."""
    rng = np.random.default_rng(seed)
    given = 6
    d = given + 2 * FRESH * len(heads)
    tokens = np.zeros((1 + len(vocab), d))
    tokens[:, :given] = rng.integers(-3, 4, (1 + len(vocab), given))
    positions = np.zeros((1 + max_length, d))
    positions[:, :given] = rng.integers(-2, 3, (1 + max_length, given))
    layers = []
    for number, (count, width) in enumerate(zip(heads, neurons, strict=True)):
        start = given + 2 * FRESH * number
        known = start
        layers.append(random_layer(rng, d, count, int(rng.integers(1, 4)), width, known))
        for use, first in ((count, start), (width, start + FRESH)):
            tokens[:, first : first + FRESH] = -ROUNDING if use else 0
    answers = tuple(vocab if labels is None else labels)
    final = np.zeros((d, len(answers)))
    final[:] = rng.normal(size=final.shape)
    weights = Weights(tokens, positions, tuple(layers), final, rng.normal(size=len(answers)))
    return build(LabelOutput(answers), weights, vocab, causal, dtype)


def random_layer(rng: np.random.Generator, d: int, heads: int, size: int, neurons: int, known: int) -> Layer:
    """Heads and neurons that read the columns before `known` and write the next 2 * FRESH."""
    attended = slice(known, known + FRESH)
    computed = slice(known + FRESH, known + 2 * FRESH)

    def reading(shape: tuple[int, ...], high: int) -> Array:
        matrix = np.zeros(shape)
        matrix[..., :known, :] = rng.integers(-high, high + 1, matrix[..., :known, :].shape)
        return matrix

    w_o, b_o, w_out, b_out = np.zeros((heads, size, d)), np.zeros(d), np.zeros((neurons, d)), np.zeros(d)
    w_o[..., attended] = rng.integers(-2, 3, (heads, size, FRESH))
    w_out[:, computed] = rng.integers(-1, 2, (neurons, FRESH))
    b_o[attended] = ROUNDING if heads else 0
    b_out[computed] = ROUNDING if neurons else 0
    w_in = reading((d, neurons), 1) * (rng.random((d, neurons)) < 0.3)
    if heads:
        w_in[attended] = rng.integers(-1, 2, (FRESH, neurons))
    return Layer(
        reading((heads, d, size), 1) * GAIN,
        rng.integers(-2, 3, (heads, size)) * GAIN,
        reading((heads, d, size), 1),
        rng.integers(-1, 2, (heads, size)).astype(float),
        reading((heads, d, size), 1),
        rng.integers(-2, 3, (heads, size)) + rng.normal(0, 0.01, (heads, size)),  # no mean is an exact half
        w_o,
        b_o,
        w_in,
        rng.integers(-2, 3, neurons).astype(float),
        w_out,
        b_out,
    )


def build(output: Output, weights: Weights, vocab: Sequence[Atom], causal: bool, dtype: Any) -> Model:
    """The model of these weights, with plain column names."""

    def cast(array: Array) -> Array:
        return np.asarray(array, dtype)

    converted = Weights(
        cast(weights.token_embedding),
        cast(weights.position_embedding),
        tuple(Layer(*map(cast, vars(layer).values())) for layer in weights.layers),
        cast(weights.unembedding),
        cast(weights.unembedding_bias),
    )
    last = 2 * len(weights.layers)
    columns = tuple(Column(f"c{index}", "random", last) for index in range(weights.unembedding.shape[0]))
    longest = len(weights.position_embedding) - 1
    return Model(Config(tuple(vocab), longest, causal, output, columns, dtype), converted, program="tokens;")


def mean_model(max_length: int = 9) -> Model:
    """The share of "x" in the input, by one head that attends to all but BOS; a number for output."""
    tokens = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])  # columns: is BOS, is x
    one = np.array([[[1.0], [0.0]]])
    none = np.zeros((2, 0)), np.zeros(0), np.zeros((0, 2)), np.zeros(2)
    zeros = np.zeros((1, 1))
    layer = Layer(
        np.zeros((1, 2, 1)),
        zeros + GAIN,
        -one,
        zeros,
        one[:, ::-1],
        zeros,
        one.swapaxes(1, 2),
        np.zeros(2),
        *none,
    )
    unembedding = np.array([[0.5], [0.0]])
    weights = Weights(tokens, np.zeros((1 + max_length, 2)), (layer,), unembedding, np.zeros(1))
    return build(NumberOutput(2 * max_length, Fraction(2)), weights, ("o", "x"), False, "float32")


def random_inputs(model: Model, count: int, seed: int = 0) -> list[list[Atom]]:
    """Inputs of mixed lengths, the maximum and 1 first."""
    return inputs.random_inputs(Random(seed), model.config.vocab, model.config.max_length, count)
