"""How large a program may grow before it is refused: a mistake ends in a message and not in a hang."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rasp.errors import InputError, LimitError

MAX_NESTING = 500
"""Levels of brackets, operators and blocks within one statement."""

MAX_DEPTH = 3_000
"""Expressions being evaluated at once, one within the other, through all calls."""

MAX_BITS = 14_000
"""Bits of a number (of a fraction: of its numerator and its denominator); about 4,200 digits."""

MAX_STRING = 200_000
"""Characters of a string."""

MAX_ITEMS = 500_000
"""Items of a list or dict."""

MAX_PAIRS = 64_000_000
"""Pairs of positions, over all selectors and aggregates of a program, that the interpreter goes through:
half a minute and at most a gigabyte."""

DEFAULT_FUEL = 1_000_000
"""Steps that elaboration may take: one for each expression evaluated, one for each item of a new list,
one for every 50 characters of a new string and, where a program applies an s-op, one for each value."""

FRAMES_PER_LEVEL = 4
"""Python frames that one level of a syntax tree takes at most in the functions that walk it."""


class Fuel:
    """The steps left to an elaboration."""

    def __init__(self, steps: int = DEFAULT_FUEL) -> None:
        if not isinstance(steps, int) or steps < 1:
            raise InputError(f"fuel is a number of steps, at least 1, not {steps!r:.40}")
        self.steps = self.left = steps

    def spend(self, steps: int) -> None:
        """Take some steps; raises `LimitError` if there are not so many left."""
        self.left -= steps
        if self.left < 0:
            raise LimitError(
                f"the program takes more than {self.steps:,} steps to build",
                hint="is there a loop over a very long list, or a recursion that doubles at each level?",
            )


@contextmanager
def deep_recursion(levels: int = MAX_DEPTH) -> Iterator[None]:
    """Let Python functions recurse through so many levels of a syntax tree.

    Pure Python calls take no room on the C stack, so a higher limit is safe; it is put back afterwards.
    """
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, levels * FRAMES_PER_LEVEL + 2_000))
    try:
        yield
    except RecursionError:
        raise LimitError("the program nests too deeply") from None
    finally:
        sys.setrecursionlimit(before)
