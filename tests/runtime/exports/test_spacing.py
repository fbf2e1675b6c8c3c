"""Spacing: sublayers that take the rounding constant off again, where nothing else does."""

from __future__ import annotations

from runtime.exports.spacing import power_of_four, spaced
from tests.support.worked import COUNT, assert_text, lines, model


def test_a_layer_in_between() -> None:
    """The count leaves attention with the constant on it; a mere bias, in the MLP's place, takes it off, so
    that the neurons come one layer later.
    """
    made = spaced(model(COUNT).weights)
    assert made.places == (0, 3)
    assert_text(
        lines(f"{layer.b_o.tolist()} {layer.b_out.tolist()}" for layer in made.weights.layers),
        """
        [0.0, 0.0, 0.0, 0.0] [0.0, 0.0, -12582912.0, 0.0]
        [0.0, 0.0, 0.0, 0.0] [0.0, 0.0, 0.0, 0.0]
        """,
    )
    assert [power_of_four(least) for least in (1, 2, 4, 5)] == [1, 4, 4, 16]
