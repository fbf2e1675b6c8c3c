"""Programs as people write them: each compiles at every length, certified, proved again, and answers right.

What they have in common is that they pick one position (the first, the last, the next, the n-th, the deepest)
or positions that all hold one value, and never say so.

After a change on purpose, `RASP_UPDATE_GOLDEN=1 pytest tests/whole/test_ordinary.py -k recorded` writes their
sizes anew: read the difference before committing it.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

import compiler
import rasp
from compiler.lab.candidates import answers
from compiler.verification.comparison import expected
from rasp.errors import CompileError
from rasp.inputs import random_inputs
from rasp.words import Atom
from runtime import Model
from tests.support.paths import ROOT
from tests.support.sweeps import sweep

SAME = "same = select(tokens, tokens, ==);\n"
EARLIER = "earlier = select(indices, indices, <);\n"
UP_TO_HERE = "up_to_here = select(indices, indices, <=);\n"
FIRST_A = 'first_a = select(mark_first_instance(tokens, "a"), True, ==);\n'
WHERE = FIRST_A + "where = aggregate(first_a, indices, -2);\n"
IS_FIRST = SAME + EARLIER + "is_first = not has_focus(same and earlier);\n"
BORN = IS_FIRST + "born = aggregate(same and select(is_first, True, ==), indices);\n"
DEPTH = f"""{UP_TO_HERE}
opened = selector_width(select(tokens, "(", ==) and up_to_here);
closed = selector_width(select(tokens, ")", ==) and up_to_here);
depth = opened - closed;
"""
TURN = f"""{DEPTH}
value = tokens;
same_height = select(depth, depth, ==);
turn = selector_width(same_height and up_to_here);
"""
RANK = f"""{EARLIER}
number = tokens_int;
before = select(number, number, ==) and earlier;
rank = selector_width(select(number, number, <) or before);
"""
RUN = f"""{UP_TO_HERE}
previous = aggregate(select(indices, indices - 1, ==), tokens, "-");
starts = not (tokens == previous);
run = selector_width(select(starts, True, ==) and up_to_here);
"""
MORE = f"""{SAME}{EARLIER}
often = selector_width(same);
more = select(often, often, >) or (select(often, often, ==) and earlier);
"""


@dataclass(frozen=True)
class Ordinary:
    """A program, its vocabulary, and whether what it picks is one position under the causal mask too."""

    text: str
    vocab: Sequence[Atom]
    causal: bool = True


PROGRAMS = {
    "where the first a is": Ordinary(WHERE, "abc"),
    "after the first a": Ordinary(
        WHERE + 'after_first_a = aggregate(select(indices, where + 1, ==), tokens, "?");', "abc"
    ),
    "born": Ordinary(BORN, "abc"),
    "order of first appearance": Ordinary(BORN + "main = selector_width(select(born, born, <));", "abc"),
    "deepest": Ordinary(
        DEPTH
        + "beaten = has_focus(select(depth, depth, >));\n"
        + "deepest = aggregate(select(beaten, False, ==), depth);",
        "()",
        causal=False,
    ),
    "previous of my height": Ordinary(
        TURN + 'left = aggregate(same_height and select(turn, turn - 1, ==), value, "-");', "()"
    ),
    "where the previous of my height is": Ordinary(
        TURN + "left = aggregate(same_height and select(turn, turn - 1, ==), indices, -1);", "()"
    ),
    "median": Ordinary(
        RANK + "mid = aggregate(select(rank, round(length / 2 - 3 / 4), ==), number);", "01234", causal=False
    ),
    "second smallest": Ordinary(
        RANK + "second = aggregate(select(rank, 1, ==), number, -1);", "01234", causal=False
    ),
    "k-th largest": Ordinary(
        EARLIER
        + "larger = select(tokens_int, tokens_int, >) or (select(tokens_int, tokens_int, ==) and earlier);\n"
        + "third = aggregate(select(selector_width(larger), 2, ==), tokens_int, -1);",
        "01234",
        causal=False,
    ),
    "distance from the first a": Ordinary(
        FIRST_A + "start = aggregate(first_a, indices, 99);\nmain = indices - start;", "abc"
    ),
    "distance from the first a, 20": Ordinary(
        FIRST_A + "start = aggregate(first_a, indices, 20);\nmain = indices - start;", "abc"
    ),
    "select_from_first": Ordinary('colon = aggregate(select_from_first(tokens, ":"), indices, -1);', "ab:"),
    "select_from_last": Ordinary(
        'colon = aggregate(select_from_last(tokens, ":"), indices, -1);', "ab:", causal=False
    ),
    "select_next_identical": Ordinary("next = aggregate(select_next_identical(tokens), indices, -1);", "abc"),
    "nearer to the last bar than to the next of its kind": Ordinary(
        'last = aggregate(select_from_last(tokens, "|"), indices, -1);\n'
        "next = aggregate(select_next_identical(tokens), indices, -1);\n"
        "main = (indices - last) < (next - indices);",
        "ab|",
        causal=False,
    ),
    "previous of the same": Ordinary(
        SAME
        + "turn = selector_width(same and select(indices, indices, <));\n"
        + "previous = aggregate(same and select(turn, turn - 1, ==), indices, -1);",
        "abc",
    ),
    "next by pointing back": Ordinary(
        SAME
        + "turn = selector_width(same and select(indices, indices, <));\n"
        + "previous = aggregate(same and select(turn, turn - 1, ==), indices, -1);\n"
        + "next = aggregate(select(previous, indices, ==), indices, -1);",
        "abc",
        causal=False,
    ),
    "the second a": Ordinary(
        UP_TO_HERE
        + 'is_a = tokens == "a";\n'
        + "seen = selector_width(select(is_a, True, ==) and up_to_here);\n"
        + "second = aggregate(select(is_a and seen == 2, True, ==), indices, -1);",
        "abc",
    ),
    "first of what is not the first": Ordinary(
        'first = mark_first_instance(tokens, "a");\n'
        'rest = tokens == "a" and not first;\n'
        "second = rest and not has_focus(select(rest, True, ==) and select(indices, indices, <));\n"
        "main = aggregate(select(second, True, ==), indices, -1);",
        "abc",
    ),
    "first by numbers": Ordinary(
        EARLIER
        + 'mark = indicator(tokens == "a");\n'
        + "first = indicator(mark == 1 and selector_width(select(mark, 1, ==) and earlier) == 0);\n"
        + "main = aggregate(select(first, 1, ==), indices, -1);",
        "abc",
    ),
    "first by == False": Ordinary(
        EARLIER
        + 'hit = select(tokens, "a", ==);\n'
        + "first = has_focus(hit and earlier) == False;\n"
        + "main = aggregate(hit and select(first, True, ==), indices, -1);",
        "abc",
    ),
    "first of my kind by counting": Ordinary(
        SAME
        + EARLIER
        + "before_me = selector_width(same and earlier);\n"
        + "main = indices - aggregate(same and select(before_me, 0, ==), indices);",
        "abc",
    ),
    "since the last a": Ordinary(
        UP_TO_HERE
        + 'seen = selector_width(select(tokens, "a", ==) and up_to_here);\n'
        + 'main = indices - aggregate(select(tokens, "a", ==) and select(seen, seen, ==), indices, -1);',
        "abc",
    ),
    "position in the run": Ordinary(
        RUN + "main = indices - aggregate(select(run, run, ==) and select(starts, True, ==), indices);",
        "abc",
    ),
    "length of the run": Ordinary(RUN + "main = selector_width(select(run, run, ==));", "abc"),
    "token of the run before": Ordinary(
        RUN + 'main = aggregate(select(starts, True, ==) and select(run, run - 1, ==), tokens, "-");',
        "abc",
    ),
    "where the largest is": Ordinary(
        EARLIER
        + "number = tokens_int;\n"
        + "more = select(number, number, >) or (select(number, number, ==) and earlier);\n"
        + "main = aggregate(select(has_focus(more), False, ==), indices);",
        "01234",
        causal=False,
    ),
    "the largest": Ordinary(
        "beaten = has_focus(select(tokens_int, tokens_int, >));\n"
        "main = aggregate(select(beaten, False, ==), tokens_int);",
        "01234",
        causal=False,
    ),
    "most frequent, the first of them": Ordinary(
        MORE + "main = aggregate(select(has_focus(more), False, ==), tokens);", "abc", causal=False
    ),
    "distinct numbers in order": Ordinary(
        IS_FIRST
        + "number = tokens_int;\n"
        + "rank = selector_width(select(is_first, True, ==) and select(number, number, <));\n"
        + "main = aggregate(select(is_first, True, ==) and select(rank, indices, ==), number, -1);",
        "0123",
        causal=False,
    ),
    "rotated": Ordinary("main = aggregate(select(indices, (indices + 1) % length, ==), tokens);", "abc"),
    "rotated by a count": Ordinary(
        'many = selector_width(select(tokens, "a", ==));\n'
        + "main = aggregate(select(indices, (indices + many) % length, ==), tokens);",
        "abc",
    ),
    "matching bracket": Ordinary(
        DEPTH
        + 'level = depth + indicator(tokens == ")");\n'
        + "alike = select(level, level, ==);\n"
        + "turn = selector_width(alike and select(indices, indices, <));\n"
        + "main = aggregate(alike and select(turn, turn - 1, ==), indices, -1);",
        "()",
    ),
    "one cell is written": Ordinary(
        "cells = tokens_int; target = indices == cells[1]; result = cells - cells[0];\n"
        "old = cells if target else 0;\n"
        "write = (result if result >= 0 else result + 10) if target else 0;\n"
        "main = cells + write - old;",
        "0123456789",
    ),
    "where a jump leads": Ordinary(
        "pc = tokens_int[0]; c = tokens_int[1]; r = tokens_int - c; main = c if r <= 0 else pc + 3;",
        "0123456789",
    ),
    "the larger of two counts": Ordinary(
        'main = max(selector_width(select(tokens, "a", ==)), selector_width(select(tokens, "b", ==)));', "abc"
    ),
    "the smaller of two neighbours": Ordinary(
        "before = aggregate(select(indices, indices - 1, ==), tokens_int, 0);\n"
        "main = min(before, tokens_int);",
        "0123456789",
    ),
    "late, and no jump so far": Ordinary(
        UP_TO_HERE
        + 'jumps = indicator(selector_width(select(tokens, "j", ==) and up_to_here) > 1);\n'
        + "late = indicator(indices > 3); main = late * (1 - jumps);",
        "jk",
    ),
    "a Roman numeral": Ordinary(
        'value = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}[tokens];\n'
        "next = aggregate(select(indices, indices + 1, ==), value, 0);\n"
        "signed = value - 2 * value if value < next else value;\n"
        "main = round(length * average(signed));",
        "IVXLCDM",
    ),
    "a Roman numeral's differences": Ordinary(
        'value = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}[tokens];\n'
        "next = aggregate(select(indices, indices + 1, ==), value, 0);\n"
        "main = value - 2 * next if value < next else value;",
        "IVXLCDM",
    ),
    "whether the numbers rise": Ordinary(
        "next = aggregate(select(indices, indices + 1, ==), tokens_int, 9);\n"
        "main = not has_focus(select(tokens_int > next, True, ==));",
        "0123456789",
    ),
    "a decimal number modulo 3": Ordinary(
        "main = round(length * average(tokens_int * 10 ^ (length - 1 - indices))) % 3;", "0123456789"
    ),
    "distance from the bars": Ordinary(
        'bar = aggregate(select(tokens, "|", ==), indices); main = indices - bar;', "ab|"
    ),
    "distance from the only bar": Ordinary(
        'bar = only(select(tokens, "|", ==), indices, -1); main = indices - bar;', "ab|"
    ),
    "the leftmost cell of a walk": Ordinary(
        "so_far = select(indices, indices, <=);\n"
        'right = selector_width(select(tokens, "R", ==) and so_far);\n'
        'p = right - selector_width(select(tokens, "L", ==) and so_far);\n'
        "beaten = has_focus(select(p, p, <));\n"
        "x = min(0, aggregate(select(beaten, False, ==), p));",
        "LR",
    ),
    "where it first differs from its mirror": Ordinary(
        "before = select(indices, indices, <);\n"
        "m = aggregate(select(indices, length - 1 - indices, ==), tokens) != tokens;\n"
        "f = m and not has_focus(select(m, True, ==) and before);\n"
        "x = aggregate(select(f, True, ==), indices, -1);",
        "ab",
    ),
    "what came after the last such token": Ordinary(
        "so_far = select(indices, indices, <=);\n"
        'p = aggregate(select(indices, indices - 1, ==), tokens, "?");\n'
        "n = selector_width(select(p, p, ==) and so_far);\n"
        "m = selector_width(select(p, tokens, ==) and so_far);\n"
        'x = aggregate(select(p, tokens, ==) and select(n, m, ==) and so_far, tokens, "?");',
        "abcd",
    ),
    "a perfect shuffle": Ordinary(
        "h = round(length / 2);\n"
        "src = round(indices / 2) if indices % 2 == 0 else h + round((indices - 1) / 2);\n"
        'x = aggregate(select(indices, src, ==), tokens, "_");',
        "abcd",
    ),
    "the top of a stack": Ordinary(
        "so_far = select(indices, indices, <=);\n"
        'push = tokens != "-";\n'
        "pushed = selector_width(select(push, True, ==) and so_far);\n"
        "d = pushed - selector_width(select(push, False, ==) and so_far);\n"
        "turn = selector_width(select(d, d, ==) and select(push, True, ==) and so_far);\n"
        'x = aggregate(select(push, True, ==) and select(d, d, ==) and select(turn, turn, ==), tokens, "_");',
        "ab-",
    ),
    "initials of words": Ordinary(
        "before = select(indices, indices, <);\n"
        'p = aggregate(select(indices, indices - 1, ==), tokens, " ");\n'
        'st = p == " " and tokens != " ";\n'
        "k = selector_width(select(st, True, ==) and before);\n"
        'x = aggregate(select(st, True, ==) and select(k, indices, ==), tokens, "_");',
        "ab ",
    ),
    "the letter of the longest run": Ordinary(
        "before = select(indices, indices, <);\n"
        "so_far = select(indices, indices, <=);\n"
        'p = aggregate(select(indices, indices - 1, ==), tokens, "?");\n'
        "st = tokens != p;\n"
        "r = selector_width(select(st, True, ==) and so_far);\n"
        "n = selector_width(select(r, r, ==));\n"
        "beat = has_focus(select(n, n, >)) or has_focus(select(n, n, ==) and before);\n"
        "x = aggregate(select(beat, False, ==), tokens);",
        "ab",
    ),
    "each token once": Ordinary(
        "before = select(indices, indices, <);\n"
        "keep = not has_focus(select(tokens, tokens, ==) and before);\n"
        "k = selector_width(select(keep, True, ==) and before);\n"
        'x = aggregate(select(keep, True, ==) and select(k, indices, ==), tokens, "_");',
        "abcd",
    ),
    "the least so far, by the last record": Ordinary(
        "so_far = select(indices, indices, <=);\n"
        "worse = has_focus(select(tokens_int, tokens_int, <) and so_far);\n"
        "records = select(worse, False, ==);\n"
        "k = selector_width(records and so_far);\n"
        "x = aggregate(records and select(k, k, ==), tokens_int, 0);",
        "0123456789",
    ),
    "distance to the a before": Ordinary(
        "before = select(indices, indices, <);\n"
        "so_far = select(indices, indices, <=);\n"
        'k = selector_width(select(tokens, "a", ==) and before);\n'
        'n = selector_width(select(tokens, "a", ==) and so_far);\n'
        'pos = aggregate(select(tokens, "a", ==) and select(n, k, ==), indices, -2);\n'
        "x = indices - pos;",
        "abc",
    ),
    "how often the second most frequent token is there": Ordinary(
        "before = select(indices, indices, <);\n"
        "first = not has_focus(select(tokens, tokens, ==) and before);\n"
        "c = selector_width(select(tokens, tokens, ==));\n"
        "ones = select(first, True, ==);\n"
        "as_many = ones and select(c, c, ==);\n"
        "r = selector_width(ones and select(c, c, >)) + selector_width(as_many and before);\n"
        "x = aggregate(ones and select(r, 1, ==), c, 0);",
        "abcd",
    ),
    "the last word to the front": Ordinary(
        "so_far = select(indices, indices, <=);\n"
        'n = selector_width(select(tokens, " ", ==));\n'
        'w = selector_width(select(tokens, " ", ==) and so_far);\n'
        "last = w == n;\n"
        "k = selector_width(select(last, True, ==));\n"
        "src = indices + (length - k) if indices < k else indices - k;\n"
        "x = aggregate(select(indices, src, ==), tokens);",
        "ab ",
    ),
}

SOME = (*range(3, 24, 2), *range(24, 65, 8))
"""Lengths of the long sweep; all of them are tried by hand."""

LENGTHS = (2, 9)
"""Of the lengths from 2 to 64, those that are proved and run every time."""

SIZES = ROOT / "tests" / "golden" / "ordinary.txt"

MASKED = [
    (name, causal)
    for name, program in PROGRAMS.items()
    for causal in (False, True)
    if program.causal >= causal
]


def compiled(name: str, causal: bool, length: int) -> Model:
    program = PROGRAMS[name]
    return compiler.compile(rasp.parse(program.text).main, list(program.vocab), length, causal=causal)


def check(name: str, causal: bool, length: int) -> Model:
    """Certified, and proved again from the weights."""
    model = compiled(name, causal, length)
    assert model.certificate.certified
    proved = compiler.recheck(model)
    assert proved.ok, (length, proved.summary)
    return model


@pytest.mark.parametrize("program", sweep(MASKED, MASKED[::2]), ids=str)
def test_compiles_and_answers_right(program: tuple[str, bool]) -> None:
    """On inputs of any length up to 9, by the forward pass in NumPy."""
    name, causal = program
    main, rng = rasp.parse(PROGRAMS[name].text).main, random.Random(name)
    small, large = (check(name, causal, length) for length in LENGTHS)
    for model in (small, large):
        inputs = random_inputs(rng, model.config.vocab, model.config.max_length, 100)
        answered = [(one, answer) for one in inputs if (answer := expected(main, one, causal)) is not None]
        assert answers(model, [one for one, _ in answered]) == [answer for _, answer in answered]
        assert answered


@pytest.mark.parametrize(
    "lengths",
    [
        pytest.param(SOME, marks=pytest.mark.slow, id="some"),
        pytest.param(range(2, 65), marks=pytest.mark.by_hand, id="all"),
    ],
)
@pytest.mark.parametrize(("name", "causal"), MASKED)
def test_compiles_and_answers_right_at_every_length(name: str, causal: bool, lengths: Sequence[int]) -> None:
    for length in lengths:
        model = check(name, causal, length)
        if length % 16 == 0:
            report = compiler.verify(rasp.parse(PROGRAMS[name].text).main, model, samples=100)
            assert report.ok, (length, report.summary)


def test_no_model_is_larger_than_recorded() -> None:
    measured = {
        f"{name}, causal" * causal or name: compiled(name, causal, 16).size.parameters
        for name, causal in MASKED
    }
    if os.environ.get("RASP_UPDATE_GOLDEN"):
        SIZES.write_text("".join(f"{size} {name}\n" for name, size in measured.items()))
    lines = [line.split(" ", 1) for line in SIZES.read_text().splitlines()]
    recorded = {name: int(size) for size, name in lines}
    assert measured.keys() == recorded.keys()
    grown = {name: (size, recorded[name]) for name, size in measured.items() if size > recorded[name]}
    assert not grown, f"more parameters than recorded: {grown}"


EQUAL_MEANS = "m = aggregate(full_s, indices); main = aggregate(select(tokens, tokens, ==), m);"


@pytest.mark.parametrize("length", [20, 40])
def test_many_equal_means_can_be_read(length: int) -> None:
    model = compiler.compile(rasp.parse(EQUAL_MEANS).main, "abc", length)
    assert compiler.recheck(model).ok


def test_too_many_equal_means_are_not_certified() -> None:
    with pytest.raises(CompileError, match="not certified"):
        compiler.compile(rasp.parse(EQUAL_MEANS).main, "abc", 64)


RANGE = """v = tokens_int;
largest = aggregate(select(has_focus(select(v, v, >)), False, ==), v);
smallest = aggregate(select(has_focus(select(v, v, <)), False, ==), v);
range_of_values = largest - smallest;
"""
"""Causally these are means: of all that were the largest, or the smallest, when they came."""


@pytest.mark.parametrize(
    ("vocab", "length"), [("01234", 14), pytest.param("012", 16, marks=pytest.mark.slow)]
)
def test_a_difference_of_means_compiles_where_only_it_is_of_a_unit(vocab: str, length: int) -> None:
    """At these lengths the difference has a unit that is coarse enough, and the means have none."""
    difference = rasp.parse(RANGE).main
    model = compiler.compile(difference, vocab, length, causal=True)
    assert compiler.recheck(model).ok
    assert compiler.verify(difference, model, samples=100).ok


BINARY = "number = round(length * average(tokens_int * 2 ^ (length - 1 - indices)));"
"""The exponents would be negative where no position is."""


@pytest.mark.parametrize("length", sweep([2, 9, 17, 19], [2, 9]))
def test_a_binary_number_compiles_as_far_as_floats_hold_it(length: int) -> None:
    number = rasp.parse(BINARY).main
    model = compiler.compile(number, "01", length)
    assert compiler.recheck(model).ok
    assert compiler.verify(number, model, samples=100).ok


@pytest.mark.parametrize(
    ("length", "reason"), [(22, "from 0 to 4194303"), (64, "more than 2,097,152 times the unit")]
)
def test_a_binary_number_beyond_that_is_refused_in_words(length: int, reason: str) -> None:
    with pytest.raises(CompileError, match=reason) as refused:
        compiler.compile(rasp.parse(BINARY).main, "01", length)
    assert "a maximum length of 19 works" in (refused.value.hint or "")
