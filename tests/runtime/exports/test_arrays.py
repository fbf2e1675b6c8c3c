"""Export: plain arrays with our own names."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from runtime.exports.arrays import build, run
from tests.support.worked import COUNT, assert_text, lines, model


def test_the_files_of_an_export(tmp_path: Path) -> None:
    """One file of arrays and three lines that open it; run with NumPy alone, they give the same logits."""
    made = model(COUNT)
    export = build(made)
    assert_text(
        lines([export.architecture, *export.files, export.usage]),
        """
        plain arrays
        model.safetensors
        import safetensors.numpy
        arrays = safetensors.numpy.load_file("model.safetensors")
        print({name: array.shape for name, array in arrays.items()})
        """,
    )
    for name, data in export.files.items():
        (tmp_path / name).write_bytes(data)
    [logits] = run(tmp_path, made, ["abb"])
    assert np.array_equal(logits, made.logits("abb"))
