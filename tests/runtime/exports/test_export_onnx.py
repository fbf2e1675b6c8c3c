"""ONNX exports, run by onnxruntime."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runtime
from runtime import Model
from runtime.exports.huggingface import label_ids
from runtime.exports.onnx import open_session
from tests.support.exported import PROGRAMS, RANDOM, some_model
from tests.support.random_models import random_model

onnx = pytest.importorskip("onnx", reason="needs the extra [onnx]")
pytest.importorskip("onnxruntime", reason="needs the extra [onnx]")


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", [*PROGRAMS, *RANDOM])
def test_onnx_gives_the_same_answers(name: str, causal: bool, tmp_path: Path) -> None:
    report = runtime.export(some_model(name, causal), "onnx", tmp_path, check=True)
    assert report.comparison is not None
    assert report.comparison.ok, str(report)
    assert report.comparison.max_difference < (1e-2 if name in RANDOM else 1e-4), str(report)


def test_numbers_and_doubles(tmp_path: Path) -> None:
    mean = runtime.export(some_model("mean", False), "onnx", tmp_path, check=True)
    double = runtime.export(random_model(3, dtype="float64"), "onnx", tmp_path, check=True)
    assert mean.comparison is not None
    assert double.comparison is not None
    assert mean.comparison.ok
    assert mean.comparison.max_difference < 1e-6
    assert double.comparison.ok
    assert double.comparison.max_difference < 1e-9


def test_batch_and_length_are_free(tmp_path: Path) -> None:
    model = some_model("random", False)
    runtime.export(model, "onnx", tmp_path)
    session = open_session(tmp_path / "model.onnx")
    assert onnx.load(tmp_path / "model.onnx").opset_import[0].version == 17
    for batch, length in ((1, 1), (1, 13), (7, 5)):
        ids = np.zeros((batch, length), np.int64)
        (logits,) = session.run(None, {"input_ids": ids, "attention_mask": ids + 1})
        assert logits.shape == (batch, length, len(model.config.vocab))


class WithCache:
    """`onnx/model.onnx` used as transformers.js does: new tokens, everything's mask, keys and values."""

    def __init__(self, folder: Path, padding: int) -> None:
        self.session = open_session(folder / "onnx" / "model.onnx")
        self.mask = [0] * padding
        self.padding = padding
        config = json.loads((folder / "config.json").read_text())
        shape = (1, config["n_head"], 0, config["n_embd"] // config["n_head"])
        names = [given.name for given in self.session.get_inputs() if given.name.startswith("past")]
        assert len(names) <= 2 * config["n_layer"]
        self.cache = {name: np.zeros(shape, np.float32) for name in names}

    def feed(self, ids: list[int]) -> Any:
        """The logits [new, L] of some more tokens."""
        padded = [0] * (self.padding if len(self.mask) == self.padding else 0) + ids
        self.mask += [1] * len(ids)
        given = {"input_ids": np.array([padded]), "attention_mask": np.array([self.mask])}
        logits, *kept = self.session.run(None, {**given, **self.cache})
        self.cache = dict(zip(self.cache, kept, strict=True))
        return logits[0, -len(ids) :]


@pytest.mark.parametrize("padding", [0, 3])
@pytest.mark.parametrize("name", ["aab_next", "reverse", "random", "wide"])
def test_the_cache_gives_the_same_logits(name: str, padding: int, tmp_path: Path) -> None:
    model: Model = some_model(name, True)
    runtime.export(model, "onnx", tmp_path)
    rng = np.random.default_rng(0)
    sequence = [model.config.vocab[index] for index in rng.integers(0, len(model.config.vocab), 9)]
    ids = [0, *model.encode(sequence)]
    expected = model.logits(sequence)
    running = WithCache(tmp_path, padding)
    got = [running.feed(ids[:4]), *(running.feed([token]) for token in ids[4:7]), running.feed(ids[7:])]
    logits = np.concatenate(got)[1:, label_ids(model)]
    np.testing.assert_allclose(logits, expected, rtol=1e-5, atol=1e-3)
    assert [model.config.output.labels[index] for index in logits.argmax(-1)] == model(sequence)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "causal", "shown"),
    [("aab_next", True, "[2 1]"), ("hist", True, "['1', '1', '1']"), ("sort", False, "['0', '1', '2']")],
)
def test_the_lines_on_the_card_answer(
    name: str, causal: bool, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    runtime.export(some_model(name, causal), "onnx", tmp_path)
    code = (tmp_path / "README.md").read_text().split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "card", "exec"), {})
    assert capsys.readouterr().out == f"{shown}\n"


@pytest.mark.parametrize("model", [some_model("mean", False), random_model(1, max_length=2)])
def test_the_lines_for_numbers_and_short_inputs_run(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    runtime.export(model, "onnx", tmp_path)
    monkeypatch.chdir(tmp_path)
    code = (tmp_path / "README.md").read_text().split("```python\n")[1].split("```")[0]
    exec(compile(code, "card", "exec"), {})
    assert capsys.readouterr().out.startswith("[")
