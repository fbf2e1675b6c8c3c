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

PACKAGES = ("compiler", "runtime")

NONE_NEEDED: dict[str, str] = {}
"""Files without examples of their own, and why."""


def files() -> Iterator[Path]:
    """All files of the code with something in them; what a package exports is tested where it is made."""
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if file.name != "__init__.py":
                yield file.relative_to(ROOT)


def examples_of(file: Path) -> Path:
    return TESTS / file.parent / f"test_{file.name}"


def imported(file: Path) -> set[str]:
    """The modules that a file imports, and those from which it may."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("file", list(files()), ids=str)
def test_every_file_has_its_examples(file: Path) -> None:
    if str(file) in NONE_NEEDED:
        return
    examples, module = examples_of(file), ".".join(file.with_suffix("").parts)
    assert examples.exists(), f"{file} has no examples: there is no {examples.relative_to(ROOT)}"
    assert module in imported(examples), f"{examples.relative_to(ROOT)} does not import {module}"


def test_what_needs_none_is_there() -> None:
    assert {str(file) for file in files()} >= NONE_NEEDED.keys()


def test_every_room_of_tests_has_its_code() -> None:
    """No room of tests is left behind when its code has moved."""
    rooms = {file.parent for package in PACKAGES for file in (TESTS / package).rglob("test_*.py")}
    assert all((ROOT / room.relative_to(TESTS)).is_dir() for room in rooms)
