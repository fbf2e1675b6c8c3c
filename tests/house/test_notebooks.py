"""The notebooks run from top to bottom and show what is stored in them; their own assertions check what their
texts claim.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.notebooks import LONG, NOTEBOOKS, Cell, cells, executed, source


def test_all_are_there() -> None:
    assert [file.stem for file in NOTEBOOKS] == [
        "attribution",
        "compressing",
        "iterating",
        "lab",
        "puzzles",
        "realistic",
        "tour",
        "tracr",
        "training",
    ]


@pytest.mark.by_hand
@pytest.mark.parametrize(
    "notebook", [file for file in NOTEBOOKS if file.stem in LONG], ids=lambda file: file.name
)
def test_long_ones_hold_what_they_assert(notebook: Path) -> None:
    """`pytest -m by_hand tests/house/test_notebooks.py`: some minutes, with the extra `lab`."""
    executed(notebook)


@pytest.mark.slow
@pytest.mark.parametrize(
    "notebook", [file for file in NOTEBOOKS if file.stem not in LONG], ids=lambda file: file.name
)
def test_every_cell_shows_what_is_stored(notebook: Path) -> None:
    """`python -m tests.support.notebooks` stores it anew."""
    for stored, now in zip(cells(notebook), executed(notebook), strict=True):
        assert timeless(stored) == timeless(now), source(stored)


def timeless(cell: Cell) -> str:
    """A cell without how long something took, and how long the text of a page is."""
    return re.sub(r" in [0-9.]+ s, [0-9,]+ a second|View of [0-9,]+ characters", "", json.dumps(cell))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.name)
def test_outputs_are_kept_and_claims_are_checked(notebook: Path) -> None:
    found = [cell for cell in cells(notebook) if cell["cell_type"] == "code"]
    assert sum(bool(cell["outputs"]) for cell in found) > len(found) / 3
    assert any("assert " in source(cell) for cell in found)
