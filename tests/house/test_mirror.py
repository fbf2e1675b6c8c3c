"""The tests mirror the code: each file of the code has a file of worked examples in the same place.

The test of `compiler/lowering/grids.py` is `tests/compiler/lowering/test_grids.py`, and it imports what it
shows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT, TESTS

PACKAGES = ("compiler", "runtime", "rasp")

AS_A_WHOLE = {
    "rasp/cli.py": "command_line",
    "rasp/interrupts.py": "command_line",
    "rasp/commands": "command_line",
    "rasp/repl": "rasp/repl",
    "rasp/learning": "rasp/learning",
    "rasp/play": "rasp/play",
    "rasp/drawing": "rasp/drawing",
    "rasp/importers": "rasp/importers",
}
"""What is shown by what its users see of it, command by command and dialogue by dialogue, and where; the
compiler and the runtime are shown file by file.
"""

BY_THE_FACE = {"rasp/embedded.py", "rasp/advice/checking.py", "rasp/syntax/formatter.py"}
"""Files whose examples call them by what `rasp` exports."""


def files() -> Iterator[Path]:
    """All files of the code with something in them; what a package exports is tested where it is made."""
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if not file.name.startswith("__"):
                yield file.relative_to(ROOT)


def shown_file_by_file() -> Iterator[Path]:
    """All files but those that are shown as a whole."""
    return (file for file in files() if not AS_A_WHOLE.keys() & {str(file), str(file.parent)})


def examples_of(file: Path) -> Path:
    return TESTS / file.parent / f"test_{file.name}"


def imported(file: Path) -> set[str]:
    """The modules that a file imports, and those from which it may."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("file", list(shown_file_by_file()), ids=str)
def test_every_file_has_its_examples(file: Path) -> None:
    examples, module = examples_of(file), ".".join(file.with_suffix("").parts)
    assert examples.exists(), f"{file} has no examples: there is no {examples.relative_to(ROOT)}"
    known = imported(examples)
    shown = "rasp" in known if str(file) in BY_THE_FACE else module in known
    assert shown, f"{examples.relative_to(ROOT)} does not import {module}"


def test_what_is_left_out_is_there() -> None:
    assert all((ROOT / file).exists() for file in (*AS_A_WHOLE, *BY_THE_FACE))
    assert all(list((TESTS / room).glob("test_*.py")) for room in AS_A_WHOLE.values())


def test_every_room_of_tests_has_its_code() -> None:
    """No room of tests is left behind when its code has moved."""
    rooms = {file.parent for package in PACKAGES for file in (TESTS / package).rglob("test_*.py")}
    assert all((ROOT / room.relative_to(TESTS)).is_dir() for room in rooms)
