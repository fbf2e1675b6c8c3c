"""TransformerLens exports, of its old and new forms, and where residual columns are found in them."""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runtime
from runtime import Model
from runtime.exports import transformer_lens as export
from runtime.exports.huggingface import label_ids
from runtime.weights import Array
from tests.support.exported import RANDOM, some_model

os.environ.setdefault("HF_HUB_OFFLINE", "1")
torch = pytest.importorskip("torch", reason="needs the extra [lens]")
pytest.importorskip("transformer_lens", reason="needs the extra [lens]")
NEW = int(version("transformer_lens").split(".")[0]) >= 4

pytestmark = pytest.mark.filterwarnings("default")  # the warnings of these packages are not ours


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", [*RANDOM, "hist", "sort", "reverse"])
def test_answers_are_equal(name: str, causal: bool, tmp_path: Path) -> None:
    report = runtime.export(some_model(name, causal), "transformer-lens", tmp_path, check=True)
    assert report.comparison is not None
    assert report.comparison.ok, str(report)


def cached(opened: Any, model: Model, text: str) -> tuple[Array, dict[tuple[int, bool], Array]]:
    """The logits, and the residual after each block's attention (False) and MLP (True)."""
    with torch.no_grad():
        logits, cache = opened.run_with_cache(torch.tensor([[0, *model.encode(text)]]))
    residual = {}
    for number in range(sum(name.endswith("hook_resid_post") for name in cache)):
        residual[number, False] = cache[f"blocks.{number}.hook_resid_mid"][0].numpy()
        residual[number, True] = cache[f"blocks.{number}.hook_resid_post"][0].numpy()
    return logits[0, 1:].numpy(), residual


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", ["random", "wide", "sort"])
def test_residual_columns_are_found(name: str, causal: bool, tmp_path: Path) -> None:
    model = some_model(name, causal)
    runtime.export(model, "transformer-lens", tmp_path)
    text: Any = "abcab" if isinstance(model.config.vocab[0], str) else [3, 1, 2, 1]
    trace = model.trace(text)
    _, residual = cached(export.open_state_dict(tmp_path), model, text)
    described = json.loads((tmp_path / "columns.json").read_text())
    last = residual[max(residual)]
    for column in described["columns"]:
        np.testing.assert_allclose(
            last[:, column["index"]], trace.residual[-1][:, column["index"]], atol=1e-4
        )
    for number, place in enumerate(described["sublayers"], start=1):
        if place is None:
            continue
        got = residual[place["block"], place["mlp"]]
        for column in described["columns"]:
            if column["written"] < number and not column["carries"]:
                index = column["index"]
                np.testing.assert_allclose(got[:, index], trace.residual[number][:, index], atol=1e-4)


@pytest.mark.skipif(not NEW, reason="TransformerBridge came with version 4")
@pytest.mark.parametrize("name", ["random", "aab_next", "reverse"])
def test_the_bridge_over_the_gpt2_folder(name: str, tmp_path: Path) -> None:
    from transformer_lens.model_bridge import TransformerBridge

    model = some_model(name, True)
    report = runtime.export(model, "transformer-lens", tmp_path)
    assert "TransformerBridge" in report.architecture
    logits, residual = cached(TransformerBridge.boot_transformers(str(tmp_path)), model, "abbab")
    np.testing.assert_allclose(logits[:, label_ids(model)], model.logits("abbab"), rtol=1e-5, atol=1e-2)
    trace = model.trace("abbab")
    last = residual[max(residual)]
    for column in json.loads((tmp_path / "columns.json").read_text())["columns"]:
        plus, minus = column["gpt2_indices"]
        expected = trace.residual[-1][:, column["index"]]
        np.testing.assert_allclose(last[:, plus] - column["gpt2_carries"], expected, atol=1e-4)
        np.testing.assert_allclose(-last[:, minus] - column["gpt2_carries"], expected, atol=1e-4)


@pytest.mark.parametrize(("name", "blocks"), [("aab_next", 2), ("hist", 1)])
def test_the_lines_on_the_card_run(
    name: str, blocks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    runtime.export(some_model(name, True), "transformer-lens", tmp_path)
    code = [part.split("```")[0] for part in (tmp_path / "README.md").read_text().split("```python\n")[1:]]
    assert len(code) == blocks
    monkeypatch.chdir(tmp_path)
    for lines in code:
        if "up to version 3" in lines and NEW:
            continue
        exec(compile(lines, "card", "exec"), {})
        shown = capsys.readouterr().out
        assert (
            shown.endswith("tensor([2, 1])\n")
            if "ids again" in lines
            else shown.strip().startswith("tensor(")
        )
