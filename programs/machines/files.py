"""What the assemblers share: where their programs lie, and how they tell what is wrong with one."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path


def text_of(name: str, ending: str) -> str:
    """The text of a file, or of one of the programs in `code`; ValueError if there is none."""
    folder = resources.files("programs.machines").joinpath("code")
    inside = folder.joinpath(f"{name}{ending}")
    try:
        return (Path(name) if name.endswith(ending) else inside).read_text(encoding="utf-8")
    except OSError:
        there = sorted(
            file.name.removesuffix(ending) for file in folder.iterdir() if file.name.endswith(ending)
        )
        raise ValueError(
            f"there is no program {name}: give a file *{ending}, or {', '.join(there)}"
        ) from None


def value(word: str, labels: dict[str, int]) -> int:
    """What a number, a label, or a sum of them stands for."""
    try:
        return sum(labels[part] if part in labels else int(part) for part in word.split("+"))
    except ValueError:
        raise ValueError(f"{word} is neither a number nor a label") from None


def printed_state(usage: str, state: Callable[[Sequence[str]], Sequence[int]]) -> None:
    """Print the state that the command's arguments ask for; what is wrong is said in one line."""
    if not sys.argv[1:]:
        sys.exit(f"usage: {usage}")
    try:
        print(json.dumps(state(sys.argv[1:])))
    except ValueError as error:
        sys.exit(f"error: {error}")
