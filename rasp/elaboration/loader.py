"""Finding and reading the files that `load` names, without leaving the folders that are allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path, PurePosixPath

from rasp.errors import LoadError

LARGEST_FILE = 2_000_000  # bytes


@dataclass(frozen=True)
class Loader:
    """Reads `.rasp` files below a folder: that of the main file, or the working directory.

    `allowed` are further folders in which files may lie that a name or a link leads to.
    """

    folder: Path
    allowed: tuple[Path, ...] = ()

    def find(self, name: str, loading: Sequence[Path] = ()) -> Path:
        """The file that `load "name"` means; `loading` are the files being loaded already, outermost first.

        Raises `LoadError` if it is missing, out of bounds, or being loaded already.
        """
        if not name or "\0" in name or "\\" in name:
            raise LoadError(f'"{name}" is not the name of a file')
        path = self.folder / f"{name}.rasp"
        try:
            resolved = path.resolve()
            if not any(resolved.is_relative_to(folder.resolve()) for folder in (self.folder, *self.allowed)):
                raise LoadError(f'"{name}" lies outside the folder of the program')
            if ".." in PurePosixPath(name).parts and not self.allowed:
                raise LoadError(f'"{name}" leaves the folder of the program by `..`')
            found = resolved.is_file()
        except (OSError, ValueError, RuntimeError) as error:
            raise LoadError(f'"{name}" cannot be looked up: {error}') from None
        if not found:
            raise LoadError(f'there is no file "{name}.rasp"', hint=hint_for(name))
        if resolved in loading:
            cycle = [*loading[loading.index(resolved) :], resolved]
            raise LoadError(f"files load each other in a circle: {' -> '.join(p.name for p in cycle)}")
        return resolved

    def shown(self, path: Path) -> str:
        """How messages call a file: as seen from the working directory if it lies below."""
        here = Path.cwd()
        return str(path.relative_to(here) if path.is_relative_to(here) else path)

    @staticmethod
    def read(path: Path) -> str:
        """The text of a file; raises `LoadError` if it cannot be read as UTF-8."""
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise LoadError(f"{path.name} is larger than {LARGEST_FILE:,} bytes")
            return path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise LoadError(f"{path.name} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError as error:
            raise LoadError(f"{path.name} is not text in UTF-8 (byte {error.start})") from None


def hint_for(name: str) -> str | None:
    """What may be meant by the name of a file that is not there."""
    if name.endswith(".rasp"):
        return 'leave out the ending: the name is completed by ".rasp"'
    if name.replace("_", "").isalnum() and files("programs").joinpath(f"{name}.rasp").is_file():
        return (
            f"{name} is a program of the library, and `load` takes files: write it to one with "
            f"`rasp show {name} > {name}.rasp`, or begin a dialogue with it: `rasp repl {name}`"
        )
    return None
