"""How far a compilation or a proof has come, for whoever waits for it, and how long it may take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Underway:
    """What is being done: `step`, in words, and `seconds_left` until all is done; None where nobody knows."""

    step: str
    seconds_left: float | None = None


Told = Callable[[Underway], None]
"""Who is told, at the beginning of each step."""


class Watch:
    """Tells of each step. How long a program takes in the first way in which it is carried, nobody knows; the
    other ways take about as long as the one before them, once it is known how many there are.
    """

    def __init__(self, told: Told | None = None, clock: Callable[[], float] = time.perf_counter) -> None:
        self._told = told
        self._clock = clock
        self._begun = 0
        self._last: float | None = None
        self._left: int | None = None

    def step(self, words: str) -> None:
        """What begins now; how long it takes is not known."""
        self._tell(Underway(words))

    def expect(self, ways: int | None) -> None:
        """So many ways are left to be tried; None where nobody knows."""
        self._left = ways

    @contextmanager
    def way(self) -> Iterator[None]:
        """One way, while it is tried."""
        self._begun += 1
        if self._left is None:
            self._tell(Underway(f"way {self._begun}"))
        else:
            seconds = None if self._last is None else self._last * self._left
            self._tell(Underway(f"way {self._begun} of {self._begun + self._left - 1}", seconds))
            self._left -= 1
        start = self._clock()
        try:
            yield
        finally:
            self._last = self._clock() - start

    def _tell(self, underway: Underway) -> None:
        if self._told is not None:
            self._told(underway)


_END: ContextVar[float] = ContextVar("end", default=math.inf)
"""The processor's time at which what is tried is given up."""


class OutOfTime(Exception):
    """What is tried takes longer than it may."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """What is done inside is given up, at the next `go_on`, once it has taken so much of the processor.

    Raises:
        OutOfTime: it was.
    """
    token = _END.set(min(_END.get(), time.process_time() + seconds))
    try:
        yield
    finally:
        _END.reset(token)


def go_on() -> None:
    """Whoever does what may take long asks now and then whether to go on.

    Raises:
        OutOfTime: the time is over.
    """
    if (end := _END.get()) < math.inf and time.process_time() > end:
        raise OutOfTime
