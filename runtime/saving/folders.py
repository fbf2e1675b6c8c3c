"""Replacing a whole folder at once: for readers, and if we are killed midway, it is the old or the new."""

from __future__ import annotations

import contextlib
import ctypes
import glob
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from rasp import interrupts
from rasp.errors import ModelError

AT_FDCWD = -100
SAVING = ".saving"
ASIDE = ".old"
ABANDONED = 3600.0
"""Seconds after which what is half written, beside the folder, belongs to a process that was killed."""

EXCHANGE = 2  # RENAME_EXCHANGE on Linux, RENAME_SWAP on macOS


def replace_folder(folder: Path, contents: Mapping[str, bytes], mark: str, known: Iterable[str] = ()) -> None:
    """Make `folder` hold exactly these files, replacing one that holds nothing but such and `known` files,
    the file `mark` among them, which others have not.

    Names may lead into subfolders ("onnx/model.onnx"). Everything is written and synced beside it first and
    then swapped in. Raises ModelError if that is not possible (disk full, no permission) or if the folder
    holds anything else.
    """
    target = Path(os.path.realpath(folder))
    refuse_foreign(target, {name.split("/")[0] for name in (*contents, *known)}, mark)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(target)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=SAVING, dir=target.parent))
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot save to {folder}: {why(error)}") from None
    try:
        with interrupts.undone(partial(undo, temporary, target)):
            temporary.chmod(0o777 & ~current_umask())
            for name, data in contents.items():
                write_synced(temporary / name, data)
            sync_folder(temporary)
            swap_in(temporary, target)
            sync_folder(target.parent)
    except OSError as error:
        raise ModelError(f"cannot save to {folder}: {why(error)}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def refuse_unwritable(folder: Path, names: Iterable[str], mark: str) -> None:
    """Raise ModelError where `replace_folder` could not put files of these names in `folder`, the file `mark`
    among them: before work of which the result would be lost. Nothing is left there.
    """
    target = Path(os.path.realpath(folder))
    refuse_foreign(target, {*names}, mark)
    try:
        probe(target.parent)
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot save to {folder}: {why(error)}") from None


def probe(folder: Path) -> None:
    """Raise OSError where nothing can be written to `folder`, which need not be there yet."""
    while not os.path.lexists(folder):
        folder = folder.parent
    with tempfile.TemporaryFile(dir=folder):
        pass


def why(error: Exception) -> str:
    """What the system says, without the number and the path."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def undo(temporary: Path, target: Path) -> None:
    """Leave the old folder or the new one, and nothing else."""
    aside = temporary.with_name(temporary.name + ASIDE)
    if aside.exists() and not target.exists():
        os.rename(aside, target)
    for left in (temporary, aside):
        shutil.rmtree(left, ignore_errors=True)


def remove_abandoned(target: Path) -> None:
    """What killed processes left beside the folder."""
    before = time.time() - ABANDONED
    beginning = f".{glob.escape(target.name)}.{'?' * 8}{SAVING}"  # as `tempfile` names folders
    for left in [*target.parent.glob(beginning), *target.parent.glob(beginning + ASIDE)]:
        with contextlib.suppress(OSError):  # another process may be removing it as well
            if left.is_dir() and not left.is_symlink() and left.stat().st_mtime < before:
                shutil.rmtree(left, ignore_errors=True)


def refuse_foreign(target: Path, known: set[str], mark: str) -> None:
    """Saving must not delete what it did not write: a `config.json` may be anybody's."""
    if not target.exists():
        return
    if not target.is_dir():
        raise ModelError(f"cannot save to {target}: it is a file, not a folder")
    try:
        there = set(os.listdir(target))
        foreign = sorted(there - known) or sorted(there if mark not in there else ())
    except OSError as error:
        raise ModelError(f"cannot save to {target}: {why(error)}") from None
    if foreign:
        raise ModelError(
            f"cannot save to {target}: it holds other files ({foreign[0]}); choose another folder"
        )


def current_umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def write_synced(path: Path, data: bytes) -> None:
    """Write a file and wait until it is on disk."""
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the folder's entries are on disk, where the system can open folders."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def swap_in(new: Path, target: Path) -> None:
    """Put `new` in the place of `target`; what was there ends up under `new`'s name, or nowhere."""
    if not target.exists():
        try:
            os.rename(new, target)
            return
        except OSError:
            if not target.exists():
                raise  # otherwise another process has just saved there
    if exchange(new, target):
        return
    aside = new.with_name(new.name + ASIDE)  # no exchange on this file system: two steps
    os.rename(target, aside)
    os.rename(new, target)
    shutil.rmtree(aside, ignore_errors=True)


def exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; False where the system or file system cannot."""
    paths = os.fsencode(one), os.fsencode(other)
    if os.name != "posix":
        return False
    library = ctypes.CDLL(None)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        return bool(library.renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], EXCHANGE) == 0)
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return bool(library.renamex_np(*paths, EXCHANGE) == 0)
    return False


MADE = "`rasp compile PROGRAM -o DIR` makes one"


def identity(folder: Path) -> tuple[int, int, int]:
    """Changes whenever another folder takes this one's place. Raises ModelError if there is no folder."""
    try:
        status = folder.stat()
    except (OSError, ValueError) as error:
        raise ModelError(f"there is no model at {folder}: {why(error)}", hint=MADE) from None
    if not stat.S_ISDIR(status.st_mode):
        raise ModelError(f"{folder} is not a folder; a saved model is one", hint=MADE)
    return status.st_dev, status.st_ino, status.st_mtime_ns


def open_without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe, which nobody may ever write to, too."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_file(path: Path, at_least: int, at_most: int) -> bytes:
    """A regular file's bytes, if its size is within the limits; nothing is allocated before that is known."""
    try:
        with open(path, "rb", opener=open_without_waiting) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ModelError(f"{path.name} is not a regular file")
            if status.st_size < at_least:
                raise ModelError(
                    f"{path.name} is truncated: {status.st_size} bytes, at least {at_least} expected"
                )
            if status.st_size > at_most:
                raise ModelError(
                    f"{path.name} is too large: {status.st_size} bytes, at most {at_most} expected"
                )
            return file.read(at_most)
    except FileNotFoundError:
        raise ModelError(f"{path.name} is missing in {path.parent}") from None
    except OSError as error:
        raise ModelError(f"cannot read {path}: {why(error)}") from None
    except MemoryError:
        raise ModelError(f"{path.name} does not fit into memory") from None
