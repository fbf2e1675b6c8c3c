"""How long a function takes."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

import jax

Result = TypeVar("Result")

BUDGET = 0.5
"""Seconds that a function is called again and again for."""


def timed(call: Callable[[], Result]) -> tuple[Result, float]:
    """What a call gives, and the seconds that it takes."""
    start = perf_counter()
    result = call()
    return result, perf_counter() - start


def seconds_per_call(call: Callable[[], jax.Array], budget: float = BUDGET) -> float:
    """The fastest of many calls, after one that is not counted (it compiles): the others had to share."""

    def finished() -> None:
        jax.block_until_ready(call())  # type: ignore[no-untyped-call]

    finished()
    times: list[float] = []
    while sum(times) < budget or len(times) < 3:
        times.append(timed(finished)[1])
    return min(times)
