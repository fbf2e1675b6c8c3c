"""The rooms of the house and the order in which they may know one another, read from the imports themselves.

Late and type-only imports count as any other. A room imports only from rooms further down in its own list,
no files import one another in a circle, and between the packages there is one direction.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx as nx
import pytest

from tests.support.paths import ROOT

ROOMS = {
    "rasp": (
        *("", "__main__", "cli", "commands", "play"),
        *("repl", "learning", "advice", "importers", "session", "embedded", "drawing"),
        *(
            "elaboration",
            "syntax",
            "notation",
            "paths",
            "graph",
            "limits",
            "records",
            "runs",
            "errors",
            "inputs",
            "words",
        ),
        *("interrupts", "processes"),
    ),
    "compiler": (
        *("", "lab", "fuzzing", "verification", "generation", "pipeline", "texts", "ways", "soft"),
        *("advice", "rechecking", "certificate"),
        *("layout", "lowering", "program", "values", "selections", "ranges", "graph"),
        *("request", "underway", "workers", "linear", "rounding", "precision"),
    ),
    "runtime": (
        *("", "exports", "walkthrough", "model", "view", "inspection", "transformer"),
        *("saving", "places", "sources", "weights", "statements"),
    ),
}
"""For each package its rooms from top to bottom; "" is what the package itself exports."""

APART = {"repl", "learning"}
"""Rooms that show and teach, of which none knows the other."""

LEAVES = (
    *("rasp.errors", "rasp.graph.atoms", "rasp.inputs", "rasp.interrupts"),
    *("rasp.paths", "rasp.records", "rasp.runs", "rasp.words"),
)
"""What the runtime may know of the language: errors, plain values, inputs, runs, records of them, and
Ctrl-C.
"""


@cache
def imports() -> dict[str, set[str]]:
    """The modules that each module imports, the packages' own."""
    files = {name: file for package in ROOMS for name, file in modules(package)}
    return {name: set(imported(file, files)) for name, file in files.items()}


def modules(package: str) -> Iterator[tuple[str, Path]]:
    for file in sorted((ROOT / package).rglob("*.py")):
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        yield name.removesuffix(".__init__"), file


def imported(file: Path, known: dict[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative imports are not read here"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield from (each for each in (name if name in known else str(node.module),) if each in known)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)


def place(module: str) -> tuple[str, int]:
    """The package of a module, and how far down its room is."""
    package, _, rest = module.partition(".")
    room = rest.partition(".")[0]
    assert room in ROOMS[package], f"{module} is in no room"
    return package, ROOMS[package].index(room)


def test_every_file_is_in_a_room_and_every_room_is_there() -> None:
    there = {place(module) for module in imports()}
    assert there == {(package, i) for package, rooms in ROOMS.items() for i in range(len(rooms))}


@pytest.mark.parametrize("package", ROOMS)
def test_the_readme_of_a_package_tells_its_rooms_in_order(package: str) -> None:
    table = (ROOT / package / "README.md").read_text().partition("\n| room |")[2].partition("\n\n")[0]
    named = [line.split("|")[1] for line in table.splitlines()[2:]]
    told = [room for names in named for room in re.findall(r"`(\w+)(?:/|\.py)`", names)]
    assert told == [room for room in ROOMS[package] if room not in ("", "__main__")]


def test_no_files_import_one_another() -> None:
    graph = nx.DiGraph()
    graph.add_edges_from((a, b) for a, found in imports().items() for b in found)
    assert [sorted(circle) for circle in nx.strongly_connected_components(graph) if len(circle) > 1] == []


@pytest.mark.parametrize("package", ROOMS)
def test_no_room_knows_one_above_it(package: str) -> None:
    upwards = [
        f"{module} imports {other}"
        for module, found in imports().items()
        for other in found
        if place(module)[0] == place(other)[0] == package and place(module)[1] > place(other)[1]
    ]
    assert upwards == []


def test_rooms_that_show_and_teach_do_not_know_one_another() -> None:
    rooms = {f"rasp.{room}" for room in APART}
    for module, found in imports().items():
        mine = {room for room in rooms if module.startswith(room)}
        others = {room for room in rooms - mine for other in found if other.startswith(room)}
        assert not (mine and others), module


def test_the_language_knows_compiler_and_runtime_in_its_commands_only() -> None:
    for module, found in imports().items():
        if module.startswith("rasp") and not module.startswith(("rasp.commands", "rasp.cli")):
            assert not [other for other in found if not other.startswith("rasp")], module


def test_the_runtime_knows_no_program() -> None:
    for module, found in imports().items():
        if module.startswith("runtime"):
            others = {other for other in found if not other.startswith("runtime")}
            assert others <= set(LEAVES), module


def test_the_core_knows_nothing_that_shows_or_teaches() -> None:
    shows = (
        "rasp.play",
        "rasp.repl",
        "rasp.learning",
        "rasp.drawing",
        "rasp.commands",
        "runtime.exports",
        "runtime.walkthrough",
    )
    for module, found in imports().items():
        if module.startswith("compiler") or module == "runtime.model":
            assert not [other for other in found if other.startswith(shows)], module
