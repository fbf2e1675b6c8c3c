"""Messages say what to do: flags in the command line, arguments in Python, and the name of what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import compiler
import programs
import rasp
import runtime
from rasp.commands.hints import in_flags
from tests.support.command_line import assert_refused, rasp_command
from tests.support.paths import ROOT

PROGRAM = rasp.load("sort")
KEPT = compiler.compile(PROGRAM.main, vocab="ab", max_length=3, keep=["rank"])
PLAIN = compiler.compile(PROGRAM.main, vocab="ab", max_length=3)
HALF = rasp.parse("s = select(tokens, tokens, ==);", name="half")


@pytest.mark.parametrize(
    ("wrong", "message", "hint"),
    [
        (lambda: compiler.compile(PROGRAM, "ab", 3), "not Program", "program.main"),  # type: ignore[arg-type]
        (lambda: compiler.compile("sort", "ab", 3), "not str", "rasp.load(name).main"),  # type: ignore[arg-type]
        (lambda: compiler.verify(PROGRAM, PLAIN), "first argument", "program.main"),  # type: ignore[arg-type]
        (lambda: compiler.compile(PROGRAM.main, "ab", 3, keep=["rnk"]), "'rnk'", "rank"),
        (lambda: PLAIN.intervene("ab", {"rnk": 1}), "no s-op called 'rnk'", "'rank'"),
        (lambda: KEPT.intervene("ab", {"other": 1}), "no s-op called 'other'", "kept are rank"),
        (lambda: PLAIN.intervene("ab", {"rank": 1}), "rank", "compile with keep=['rank']"),
        (lambda: HALF.main, "half defines no s-op, only the selector `s`", "x = selector_width(s);"),
        (lambda: rasp.parse("x = 1;").main, "defines no s-op", "x = indices + 1;"),
        (lambda: rasp.parse("x = indices // 2;"), "no `//`", "round((a - a % b) / b)"),
        (lambda: rasp.indices // 2, "`//` does not work", "round((a - a % b) / b)"),
        (lambda: rasp.parse('load "sort";'), 'no file "sort.rasp"', "rasp show sort > sort.rasp"),
        (lambda: rasp.parse('load "sort.rasp";'), "no file", "leave out the ending"),
    ],
)
def test_what_to_do_is_said(wrong: Callable[[], object], message: str, hint: str) -> None:
    with pytest.raises(rasp.RaspError) as refused:
        wrong()
    assert message in refused.value.message
    assert hint in (refused.value.hint or "")


def test_the_floor_is_what_the_hint_says() -> None:
    floor = rasp.parse("x = round((indices - indices % 3) / 3);").main
    assert floor("abcdefgh") == [i // 3 for i in range(8)]
    assert compiler.compile(floor, vocab="a", max_length=8)("a" * 8) == floor("a" * 8)


@pytest.mark.parametrize(
    ("in_python", "in_the_shell"),
    [
        ("compile with keep=['rank']; kept are x", "compile with --keep rank; kept are x"),
        ('dtype="float64" works', "--dtype float64 works"),
        ("try samples=K, or certificate=True, which", "try --samples K, or --certificate, which"),
    ],
)
def test_hints_are_in_flags_at_the_command_line(in_python: str, in_the_shell: str) -> None:
    assert in_flags(in_python) == in_the_shell


def test_too_many_inputs_are_refused_with_their_number() -> None:
    model = compiler.compile(rasp.load("hist").main, vocab="abcdefghij", max_length=16)
    with pytest.raises(rasp.InputError, match="about 10\\^16 inputs") as refused:
        compiler.verify(rasp.load("hist").main, model, exhaustive=True)
    assert "samples=K" in (refused.value.hint or "")
    ran = rasp_command("verify", "hist", "--vocab", "abcdefghij", "--exhaustive")
    assert ran.code == 2
    assert "--samples K" in ran.err


def test_a_missing_model_is_said_without_numbers_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(rasp.ModelError, match="No such file or directory") as refused:
        runtime.load(tmp_path / "nothing")
    assert "Errno" not in str(refused.value)
    assert_refused(rasp_command("info", tmp_path / "nothing"), "there is no model at")


def test_a_file_with_only_a_selector(tmp_path: Path) -> None:
    file = tmp_path / "half.rasp"
    file.write_text("# vocab: ab\nsame = select(tokens, tokens, ==);\n")
    for words in (["run", file, "ab"], ["compile", file]):
        assert_refused(rasp_command(*words), "only the selector `same`", "selector_width(same)")
    assert rasp_command("run", f"{file}:same", "ab").code == 0


def test_which_s_op_is_the_program_is_said() -> None:
    language = (ROOT / "programs" / "docs" / "language.md").read_text()
    assert "the s-op named like the file" in language
    assert "the one named like the file is meant" in " ".join(rasp_command("run", "--help").out.split())


def test_the_repl_says_how_to_get_at_a_library_program() -> None:
    told = rasp_command("repl", stdin=b'load "hist";\n').out
    assert "rasp repl hist" in told
    assert re.search("there is no file", told)
    assert "hist" in programs.names()
