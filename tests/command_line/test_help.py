"""Every command's help has an example, and every example works."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import click
import pytest

from rasp.cli import rasp
from tests.support.command_line import rasp_command

QUICKER = {
    "--count 500": "--count 2",
    "--count 50": "--count 1",
    "--minutes 10": "--minutes 0.02",
    "--samples 1000": "--samples 50",
    "--vocab a-j --max-length 10": "--vocab ab --max-length 2 --steps 1",
    "--ablate --plot": "--plot",
    "-d 6 -o": "-d 6 --seeds 1 --steps 1 -o",
    "-d 1-8 --seeds 4": "-d 8 --seeds 1 --steps 1",
}
"""What takes long is asked for in a smaller amount."""

FREE = {"--port 8080": "--port 0"}
"""A port that nobody has, instead of one that somebody may have."""

WRONG = [["learn", "check", "1"]]
"""What ends with code 1: the skeleton is not right yet."""


def commands(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """All commands, those of groups included, by what one writes after `rasp`."""
    yield name, command
    if isinstance(command, click.Group):
        for inner, child in command.commands.items():
            yield from commands(child, f"{name} {inner}".strip())


COMMANDS = dict(commands(rasp))


def examples(command: click.Command) -> list[str]:
    """The lines below `Example:` in a command's help."""
    _, _, below = re.sub(r"Examples:", "Example:", command.help or "").partition("Example:\n")
    return [line.strip() for line in below.split("\n\n")[0].splitlines() if line.strip()]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with everything that the examples mention."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rasp.commands.playing.serve", lambda *_: None)  # it would go on until Ctrl-C
    (tmp_path / "my.rasp").write_text("x=indices+1;")
    for name in ("my_backwards", "08_backwards"):
        text = "backwards = aggregate(select(indices, length - 1 - indices, ==), tokens);"
        (tmp_path / f"{name}.rasp").write_text(text)
    (tmp_path / "inputs.jsonl").write_text(json.dumps([3, 1, 2]) + "\n")
    (tmp_path / "diary.txt").write_text("It rained. It rained again.\n")
    student = tmp_path / "class-of-2030" / "ann"
    student.mkdir(parents=True)
    (tmp_path / "my-exercises").mkdir()
    task = "01_copy_input.md"
    shutil.copy(Path(str(files("programs"))) / "exercises" / task, tmp_path / "my-exercises")
    (student / "01_copy_input.rasp").write_text("copy_input = tokens;")
    return tmp_path


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_an_example_that_works(name: str, folder: Path) -> None:
    found = examples(COMMANDS[name])
    assert found, f"rasp {name} --help has no example"
    assert any(line.startswith(f"rasp {name}".strip()) for line in found)
    if "sort-model" in " ".join(found) and name != "compile":
        made = rasp_command("compile", "sort", "--vocab", "0:5", "--max-length", 4, "-o", "sort-model")
        assert made.code == 0
    for line in found:
        run(line)


def run(line: str) -> None:
    """Carry out an example as a shell would, without what others make of its output."""
    for long, short in {**QUICKER, **FREE}.items():
        line = re.sub(rf"{re.escape(long)}(?!\d)", short, line)
    if line.startswith("echo "):
        typed, _, line = line.partition(" | ")
        stdin = shlex.split(typed)[1].encode()
    else:
        stdin = b""
    words = shlex.split(re.split(" (?:[|>]|>>) ", line)[0])[1:]
    if "onnx" in words:
        pytest.importorskip("onnx")
    if words[:1] == ["play"]:
        pytest.importorskip("uvicorn", reason="THE PLAYGROUND WAS NOT TESTED: pip install '.[play]'")
    if words[:1] in (["compress"], ["train"]):
        pytest.importorskip("optax", reason="TRAINING WAS NOT TESTED: pip install '.[lab]'")
    assert rasp_command(*words, stdin=stdin).code == (1 if words in WRONG else 0), line
