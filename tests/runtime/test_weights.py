"""Configuration and weights: records of plain arrays."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from rasp.errors import ModelError
from runtime.weights import NumberOutput, check, named_arrays, size
from tests.support.worked import COUNT, assert_text, lines, stages


def test_every_array_of_a_model() -> None:
    """Four columns (bos, tokens, copies, answer), one head with three dims, two neurons, two labels."""
    stored = stages(COUNT).stored
    assert_text(
        lines(f"{name} {array.shape}" for name, array in named_arrays(stored.weights).items()),
        """
        token_embedding (3, 4)
        position_embedding (4, 4)
        unembedding (4, 2)
        unembedding_bias (2,)
        layers.0.w_q (1, 4, 3)
        layers.0.b_q (1, 3)
        layers.0.w_k (1, 4, 3)
        layers.0.b_k (1, 3)
        layers.0.w_v (1, 4, 3)
        layers.0.b_v (1, 3)
        layers.0.w_o (1, 3, 4)
        layers.0.b_o (4,)
        layers.0.w_in (4, 2)
        layers.0.b_in (2,)
        layers.0.w_out (2, 4)
        layers.0.b_out (4,)
        """,
    )
    assert size(stored.weights).d_model == 4


def test_what_does_not_fit_is_no_model() -> None:
    """An unembedding for three answers, where there are two labels."""
    stored = stages(COUNT).stored
    wide = np.zeros((4, 3), np.float32)
    with pytest.raises(ModelError) as refused:
        check(stored.config, replace(stored.weights, unembedding=wide))
    assert_text(
        refused.value.message,
        """
        unembedding has shape (4, 3), but the configuration needs (4, 2)
        """,
    )


def test_no_answer_is_a_multiple_of_nothing() -> None:
    stored = stages(COUNT).stored
    with pytest.raises(ModelError, match="scale of the output"):
        check(replace(stored.config, output=NumberOutput(3, Fraction(0))), stored.weights)
