"""Exports without the targets' packages: refusals, files, cards, tokenizers, and the rewritten weights."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

import runtime
from rasp.errors import ModelError
from runtime import ExportError, Model
from runtime.exports import TARGETS, lifting, mirror, spacing
from runtime.exports.vocabulary import texts, unique_texts
from runtime.transformer import numpy_forward, tokens
from runtime.weights import Array
from tests.support.exported import RANDOM, some_model
from tests.support.random_models import random_inputs, random_model
from tests.support.sweeps import sweep

LIGHT = ("gpt2", "bert", "llama", "transformer-lens", "safetensors")
"""Targets that are written without any package of their own."""


def causal_for(target: str) -> bool:
    return target != "bert"


@pytest.mark.parametrize(
    ("target", "causal", "message"),
    [
        ("gpt2", False, r"gpt2 is a causal architecture.*\n.*bert or onnx"),
        ("llama", False, r"llama is a causal architecture.*\n.*bert or onnx"),
        ("gguf", False, r"gguf is a causal architecture.*\n.*bert or onnx"),
        ("bert", True, r"bert looks at all positions, but this model is causal.*\n.*gpt2, llama or onnx"),
    ],
)
def test_refusals_name_the_right_target(target: str, causal: bool, message: str, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=message):
        runtime.export(some_model("random", causal), target, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_other_refusals(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no export to 'gpt3'; there are gpt2, bert"):
        runtime.export(some_model("random", True), "gpt3", tmp_path)
    with pytest.raises(ExportError, match=r"outputs are not tokens.*\(1 is none\)\n.*gpt2 or onnx"):
        runtime.export(some_model("labels", True), "gguf", tmp_path)
    double = random_model(1, dtype="float64", causal=True)
    for target in ("gpt2", "llama", "gguf", "transformer-lens"):
        with pytest.raises(ExportError, match=r"float64.*\n.*onnx or safetensors"):
            runtime.export(double, target, tmp_path)
    (tmp_path / "diary.txt").write_text("dear diary")
    with pytest.raises(ModelError, match="holds other files"):
        runtime.export(some_model("random", True), "gpt2", tmp_path)


@pytest.mark.parametrize(
    ("target", "package", "extra"),
    [
        ("onnx", "onnx", "onnx"),
        ("gguf", "gguf", "gguf"),
        ("gpt2", "torch", "hf"),
        ("bert", "torch", "hf"),
        ("transformer-lens", "transformer_lens", "lens"),
    ],
)
def test_a_missing_package_is_named(
    target: str, package: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.split(".")[0] == package:
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr("importlib.import_module", lambda name: without(name, None, None, ["x"]))
    with pytest.raises(ExportError, match=rf"needs the package {package}(?s:.*)\[{extra}\]"):
        runtime.export(some_model("random", causal_for(target)), target, tmp_path / "out", check=True)


@pytest.mark.parametrize("target", LIGHT)
def test_writing_twice_gives_the_same_bytes(target: str, tmp_path: Path) -> None:
    model = some_model("random", causal_for(target))
    report = runtime.export(model, target, tmp_path / "one" / "model")
    runtime.export(model, target, tmp_path / "two" / "model")
    runtime.export(model, target, tmp_path / "two" / "model")
    assert report.comparison is None
    for name in report.files:
        assert (tmp_path / "one" / "model" / name).read_bytes() == (
            tmp_path / "two" / "model" / name
        ).read_bytes()


@pytest.mark.parametrize("target", LIGHT)
def test_the_card_says_what_the_model_is(target: str, tmp_path: Path) -> None:
    model = some_model("hist", causal_for(target))
    runtime.export(model, target, tmp_path / "hist-model")
    card = (tmp_path / "hist-model" / "README.md").read_text()
    assert card.startswith("---\n")
    assert "# hist-model" in card
    assert model.program.strip() in card
    assert model.certificate.summary in card
    assert f"| {model.size.layers} | {model.size.heads} | {model.size.d_model} |" in card
    code = card.split("```python\n")[1].split("```")[0]
    compile(code, "card", "exec")
    assert (tmp_path / "hist-model" / "program.rasp").read_text() == model.program
    config = json.loads((tmp_path / "hist-model" / "rasp_config.json").read_text())
    assert config["vocab"] == list("abcd")


def test_a_program_with_fences_stays_in_its_block(tmp_path: Path) -> None:
    plain = random_model(1)
    model = Model(plain.config, plain.weights, program='x = "```";')
    runtime.export(model, "safetensors", tmp_path / "out")
    assert '````\nx = "```";\n````' in (tmp_path / "out" / "README.md").read_text()


def test_plain_arrays_are_checked_with_numpy(tmp_path: Path) -> None:
    for name in RANDOM:
        report = runtime.export(some_model(name, False), "safetensors", tmp_path / "out", check=True)
        assert report.comparison is not None
        assert report.comparison.ok, str(report)
        assert report.comparison.inputs == 100
        assert report.comparison.max_difference < 0.1
        assert "100 of 100 answers equal" in str(report)


def test_a_wrong_export_is_noticed(tmp_path: Path) -> None:
    model = some_model("random", False)
    runtime.export(model, "safetensors", tmp_path / "out")
    path = tmp_path / "out" / "model.safetensors"
    arrays = safetensors.numpy.load_file(path)
    arrays["unembedding"] = arrays["unembedding"] * np.float32(-1)
    path.write_bytes(safetensors.numpy.save(arrays))
    comparison = runtime.exports.compare(model, "safetensors", tmp_path / "out")
    assert not comparison.ok
    assert comparison.equal < 50 < comparison.max_difference
    arrays["unembedding"] = arrays["unembedding"] * np.float32(np.nan)
    path.write_bytes(safetensors.numpy.save(arrays))
    assert runtime.exports.compare(model, "safetensors", tmp_path / "out").equal == 0


# --- the tokenizer's texts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vocab", "style", "words"),
    [
        ("abc", "characters", ("a", "b", "c")),
        ("a b", "characters", ("a", " ", "b")),
        (range(3), "characters", ("0", "1", "2")),
        (range(12), "words", tuple(map(str, range(12)))),
        (("ab", "c"), "words", ("ab", "c")),
        (("a b", "c"), None, ("a b", "c")),
        (("", "c"), None, ("", "c")),
        (("\ud800", "c"), None, ("\ud800", "c")),
        ((True, False), "words", ("true", "false")),
        ((Fraction(1, 2), Fraction(1, 3), 2), "words", ("0.5", "1/3", "2")),
        ((1, "1", "a"), "words", ("1", '"1"', '"a"')),
    ],
)
def test_texts_of_tokens(vocab: Any, style: str | None, words: tuple[str, ...]) -> None:
    given = texts(tuple(vocab))
    assert (given.style, given.words) == (style, words)
    assert (given.bos_id, given.pad_id, given.count) == (0, 1 + len(words), 2 + len(words))


def test_special_tokens_differ_from_ordinary_ones() -> None:
    given = texts(("<bos>", "<pad>", "<<pad>>"))
    assert (given.bos, given.pad) == ("<<bos>>", "<<<pad>>>")
    assert unique_texts((1, True, "true")) == ("1", "true", '"true"')


@pytest.mark.parametrize("target", ["gpt2", "bert"])
def test_without_a_text_form_there_is_no_tokenizer(target: str, tmp_path: Path) -> None:
    model = random_model(1, vocab=("a b", ""), causal=target == "gpt2")
    report = runtime.export(model, target, tmp_path / "out")
    assert "tokenizer.json" not in report.files
    card = (tmp_path / "out" / "README.md").read_text()
    code = card.split("```python\n")[1].split("```")[0]
    compile(code, "card", "exec")
    assert "torch.tensor([[0, 1, 2]])" in code


# --- rewritten weights ----------------------------------------------------------------------------------


def run_layers(model: Model, inputs: list[Any], step: Callable[[Array], Array]) -> Array:
    """The logits that `step` gives for the ids of one input, as a [1, T] array of ids."""
    ids = np.array([[tokens.BOS, *model.encode(inputs)]])
    return step(ids)[0, 1:]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", sweep(RANDOM, list(RANDOM)[1:2]))
def test_spaced_weights_compute_the_same(name: str, causal: bool) -> None:
    model = some_model(name, causal)
    form = spacing.spaced(model.weights)

    def step(ids: Array) -> Array:
        """Rounding happens in the residual's own addition; a product's bias is added wherever one likes."""
        weights = form.weights
        x = weights.token_embedding[ids] + weights.position_embedding[: ids.shape[1]]
        visible = numpy_forward.visible_keys(np.array([ids.shape[1]]), ids.shape[1], causal)
        for layer in weights.layers:
            joined = layer.b_o + numpy_forward.attention(x, layer, visible) if len(layer.w_q) else layer.b_o
            x = x + joined
            hidden = np.maximum(x @ layer.w_in + layer.b_in, 0)
            x = x + (layer.b_out + hidden @ layer.w_out)
        return np.asarray(x @ weights.unembedding + weights.unembedding_bias)

    for inputs in random_inputs(model, 10):
        np.testing.assert_allclose(
            run_layers(model, inputs, step), model.logits(inputs), rtol=1e-5, atol=1e-2
        )


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", sweep([*RANDOM, "sort"], [*list(RANDOM)[:1], "sort"]))
def test_mirrored_weights_compute_the_same(name: str, causal: bool) -> None:
    model = some_model(name, causal)
    form = mirror.mirror(model.weights)
    sizes = form.sizes
    assert sizes.query_factor == 2 ** round(np.log2(sizes.query_factor))
    assert not form.tokens.sum(axis=1).any()  # so that a layer norm's mean is 0

    def normalized(x: Array) -> Array:
        """A layer norm, with a mean that rounding has made wrong."""
        centred = (x - np.float32(0.37)) / np.sqrt(
            x.var(axis=-1, keepdims=True) + np.float32(mirror.NORM_EPSILON)
        )
        return np.asarray(centred * form.norm_weight - form.carried)

    def heads(x: Array, layer: mirror.MirrorLayer, visible: Any) -> Array:
        shape = (*x.shape[:2], sizes.heads, sizes.head_size)
        q, k, v = (
            (x @ weight + bias).reshape(shape).swapaxes(1, 2)
            for weight, bias in zip(layer.w_qkv, layer.b_qkv, strict=True)
        )
        scores = np.where(visible, q @ k.swapaxes(-1, -2) / np.float32(sizes.query_factor), -np.inf)
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True), dtype=np.float32)
        return np.asarray((powers / powers.sum(axis=-1, keepdims=True)) @ v).swapaxes(1, 2).reshape(x.shape)

    def step(ids: Array) -> Array:
        x = form.tokens[ids] + form.carried + form.positions[: ids.shape[1]]
        visible = numpy_forward.visible_keys(np.array([ids.shape[1]]), ids.shape[1], causal)
        for layer in form.layers:
            x = x + (layer.b_o + heads(normalized(x), layer, visible) @ layer.w_o)
            hidden = np.maximum(normalized(x) @ layer.w_in + layer.b_in, 0)
            x = x + (layer.b_out + hidden @ layer.w_out)
        return np.asarray(normalized(x) @ form.unembedding + form.bias)

    for inputs in random_inputs(model, 10):
        np.testing.assert_allclose(
            run_layers(model, inputs, step), model.logits(inputs), rtol=1e-5, atol=1e-2
        )


def test_rounding_that_cannot_be_moved_is_refused() -> None:
    model = random_model(1)
    first = model.weights.layers[0]
    rounded = int(np.flatnonzero(first.b_o)[0])
    for changed in ("w_q", "w_out"):
        broken = random_model(1).weights
        array = getattr(broken.layers[0], changed)
        if changed == "w_q":
            array[:, rounded] = 1
        else:
            array[:, rounded] = 1
        with pytest.raises(ExportError, match="written twice or read too early"):
            lifting.lift(broken, integers=True)
    broken = random_model(1).weights
    broken.token_embedding[:, rounded] = 0
    with pytest.raises(ExportError, match="without having been preloaded"):
        lifting.lift(broken, integers=False)


def test_every_target_is_listed_in_the_message() -> None:
    with pytest.raises(ExportError) as caught:
        runtime.export(random_model(1), "", "nowhere")
    assert all(target in caught.value.message for target in TARGETS)
