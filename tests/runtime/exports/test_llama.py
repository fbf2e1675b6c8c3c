"""Export to Llama, which has no position embedding: positions are computed."""

from __future__ import annotations

import numpy as np

from runtime.exports.llama import widen, without_positions
from runtime.transformer.numpy_forward import forward
from tests.support.worked import FIRST, model


def test_positions_are_computed() -> None:
    """The same logits, up to rounding, from weights whose position embedding is all zero."""
    made = model(FIRST, causal=True)
    weights = without_positions(made.weights)
    assert not weights.position_embedding.any()
    ids, lengths = np.array([[0, 2, 1, 2]]), np.array([3])
    found = forward(weights, ids, lengths, causal=True)[0]
    assert np.abs(found - made.logits("bab")).max() < 1e-3


def test_columns_that_nothing_uses() -> None:
    wide = widen(model(FIRST).weights, 2)
    assert wide.token_embedding.shape[1] == model(FIRST).weights.token_embedding.shape[1] + 2
    assert not wide.unembedding[-2:].any()
