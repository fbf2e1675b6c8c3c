"""The command line reaches what Python does: options, Python files, what models and programs are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import programs
import rasp
import runtime
from rasp.commands.exporting import export
from tests.support.command_line import assert_refused, rasp_command


@pytest.fixture
def twice(tmp_path: Path) -> Path:
    file = tmp_path / "twice.rasp"
    file.write_text(
        '# Whether my token is there twice.\n# vocab: ab\n# example: "aab" -> [true, true, false]\n\n'
        "copies = selector_width(select(tokens, tokens, ==));\ntwice = copies > 1;\n"
    )
    return file


def test_compile_with_everything_that_python_has(twice: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    options = ["--max-length", 4, "--dtype", "float64", "--keep", "copies", "--no-optimize", "-o", folder]
    assert rasp_command("compile", twice, *options).code == 0
    model = runtime.load(folder)
    assert model.config.dtype == "float64"
    assert [kept.name for kept in model.config.kept] == ["copies"]
    assert model.intervene("ab", {"copies": 2}) == [True, True]
    graph, plain = (
        rasp_command("compile", "dyck1_ptf", "--max-length", 4, "--emit", "graph", *more).out
        for more in ([], ["--no-optimize"])
    )
    assert graph != plain


def test_orders_by_digits_or_with_the_fewest_heads() -> None:
    sizes = [
        json.loads(
            rasp_command("compile", "sort", "--vocab", "0:26", "--max-length", 32, *more, "--json").out
        )
        for more in ([], ["--heads", "fewest"])
    ]
    (any_heads, fewest), (small, large) = (
        [facts[name] for facts in sizes] for name in ("heads", "parameters")
    )
    assert fewest < any_heads
    assert 2 * small < large


def test_compile_tells_more_if_asked(twice: Path) -> None:
    brief, whole = (rasp_command("compile", "reverse", "--max-length", 4, *more).out for more in ([], ["-v"]))
    assert "a b c d e f g h i j ... z" in brief
    assert "a b c d e f g h i j k l m n" in whole
    assert "unselected keys fall short" in whole
    assert "unselected keys fall short" not in brief


def test_compile_causally_warns_as_check_does(tmp_path: Path) -> None:
    ran = rasp_command("compile", "reverse", "--vocab", "ab", "--max-length", 4, "--causal")
    assert ran.code == 0
    checked = rasp_command("check", "reverse", "--causal").out
    assert ran.err == checked
    assert "`length` is `indices + 1`" in ran.err
    assert rasp_command("compile", "reverse", "--vocab", "ab", "--max-length", 4).err == ""
    facts = json.loads(
        rasp_command("compile", "reverse", "--vocab", "ab", "--max-length", 4, "--causal", "--json").out
    )
    assert "".join(f"{warning}\n" for warning in facts["warnings"]) == checked


def test_info(twice: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    assert rasp_command("compile", twice, "--max-length", 4, "--keep", "copies", "-o", folder).code == 0
    told = rasp_command("info", folder)
    assert (told.code, told.err) == (0, "")
    for part in (
        "tokens       2: a b",
        "certified: exact",
        "max length   4",
        "kept         copies",
        "copies = ",
    ):
        assert part in told.out
    facts = json.loads(rasp_command("info", folder, "--json").out)
    assert facts["vocab"] == ["a", "b"]
    assert facts["source"] == runtime.load(folder).program
    assert_refused(rasp_command("info", tmp_path), "config.json")


def test_show() -> None:
    assert rasp_command("show", "sort").out == programs.read("sort")
    whole = rasp_command("show", "sort", "--library").out
    assert "def sort(seq, key) {" in whole
    assert "def selector_width(sel) {" in whole  # which sort calls
    assert "def shift" not in whole
    assert whole.endswith(programs.read("sort"))


def test_show_the_program_of_a_model(twice: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    assert rasp_command("compile", twice, "--max-length", 4, "-o", folder).code == 0
    assert rasp_command("show", folder).out.strip() == runtime.load(folder).program.strip()


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    file = tmp_path / "tool.py"
    file.write_text(
        "from rasp import aggregate, indices, length, select, tokens\n"
        "from helper import ONE\n"
        "opposite = select(indices, length - ONE - indices, '==')\n"
        "mirrored = aggregate(opposite, tokens)\n"
        "same = mirrored == tokens\n"
    )
    (tmp_path / "helper.py").write_text("ONE = 1\n")
    return file


def test_programs_in_python_files(tool: Path) -> None:
    assert rasp_command("run", f"{tool}:mirrored", "abc").out == "[c, b, a] (strings)\n"
    assert rasp_command("run", tool, "aba").out == "[T]*3 (bools)\n"
    assert rasp_command("run", f"{tool}:opposite", "ab", "--json").out == "[[false, true], [true, false]]\n"
    assert (
        rasp_command("verify", f"{tool}:mirrored", "--vocab", "ab", "--max-length", 3, "--exhaustive").code
        == 0
    )
    assert rasp_command("draw", f"{tool}:mirrored", "ab").code == 0
    assert rasp_command("explain", f"{tool}:mirrored", "ab").code == 0


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x = 1 / 0\n", ["wrong.py:1:1: ", "ZeroDivisionError", "    x = 1 / 0\n    ^^^^^^^^^\n"]),
        ("x = (\n", ["wrong.py:1:1: ", "SyntaxError"]),
        ("from rasp import tokens\nx = tokens + None\n", ["wrong.py:2:1: input error", "x = tokens + None"]),
        ("from rasp import *\nx = select(tokens, 1, '==')\n", ["defines no s-op", "x is a selector"]),
        ("from rasp import tokens\n", ["defines no s-op"]),
        ("from rasp import tokens\nmine = tokens + 1\n", ['no s-op or selector "other"', "it has mine"]),
        ("import sys\nsys.exit(3)\n", ["wrong.py:2:1: ", "fails: SystemExit: 3"]),
    ],
)
def test_python_files_that_do_not_do(tmp_path: Path, text: str, parts: list[str]) -> None:
    file = tmp_path / "wrong.py"
    file.write_text(text)
    name = ":other" if "other" in parts[0] else ""
    assert_refused(rasp_command("run", f"{file}{name}", "abc"), *parts)


def test_what_needs_a_text_says_so(tool: Path) -> None:
    assert_refused(rasp_command("check", tool), "is Python")
    assert_refused(rasp_command("run", tool.with_name("none.py"), "abc"), "there is no Python file")
    assert_refused(rasp_command("fmt", tool), "is Python")
    assert rasp_command("show", f"{tool}:mirrored").out == tool.read_text()


def test_view_without_input(twice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begins with the program's example, and opens the browser."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.chdir(tmp_path)
    assert rasp_command("view", twice).code == 0
    page = tmp_path / "twice.html"
    assert opened == [page.as_uri()]
    assert rasp_command("view", twice, "-", "-o", "same.html", stdin=b"aab").code == 0
    assert page.read_text() == (tmp_path / "same.html").read_text()
    assert rasp_command("compile", twice, "-o", "model").code == 0
    assert rasp_command("view", "model", "--no-browser").code == 0
    assert len(opened) == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    script = rasp_command("completion", shell).out
    assert f"_RASP_COMPLETE={shell}_complete" in script


def completed(words: list[str], folder: Path) -> list[str]:
    """What a bash is told when it asks how the last word goes on."""
    ran = subprocess.run(
        [sys.executable, "-m", "rasp"],
        env={
            **os.environ,
            "_RASP_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(["rasp", *words]),
            "COMP_CWORD": str(len(words)),
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return [line.partition(",")[2] for line in ran.stdout.splitlines()]


def test_what_shells_complete(twice: Path, tool: Path) -> None:
    folder = twice.parent
    assert completed(["comp"], folder) == ["compile", "completion", "compress"]
    assert completed(["run", "hist"], folder) == ["hist", "hist2"]
    assert completed(["run", "t"], folder) == ["title_case", "tool.py", "twice.rasp"]
    assert completed(["repl", "twi"], folder) == ["twice.rasp"]
    assert completed(["learn", "show", "copy"], folder) == ["copy_input"]
    assert completed(["learn", "check", "3"], folder)[:2] == ["3", "30"]
    assert "--dtype" in completed(["compile", "sort", "--d"], folder)
    to = next(option for option in export.params if option.name == "target")
    offered = to.shell_complete(click.Context(export), "g")
    assert [each.value for each in offered] == ["gpt2", "gguf"]


def test_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where colours are forced."""
    monkeypatch.setenv("NO_COLOR", "1")
    for words in (["list"], ["show", "sort"], ["learn", "list"], ["explain", "hist", "ab"]):
        assert "\x1b[" not in rasp_command(*words).out


@pytest.mark.parametrize("columns", [80, 60, 200])
def test_the_list_is_grouped_and_never_broken_within_words(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = rasp_command("list").out.splitlines()
    assert max(map(len, lines)) <= columns
    groups = [line for line in lines if line and not line.startswith(" ")]
    assert groups == list(programs.groups())
    named = [line.split()[0] for line in lines if re.match(r"  \S", line)]
    known = [*programs.names(), *programs.steps()]
    assert sorted(named) == sorted(known)
    words = " ".join(lines).split()
    for name in known:
        assert " ".join(programs.header(name).meaning.split()) in " ".join(words)


def test_version() -> None:
    assert rasp_command("-v").out == rasp_command("--version").out == f"rasp {rasp.__version__}\n"
