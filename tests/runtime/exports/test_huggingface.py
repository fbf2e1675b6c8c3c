"""What all exports to Hugging Face share."""

from __future__ import annotations

import pytest

from runtime.exports.huggingface import need, require_causal, speaks_its_own_vocabulary
from runtime.exports.report import ExportError
from tests.support.worked import COUNT, model


def test_what_is_refused_is_told_what_would_do() -> None:
    with pytest.raises(ExportError, match="gpt2 is a causal architecture") as refused:
        require_causal(model(COUNT), "gpt2")
    assert refused.value.hint == "export to bert or onnx instead, or compile with causal=True"
    with pytest.raises(ExportError, match="this needs the package no_such_package"):
        need("no_such_package", "hf")


def test_a_language_model_speaks_its_own_vocabulary() -> None:
    assert speaks_its_own_vocabulary(model("answer = aggregate(select(indices, 0, ==), tokens);"))
    assert not speaks_its_own_vocabulary(model(COUNT))
