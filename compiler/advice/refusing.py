"""What would work instead of what is refused: lengths, number formats and vocabularies, tried before they are
advised. Each try is a whole compilation, so small lengths come first, none is begun that would take long, and
one is given up that does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from compiler.request import MAX_SIZE, Request
from compiler.underway import OutOfTime, at_most

SECONDS = 1.5
"""Of the processor, for all tries of one refusal together, as far as they can be foreseen; twice that in any
case.
"""

STEEPNESS = 4
"""A try at twice the length is taken to cost up to so many doublings more."""

MEASURABLE = 0.1
"""Seconds; what was quicker foretells nothing."""

Works = Callable[[Request], bool]


def what_works(asked: Request, works: Works, likely: int | None = None, seconds: float = SECONDS) -> str:
    """What works instead, as the sentence of a hint. `likely` is a length to try first."""
    tries = _Tries(asked, works, seconds)
    lengths = _lengths(tries, asked.max_length, likely)
    others = [
        *(['dtype="float64"'] if asked.dtype == "float32" and tries.other(dtype="float64") else []),
        *(["a causal model"] if not asked.causal and tries.other(causal=True) else []),
    ]
    if lengths is not None:
        return "; ".join([lengths, *(f"so does {other}" for other in others)])
    if others:
        return f"{others[0]} works" + "".join(f"; so does {other}" for other in others[1:])
    return _vocabulary(tries, asked) or "no maximum length that was tried works"


class _Tries:
    """Compilations that have been tried, and the time that is left for more."""

    def __init__(self, asked: Request, works: Works, seconds: float) -> None:
        self._asked = asked
        self._works = works
        self._end = time.process_time() + seconds
        self._patience = seconds
        self._cost = (1, 0.0)
        """The length and the seconds of the try that foretells most."""
        self._doubted: Request | None = None
        """That try, as long as it has been measured once only."""
        self.known: dict[int, bool] = {asked.max_length: False}

    def length(self, length: int) -> bool | None:
        """Whether another maximum length works; None if there is no time to try."""
        if length not in self.known:
            found = self._try(replace(self._asked, max_length=length))
            if found is None:
                return None
            self.known[length] = found
        return self.known[length]

    def other(self, **changes: object) -> bool:
        """Whether what was asked for works with other settings, as far as there is time to try."""
        return bool(self._try(replace(self._asked, **changes)))  # type: ignore[arg-type]

    def _try(self, asked: Request) -> bool | None:
        if self._too_long(asked) and self._doubted is not None:
            self._measure_again(self._doubted)
        if self._too_long(asked):
            return None
        start = time.process_time()
        found = self._found(asked)
        taken = time.process_time() - start
        if taken > MEASURABLE and taken > self._cost[1]:
            self._cost, self._doubted = (asked.max_length, taken), asked
        return found

    def _found(self, asked: Request) -> bool | None:
        """Whether it works; None if it takes too long to be seen."""
        try:
            with at_most(self._end + self._patience - time.process_time()):
                return self._works(asked)
        except OutOfTime:
            return None

    def _too_long(self, asked: Request) -> bool:
        """Whether a try is foreseen to end after the time that there is."""
        length, seconds = self._cost
        foreseen = seconds * max(1.0, asked.max_length / length) ** STEEPNESS
        return time.process_time() + foreseen > self._end

    def _measure_again(self, doubted: Request) -> None:
        """A machine that is busy for a moment must not change the advice."""
        self._doubted = None
        if time.process_time() + self._cost[1] > self._end:
            return
        start = time.process_time()
        self._found(doubted)
        taken = time.process_time() - start
        length, seconds = self._cost
        self._cost = (length, min(seconds, taken)) if taken > MEASURABLE else (1, 0.0)


def _lengths(tries: _Tries, refused: int, likely: int | None) -> str | None:
    """The length to use instead: a larger one if one works, as it takes the same inputs; else the largest."""
    if likely is not None and 1 < likely < refused and tries.length(likely):
        tries.length(likely + 1)
    length = 2
    while length < refused:
        tries.length(length)
        length *= 2
    larger = _larger(tries, refused)
    if larger is not None:
        return f"a maximum length of {larger:,} works, and takes all shorter inputs, too"
    smaller = [length for length, works in tries.known.items() if works]
    if not smaller:
        return None
    best = _boundary(tries, max(smaller))
    failed = f", {best + 1:,} does not" if tries.known.get(best + 1) is False and best + 1 < refused else ""
    return f"a maximum length of {best:,} works{failed}"


def _larger(tries: _Tries, refused: int) -> int | None:
    """The first of some larger lengths that works."""
    candidates = (refused + 2**power for power in range(6))
    return next((n for n in candidates if n <= min(2 * refused, MAX_SIZE) and tries.length(n)), None)


def _boundary(tries: _Tries, works: int) -> int:
    """From a length that works up to one after which the next does not, as far as there is time to try."""
    fails = min(length for length, known in tries.known.items() if not known and length > works)
    while fails - works > 1:
        middle = (works + fails) // 2
        found = tries.length(middle)
        works, fails = (middle, fails) if found else (works, middle)  # or there is no time for so long a try
    return works


def _vocabulary(tries: _Tries, asked: Request) -> str | None:
    """The first half of the vocabulary, or half of that and so on, if it works alone."""
    count = len(asked.vocab) // 2
    while count:
        if tries.other(vocab=asked.vocab[:count]):
            return f"a smaller vocabulary works, such as the first {count:,} of these {len(asked.vocab):,}"
        count //= 2
    return None
