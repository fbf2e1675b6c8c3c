"""Changing single weights of a model, and what it answers then."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rasp.errors import ModelError
from rasp.words import Atom
from runtime import Model
from runtime.transformer.numpy_forward import forward
from runtime.transformer.tokens import decode
from runtime.weights import Array, Weights, named_arrays

FACTORS = (1 + 1e-6, 1 + 1e-4, 1.01, 1.1, 0.7, 2.0, 0.0, -1.0)
CHANGES = (1e-6, 1e-3, 0.01, 0.3, 1.0, -1.0, 5.0, 300.0, 1e5, 1e30)


def answers(model: Model, inputs: Sequence[Sequence[Atom]]) -> list[list[Atom]] | None:
    """What the model answers; None where its numbers overflow."""
    ids = np.zeros((len(inputs), 1 + model.config.max_length), dtype=np.int32)
    for row, tokens in zip(ids, inputs, strict=True):
        row[1 : 1 + len(tokens)] = [1 + model.config.vocab.index(token) for token in tokens]
    lengths = np.array([len(tokens) for tokens in inputs])
    with np.errstate(all="ignore"):
        logits = forward(model.weights, ids, lengths, model.config.causal)
    try:
        return [decode(model.config.output, row[:n]) for row, n in zip(logits, lengths, strict=True)]
    except ModelError:
        return None


def with_array(weights: Weights, name: str, array: Array) -> Weights:
    """The weights with one array replaced."""
    if "." not in name:
        changed: dict[str, Any] = {name: array}
        return replace(weights, **changed)
    _, number, field = name.split(".")
    layers = list(weights.layers)
    layers[int(number)] = replace(layers[int(number)], **{field: array})
    return replace(weights, layers=tuple(layers))


def tampered(rng: random.Random, model: Model) -> tuple[Model, str]:
    """The model with one entry changed (more often one that is not 0), and which."""
    name, array = rng.choice([(n, a) for n, a in named_arrays(model.weights).items() if a.size])
    places = np.argwhere(array != 0)
    if len(places) and rng.random() < 0.6:
        index = tuple(places[rng.randrange(len(places))])
    else:
        index = tuple(rng.randrange(size) for size in array.shape)
    old = float(array[index])
    new = old * rng.choice(FACTORS) if rng.random() < 0.5 else old + rng.choice(CHANGES)
    changed = array.copy()
    changed[index] = np.float32(new)
    return replace(
        model, weights=with_array(model.weights, name, changed)
    ), f"{name}{list(index)}: {old} -> {new}"
