"""`--allow-path`: where the files that a program loads may lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import rasp_command


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that loads from a folder beside its own."""
    for folder in ("mine", "common"):
        (tmp_path / folder).mkdir()
    (tmp_path / "common" / "steps.rasp").write_text("next = indices + 1;\n")
    path = tmp_path / "mine" / "main.rasp"
    path.write_text('load "../common/steps";\nmain = next * 2;\n')
    return path


def test_refused_without(program: Path) -> None:
    result = rasp_command("run", str(program), "abc")
    assert result.code == 2
    assert "lies outside the folder of the program" in result.err


@pytest.mark.parametrize("command", ["run", "check"])
def test_allowed(program: Path, command: str) -> None:
    words = [command, str(program), *(["abc"] if command == "run" else [])]
    result = rasp_command(*words, "--allow-path", str(program.parent.parent / "common"))
    assert result.code == 0, result.err
    assert command == "check" or result.out == "[2, 4, 6] (ints)\n"
