"""What Ctrl-C does: a leaf of the standard library alone, to be in force before all else is loaded.

An exception in the middle of anything, which is what Python makes of Ctrl-C, is what JAX does not survive:
raised within its callbacks it is swallowed, and within its own steps the process crashes when it ends. So the
command line ends at once without one, and a sweep looks between two steps whether it should stop.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""

Undo = Callable[[], str | None]

_undoing: list[Undo] = []


class Later(Exception):
    """Raised by what is called at Ctrl-C: the command sees to its own end, soon."""


@contextmanager
def undone(undo: Undo) -> Iterator[None]:
    """Within, Ctrl-C first calls `undo`, which removes what is half done; a text that it gives is said as the
    command's last words.
    """
    _undoing.append(undo)
    try:
        yield
    finally:
        _undoing.remove(undo)


def end_at_once() -> None:
    """From now on Ctrl-C ends the process with one line and code 130, until only Python's own end is left."""
    if _is_ours():
        signal.signal(signal.SIGINT, _end)
        atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)  # registered first, so the last of all


@contextmanager
def at_once() -> Iterator[None]:
    """Within, Ctrl-C ends the process with one line and code 130, wherever it is."""
    with _handled_by(_end):
        yield


@contextmanager
def raised() -> Iterator[None]:
    """Within, Ctrl-C raises KeyboardInterrupt as ever: for dialogues, which go on after it."""
    with _handled_by(signal.default_int_handler):
        yield


@contextmanager
def noted() -> Iterator[Callable[[], bool]]:
    """Within, the first Ctrl-C is only noted, for who is at work to ask about between two steps; a second one
    is raised as ever. Where Ctrl-C is somebody else's matter, nothing changes.
    """
    seen = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal seen
        if seen:
            signal.default_int_handler(number, frame)
        seen = True

    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with _handled_by(note if ours else None):
        yield lambda: seen


@contextmanager
def _handled_by(handler: Any) -> Iterator[None]:
    """Within, SIGINT goes to this handler, where it is ours to see to."""
    if handler is None or not _is_ours():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _is_ours() -> bool:
    """Whether Ctrl-C is ours to see to: it is not ignored, and this is the thread that can say so."""
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    return not ignored and threading.current_thread() is threading.main_thread()


def _end(number: int, frame: FrameType | None) -> None:
    """End the process, after what is half done is undone."""
    words = "interrupted"
    for undo in reversed(_undoing):
        try:
            words = undo() or words
        except Later:
            return
        except Exception:
            continue  # whatever it is, Ctrl-C ends the command
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(Exception):  # it may be in the middle of writing
        sys.stdout.flush()
    with suppress(OSError):
        start = "\n" if sys.stderr.isatty() else ""  # leave the line with ^C, or the one of a progress bar
        os.write(2, f"{start}{words}\n".encode("utf-8", "backslashreplace"))
    os._exit(INTERRUPTED)
