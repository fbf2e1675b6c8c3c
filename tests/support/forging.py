"""Models made to be proved and to answer wrongly: what an adversary does to a model that is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from runtime import Model
from runtime.weights import Array, Column, Layer, Weights

AXES = {"w_q": 1, "w_k": 1, "w_v": 1, "w_o": 2, "b_o": 0, "w_in": 0, "w_out": 1, "b_out": 0}
"""The axis of each array of a layer that runs over the residual stream."""


def with_columns(
    model: Model, rows: Sequence[tuple[Mapping[str, Any], Array, Array]], written: int = 0
) -> Model:
    """The model with further columns, of which nobody reads: for each what the certificate claims of it, and
    its column of both embeddings, [1 + V] and [1 + N].
    """
    first = len(model.config.columns)
    columns = tuple(Column(f"column {first + i}", "", written) for i in range(len(rows)))
    claims = dict(model.certificate.claims)
    told = [{**claim, "columns": str(first + i)} for i, (claim, _, _) in enumerate(rows)]
    claims["features"] = [*claims["features"], *told]
    more = [np.array([row[which] for row in rows], np.float32).T for which in (1, 2)]
    weights = replace(
        model.weights,
        token_embedding=np.hstack([model.weights.token_embedding, more[0]]),
        position_embedding=np.hstack([model.weights.position_embedding, more[1]]),
        layers=tuple(_wider(layer, len(rows)) for layer in model.weights.layers),
        unembedding=_longer(model.weights.unembedding, 0, len(rows)),
    )
    return replace(
        model,
        config=replace(model.config, columns=model.config.columns + columns),
        weights=weights,
        certificate=replace(model.certificate, claims=claims),
    )


def _wider(layer: Layer, more: int) -> Layer:
    return replace(layer, **{name: _longer(getattr(layer, name), axis, more) for name, axis in AXES.items()})


def _longer(array: Array, axis: int, more: int) -> Array:
    return np.pad(array, [(0, more if i == axis else 0) for i in range(array.ndim)])


def with_weights(model: Model, change: Callable[[Weights], Weights]) -> Model:
    """The model with other weights."""
    return replace(model, weights=change(model.weights))


def with_layer(weights: Weights, number: int, **arrays: Array) -> Weights:
    """The weights with other arrays in a layer, counted from 0."""
    layers = list(weights.layers)
    layers[number] = replace(layers[number], **arrays)
    return replace(weights, layers=tuple(layers))


def changed(array: Array, *entries: tuple[tuple[int, ...], float]) -> Array:
    """The array with some entries replaced."""
    copied = array.copy()
    for place, value in entries:
        copied[place] = value
    return copied
