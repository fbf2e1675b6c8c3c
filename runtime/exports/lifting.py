"""Rounding that survives other people's kernels.

Our runtime rounds a column by a bias C added to a finished product. Elsewhere a bias may well be where the
product's sum starts (`torch.addmm` on a CPU does it), and each partial sum would be rounded. So in exports
the *residual* carries C while the product is added to it, which is an addition of its own everywhere,
and C is taken off again by the bias of the layer norm that stands before every reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from runtime.exports.report import ExportError
from runtime.weights import Array, Layer, Weights

ROUNDING = 1.5 * 2.0**23
"""C: adding it to a float32 below 2**22 in magnitude rounds that to the nearest integer."""
LARGEST_CARRIED = 2.0**21


@dataclass(frozen=True)
class Lifted:
    """A model whose residual columns j hold their true value plus `carried[j]`, which is C or 0.

    In `weights` the embeddings are the true values and no bias holds C. `rounded_by[j]` is the sublayer
    (2l-1 for attention l, 2l for MLP l) that writes and rounds column j, 0 if none does.
    """

    weights: Weights
    carried: Array
    rounded_by: NDArray[np.int64]


def lift(weights: Weights, integers: bool) -> Lifted:
    """Move rounding from the biases to the residual.

    With `integers`, columns that only ever hold integers from the embeddings carry C too, so that reading
    them is exact whatever rounding a layer norm adds. Raises ExportError for weights that round a column
    in a way that cannot be moved: written twice, or read before.
    """
    rounded_by = find_rounded(weights)
    rounded = rounded_by > 0
    carried = rounded | (constant_integers(weights) & integers)
    without = np.where(rounded, np.float32(ROUNDING), np.float32(0)).astype(weights.token_embedding.dtype)
    first = weights.token_embedding[:1] + weights.position_embedding[:1]
    preloaded = rounded & (first[0] == -ROUNDING)
    if (rounded & ~preloaded).any():
        raise ExportError("a column is rounded without having been preloaded, which no export can express")
    return Lifted(
        weights=replace(
            weights,
            token_embedding=np.where(rounded, 0, weights.token_embedding),
            position_embedding=np.where(rounded, 0, weights.position_embedding),
            layers=tuple(
                replace(
                    layer,
                    b_o=layer.b_o - without * (rounded_by == 2 * number - 1),
                    b_out=layer.b_out - without * (rounded_by == 2 * number),
                )
                for number, layer in enumerate(weights.layers, start=1)
            ),
        ),
        carried=np.where(carried, np.float32(ROUNDING), np.float32(0)),
        rounded_by=rounded_by,
    )


def writes(weights: Weights) -> Iterator[tuple[int, Array, Array]]:
    """Each sublayer's number, product matrix [inner, d] and bias [d]."""
    for number, layer in enumerate(weights.layers, start=1):
        yield 2 * number - 1, layer.w_o.reshape(-1, len(layer.b_o)), layer.b_o
        yield 2 * number, layer.w_out, layer.b_out


def read_columns(layer: Layer, attention: bool) -> NDArray[np.bool_]:
    """Which columns a sublayer reads."""
    if attention:
        reads = np.concatenate([layer.w_q, layer.w_k, layer.w_v]).any(axis=(0, 2))
    else:
        reads = layer.w_in.any(axis=1)
    return np.asarray(reads)


def find_rounded(weights: Weights) -> NDArray[np.int64]:
    """For each column the sublayer whose bias rounds it, 0 if there is none."""
    d = weights.token_embedding.shape[1]
    rounded_by = np.zeros(d, np.int64)
    written = np.zeros(d, np.int64)
    for sublayer, matrix, bias in writes(weights):
        rounds = np.abs(bias - ROUNDING) < LARGEST_CARRIED
        rounded_by[rounds] = sublayer
        written += matrix.any(axis=0) | (bias != 0)
    read_before = np.zeros(d, bool)
    for number, layer in enumerate(weights.layers, start=1):
        for attention in (True, False):
            sublayer = 2 * number - attention
            read_before |= read_columns(layer, attention) & (rounded_by >= sublayer)
    if ((rounded_by > 0) & ((written > 1) | read_before)).any():
        raise ExportError("a rounded column is written twice or read too early, which no export can express")
    return rounded_by


def constant_integers(weights: Weights) -> NDArray[np.bool_]:
    """Columns that only the embeddings write, with integers."""
    integer = np.ones(weights.token_embedding.shape[1], bool)
    for table in (weights.token_embedding, weights.position_embedding):
        integer &= ((table == np.rint(table)) & (np.abs(table) <= LARGEST_CARRIED / 2)).all(axis=0)
    for _, matrix, bias in writes(weights):
        integer &= ~matrix.any(axis=0) & (bias == 0)
    return integer
