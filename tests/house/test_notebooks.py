"""The notebooks run from top to bottom; their own assertions check what their texts claim."""

from __future__ import annotations

import ast
import json
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import pytest

FOLDER = resources.files("programs") / "notebooks"
NOTEBOOKS = sorted((file for file in FOLDER.iterdir() if file.name.endswith(".ipynb")), key=lambda f: f.name)


def cells(notebook: Traversable) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return loaded


def code(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def run(source: str, where: str, names: dict[str, Any]) -> None:
    """A cell as a notebook runs it: its last expression is shown, if it can show itself."""
    body = ast.parse(source)
    last = body.body.pop() if body.body and isinstance(body.body[-1], ast.Expr) else None
    exec(compile(body, where, "exec"), names)
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), where, "eval"), names)
        for shown in ("_repr_html_", "_repr_svg_"):
            if hasattr(value, shown):
                assert getattr(value, shown)().startswith("<")


def test_all_are_there() -> None:
    assert [file.name.removesuffix(".ipynb") for file in NOTEBOOKS] == [
        "attribution",
        "puzzles",
        "tour",
        "tracr",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.name)
def test_every_cell_runs(notebook: Traversable) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells(notebook)):
        if cell["cell_type"] == "code":
            run(code(cell), f"{notebook.name}, cell {number}", names)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.name)
def test_nothing_that_could_drift(notebook: Traversable) -> None:
    found = cells(notebook)
    assert all(cell["outputs"] == [] for cell in found if cell["cell_type"] == "code")
    assert any("assert " in code(cell) for cell in found if cell["cell_type"] == "code")
