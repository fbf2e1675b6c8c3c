"""Export to TransformerLens: the weights as they are, with every column to be found."""

from __future__ import annotations

import json

from runtime.exports.transformer_lens import build
from tests.support.worked import COUNT, assert_text, lines, model


def test_the_files_of_an_export() -> None:
    """Beside weights and configuration, what each column of the residual stream is; the count carries the
    constant that rounds it."""
    export = build(model(COUNT))
    columns = json.loads(export.files["columns.json"])["columns"]
    assert_text(
        lines([*export.files, *(f"{c['index']} {c['name']}: carries {c['carries']:g}" for c in columns)]),
        """
        hooked_transformer.safetensors
        hooked_config.json
        columns.json
        circuit.json
        0 bos: carries 0
        1 tokens: carries 0
        2 copies: carries 1.25829e+07
        3 (copies == 2): carries 0
        """,
    )
