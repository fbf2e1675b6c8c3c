"""Export to ONNX (what needs none of its packages)."""

from __future__ import annotations

from runtime.exports.onnx import cache_layers, config, is_language_model
from tests.support.worked import COUNT, model


def test_which_models_generate() -> None:
    """Only causal ones whose outputs are tokens; a count's outputs are not."""
    same = model("same = tokens; answer = aggregate(select(indices, 0, ==), same);", causal=True)
    assert is_language_model(same)
    assert not is_language_model(model(COUNT, causal=True))
    assert config(model(COUNT))["id2label"] == {"0": "not", "1": "twice"}


def test_layers_of_one_size() -> None:
    assert [layer.w_q.shape for layer in cache_layers(model(COUNT))] == [(1, 4, 3)]
