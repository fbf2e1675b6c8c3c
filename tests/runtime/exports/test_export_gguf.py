"""GGUF exports: the file read back, and llama.cpp's GPT-2 graph run over it in NumPy.

llama.cpp itself takes too long to build for a test; where its Python package is there, it is run as well.
"""

from __future__ import annotations

import importlib.util
import math
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import compiler
import rasp
import runtime
from programs.machines import subleq
from runtime.exports.huggingface import label_ids
from runtime.weights import Array
from tests.support.exported import PRINTING, computer, some_model
from tests.support.random_models import random_inputs, random_model

gguf = pytest.importorskip("gguf", reason="needs the extra [gguf]")

NAMES = ["aab_next", "reverse", "random", "wide"]


def gelu(x: Array) -> Array:
    """llama.cpp's GELU: tanh form, with a table of halves inside |x| < 10."""
    near = np.clip(x, -10, 10)
    value = 0.5 * near * (1 + np.tanh(math.sqrt(2 / math.pi) * near * (1 + 0.044715 * near**2)))
    halves = value.astype(np.float16).astype(np.float32)
    return np.asarray(np.where(np.abs(x) < 10, halves, np.maximum(x, 0)))


def llama_cpp_graph(path: Path, ids: list[int], halves: str = "") -> Array:
    """The logits [T, ids] of llama.cpp's "gpt2" architecture, written after its description. Of "k" and "v",
    `halves` says what is kept in float16.
    """
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
        k, v = (
            part.astype(np.float16).astype(np.float32) if name in halves else part
            for name, part in (("k", k), ("v", v))
        )
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


def test_a_computer_runs_in_the_graph_of_llama_cpp(tmp_path: Path) -> None:
    model = computer()
    runtime.export(model, "gguf", tmp_path)
    said = list(PRINTING)
    for _ in range(10):
        logits = llama_cpp_graph(tmp_path / "model.gguf", [0, *model.encode(said)])[-1, label_ids(model)]
        answer = model.config.output.labels[logits.argmax()]  # type: ignore[union-attr]
        said.append(int(answer))
    assert said == [*PRINTING, *model.generate(PRINTING, 10)]
    assert subleq.printed_in(said[len(PRINTING) :]) == [33]


