"""Saved models: exact, the same bytes twice, atomic, and every damage a clear error."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

import runtime
from rasp.errors import ModelError
from runtime import Certificate, Column, Model
from runtime.saving import config_json
from runtime.saving.storage import CERTIFICATE, CONFIG, PROGRAM, WEIGHTS, load, save
from runtime.weights import Config, LabelOutput, NumberOutput, named_arrays
from tests.support.random_models import mean_model, random_inputs, random_model
from tests.support.worked import COUNT, stages

FILES = ["certificate.json", "config.json", "model.safetensors", "program.rasp"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def assert_same(one: Model, other: Model) -> None:
    assert one.config == other.config
    assert one.certificate == other.certificate
    assert one.program == other.program
    arrays = named_arrays(other.weights)
    for name, array in named_arrays(one.weights).items():
        assert array.dtype == arrays[name].dtype
        np.testing.assert_array_equal(array, arrays[name])


def strange_model() -> Model:
    """Every kind of atom, text that JSON must escape, layers without heads or neurons, a certificate."""
    some = random_model(
        3, vocab=("a", '"\n\ud800', "é"), heads=(2, 0), neurons=(0, 3), labels=(1, True, "1", Fraction(1, 3))
    )
    items = ({"what": "score", "bound": 0.1}, {"ü": None})
    columns = list(some.config.columns)
    columns[0] = Column("x/y", "first", 1, Fraction(1, 3), (Fraction(2), 2, False))
    config = Config(some.config.vocab, some.config.max_length, True, some.config.output, tuple(columns))
    return Model(config, some.weights, Certificate(True, "all right", items), 'x = "é" + tokens;  # \ud800\n')


@pytest.mark.parametrize("make", [strange_model, mean_model, lambda: random_model(2, dtype="float64")])
def test_saving_and_loading(make: Callable[[], Model], tmp_path: Path) -> None:
    some = make()
    some.save(tmp_path / "deep" / "model")
    again = runtime.load(tmp_path / "deep" / "model")
    assert_same(some, again)
    inputs = random_inputs(some, 5)
    assert again.batch(inputs) == some.batch(inputs)
    for atoms in ((some.config.vocab, again.config.vocab),):
        assert [type(atom) for atom in atoms[0]] == [type(atom) for atom in atoms[1]]
    again.save(tmp_path / "second")
    again.save(tmp_path / "second")  # replaces it
    assert contents(tmp_path / "second") == contents(tmp_path / "deep" / "model")
    assert sorted(contents(tmp_path / "second")) == FILES
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "second"]


def test_arrays_that_are_not_contiguous_are_stored_right(tmp_path: Path) -> None:
    some = random_model(3)
    turned = runtime.Weights(
        np.asfortranarray(some.weights.token_embedding),
        some.weights.position_embedding[::-1],
        some.weights.layers,
        some.weights.unembedding.T.copy().T,
        some.weights.unembedding_bias,
    )
    model = Model(some.config, turned)
    model.save(tmp_path / "model")
    assert_same(model, runtime.load(tmp_path / "model"))


def test_the_folder_is_readable_by_others_as_usual(tmp_path: Path) -> None:
    random_model(1).save(tmp_path / "model")
    (tmp_path / "plain").mkdir()
    assert (tmp_path / "model").stat().st_mode == (tmp_path / "plain").stat().st_mode


ATOMS = st.text(st.characters()) | st.booleans() | st.integers() | st.fractions()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(ATOMS, min_size=1, unique_by=lambda atom: (type(atom), atom)),
    st.lists(ATOMS, min_size=1),
    st.fractions().filter(bool),  # an output whose values are all 0 is refused
)
def test_configurations_survive_as_json(vocab: list[Any], labels: list[Any], scale: Fraction) -> None:
    weights = random_model(1).weights
    columns = (Column("a", "b", 3, scale, tuple(labels)), Column("", "", 0))
    for output in (LabelOutput(tuple(labels)), NumberOutput(7, scale)):
        config = Config(tuple(vocab), 4, False, output, columns)
        declared = config_json.loads(config_json.dumps(config, weights))
        assert repr(declared.config) == repr(config)
        assert repr(declared.config.columns) == repr(columns)
        assert declared.shapes["layers.1.w_o"] == (1, weights.layers[1].w_o.shape[1], 2)


# --- damage ---------------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    random_model(4).save(tmp_path / "model")
    return tmp_path / "model"


def edit_json(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file(saved: Path, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(ModelError, match=f"{name} is missing"):
        runtime.load(saved)


def test_no_folder_and_a_file_for_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no model at"):
        runtime.load(tmp_path / "nothing")
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="not a folder"):
        runtime.load(tmp_path / "file")
    with pytest.raises(ModelError, match="there is no model at"):
        runtime.load("zero\0byte")


@pytest.mark.parametrize("name", FILES)
def test_truncated_files(saved: Path, name: str) -> None:
    whole = (saved / name).read_bytes()
    for keep in range(0, len(whole), 1 + len(whole) // 15):
        (saved / name).write_bytes(whole[:keep])
        with pytest.raises(ModelError, match=name):
            runtime.load(saved)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_flipped_bits_are_always_noticed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("flip") / "model"
    random_model(4).save(folder)
    path = folder / data.draw(st.sampled_from(FILES))
    whole = bytearray(path.read_bytes())
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(whole)
    try:
        again = runtime.load(folder)
    except ModelError:
        return
    assert path.name == "certificate.json"  # whose white space may change
    assert_same(again, random_model(4))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format_version": 2}, "format version 2"),
        ({"format_version": True}, '"format_version" has the wrong type'),
        ({"max_length": 10**15}, "more than the"),
        ({"max_length": 0}, "max_length must be at least 1"),
        ({"max_length": "9"}, '"max_length" has the wrong type'),
        ({"max_length": 8}, r"position_embedding should be F32 \[9, 18\]"),
        ({"vocab": []}, "vocabulary"),
        ({"vocab": ["a", "a", "b"]}, "vocabulary"),
        ({"vocab": ["a", "b"]}, "token_embedding should be"),
        ({"vocab": ["a", "b", {"fraction": "1/0"}]}, "a fraction"),
        ({"vocab": ["a", "b", {"fraction": "1e999999999"}]}, "a fraction"),
        ({"vocab": ["a", "b", {"fraction": "9" * 5000}]}, "a fraction"),
        ({"vocab": ["a", "b", {"fraction": 1}]}, "a fraction"),
        ({"places": [10**12, *range(17)]}, "without gaps"),
        ({"places": [2**64, *range(17)]}, "without gaps"),
        ({"places": [0]}, "every column needs a place"),
        ({"places": [0.0] * 18}, "numbers of places"),
        ({"vocab": ["a", "b", [1]]}, "neither a string, a bool nor a number"),
        ({"vocab": ["a", "b", "d"]}, "config.json does not match certificate.json"),
        ({"causal": True}, "config.json does not match certificate.json"),
        ({"causal": 1}, '"causal" has the wrong type'),
        ({"dtype": "float16"}, "dtype must be float32 or float64"),
        ({"dtype": "float64"}, "is truncated"),
        ({"layers": []}, "too large|layers.0"),
        ({"layers": [{"heads": -1, "d_head": 1, "d_mlp": 1}]}, "negative size"),
        ({"layers": [{"heads": 10**9, "d_head": 10**9, "d_mlp": 1}]}, "more than the"),
        ({"layers": [{"heads": 2}]}, '"d_head" is missing'),
        ({"layers": [3]}, '"heads" is missing'),
        ({"output": {"kind": "labels", "labels": []}}, "at least one label"),
        ({"output": {"kind": "magic"}}, '"kind" must be'),
        ({"output": {"kind": "number", "max_denominator": 3, "scale": "1"}}, "unembedding"),
        ({"output": {"kind": "number", "max_denominator": 3, "scale": 1}}, "a fraction"),
        ({"columns": []}, "should be F32|too large"),
        ({"columns": [{"name": 1}]}, '"name" has the wrong type'),
        (
            {"columns": [{"name": "x", "meaning": "x", "written": 0, "scale": "1", "labels": []}]},
            "'x' has no labels",
        ),
        ({"kept": [{"name": "x", "values": [1], "columns": [0], "numbers": [[10**400]]}]}, "lists of ints"),
    ],
)
def test_a_configuration_that_disagrees(saved: Path, changes: dict[str, Any], message: str) -> None:
    edit_json(saved / "config.json", **changes)
    with pytest.raises(ModelError, match=message):
        runtime.load(saved)


@pytest.mark.parametrize("written", [-1, 7, 10**30])
def test_a_column_written_nowhere(written: int) -> None:
    some = random_model(4)
    columns = (*some.config.columns[1:], Column("x", "x", written))
    with pytest.raises(ModelError, match="'x' is said to be written by a sublayer"):
        replace(some, config=replace(some.config, columns=columns))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", "null", '{"a":' * 10**5, "[" * 10**5, "9" * 10**4, "\xff"]
)
@pytest.mark.parametrize("name", ["config.json", "certificate.json"])
def test_json_that_is_something_else(saved: Path, name: str, text: str) -> None:
    (saved / name).write_bytes(text.encode("latin1"))
    with pytest.raises(ModelError, match=name):
        runtime.load(saved)


def header_of(data: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def with_header(header: dict[str, Any], body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda header: header.pop("unembedding"), "config.json has an array unembedding"),
        (lambda header: header.update(more=header["unembedding"]), "model.safetensors has an array more"),
        (lambda header: header["unembedding"].update(dtype="I32"), "should be F32"),
        (lambda header: header["unembedding"].update(shape=[3, 18]), "should be F32"),
        (lambda header: header.update(unembedding=4), "should be F32"),
        (lambda header: header["unembedding"].update(data_offsets=[0, 10**12]), "damaged|does not match"),
    ],
)
def test_weights_that_disagree(saved: Path, change: Callable[[Any], Any], message: str) -> None:
    path = saved / "model.safetensors"
    header, body = header_of(path.read_bytes())
    change(header)
    path.write_bytes(with_header(header, body))
    reseal(saved)
    with pytest.raises(ModelError, match=message):
        runtime.load(saved)


def reseal(folder: Path) -> None:
    """Make certificate.json agree with changed files, as a stranger could."""
    sealed = json.loads((folder / "certificate.json").read_text())
    for name in ("config.json", "model.safetensors", "program.rasp"):
        sealed["sha256"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "certificate.json").write_text(json.dumps(sealed))


def test_an_absurd_header_size(saved: Path) -> None:
    path = saved / "model.safetensors"
    path.write_bytes((2**62).to_bytes(8, "little") + path.read_bytes()[8:])
    with pytest.raises(ModelError, match="header cannot be read"):
        runtime.load(saved)


def test_entries_that_are_not_finite(saved: Path) -> None:
    arrays = safetensors.numpy.load_file(saved / "model.safetensors")
    arrays["layers.1.b_in"] = arrays["layers.1.b_in"] + np.float32(np.nan)
    arrays["unembedding_bias"] = np.full_like(arrays["unembedding_bias"], np.inf)
    (saved / "model.safetensors").write_bytes(safetensors.numpy.save(arrays))
    reseal(saved)
    with pytest.raises(ModelError, match="unembedding_bias holds entries that are not finite"):
        runtime.load(saved)


def test_the_certificate_of_another_model(saved: Path, tmp_path: Path) -> None:
    random_model(5).save(tmp_path / "other")
    (saved / "certificate.json").write_bytes((tmp_path / "other" / "certificate.json").read_bytes())
    with pytest.raises(ModelError, match=r"does not match certificate.json.*another model"):
        runtime.load(saved)


def test_a_certificate_that_was_improved_by_hand(saved: Path) -> None:
    text = (saved / "certificate.json").read_text()
    (saved / "certificate.json").write_text(text.replace('"certified": false', '"certified": true'))
    with pytest.raises(ModelError, match=r"certificate\.json is damaged"):
        runtime.load(saved)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_certificate_with_numbers_that_are_none(saved: Path, number: str) -> None:
    text = (saved / "certificate.json").read_text()
    (saved / "certificate.json").write_text(text.replace('"items": []', f'"items": [{{"bound": {number}}}]'))
    with pytest.raises(ModelError, match=r"certificate.* not JSON"):
        runtime.load(saved)


def test_a_program_that_was_changed(saved: Path) -> None:
    (saved / "program.rasp").write_text("indices;")
    with pytest.raises(ModelError, match=r"program\.rasp does not match"):
        runtime.load(saved)


def test_models_larger_than_allowed(saved: Path) -> None:
    with pytest.raises(ModelError, match="more than the 1000 allowed"):
        runtime.load(saved, max_bytes=1000)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_for_a_file_does_not_hang(saved: Path) -> None:
    (saved / "config.json").unlink()
    os.mkfifo(saved / "config.json")
    with pytest.raises(ModelError, match=r"config\.json is not a regular file"):
        runtime.load(saved)


# --- writing --------------------------------------------------------------------------------------------


def test_other_peoples_folders_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "diary.txt").write_text("dear diary")
    with pytest.raises(ModelError, match=r"holds other files \(diary.txt\)"):
        random_model(1).save(tmp_path / "notes")
    with pytest.raises(ModelError, match="is a file"):
        random_model(1).save(tmp_path / "notes" / "diary.txt")
    assert (tmp_path / "notes" / "diary.txt").read_text() == "dear diary"


def test_a_place_that_cannot_be_written() -> None:
    with pytest.raises(ModelError, match="cannot save to /proc/model"):
        random_model(1).save("/proc/model")


def test_a_full_disk_leaves_the_old_model(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(saved)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ModelError, match="No space left on device"):
        random_model(5).save(saved)
    assert contents(saved) == before
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


def test_without_an_exchange_it_is_still_replaced(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime.saving.folders, "exchange", lambda *_paths: False)
    random_model(5).save(saved)
    assert_same(runtime.load(saved), random_model(5))
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


def test_what_killed_processes_left_is_removed_later(saved: Path) -> None:
    old, new = saved.parent / ".model.a1b2c3d4.saving", saved.parent / ".model.c3d4e5f6.saving"
    other = saved.parent / ".models.a1b2c3d4.saving"
    for folder in (old, new, other):
        folder.mkdir()
        (folder / "config.json").write_text("{")
    for folder in (old, other):
        os.utime(folder, (time.time() - 7200, time.time() - 7200))
    random_model(5).save(saved)
    assert sorted(path.name for path in saved.parent.iterdir()) == [new.name, other.name, "model"]


def test_a_link_to_a_folder_stays_a_link(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(saved)
    random_model(5).save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert_same(runtime.load(saved), random_model(5))


SAVE_FOR_EVER = """
import sys
from tests.support.random_models import random_model
models = [random_model(seed, vocab=range(200)) for seed in (1, 2)]
print("ready", flush=True)
while True:
    for model in models:
        model.save(sys.argv[1])
