"""Another basis of the residual stream."""

from __future__ import annotations

import numpy as np
import pytest

import compiler
import rasp
from runtime.transformer.rotating import orthogonal, rotated


def test_a_turn_keeps_lengths_and_is_drawn_by_its_seed() -> None:
    turn = orthogonal(5, 1)
    assert turn @ turn.T == pytest.approx(np.eye(5))
    assert np.array_equal(turn, orthogonal(5, 1))
    assert not np.allclose(turn, orthogonal(5, 2))


def test_every_direction_mixes_all_columns_and_nothing_else_changes() -> None:
    model = compiler.compile(rasp.load("hist").main, "ab", 4, style="soft")
    config, weights = rotated(model.config, model.weights, 0)
    assert config.columns[0].name == "direction 0"
    assert np.count_nonzero(weights.token_embedding) == weights.token_embedding.size
    assert model.rotate(0).logits("aba") == pytest.approx(model.logits("aba"), abs=1e-3)


@pytest.mark.parametrize("seed", ["x", -1, 1.5, None, True])
def test_what_is_no_seed(seed: object) -> None:
    model = compiler.compile(rasp.load("hist").main, "ab", 2, style="soft")
    with pytest.raises(rasp.InputError, match="the seed must be a whole number from 0 on"):
        model.rotate(seed)  # type: ignore[arg-type]
