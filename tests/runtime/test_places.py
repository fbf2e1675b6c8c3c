"""Places of the residual stream that several columns share, one after the other."""

from __future__ import annotations

import numpy as np

from runtime.places import apart, changes
from runtime.weights import named_arrays
from tests.support.worked import assert_text, lines, model

THREE_STEPS = """
    x = aggregate(select(indices, indices - 1, ==), tokens, "a"); y = aggregate(select(indices, 0, ==), x);
    answer = aggregate(select(indices, indices + 1, ==), y, "a");
"""


def test_columns_that_take_turns() -> None:
    """The place of each column: `y` lies where tokens were, and the answer where `x` was."""
    config = model(THREE_STEPS).config
    assert_text(
        lines(f"{config.place(number)} {column.name}" for number, column in enumerate(config.columns)),
        """
        0 bos
        1 tokens
        2 indices = 1
        3 indices = 2
        4 x
        1 y
        4 answer
        """,
    )
    assert [(c.layer, c.place) for c in changes(config)] == [(1, 1), (2, 4)]


def test_taken_apart() -> None:
    """With a place for every column, and without the neurons that clear places, it answers the same."""
    shared = model(THREE_STEPS)
    config, weights = apart(shared.config, shared.weights)
    assert config.width == len(config.columns) > shared.config.width
    assert named_arrays(weights)["layers.0.w_in"].shape[1] == 0
    assert np.array_equal(shared.apart.logits("bab"), shared.logits("bab"))
