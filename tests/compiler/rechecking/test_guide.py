"""The checker's guide tells how many lines there are to read and to trust."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.support.paths import ROOT

FOLDER = ROOT / "compiler" / "rechecking"
NEAR = 0.05
"""By what part of them lines may have changed since they were counted."""


def rows() -> Iterator[tuple[list[str], int]]:
    """Files and folders, and the lines that the guide says they have."""
    for line in (FOLDER / "README.md").read_text().splitlines():
        found = re.match(r"\| ((?:`[\w/.]+`(?:, )?)+) \| ([\d,]+) \|", line)
        if found:
            yield re.findall(r"`([\w/.]+)`", found[1]), int(found[2].replace(",", ""))


def lines_of(name: str) -> int:
    """Of a file of the folder or a path from the root, or of all files of code in a folder."""
    path = FOLDER / name if "/" not in name else ROOT / name
    files = [*path.glob("*.py"), *path.glob("*.lark")] if path.is_dir() else [path]
    return sum(len(file.read_text().splitlines()) for file in files)


def test_the_lines_are_as_many_as_is_said() -> None:
    every = list(rows())
    assert {"proof.py", "stream.py", "rasp/graph/"} <= {name for names, _ in every for name in names}
    for names, told in every:
        real = sum(map(lines_of, names))
        assert abs(real - told) <= 10 + NEAR * real, (names, told, real)
