"""Hats: which of some numbers a reading is."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from compiler.soft.parts import Column, Neuron, of_column
from compiler.soft.steps import hats, one

SHARE = Column("share", "share of BOS", 1)
COUNTS = [Fraction(1, 1 + n) for n in range(8, -1, -1)]
IS = [Column(f"count = {n}", "", 2) for n in range(8, -1, -1)]


def written(neurons: list[Neuron], x: float) -> list[float]:
    """What the neurons write into each column where the share is x."""
    total = dict.fromkeys(IS, 0.0)
    for neuron in neurons:
        reading = float(neuron.reading.constant) + sum(
            float(c) * x for c in neuron.reading.coefficients.values()
        )
        active = max(neuron.gain * (reading - neuron.threshold), 0.0)
        for column, weight in neuron.weights.items():
            total[column] += active * weight
    return [total[column] for column in IS]


@pytest.mark.parametrize("place", range(9))
def test_a_hat_is_1_at_its_number_and_0_at_the_others(place: int) -> None:
    found = written(hats(2, of_column(SHARE), COUNTS, IS), float(COUNTS[place]))
    assert found == pytest.approx(np.eye(9)[place], abs=1e-9)


def test_a_small_error_becomes_smaller_and_never_vanishes() -> None:
    exact, near = float(COUNTS[2]), float(COUNTS[2] + (COUNTS[3] - COUNTS[2]) / 10)
    neurons = hats(2, of_column(SHARE), COUNTS, IS)
    assert written(neurons, exact)[2] == pytest.approx(1)
    assert 0.98 < written(neurons, near)[2] < 0.99


def test_steep_steps_have_weights_of_one_size_in_and_out() -> None:
    for neuron in hats(2, of_column(SHARE), COUNTS, IS):
        assert max(abs(neuron.gain), *map(abs, neuron.weights.values())) < 12


def test_columns_that_nobody_wants_get_no_neurons() -> None:
    assert hats(2, of_column(SHARE), COUNTS, [None] * 9) == []


def test_one_is_1_at_every_token() -> None:
    assert written([one(2, {IS[0]: 1.0})], 0.3)[0] == 1


def test_falling_steps_are_all_off_at_the_largest_number() -> None:
    neurons = hats(2, of_column(SHARE), COUNTS, [*IS[:-1], None], falling=True)
    assert all(neuron.gain < 0 for neuron in neurons)
    assert written(neurons, 1.0) == [0.0] * 9
    assert written(neurons, 0.5) == pytest.approx(np.eye(9)[7], abs=1e-9)
