"""The notebooks under programs/notebooks, run, with what their cells show.

`python -m tests.support.notebooks` runs them and writes their outputs anew, but for those that take minutes,
which have to be named: `python -m tests.support.notebooks training`.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
from importlib import resources
from pathlib import Path
from typing import Any

FOLDER = Path(str(resources.files("programs"))) / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

LONG = frozenset({"compressing", "realistic", "training"})
"""Those that train, for minutes each; their numbers are the same on one machine, not on all."""

LONGEST = 60_000
"""Characters of a picture that is kept; the whole page of a model is shown when the notebook is run."""

Cell = dict[str, Any]


def cells(notebook: Path) -> list[Cell]:
    """The cells, as they are stored."""
    loaded: list[Cell] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return loaded


def source(cell: Cell) -> str:
    return "".join(cell["source"])


def executed(notebook: Path) -> list[Cell]:
    """The cells from top to bottom, each with what it shows now."""
    names: dict[str, Any] = {"__name__": "__main__"}
    done: list[Cell] = []
    for cell in cells(notebook):
        if cell["cell_type"] == "code":
            count = 1 + sum(each["cell_type"] == "code" for each in done)
            where = f"{notebook.name}, cell {len(done)}"
            cell = cell | {"execution_count": count, "outputs": outputs(source(cell), where, names, count)}
        done.append(cell)
    return done


def outputs(text: str, where: str, names: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """What a cell prints, and its last expression, as notebooks store them."""
    body = ast.parse(text)
    last = body.body.pop() if body.body and isinstance(body.body[-1], ast.Expr) else None
    value, found = None, list[dict[str, Any]]()
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(body, where, "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), where, "eval"), names)
    if printed.getvalue():
        lines = printed.getvalue().splitlines(keepends=True)
        found.append({"name": "stdout", "output_type": "stream", "text": lines})
    if value is not None:
        data = {kind: shown.splitlines(keepends=True) for kind, shown in forms(value).items()}
        result = {"data": data, "execution_count": count, "metadata": {}, "output_type": "execute_result"}
        found.append(result)
    return found


def forms(value: object) -> dict[str, str]:
    """A value as a notebook shows it, by kind; a picture has no text beside it."""
    kinds = {"image/svg+xml": "_repr_svg_", "text/html": "_repr_html_"}
    rich = {kind: getattr(value, name)() for kind, name in kinds.items() if hasattr(value, name)}
    short = {kind: text for kind, text in rich.items() if len(text) <= LONGEST}
    return short | ({} if "image/svg+xml" in short else {"text/plain": repr(value)})


def write(notebook: Path) -> None:
    """Run a notebook and keep what it shows."""
    loaded = json.loads(notebook.read_text(encoding="utf-8"))
    loaded["cells"] = executed(notebook)
    notebook.write_text(json.dumps(loaded, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for each in NOTEBOOKS:
        if each.stem in sys.argv[1:] if sys.argv[1:] else each.stem not in LONG:
            write(each)
