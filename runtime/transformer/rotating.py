"""The same function in another basis of the residual stream: every direction is a mixture of all columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rasp.errors import InputError
from rasp.graph.atoms import shown
from runtime.weights import Array, Column, Config, Layer, Weights


def rotated(config: Config, weights: Weights, seed: int) -> tuple[Config, Weights]:
    """A soft model after a random orthogonal change of basis of its stream, drawn with `seed`.

    Raises InputError for an exact model, whose rounding and clearing of columns need the basis that they
    are written in, and for what is no seed.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"the seed must be a whole number from 0 on, not {shown(seed)}")
    if config.style != "soft":
        raise InputError(
            "only a soft model can be turned: an exact one rounds the columns that it is written in",
            hint="compile with style='soft'",
        )
    turn = orthogonal(config.width, seed)
    turned = carried(weights, turn)
    return directed(config, turned, "a direction of a turned stream"), turned


def carried(weights: Weights, matrix: Array) -> Weights:
    """The weights with another stream: what writes to it is taken through `matrix` [d, places], and what
    reads it reads it back through the transpose.
    """

    def into(array: Array) -> Array:
        """What writes to the stream: its last axis is turned."""
        return (array.astype(np.float64) @ matrix).astype(array.dtype)

    def out_of(array: Array) -> Array:
        """What reads the stream: its last axis but one is turned."""
        return (matrix.T @ array.astype(np.float64)).astype(array.dtype)

    def layer(old: Layer) -> Layer:
        reads = {name: out_of(getattr(old, name)) for name in ("w_q", "w_k", "w_v", "w_in")}
        writes = {name: into(getattr(old, name)) for name in ("w_o", "b_o", "w_out", "b_out")}
        return replace(old, **reads, **writes)

    return replace(
        weights,
        token_embedding=into(weights.token_embedding),
        position_embedding=into(weights.position_embedding),
        layers=tuple(map(layer, weights.layers)),
        unembedding=out_of(weights.unembedding),
    )


def directed(config: Config, weights: Weights, meaning: str) -> Config:
    """The configuration for these weights, of whose stream no direction belongs to one s-op."""
    width, last = weights.token_embedding.shape[1], 2 * len(weights.layers)
    columns = tuple(Column(f"direction {n}", meaning, last) for n in range(width))
    statements = tuple(
        replace(each, sops=(), mentions=tuple(replace(m, sops=()) for m in each.mentions))
        for each in config.statements
    )
    return replace(config, columns=columns, places=(), kept=(), statements=statements)


def orthogonal(size: int, seed: int) -> Array:
    """A random orthogonal matrix, all of them equally likely."""
    gaussian = np.random.default_rng(seed).standard_normal((size, size))
    q, r = np.linalg.qr(gaussian)
    matrix: Array = q * np.sign(np.diagonal(r))
    return matrix
