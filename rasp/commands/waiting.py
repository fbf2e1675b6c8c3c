"""What is shown at a terminal while something takes its time."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 1.0
"""Seconds before anything is shown."""


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """A line on stderr, where that is a terminal, with what is being done and for how long."""
    if not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    start = time.monotonic()

    def tell() -> None:
        pause = PATIENCE
        while not done.wait(pause):
            sys.stderr.write(f"\r\x1b[K{what}: {time.monotonic() - start:.0f} s (Ctrl-C stops)")
            sys.stderr.flush()
            pause = 0.5

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()
        if time.monotonic() - start >= PATIENCE:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
