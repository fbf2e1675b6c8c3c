"""Lifting: rounding moves from the biases into the residual stream."""

from __future__ import annotations

from runtime.exports.lifting import lift
from tests.support.worked import COUNT, assert_text, lines, model


def test_what_each_column_carries() -> None:
    """Only the count (column 2) is rounded, by sublayer 1: it carries the constant, its bias and embedding
    do not any more.
    """
    lifted = lift(model(COUNT).weights, integers=False)
    assert_text(
        lines(
            [
                f"rounded by {lifted.rounded_by.tolist()}",
                f"carried {lifted.carried.tolist()}",
                f"biases {lifted.weights.layers[0].b_o.tolist()}",
                f"embedding of a {lifted.weights.token_embedding[1].tolist()}",
            ]
        ),
        """
        rounded by [0, 0, 1, 0]
        carried [0.0, 0.0, 12582912.0, 0.0]
        biases [0.0, 0.0, 0.0, 0.0]
        embedding of a [0.0, 0.0, 0.0, 0.0]
        """,
    )
