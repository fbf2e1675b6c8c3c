"""Files and folders as people name them in Python."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from rasp.errors import InputError
from rasp.graph.atoms import shown


def as_path(given: object) -> Path:
    """The path that a string or a path means. Raises InputError for anything else."""
    if not isinstance(given, (str, PathLike)):
        raise InputError(f"files and folders are named by a string or a Path, not by {shown(given)}")
    return Path(given)
