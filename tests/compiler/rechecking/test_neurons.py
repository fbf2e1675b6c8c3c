"""Neurons re-checked: at every value that they depend on, they give what is claimed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.rechecking.neurons import check_neurons
from compiler.rechecking.points import Unproved
from compiler.rechecking.report import Steps
from tests.support.worked import COUNT, assert_text, claims_of, lines, stages, stream_of


def test_the_neurons_of_a_count() -> None:
    """All that is added up at the three counts is at most 4, far from where float32 would round."""
    made = stages(COUNT)
    steps = Steps()
    check_neurons(stream_of(made), 1, claims_of(made).hidden, steps)
    assert_text(
        lines(f"{step.what}: {step.bound:.4g} < {step.tolerance:.6g}" for step in steps.done),
        """
        sums are exact (in units of their lowest bit): 4 < 1.67772e+07
        """,
    )


def test_neurons_that_give_something_else() -> None:
    """Twice the weights: the tent at 2 is 2 high, and the column is claimed to hold 1 there."""
    made = stages(COUNT)
    stream = stream_of(made)
    layer = stream.weights.layers[0]
    stream.weights = replace(stream.weights, layers=(replace(layer, w_out=2 * layer.w_out),))
    with pytest.raises(Unproved) as refused:
        check_neurons(stream, 1, claims_of(made).hidden, Steps())
    assert_text(
        str(refused.value),
        """
        (copies == 2) is not exact: off by up to 1
        """,
    )
