"""Soft models disturbed, run beside the interpreter, and trained: what tests of the style measure with."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from rasp.errors import EvaluationError
from rasp.graph.sops import SOp
from rasp.inputs import random_inputs
from rasp.words import Atom
from runtime.model import Model
from runtime.transformer import tokens
from runtime.transformer.forward import forward
from runtime.weights import Config, LabelOutput, Layer, Weights

Case = tuple[list[Atom], list[Atom]]


def cases(sop: SOp, vocab: Sequence[Atom], length: int, count: int, seed: int) -> list[Case]:
    """So many random inputs that have an answer, with it."""
    found: list[Case] = []
    for inputs in random_inputs(random.Random(seed), vocab, length, 3 * count):
        try:
            found.append((inputs, sop(inputs)))
        except EvaluationError:
            continue
        if len(found) == count:
            break
    return found


def noisy(weights: Weights, share: float, seed: int) -> Weights:
    """Every weight off by a random share of itself."""
    source = np.random.default_rng(seed)

    def off(array: Any) -> Any:
        return (array * (1 + share * source.standard_normal(array.shape))).astype(array.dtype)

    layers = tuple(Layer(**{name: off(array) for name, array in vars(one).items()}) for one in weights.layers)
    others = {name: off(array) for name, array in vars(weights).items() if name != "layers"}
    return Weights(layers=layers, **others)


def inputs_right(model: Model, given: Sequence[Case]) -> int:
    """On how many inputs all answers are right."""
    answers = model.batch([inputs for inputs, _ in given])
    return sum(list(a) == wanted for a, (_, wanted) in zip(answers, given, strict=True))


def tokens_right(model: Model, weights: Weights, given: Sequence[Case]) -> float:
    """The share of answers that are right with these weights."""
    disturbed = replace(model, weights=weights)
    answers = disturbed.batch([inputs for inputs, _ in given])
    right = [
        a == w
        for row, (_, wanted) in zip(answers, given, strict=True)
        for a, w in zip(row, wanted, strict=True)
    ]
    return sum(right) / len(right)


def as_arrays(config: Config, given: Sequence[Case]) -> tuple[Any, Any, Any, Any]:
    """Ids, lengths, the labels that are right, and 1 where there is one."""
    assert isinstance(config.output, LabelOutput)
    known, ids = {label: n for n, label in enumerate(config.output.labels)}, tokens.token_ids(config)
    encoded = [tokens.encode(config, ids, inputs) for inputs, _ in given]
    rows, lengths = tokens.padded(encoded, len(given), 1 + config.max_length)
    right: NDArray[np.int64] = np.zeros((len(given), config.max_length), np.int64)
    there = np.zeros(right.shape)
    for row, (_, wanted) in enumerate(given):
        right[row, : len(wanted)] = [known[value] for value in wanted]
        there[row, : len(wanted)] = 1
    return jnp.asarray(rows), jnp.asarray(lengths), jnp.asarray(right), jnp.asarray(there)


def trained(model: Model, weights: Weights, given: Sequence[Case], steps: int, rate: float) -> Weights:
    """These weights after so many steps of Adam on the answers, the rate falling to 0 along a cosine."""
    ids, lengths, right, there = as_arrays(model.config, given)

    def loss(weights: Weights, rows: Any) -> Any:
        logits = forward(weights, ids[rows], lengths[rows], model.config.causal)
        said = jnp.take_along_axis(jax.nn.log_softmax(logits), right[rows][..., None], -1)[..., 0]
        return -(said * there[rows]).sum() / there[rows].sum()

    @jax.jit
    def step(weights: Weights, first: Weights, second: Weights, number: Any, rows: Any) -> Any:
        slope = jax.grad(loss)(weights, rows)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, slope)
        now = rate * 0.5 * (1 + jnp.cos(jnp.pi * number / steps))
        biases = 1 - 0.9 ** (number + 1), 1 - 0.999 ** (number + 1)
        moved = jax.tree.map(
            lambda w, m, v: w - now * (m / biases[0]) / (jnp.sqrt(v / biases[1]) + 1e-8),
            weights,
            first,
            second,
        )
        return moved, first, second

    current = jax.tree.map(jnp.asarray, weights)
    first = second = jax.tree.map(jnp.zeros_like, current)
    source = np.random.default_rng(0)
    for number in range(steps):
        rows = source.integers(0, len(given), 128)
        current, first, second = step(current, first, second, float(number), rows)
    return jax.tree.map(np.asarray, current)  # type: ignore[no-any-return]