@pytest.mark.parametrize("halves", ["k", "v", "kv"])
@pytest.mark.parametrize("name", NAMES)
def test_float16_gives_no_answer_rather_than_a_wrong_one(name: str, halves: str, tmp_path: Path) -> None:
    model = some_model(name, True)
    runtime.export(model, "gguf", tmp_path)
    ids = [0, *model.encode(random_inputs(model, 2)[1])]
    with np.errstate(over="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        assert np.isnan(llama_cpp_graph(tmp_path / "model.gguf", ids, halves)).all()


def contents(folder: Path, key: str) -> Any:
    """An entry of an exported file, None if it has no such entry."""
    field = gguf.GGUFReader(str(folder / "model.gguf")).get_field(key)
    return None if field is None else field.contents()


def test_heads_hold_more_than_one_number(tmp_path: Path) -> None:
    """llama.cpp stops at heads of one: it takes their values for transposed ones."""
    model = compiler.compile(rasp.load("identity").main, vocab="ab", max_length=4, causal=True)
    assert model.size.heads == 0
    runtime.export(model, "gguf", tmp_path)
    heads, width = (contents(tmp_path, f"gpt2.{key}") for key in ("attention.head_count", "embedding_length"))
    assert width // heads > 1
    logits = llama_cpp_graph(tmp_path / "model.gguf", [0, 2, 1])[1:, label_ids(model)]
    np.testing.assert_array_equal(logits, model.logits("ba"))


def test_a_model_without_layers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(runtime.ExportError, match="without layers"):
        runtime.export(some_model("no layers", True), "gguf", tmp_path)


def test_characters_are_the_text_vocabulary(tmp_path: Path) -> None:
    model = random_model(1, vocab=("a", " ", "é"), causal=True)
    runtime.export(model, "gguf", tmp_path)
    assert contents(tmp_path, "tokenizer.ggml.model") == "llama"
    assert contents(tmp_path, "tokenizer.ggml.tokens") == ["<bos>", "a", "\u2581", "é", "<pad>"]
    assert contents(tmp_path, "tokenizer.ggml.token_type") == [3, 1, 1, 1, 3]
    assert contents(tmp_path, "tokenizer.ggml.eos_token_id") == 4
    assert contents(tmp_path, "tokenizer.ggml.add_bos_token")
    assert "llama('a é', " in (tmp_path / "README.md").read_text()


@pytest.mark.parametrize("vocab", [(1, 10), ("a", "\0"), (" ", "\u2581"), ("", "b")])
def test_other_vocabularies_are_bare_ids(vocab: tuple[Any, ...], tmp_path: Path) -> None:
    runtime.export(random_model(1, vocab=vocab, causal=True), "gguf", tmp_path)
    assert contents(tmp_path, "tokenizer.ggml.model") == "none"
    assert contents(tmp_path, "tokenizer.ggml.tokens") is None
    assert "llama.eval([0, 1, 2])" in (tmp_path / "README.md").read_text()


def test_checking_without_llama_cpp_names_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    with pytest.raises(runtime.ExportError, match=r"(?s)is written.*llama-cpp-python"):
        runtime.export(some_model("aab_next", True), "gguf", tmp_path, check=True)
    assert (tmp_path / "model.gguf").exists()


# --- llama.cpp itself -----------------------------------------------------------------------------------

needs_llama_cpp = pytest.mark.skipif(
    importlib.util.find_spec("llama_cpp") is None, reason="llama-cpp-python is not installed"
)
GENERATING = {
    "auto_addition": ("0123456789+=$", "95+07="),
    "auto_dyck": ("()[]$", "([()"),
    "auto_reverse": ("abc$", "abca$"),
    "auto_text": (" .abcdefghilmnoprstuw", "the s"),
    "identity": ("ab", "ab"),
}


@needs_llama_cpp
@pytest.mark.parametrize("name", NAMES)
def test_llama_cpp_gives_the_same_answers(name: str, tmp_path: Path) -> None:
    report = runtime.export(some_model(name, True), "gguf", tmp_path, check=True)
    assert report.comparison is not None
    assert report.comparison.ok, str(report)
    assert report.comparison.package.startswith("llama-cpp-python ")


@needs_llama_cpp
@pytest.mark.parametrize("name", GENERATING)
def test_llama_cpp_generates_the_same_text(name: str, tmp_path: Path) -> None:
    vocab, prompt = GENERATING[name]
    model = compiler.compile(rasp.load(name).main, vocab=vocab, max_length=20, causal=True)
    runtime.export(model, "gguf", tmp_path)
    import llama_cpp

    path, f32 = str(tmp_path / "model.gguf"), llama_cpp.GGML_TYPE_F32
    llama = llama_cpp.Llama(path, n_ctx=21, type_k=f32, type_v=f32, flash_attn=False, verbose=False)
    said = llama(prompt, max_tokens=6, temperature=0, repeat_penalty=1)["choices"][0]["text"]
    assert said == "".join(map(str, model.generate(prompt, 6)))


@needs_llama_cpp
@pytest.mark.parametrize("vocab", ["ab", range(12)])
def test_the_lines_of_the_card_run(
    vocab: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = compiler.compile(rasp.load("identity").main, vocab=vocab, max_length=9, causal=True)
    runtime.export(model, "gguf", tmp_path)
    monkeypatch.chdir(tmp_path)
    exec((tmp_path / "README.md").read_text().split("```python\n")[1].split("```")[0], {})
    shown = capsys.readouterr().out
    assert shown == "bbbb\n" if vocab == "ab" else shown.endswith(" 1 2 3]\n")  # after the beginning's answer


@needs_llama_cpp
@pytest.mark.parametrize(
    "settings", [{}, {"type_k": 0}, {"flash_attn": True}, {"flash_attn": True, "type_k": 0, "type_v": 0}]
)
def test_llama_cpp_as_it_comes_gives_no_answer(settings: dict[str, Any], tmp_path: Path) -> None:
    model = some_model("aab_next", True)
    runtime.export(model, "gguf", tmp_path)
    import llama_cpp

    llama = llama_cpp.Llama(str(tmp_path / "model.gguf"), logits_all=True, verbose=False, **settings)
    llama.eval([0, 1, 2])
    assert np.isnan(llama.scores[:3]).all()
