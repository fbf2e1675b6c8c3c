"""What is advised instead of what is refused has been tried, and works."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

import compiler
import rasp
from compiler.advice.refusing import MEASURABLE, Works, what_works
from compiler.request import Request
from compiler.underway import go_on
from rasp.errors import TooLargeError
from rasp.words import Atom
from tests.support.sweeps import sweep


def asked(length: int, vocab: Sequence[Atom] = "abcdefgh", **more: object) -> Request:
    return Request(tuple(vocab), length, **more)  # type: ignore[arg-type]


def by_length(works: object) -> Works:
    """What works depends on the length alone; causal and other formats change nothing."""
    return lambda tried: tried.max_length in works and not tried.causal and tried.dtype == "float32"  # type: ignore[operator]


@pytest.mark.parametrize(
    ("length", "works", "advice"),
    [
        (20, range(12), "a maximum length of 11 works, 12 does not"),
        (20, range(20), "a maximum length of 19 works"),
        (1000, range(778), "a maximum length of 777 works, 778 does not"),
        (20, {4}, "a maximum length of 4 works, 5 does not"),
        (9, {*range(8), *range(23, 40)}, "a maximum length of 7 works, 8 does not"),
        (20, {*range(8), *range(23, 40)}, "a maximum length of 24 works, and takes all shorter inputs, too"),
        (8, {9}, "a maximum length of 9 works, and takes all shorter inputs, too"),
        (20, {1}, "no maximum length that was tried works"),
        (1, (), "no maximum length that was tried works"),
        (1 << 14, {1 << 15}, "no maximum length that was tried works"),
    ],
)
def test_lengths(length: int, works: object, advice: str) -> None:
    assert what_works(asked(length), by_length(works)) == advice


def test_other_settings() -> None:
    def in_doubles(tried: Request) -> bool:
        return tried.dtype == "float64" or tried.max_length < 8

    def causally(tried: Request) -> bool:
        return tried.causal or in_doubles(tried)

    both = 'dtype="float64" works; so does a causal model'
    assert what_works(asked(20), lambda tried: causally(tried) and tried.max_length == 20) == both
    lengths = "a maximum length of 7 works, 8 does not"
    assert what_works(asked(20), in_doubles) == f'{lengths}; so does dtype="float64"'
    assert what_works(asked(20), causally) == f'{lengths}; so does dtype="float64"; so does a causal model'
    assert what_works(asked(20, dtype="float64"), lambda tried: tried.max_length < 8) == lengths


def test_a_smaller_vocabulary_if_nothing_else_works() -> None:
    advice = "a smaller vocabulary works, such as the first 2 of these 8"
    assert what_works(asked(5), lambda tried: len(tried.vocab) < 3) == advice


def test_a_likely_length_is_tried_first() -> None:
    tried: list[int] = []

    def works(request: Request) -> bool:
        tried.append(request.max_length)
        return request.max_length <= 700

    assert "700 works, 701 does not" in what_works(asked(4000), works, likely=700)
    assert tried[:2] == [700, 701]


def test_without_time_nothing_is_tried_and_nothing_claimed() -> None:
    def never(tried: Request) -> bool:
        raise AssertionError(tried)

    assert what_works(asked(20), never, seconds=-1) == "no maximum length that was tried works"


def test_what_takes_long_is_not_begun() -> None:
    """A try that has cost nearly all the time leaves none for a longer one."""
    import time

    tried: list[int] = []

    def slow(request: Request) -> bool:
        tried.append(request.max_length)
        end = time.process_time() + 1.2 * MEASURABLE
        while time.process_time() < end:
            pass
        return True

    advice = what_works(asked(10_000), slow, seconds=6 * MEASURABLE)
    assert max(tried) < 20
    assert advice == f"a maximum length of {max(tried)} works"


def test_one_slow_try_does_not_change_the_advice() -> None:
    """A machine that is busy for a moment makes a short length look as if longer ones took too long."""
    import time

    tried: list[int] = []

    def slow_once(request: Request) -> bool:
        if request.max_length == 4 and 4 not in tried:
            end = time.process_time() + 0.2
            while time.process_time() < end:
                pass
        tried.append(request.max_length)
        return request.max_length < 12

    assert what_works(asked(600), slow_once) == "a maximum length of 11 works, 12 does not"
    assert tried.count(4) == 2


MEANS = "m = aggregate(select(tokens, tokens, ==), indices);"

BAR = 'bar = aggregate(select(tokens, "|", ==), indices); '
COPIES = "x = selector_width(select(tokens, tokens, ==));"

REFUSED: dict[str, tuple[str, Sequence[Atom], int]] = {
    "a table of too many neurons": (BAR + "x = (2 * bar + 1) % indices;", "ab|", 16),
    "too many combinations of values": ('x = round(count(tokens, "a") * indices / length);', "ab|", 100),
    "a selector over too many values": (MEANS + " x = selector_width(select(m, m, <));", "ab|", 40),
    "a selector over too many means": (MEANS + " x = selector_width(select(m, m, <));", "ab|", 100),
    "a mean of means": ("x = average(aggregate(select(tokens, tokens, ==), indices));", "ab|", 40),
    "a table over too many means": (BAR + "x = bar % 3;", "ab|", 200),
    "a sum of means": (
        MEANS + " x = length * average(m);",
        "ab|",
        30,
    ),
    "a sum of too many values": (
        "v = tokens_int; x = length * average(200003 if v == 0 else v);",
        range(40),
        20,
    ),
    "an output of too many labels": (
        "x = tokens if indices == 0 else tokens;",
        [f"t{n}" for n in range(5000)],
        2,
    ),
}
"""By the reason of the refusal: program, vocabulary and length."""


@pytest.mark.parametrize("why", sweep(REFUSED, list(REFUSED)[::4]))
def test_a_refusal_has_place_count_and_advice_that_works(why: str) -> None:
    text, vocab, length = REFUSED[why]
    sop = rasp.parse(text).main
    with pytest.raises(TooLargeError) as refusal:
        compiler.compile(sop, vocab, length)
    error = refusal.value
    assert error.reason == why
    assert re.match(r"<source>:1:\d+: compile error: ", str(error))
    assert re.search(r"\d", error.message)
    assert error.hint is not None
    assert_true(error.hint, sop, vocab, length)


def assert_true(hint: str, sop: rasp.SOp, vocab: object, length: int) -> None:
    """Every claim of a hint on what works holds."""
    claims = 0
    for works in re.findall(r"a maximum length of ([\d,]+) works", hint):
        compiler.compile(sop, vocab, int(works.replace(",", "")))  # type: ignore[arg-type]
        claims += 1
    for fails in re.findall(r"works, ([\d,]+) does not", hint):
        with pytest.raises(TooLargeError):
            compiler.compile(sop, vocab, int(fails.replace(",", "")))  # type: ignore[arg-type]
    if 'dtype="float64"' in hint:
        compiler.compile(sop, vocab, length, dtype="float64")  # type: ignore[arg-type]
        claims += 1
    if "causal" in hint:
        compiler.compile(sop, vocab, length, causal=True)  # type: ignore[arg-type]
        claims += 1
    for first in re.findall(r"the first ([\d,]+) of these", hint):
        compiler.compile(sop, list(vocab)[: int(first.replace(",", ""))], length)  # type: ignore[call-overload]
        claims += 1
    assert claims or "no maximum length that was tried works" in hint


def test_a_try_that_takes_long_is_given_up() -> None:
    """What nothing foretold, as its first try takes longer than all have together."""

    def endless(tried: Request) -> bool:
        while True:
            go_on()

    assert what_works(asked(20), endless, seconds=0.01) == "no maximum length that was tried works"
