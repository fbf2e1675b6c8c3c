"""The forward pass in NumPy: the same operations in the same order, one page to read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from runtime.transformer.numpy_forward import forward, logits_of, visible_keys
from runtime.transformer.tokens import padded
from runtime.weights import Array
from tests.support.worked import COUNT, assert_text, lines, model


def test_it_says_what_jax_says() -> None:
    made = model(COUNT)
    ids, lengths = padded([[1, 2, 2]], 1, 4)
    found = forward(made.weights, ids, lengths, causal=False)
    assert np.array_equal(found[0], made.logits("abb"))


def test_which_keys_a_query_sees() -> None:
    """Two tokens in a causal model, padded to four positions: each sees BOS, earlier ones and itself."""
    visible = visible_keys(np.array([2]), 4, causal=True)
    assert_text(
        lines(visible[0, 0].astype(int).tolist()),
        """
        [1, 0, 0, 0]
        [1, 1, 0, 0]
        [1, 1, 1, 0]
        [1, 1, 1, 0]
        """,
    )


def test_a_patched_stream() -> None:
    """After sublayer 1 (the attention of layer 1), column 2 holds the count: made 2 everywhere, the answer
    is `twice` everywhere.
    """
    made = model(COUNT)
    ids, lengths = padded([[1, 2, 2]], 1, 4)

    def two(x: Array) -> Array:
        return np.where(np.arange(4) == 2, np.float32(2), x)

    logits = forward(made.weights, ids, lengths, causal=False, patches={1: two})
    assert logits[0].argmax(axis=-1).tolist() == [1, 1, 1]


def test_only_the_numbers_count() -> None:
    """What is not a number is an answer like any other, not a warning: BLAS warns where there is none."""
    made = model(COUNT)
    ids, lengths = padded([[1, 2, 2]], 1, 4)
    bias = np.full_like(made.weights.unembedding_bias, np.inf)
    weights = replace(made.weights, unembedding=np.full_like(made.weights.unembedding, -np.inf))
    assert np.isnan(forward(replace(weights, unembedding_bias=bias), ids, lengths, causal=False)).any()


def test_no_inputs_have_no_logits() -> None:
    made = model(COUNT)
    logits, lengths = logits_of(made.config, made.weights, [])
    assert logits.shape[:2] == (0, 0)
    assert lengths == []
