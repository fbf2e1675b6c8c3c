"""The states of a run as the page has them: the first, and for each of the others what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rasp.errors import InputError

MOST_STATES = 4_000_000
"""Tokens of all states together: so many a browser keeps."""

MOST_CHANGES = 1_000_000
"""Tokens that differ from those of the state before: they are what makes the page large."""

Ids = Sequence[int]


@dataclass(frozen=True)
class Shown:
    """The states of a run as token ids, all of one length, and what is said where it ended."""

    states: tuple[tuple[int, ...], ...]
    ending: str


def shown_run(first: Ids, states: Sequence[Ids], ending: str) -> Shown:
    """The states of a run, as many from the first on as the page can keep; it goes on by itself, then.

    Raises InputError if they are not of one length, or do not begin with the input.
    """
    if list(states[0]) != list(first):
        raise InputError("the first state of a run must be the input")
    if len({len(state) for state in states}) > 1:
        raise InputError("the states of a run must all have as many tokens as the first")
    kept = how_many(states)
    said = ending if kept == len(states) else f"the page keeps the first {kept:,} states; {ending}"
    return Shown(tuple(map(tuple, states[:kept])), said)


def how_many(states: Sequence[Ids]) -> int:
    """How many states the page can keep, one at least."""
    room = max(1, MOST_STATES // max(1, len(states[0])))
    spent = 0
    for number, (before, after) in enumerate(pairwise(states[:room]), 1):
        spent += len(changed(before, after)) // 2
        if spent > MOST_CHANGES:
            return number
    return min(room, len(states))


def changed(before: Ids, after: Ids) -> list[int]:
    """Each position at which a state differs from the one before, followed by what it holds there."""
    pairs = enumerate(zip(before, after, strict=True))
    return [number for place, (old, new) in pairs if old != new for number in (place, new)]


def run_data(run: Shown) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "first": list(run.states[0]),
        "changes": [changed(*pair) for pair in pairwise(run.states)],
        "ending": run.ending,
    }
