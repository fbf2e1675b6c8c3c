"""Abuse of the compiler and of what verifies: clear errors, nothing worse."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import compiler
import rasp
import runtime
from rasp import tokens
from rasp.errors import CompileError, RaspError
from tests.support.command_line import assert_refused, rasp_command


@pytest.mark.parametrize(
    "vocab",
    [
        *([], [None], [[1]], [b"a"], [1, "a"], [True, 2], [1, 1.0], ["a", "a"]),
        *([float("nan")], [float("inf")], [1j], [("a",)], [{}], [object()]),
    ],
)
def test_vocabularies_that_are_none(vocab: Any) -> None:
    with pytest.raises(CompileError):
        compiler.compile(tokens, vocab, 3)


@pytest.mark.parametrize("vocab", [None, 5, 2.5, object()])
def test_what_is_no_collection_is_no_vocabulary(vocab: Any) -> None:
    with pytest.raises(RaspError):
        compiler.compile(tokens, vocab, 3)


@pytest.mark.parametrize("max_length", [0, -1, True, 2.5, "3", None, [3]])
def test_maximum_lengths_that_are_none(max_length: Any) -> None:
    with pytest.raises(CompileError):
        compiler.compile(tokens, "ab", max_length)


@pytest.mark.parametrize("sop", [None, 3, "tokens", rasp.select(tokens, tokens, "=="), len])
def test_what_is_no_sop_is_not_compiled(sop: Any) -> None:
    with pytest.raises(CompileError):
        compiler.compile(sop, "ab", 3)


def test_an_unknown_stage() -> None:
    with pytest.raises(CompileError, match="layout"):
        compiler.emit(tokens, "blueprint", "ab", 3)


@pytest.mark.parametrize("vocab", [["\ud800", "a"], ["\0", "\n"], ['"', "a"], ["🙂", "é"], ["", " "]])
def test_strange_characters(vocab: list[str], tmp_path: Path) -> None:
    model = compiler.compile(tokens, vocab, 2)
    assert model(vocab) == vocab
    model.save(tmp_path / "model")
    assert runtime.load(tmp_path / "model")(vocab[:1]) == vocab[:1]


def test_huge_numbers_are_carried_or_refused() -> None:
    vocab: list[rasp.Atom] = [10**40, 3, Fraction(1, 10**30)]
    assert compiler.compile(tokens, vocab, 2)([10**40, 3]) == [10**40, 3]
    square = tokens * tokens
    try:
        model = compiler.compile(square, vocab, 2)
    except CompileError:
        return
    assert model([10**40]) == [10**80]


@pytest.mark.parametrize(("size", "length"), [(2, 10**9), (3000, 3000)])
def test_settings_that_are_too_large(size: int, length: int) -> None:
    """Either small enough after all, or refused; in both cases soon."""
    script = f"""
import resource, compiler, rasp
resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
try:
    compiler.compile(rasp.load("sort").main, range({size}), {length})
    print("compiled")
except rasp.RaspError as error:
    print("refused:", error.message)
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=600, check=False
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert ran.stdout.startswith(("compiled", "refused"))


def test_verifying_a_program_that_does_not_fit_the_model() -> None:
    """A program that is defined nowhere over the vocabulary: everything is undefined, nothing crashes."""
    model = compiler.compile(tokens, "ab", 3)
    report = compiler.verify(rasp.tokens_int, model, samples=20)
    assert report.inputs == 0
    assert report.undefined > 0


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    compiler.compile(rasp.load("hist").main, "ab", 3).save(tmp_path / "model")
    return tmp_path / "model"


def test_verifying_a_damaged_folder(saved: Path) -> None:
    config = json.loads((saved / "config.json").read_text())
    config["max_length"] = 10**12
    (saved / "config.json").write_text(json.dumps(config))
    assert_refused(rasp_command("verify", saved), "model error")


def test_a_program_that_was_exchanged(saved: Path) -> None:
    (saved / "program.rasp").write_text("x = 1; def f(n) { return f(n); } y = f(1);")
    assert_refused(rasp_command("verify", saved), "program.rasp")


def test_strangers_programs_end(tmp_path: Path) -> None:
    """The folder's own sums hold, but its program would run for ever."""
    from runtime.saving import storage

    endless = "def f(n) { return f(n + 1); } y = f(1);"
    model = compiler.compile(tokens, "ab", 2)
    storage.save(tmp_path / "model", model.config, model.weights, model.certificate, endless)
    ran = rasp_command("verify", tmp_path / "model")
    assert ran.code == 2
    assert "limit reached" in ran.err


def test_saved_models_verify(saved: Path) -> None:
    ran = rasp_command("verify", saved, "--exhaustive")
    assert ran.code == 0, ran.err
    assert "equal on every one of 14 inputs" in ran.out


@pytest.mark.slow
def test_warnings_as_errors_stay_silent(saved: Path) -> None:
    """The whole way, with every warning an error."""
    for arguments in (
        ["verify", str(saved), "--samples", "20"],
        ["run", "sort", "[2, 1]"],
        ["apply", str(saved), "ab"],
        ["fuzz", "--count", "2", "--seed", "1"],
    ):
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-m", "rasp", *arguments],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        assert "Warning" not in ran.stderr
