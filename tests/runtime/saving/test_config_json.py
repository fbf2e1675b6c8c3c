"""config.json: all of a model that is not a weight."""

from __future__ import annotations

import json

from runtime.saving.config_json import dumps, loads
from tests.support.worked import COUNT, assert_text, lines, stages


def test_a_configuration_there_and_back() -> None:
    """What it says, key by key (columns and statements, which are long, only by their number)."""
    stored = stages(COUNT).stored
    text = dumps(stored.config, stored.weights)
    data = json.loads(text)
    data["columns"] = [column["name"] for column in data["columns"]]
    assert_text(
        lines(f"{name}: {json.dumps(value)}" for name, value in data.items()),
        """
        causal: false
        columns: ["bos", "tokens", "copies", "(copies == 2)"]
        dtype: "float32"
        format_version: 1
        kept: []
        layers: [{"d_head": 3, "d_mlp": 2, "heads": 1}]
        max_length: 3
        output: {"kind": "labels", "labels": ["not", "twice"]}
        vocab: ["a", "b"]
        """,
    )
    assert loads(text).config == stored.config
