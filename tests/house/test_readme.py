"""Every command and every Python line of the README works and answers what it says."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.pipeline_picture import PICTURE, picture
from tests.support.sweeps import sweep

README = (ROOT / "README.md").read_text(encoding="utf-8")

# Set-up that a test leaves out, as it has an environment already.
SET_UP = re.compile(r"python3 -m venv \.venv && \.venv/bin/pip install -q [^&]*&&\s*")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[tuple[str, str | None]]:
    """Each command of a block (one that ends in && goes on in the next line), with its `# answer` if any."""
    found = []
    for command in re.split(r"(?<!&&)\n", block.strip()):
        code, _, answer = command.partition("  # ")
        found.append((code.strip(), answer.strip() or None))
    return found


def in_this_environment(command: str) -> str:
    """The command without its set-up, calling the checkout under test."""
    command = SET_UP.sub("", command).replace(".venv/bin/", "")
    command = re.sub(r"(?<![.\w])rasp (?=[a-z])", f"{sys.executable} -m rasp ", command)
    return re.sub(r"^pytest.*", f"{sys.executable} -m pytest --collect-only -q -p no:cacheprovider", command)


def sections() -> list[str]:
    """The parts with commands, under a heading each."""
    return [part for part in re.split(r"^## ", README, flags=re.MULTILINE) if "```sh" in part]


def same(output: str) -> str:
    """Output without what differs from run to run and from line end to line end."""
    return re.sub(r"\d+\.\d+ s\b", "0.00 s", "\n".join(line.rstrip() for line in output.strip().splitlines()))


def ran(command: str, folder: Path) -> str:
    """What a command says on standard output; it has to succeed."""
    runnable = in_this_environment(command)
    done = subprocess.run(
        ["bash", "-c", runnable],
        cwd=ROOT if "pytest" in runnable else folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "JAX_DISABLE_MOST_OPTIMIZATIONS": "0"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "section",
    sweep(sections(), [section for section in sections() if not section.startswith("A tour")]),
    ids=lambda section: section.split("\n")[0],
)
def test_commands(section: str, tmp_path: Path) -> None:
    """In one folder, one after the other; a block of text shows what the last command before it says."""
    output = ""
    for language, block in re.findall(r"^```(sh|text)\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL):
        if language == "text":
            assert same(output) == same(block)
            continue
        for command, answer in commands(block):
            output = ran(command, tmp_path)
            if answer is not None:
                assert output.strip() == answer


@pytest.mark.parametrize("block", blocks("python"))
def test_python_lines(block: str) -> None:
    test = doctest.DocTestParser().get_doctest(block, {}, "README", "README.md", 0)
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0


def test_ci_runs_the_test_command() -> None:
    command = next(command for block in blocks("sh") for command, _ in commands(block) if "pytest" in command)
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_extras_of_the_commands_exist() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for extra in re.findall(r"'\.\[(\w+)\]'", README):
        assert extra in project["optional-dependencies"]


def test_every_extra_is_named() -> None:
    """In the README and on the documentation's first page; the dialogue's line editing is no one's choice."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    first_page = (ROOT / "programs" / "docs" / "index.md").read_text(encoding="utf-8")
    for extra in set(project["optional-dependencies"]):
        assert f"`{extra}`" in README
        assert f"`{extra}`" in first_page


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\((programs/[^)#]+)", README):
        assert (ROOT / link).exists(), link


def test_picture_is_what_draw_makes(tmp_path: Path) -> None:
    made = tmp_path / "reverse.svg"
    command = [sys.executable, "-m", "rasp", "draw", "reverse", "abc", "-o", str(made)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=600)
    assert "programs/docs/pictures/reverse.svg" in README
    assert made.read_text() == (ROOT / "programs" / "docs" / "pictures" / "reverse.svg").read_text()


def test_figure_is_what_the_compiler_makes() -> None:
    assert "programs/docs/pictures/pipeline.svg" in README
    assert picture() == PICTURE.read_text(encoding="utf-8"), (
        "python -m tests.support.pipeline_picture writes it anew"
    )
