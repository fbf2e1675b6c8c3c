"""GGUF exports: the file read back, and llama.cpp's GPT-2 graph run over it in NumPy.

llama.cpp itself takes too long to build for a test; where its Python package is there, it is run as well.
"""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runtime
from runtime.exports.huggingface import label_ids
from runtime.weights import Array
from tests.exported import some_model
from tests.random_models import random_inputs

gguf = pytest.importorskip("gguf", reason="needs the extra [gguf]")

NAMES = ["aab_next", "reverse", "random", "wide"]


def gelu(x: Array) -> Array:
    """llama.cpp's GELU: tanh form, with a table of halves inside |x| < 10."""
    near = np.clip(x, -10, 10)
    value = 0.5 * near * (1 + np.tanh(math.sqrt(2 / math.pi) * near * (1 + 0.044715 * near**2)))
    halves = value.astype(np.float16).astype(np.float32)
    return np.asarray(np.where(np.abs(x) < 10, halves, np.maximum(x, 0)))


def llama_cpp_graph(path: Path, ids: list[int]) -> Array:
    """The logits [T, ids] of llama.cpp's "gpt2" architecture, written after its description."""
    reader = gguf.GGUFReader(str(path))
    tensors: dict[str, Any] = {tensor.name: np.array(tensor.data) for tensor in reader.tensors}

    def key(name: str) -> Any:
        return reader.get_field(f"gpt2.{name}").contents()

    heads, epsilon = key("attention.head_count"), np.float32(key("attention.layer_norm_epsilon"))
    x = tensors["token_embd.weight"][ids] + tensors["position_embd.weight"][: len(ids)]

    def norm(x: Array, name: str) -> Array:
        centred = x - x.mean(axis=-1, keepdims=True, dtype=np.float64).astype(np.float32)
        scale = 1 / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon)
        return np.asarray(centred * scale * tensors[f"{name}.weight"] + tensors[f"{name}.bias"])

    def linear(x: Array, name: str) -> Array:
        return np.asarray(x @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"])

    future = np.triu(np.full((len(ids), len(ids)), -np.inf, np.float32), 1)
    for layer in range(key("block_count")):
        block = f"blk.{layer}"
        joined = linear(norm(x, f"{block}.attn_norm"), f"{block}.attn_qkv")
        q, k, v = (part.reshape(len(ids), heads, -1).swapaxes(0, 1) for part in np.split(joined, 3, axis=-1))
        scores = q @ k.swapaxes(1, 2) / np.float32(math.sqrt(q.shape[-1])) + future
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (powers / powers.sum(axis=-1, keepdims=True)) @ v
        product = mixed.swapaxes(0, 1).reshape(len(ids), -1)
        x = linear(product, f"{block}.attn_output") + x
        hidden = gelu(linear(norm(x, f"{block}.ffn_norm"), f"{block}.ffn_up"))
        x = linear(hidden, f"{block}.ffn_down") + x
    return np.asarray(norm(x, "output_norm") @ tensors["output.weight"].T)


@pytest.mark.parametrize("name", NAMES)
def test_the_graph_of_llama_cpp_gives_the_same_answers(name: str, tmp_path: Path) -> None:
    model = some_model(name, True)
    runtime.export(model, "gguf", tmp_path)
    output = model.config.output
    assert isinstance(output, runtime.LabelOutput)
    for inputs in random_inputs(model, 10):
        logits = llama_cpp_graph(tmp_path / "model.gguf", [0, *model.encode(inputs)])[1:, label_ids(model)]
        np.testing.assert_allclose(logits, model.logits(inputs), rtol=1e-5, atol=2e-2)
        assert [output.labels[index] for index in logits.argmax(-1)] == model(inputs)


@pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="llama-cpp-python is not installed")
@pytest.mark.parametrize("name", NAMES)
def test_llama_cpp_gives_the_same_answers(name: str, tmp_path: Path) -> None:
    report = runtime.export(some_model(name, True), "gguf", tmp_path, check=True)
    assert report.comparison is not None
    assert report.comparison.ok, str(report)
