"""What is shown at a terminal while something takes its time."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rasp.notation import time_left

if TYPE_CHECKING:
    from compiler import Underway

PATIENCE = 1.0
"""Seconds before anything is shown."""


@contextmanager
def waiting(what: str) -> Iterator[Callable[[Underway], None] | None]:
    """A line on stderr, where that is a terminal, with what is being done, for how long, and how long it
    still takes, if that is known. What it gives is told of each step; None where nobody looks.
    """
    if not sys.stderr.isatty():
        yield None
        return
    done = threading.Event()
    start = time.monotonic()
    told: list[tuple[Underway, float]] = []

    def tell(underway: Underway) -> None:
        told.append((underway, time.monotonic()))

    def show() -> None:
        pause = PATIENCE
        while not done.wait(pause):
            now = time.monotonic()
            underway, since = told[-1] if told else (None, now)
            sys.stderr.write(f"\r\x1b[K{line(what, now - start, underway, now - since)}")
            sys.stderr.flush()
            pause = 0.5

    teller = threading.Thread(target=show, daemon=True)
    teller.start()
    try:
        yield tell
    finally:
        done.set()
        teller.join()
        if time.monotonic() - start >= PATIENCE:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def line(what: str, seconds: float, underway: Underway | None, since: float) -> str:
    """What is being done for so many seconds, its step `since` so many. A step that takes longer than was
    foreseen shows that nobody knows.
    """
    step = "" if underway is None else f", {underway.step}"
    foreseen = None if underway is None else underway.seconds_left
    left = "" if foreseen is None or foreseen < since else f", about {time_left(round(foreseen - since))}"
    return f"{what}{step}: {seconds:.0f} s{left} (Ctrl-C stops)"
