"""How far a compilation has come: each step in words, and the time left only where it is known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import compiler
import rasp
from compiler.underway import OutOfTime, Underway, Watch, at_most, go_on


def ticking(*seconds: float) -> Iterator[float]:
    """A clock: the time when a way begins, and when it ends, and so on."""
    yield from seconds


def test_the_first_way_takes_nobody_knows_how_long_and_the_others_as_long_as_the_last() -> None:
    told: list[Underway] = []
    clock = ticking(0, 8, 8, 10, 10, 11, 11, 12)
    watch = Watch(told.append, clock=lambda: next(clock))
    watch.step("values")
    with watch.way():
        pass
    watch.expect(2)
    for _ in range(2):
        with watch.way():
            pass
    watch.expect(None)
    with watch.way():
        pass
    assert told == [
        Underway("values"),
        Underway("way 1"),
        Underway("way 2 of 3", 16),  # two are left, and the first took 8
        Underway("way 3 of 3", 2),
        Underway("way 4"),  # found in the end, and nobody knows how many of them
    ]


def test_nobody_has_to_listen() -> None:
    watch = Watch()
    watch.step("values")
    with watch.way():
        pass


def test_a_compilation_tells_of_its_ways() -> None:
    """Those of `median` digit by digit and with orders whole; nothing is foreseen before it is known that
    they are all.
    """
    told: list[Underway] = []
    model = compiler.compile(rasp.load("median").main, vocab=range(30), max_length=16, progress=told.append)
    steps = [underway.step for underway in told]
    assert steps[:3] == ["whether it has answers", "what every value can be", "way 1"]
    assert "way 2" in steps
    assert all(underway.seconds_left is None for underway in told if " of " not in underway.step)

    proved: list[Underway] = []
    assert compiler.recheck(model, progress=proved.append).ok
    layers = [underway.step for underway in proved if underway.step.startswith("layer")]
    assert layers == [f"layer {number} of {model.size.layers}" for number in range(1, model.size.layers + 1)]


def test_a_choice_of_ways_is_foreseen() -> None:
    """A maximum by neurons or by a table: after one of them, the other is expected to take as long."""
    told: list[Underway] = []
    last = rasp.parse("x = max(tokens_int, aggregate(select(indices, length - 1, ==), tokens_int));").main
    compiler.compile(last, vocab=range(20), max_length=8, progress=told.append)
    foreseen = [underway for underway in told if " of " in underway.step]
    assert foreseen
    assert all(underway.seconds_left is not None and underway.seconds_left > 0 for underway in foreseen)


def test_what_takes_too_long_is_given_up() -> None:
    """Also from inside of what may take longer; outside of all, nothing is."""
    go_on()
    with pytest.raises(OutOfTime), at_most(-1), at_most(1_000):
        go_on()
    with at_most(1_000):
        go_on()
    go_on()
