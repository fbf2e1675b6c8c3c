"""Exported folders proved from their file's arrays, and nothing that was changed in them."""

from __future__ import annotations

import importlib.util
from itertools import product
from pathlib import Path
from random import Random

import numpy as np
import pytest
import safetensors.numpy

import compiler
import rasp
from rasp.commands.proving import recheck_export
from rasp.errors import RaspError
from runtime import Model, export
from runtime.exports.reading import read
from tests.support.command_line import rasp_command
from tests.support.tampering import answers, tampered

PACKAGES = {"onnx": "onnx", "gguf": "gguf"}
PROGRAMS = {
    "before": "r = aggregate(select(indices, indices - 1, ==), tokens, tokens);",
    "hist": "r = selector_width(select(tokens, tokens, ==));",
    "more": "r = 1 + selector_width(select(tokens, tokens, <));",
}
TARGETS = ("gpt2", "bert", "llama", "transformer-lens", "onnx", "gguf", "safetensors")


def exported(folder: Path, target: str, name: str = "before") -> Path:
    package = PACKAGES.get(target)
    if package is not None and importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    causal = target in ("gpt2", "gguf", "llama")
    model: Model = compiler.compile(rasp.parse(PROGRAMS[name]).main, "abc", 4, causal=causal)
    export(model, target, folder / target)
    return folder / target


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_an_export_is_proved_from_its_arrays(tmp_path: Path, target: str, name: str) -> None:
    if target == "gguf" and name != "before":
        pytest.skip("its answers are no tokens")
    proved = recheck_export(exported(tmp_path, target, name))
    assert proved.ok, proved.summary()
    assert proved.needs is not None
    assert proved.besides


@pytest.mark.parametrize("target", ["gpt2", "bert", "llama"])
def test_a_changed_array_is_not(tmp_path: Path, target: str) -> None:
    """One number each of some arrays, also of those that only the target has."""
    folder = exported(tmp_path, target)
    file = folder / "model.safetensors"
    named = safetensors.numpy.load_file(file)
    for name in [*named][:: max(1, len(named) // 12)]:
        changed = {key: array.copy() for key, array in named.items()}
        changed[name].reshape(-1)[-1] += np.float32(1000)
        safetensors.numpy.save_file(changed, file, metadata={"format": "pt"})
        if (changed[name] != named[name]).any():  # it may be nothing beside 2^40
            assert not recheck_export(folder).ok, name
    safetensors.numpy.save_file(named, file, metadata={"format": "pt"})
    assert recheck_export(folder).ok


def answers_rightly(folder: Path) -> bool:
    """Whether the model that is found in the folder answers as the program there, on every input."""
    model = read(folder).model
    sop = rasp.parse(model.program).main
    inputs = [list(x) for n in range(1, 5) for x in product(model.config.vocab, repeat=n)]
    return answers(model, inputs) == [list(sop(each, causal=model.config.causal)) for each in inputs]


@pytest.mark.by_hand
@pytest.mark.parametrize("target", TARGETS)
def test_no_changed_bit_or_weight_is_proved_and_wrong(tmp_path: Path, target: str) -> None:
    """One bit of one of the files, or one weight of the model before it is exported."""
    proved = refused = 0
    for name in PROGRAMS if target != "gguf" else ["before"]:
        folder = exported(tmp_path / name, target, name)
        model = read(folder).model
        files = [file for file in sorted(folder.iterdir()) if file.is_file() and file.name != "README.md"]
        large = max(files, key=lambda file: file.stat().st_size)
        for seed in range(300):
            rng = Random(f"{target} {name} {seed}")
            where, file = folder, rng.choice((large, rng.choice(files)))
            old = file.read_bytes()
            if seed % 2:
                where = tmp_path / "weight"
                try:
                    export(tampered(rng, model)[0], target, where)
                except RaspError:
                    continue
            else:
                bit = rng.randrange(8 * len(old))
                changed = bytearray(old)
                changed[bit // 8] ^= 1 << bit % 8
                file.write_bytes(changed)
            ok = recheck_export(where).ok
            assert not ok or answers_rightly(where), (name, seed, file.name)
            file.write_bytes(old)
            proved, refused = proved + ok, refused + (not ok)
    print(f"{target}: {proved + refused} changes, {proved} proved and right, {refused} refused")
    assert proved
    assert refused


def test_neither_are_other_ids_of_the_tokens(tmp_path: Path) -> None:
    """The arrays are right, and the file beside them hands them other tokens."""
    folder = exported(tmp_path, "gpt2")
    file = folder / "tokenizer.json"
    text = file.read_text("utf-8")
    assert '"a": 1' in text
    file.write_text(text.replace('"a": 1', '"a": 0').replace('"b": 2', '"b": 1'), "utf-8")
    assert "tokenizer.json is not the gpt2 export" in recheck_export(folder).summary()


def test_neither_is_what_lies_there_besides(tmp_path: Path) -> None:
    """A target may load it: transformers an adapter, and further tokens."""
    folder = exported(tmp_path, "gpt2")
    (folder / ".gitattributes").touch()
    assert recheck_export(folder).ok
    (folder / "adapter_config.json").write_text("{}", "utf-8")
    assert "adapter_config.json is no part of the gpt2 export" in recheck_export(folder).summary()


@pytest.mark.parametrize(
    ("target", "name"), [("gpt2", "model.safetensors"), ("onnx", "model.onnx"), ("gguf", "model.gguf")]
)
def test_nor_is_half_a_file(tmp_path: Path, target: str, name: str) -> None:
    folder = exported(tmp_path, target)
    data = (folder / name).read_bytes()
    for part in (data[: len(data) // 2], data[1:], b""):
        (folder / name).write_bytes(part)
        assert "not what this version exports" in recheck_export(folder).summary()


def test_what_divides_first_is_told(tmp_path: Path) -> None:
    """Several equal values read as one are no longer exact if each is first divided by their number."""
    text = 'r = 1 if has_focus(select(tokens, "a", ==)) else 0;'
    export(compiler.compile(rasp.parse(text).main, "ab", 4), "bert", tmp_path / "bert")
    assert "bert divides before it adds up" in recheck_export(tmp_path / "bert").summary()


def test_what_cannot_be_read_back_is_said(tmp_path: Path) -> None:
    folder = exported(tmp_path, "bert")
    (folder / "certificate.json").unlink()
    assert "export the model again" in recheck_export(folder).summary()


def test_command_line(tmp_path: Path) -> None:
    result = rasp_command("verify", str(exported(tmp_path, "bert")), "--certificate")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("proved from the weights")
    assert "layer norms that find a mean of 0" in result.out
