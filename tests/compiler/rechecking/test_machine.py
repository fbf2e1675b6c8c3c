"""What float32 makes of the weights, before anything is proved of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from compiler.rechecking.machine import check_machine
from compiler.rechecking.report import Unproved
from runtime.weights import Weights
from tests.support.forging import changed, with_layer
from tests.support.worked import FIRST, assert_text, stages, stream_of


def refused(weights: Weights) -> str:
    stream = stream_of(stages(FIRST))
    stream.weights = weights
    with pytest.raises(Unproved) as problem:
        check_machine(stream)
    return str(problem.value)


def test_weights_as_they_were_compiled() -> None:
    check_machine(stream_of(stages(FIRST)))


def test_a_weight_that_is_no_normal_number() -> None:
    weights = stages(FIRST).stored.weights
    assert_text(
        refused(replace(weights, unembedding=weights.unembedding * np.float32(2.0**-130))),
        """
        unembedding holds 1.47e-39, and products with it may not be normal numbers
        """,
    )


def test_a_bias_that_no_runtime_adds() -> None:
    weights = stages(FIRST).stored.weights
    layer = weights.layers[0]
    none = {"w_in": layer.w_in[:, :0], "b_in": layer.b_in[:0], "w_out": layer.w_out[:0]}
    assert_text(
        refused(with_layer(weights, 0, **none, b_out=changed(layer.b_out, ((0,), 1.0)))),
        """
        layer 1 has a bias of the MLP, but no neuron
        """,
    )


def test_embeddings_that_are_added_and_may_round() -> None:
    weights = stages(FIRST).stored.weights
    assert_text(
        refused(replace(weights, position_embedding=weights.position_embedding + 1)),
        """
        tokens and positions both start place 0 of the stream
        """,
    )


def test_padding_that_overflows() -> None:
    """Nobody attends to padding, but a weight of 0 times infinity is no number."""
    weights = stages(FIRST).stored.weights
    layer, d = weights.layers[0], weights.token_embedding.shape[1]
    start = changed(np.zeros((d, 1), np.float32), ((0, 0), 2.0**30))
    squaring = replace(layer, w_in=start, b_in=np.zeros(1, np.float32), w_out=start.T)
    assert_text(
        refused(replace(weights, layers=(squaring,) * 3)),
        """
        what stands behind an input may overflow in layer 2
        """,
    )
