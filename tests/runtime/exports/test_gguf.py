"""Export for llama.cpp (what needs none of its packages)."""

from __future__ import annotations

import numpy as np

from runtime.exports.gguf import guarded, has_text, stranger
from runtime.exports.vocabulary import texts
from runtime.transformer.numpy_forward import forward
from tests.support.worked import COUNT, model


def test_a_head_that_does_nothing() -> None:
    """One more head, which nothing reads: the logits stay what they are."""
    weights = model(COUNT).weights
    more = guarded(weights)
    assert more.layers[0].w_q.shape[0] == weights.layers[0].w_q.shape[0] + 1
    ids, lengths = np.array([[0, 1, 2, 2]]), np.array([3])
    assert np.array_equal(forward(more, ids, lengths, False), forward(weights, ids, lengths, False))


def test_which_vocabularies_are_text() -> None:
    assert has_text(texts(("a", "b")))
    assert not has_text(texts(("ab", "c")))
    assert "not" in stranger(model(COUNT))