"""


def saver(folder: Path) -> subprocess.Popen[str]:
    """A process that saves two models over each other until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", SAVE_FOR_EVER, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.slow
def test_killed_while_saving_leaves_one_whole_model(tmp_path: Path) -> None:
    models = [random_model(seed, vocab=range(200)) for seed in (1, 2)]
    models[0].save(tmp_path / "model")
    for attempt in range(6):
        process = saver(tmp_path / "model")
        time.sleep(0.01 + 0.013 * attempt)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        left = runtime.load(tmp_path / "model")
        assert_same(left, models[int((left.weights.unembedding != models[0].weights.unembedding).any())])


def test_readers_see_whole_models_while_others_save(tmp_path: Path) -> None:
    random_model(1, vocab=range(200)).save(tmp_path / "model")
    processes = [saver(tmp_path / "model") for _ in range(2)]
    seen: set[bytes] = set()
    failures: list[str] = []

    def read() -> None:
        try:
            for _ in range(40):
                seen.add(runtime.load(tmp_path / "model").weights.unembedding.tobytes())
        except ModelError as error:
            failures.append(str(error))

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        process.kill()
        process.communicate()
    assert not failures
    assert seen <= {random_model(seed, vocab=range(200)).weights.unembedding.tobytes() for seed in (1, 2)}
    assert len(seen) == 2


def test_the_files_of_a_model(tmp_path: Path) -> None:
    """Four files; what is loaded is what was saved."""
    stored = stages(COUNT).stored
    save(tmp_path / "m", stored.config, stored.weights, Certificate(True, "said so"), "answer = tokens;")
    assert {file.name for file in (tmp_path / "m").iterdir()} == {CERTIFICATE, CONFIG, PROGRAM, WEIGHTS}
    config, weights, certificate, program = load(tmp_path / "m")
    assert (config, certificate.summary, program) == (stored.config, "said so", "answer = tokens;")
    arrays = named_arrays(weights)
    assert all(np.array_equal(arrays[name], array) for name, array in named_arrays(stored.weights).items())
