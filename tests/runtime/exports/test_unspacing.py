"""Spaced forms read back: the program's own halves of layers, and where its columns are rounded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runtime import export
from runtime.exports.lifting import ROUNDING
from runtime.exports.reading import is_the_export, read
from runtime.exports.spacing import as_mlp, shift, spaced
from runtime.exports.unspacing import halves, unspaced, with_positions
from runtime.weights import named_arrays
from tests.support.exported import some_model


@pytest.mark.parametrize(
    ("target", "causal"), [("llama", True), ("transformer-lens", True), ("transformer-lens", False)]
)
@pytest.mark.parametrize("name", ["hist", "reverse"])
def test_the_model_comes_back(tmp_path: Path, target: str, causal: bool, name: str) -> None:
    model = some_model(name, causal)
    export(model, target, tmp_path / "export")
    found = read(tmp_path / "export")
    assert is_the_export(tmp_path / "export", found) is None
    for key, array in named_arrays(found.model.weights).items():
        assert np.array_equal(array, named_arrays(model.apart.weights)[key]), key


def test_what_only_takes_off_a_constant_is_no_half() -> None:
    model = some_model("hist", causal=False).apart
    form = spaced(model.weights).weights
    assert len(halves(form.layers)) == len(halves(model.weights.layers))
    back = unspaced(model.config, form, halves(form.layers))
    assert (back.token_embedding == -ROUNDING).any()
    for key, array in named_arrays(back).items():
        assert np.array_equal(array, named_arrays(model.weights)[key]), key
    assert halves([]) == []


def test_positions_are_read_off_steps() -> None:
    """Column 0 is 1 more from position 2 on; column 1 is a token's."""
    steps = as_mlp(shift(np.zeros(5)), 5, np.dtype(np.float64))
    steps["w_in"] = np.zeros((5, 2))
    steps["w_in"][3] = -2.0 * 2 * 3
    added = {"w_out": np.array([[1.0, 0, 0, 0, 0]])}
    start = np.array([[4.0, 7.0, 1, 0, 0], [4.0, 8.0, 0, 0, 0]])
    tokens, positions = with_positions(start, [{}, steps, added], 2, 3)
    assert tokens.tolist() == [[0, 7], [0, 8]]
    assert positions.tolist() == [[4, 0], [4, 0], [5, 0], [5, 0]]
