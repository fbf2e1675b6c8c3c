"""Plots: a model at work as a figure (what matplotlib is given; it need not be there)."""

from __future__ import annotations

import numpy as np

from runtime.inspection.plot import column_values, drawn_weights, label
from tests.support.worked import COUNT, FIRST, assert_text, lines, model


def test_what_is_drawn_of_a_head_that_counts() -> None:
    """BOS weighs so much that nothing else could be seen: the tokens' share among themselves is drawn. Of a
    head that copies, the weights are drawn as they are.
    """
    [[counting]] = model(COUNT).trace("abb").attention
    [[copying]] = model(FIRST).trace("abb").attention
    assert_text(
        lines(np.round(drawn_weights(counting), 3).tolist()),
        """
        [0.0, 0.0, 0.0, 0.0]
        [0.0, 1.0, 0.0, 0.0]
        [0.0, 0.0, 1.0, 1.0]
        [0.0, 0.0, 1.0, 1.0]
        """,
    )
    assert drawn_weights(copying) is copying


def test_a_row_for_each_column() -> None:
    assert column_values(model(COUNT).trace("abb")).shape == (4, 4)
    assert label("$x$") == r"\$x\$"
