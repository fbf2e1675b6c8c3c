"""`rasp run` and `rasp list`: answers, bad input, and a start without JAX."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import programs
from tests.support.command_line import assert_refused, rasp_command


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["reverse", "abc"], "[c, b, a] (strings)"),
        (["sort", "[3, 1, 2]"], "[1, 2, 3] (ints)"),
        (["length", "hello"], "[5]*5 (ints)"),
        (["palindrome", "ab"], "[F]*2 (bools)"),
        (["frac_prevs", "xaa"], "[1, 0.5, 0.333] (floats)"),
        (["frac_prevs", "xx", "--json"], "[1, 1.0]"),
        (["windowed_sum", "[0.5, 1.25]"], "[0.5, 1.75] (floats)"),
        (["windowed_sum", "[0.5, 1.5]", "--json"], "[0.5, 2.0]"),
        (["reverse:opposite", "abc"], "[2, 1, 0] (ints)"),
        (["identity", "[]", "--string"], "[[, ]] (strings)"),
        (["identity", '["ab", "c"]', "--json"], '["ab", "c"]'),
        (["identity", "[true, false]"], "[T, F] (bools)"),
        (["identity", "é\U0001f600"], "[é, \U0001f600] (strings)"),
        (["length", "abc", "--causal"], "[1, 2, 3] (ints)"),
    ],
)
def test_run(arguments: list[str], answer: str) -> None:
    ran = rasp_command("run", *arguments)
    assert (ran.code, ran.out, ran.err) == (0, answer + "\n", "")


def test_run_a_selector_shows_its_matrix() -> None:
    ran = rasp_command("run", "hist2:same", "aba")
    assert ran.out.splitlines() == ["    a b a", "a | 1   1", "b |   1", "a | 1   1"]
    as_json = rasp_command("run", "hist2:same", "ab", "--json")
    assert json.loads(as_json.out) == [[True, False], [False, True]]


def test_run_a_file(tmp_path: Path) -> None:
    file = tmp_path / "twice.rasp"
    file.write_text("twice = tokens + tokens;\nother = 1;\n")
    assert rasp_command("run", file, "ab").out == "[aa, bb] (strings)\n"


@pytest.mark.parametrize("text", ["NaN", "1e999999999", "9" * 6000])
def test_run_takes_what_is_no_list_as_text(text: str) -> None:
    assert json.loads(rasp_command("run", "identity", text, "--json").out) == list(text)


def test_run_takes_a_list_as_text_if_told_so() -> None:
    text = f"[{'9' * 6000}]"
    assert json.loads(rasp_command("run", "identity", text, "--string", "--json").out) == list(text)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["revers", "abc"], ["revers", "reverse"]),
        (["no-such-folder/x.rasp", "abc"], ["no-such-folder/x.rasp"]),
        (["reverse", ""], ["empty"]),
        (["reverse", "[]"], ["empty"]),
        (["reverse", '[1, "a"]'], []),
        (["reverse", "[[1]]"], ["[1]"]),
        (["reverse", "[null]"], ["null"]),
        (["identity", "[NaN]"], ["NaN"]),
        (["identity", "[1e999999999]"], ["1e999999999"]),
        (["identity", f"[1, {'9' * 6000}]"], ["99... is a number of more than 4,200 digits"]),
        (["identity", f"[0.{'9' * 6000}]"], ["99... is a number of more than 4,200 digits"]),
        (["identity", f"[1e-{'9' * 6000}]"], ["is a number out of range"]),
        (["sort", "a" * 100_000], ["the input has 100,000 tokens", "up to 2,828 tokens"]),
        (["reverse:opposit", "abc"], ["opposit", "opposite"]),
        (["dyck2_ptf:change", "abc"], ["change"]),
        (["caesar", "A"], ["A"]),
        (["reverse"], ["INPUT"]),
        (["reverse", "abc", "--nonsense"], ["--nonsense"]),
    ],
)
def test_run_refuses(arguments: list[str], parts: list[str]) -> None:
    assert_refused(rasp_command("run", *arguments), *parts)


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder.rasp"
    folder.mkdir()
    assert_refused(rasp_command("run", folder, "abc"), "folder.rasp")
    binary = tmp_path / "binary.rasp"
    binary.write_bytes(b"\xff\xfe\x00")
    assert_refused(rasp_command("run", binary, "abc"), "binary.rasp")


def test_a_mistake_in_a_program_is_shown_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "wrong.rasp"
    file.write_text("a = 1;\nb = nonsense;\n")
    assert_refused(rasp_command("run", file, "abc"), "wrong.rasp:2:5", "nonsense")


def test_list() -> None:
    described = json.loads(rasp_command("list", "--json").out)
    assert [entry["name"] for entry in described] == [*programs.names(), *programs.steps()]
    assert described[0]["examples"][0]["input"] == "aabaa"


def test_run_does_not_import_jax_or_numpy() -> None:
    script = (
        "import sys\nfrom rasp.cli import main\n"
        "try:\n    main(['run', 'sort', '[2, 1]'])\n"
        "except SystemExit as done:\n    assert not done.code\n"
        "print({'jax', 'numpy', 'networkx', 'rich'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["[1, 2] (ints)", "set()"]


@pytest.mark.skipif(os.name != "posix", reason="closed pipes are signalled differently elsewhere")
def test_a_closed_pipe_is_no_error() -> None:
    ran = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m rasp list --json | head -c 1"], capture_output=True, check=True
    )
    assert ran.stderr == b""
