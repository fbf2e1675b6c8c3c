"""Exported folders read back: the model comes out that went in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runtime import export
from runtime.exports.reading import is_export, is_the_export, read, target_of
from runtime.weights import named_arrays
from tests.support.exported import some_model


@pytest.mark.parametrize(("target", "causal"), [("gpt2", True), ("bert", False), ("safetensors", False)])
@pytest.mark.parametrize("name", ["hist", "sort"])
def test_the_model_comes_back(tmp_path: Path, target: str, causal: bool, name: str) -> None:
    model = some_model(name, causal)
    export(model, target, tmp_path / "export")
    found = read(tmp_path / "export")
    assert is_export(tmp_path / "export")
    assert (found.target, target_of(tmp_path / "export")) == (target, target)
    assert is_the_export(tmp_path / "export", found) is None
    for key, array in named_arrays(found.model.weights).items():
        assert np.array_equal(array, named_arrays(model.apart.weights)[key]), key
