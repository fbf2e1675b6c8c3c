"""`only` compiled: several selected positions that hold one value are read as one, and it is proved again."""

from __future__ import annotations

import pytest

import compiler
import rasp
from compiler.program.saving import saved_program
from compiler.request import Request
from compiler.verification.comparison import expected
from rasp.errors import CompileError
from rasp.graph.sops import Aggregate, SOp, in_order
from tests.support.proved import assert_right
from tests.support.sweeps import sweep

DIGITS = (1, 2, 3)
LETTERS = ("a", "b", "|")

EVERYWHERE = """
only(select(tokens, tokens, ==), tokens)
only(select(tokens, tokens, ==), 3 * tokens - 5, 2)
only(select(tokens, 2, ==), tokens == 2, 7)
only(select(tokens, 2, ==) and select(indices, indices, <), 1 / tokens)
only(same and before, tokens, -4)
only(same and (before or last), tokens, 9)
only((same and before) or (same and last), 10 * tokens, 1)
only(same and not (before and last), tokens * tokens)
only(same and (before or last), ["x", "y", "z", "w"][tokens], "none")
only(select(tokens, 2, ==), aggregate(same, tokens), 1 / 3)
only(same and before, aggregate(select(indices, indices, <=), tokens) * 0 + tokens, 5)
"""
"""Programs over numbers that have an answer on every input."""

SOMETIMES = """
only(select(tokens, "|", ==), indices)
indices - only(select(tokens, "|", ==), indices, 99)
only(select(tokens, "|", ==) or select(tokens, "b", ==), tokens, "?")
aggregate(select(indices, only(select(tokens, "|", ==), indices, -2) + 1, ==), tokens, "?")
has_focus(select(indices, only(select(tokens, "a", ==), indices), <))
length * only(select(tokens, "|", ==), indices)
1 / only(select(tokens, "|", ==) or select(indices, 0, ==), indicator(indices == 0))
only(select(tokens, "|", ==), 1, 0) > 0
"""
"""Programs over letters that have no answer where different values are selected."""


def lines(text: str) -> list[str]:
    return text.strip().split("\n")


def program(expression: str) -> SOp:
    return rasp.parse(
        "tokens = tokens_asis; same = select(tokens, tokens, ==); before = select(indices, indices, <); "
        f"last = select(indices, length - 1, ==); x = {expression};"
    ).main


@pytest.mark.parametrize("causal", sweep([False, True], [False]))
@pytest.mark.parametrize("expression", lines(EVERYWHERE))
def test_equal_values_are_read_as_one(expression: str, causal: bool) -> None:
    assert_right(program(expression), DIGITS, 7, causal)


@pytest.mark.parametrize("optimize", sweep([False, True], [True]))
@pytest.mark.parametrize("expression", lines(SOMETIMES))
def test_inputs_with_an_answer_are_answered(expression: str, optimize: bool) -> None:
    assert_right(program(expression), LETTERS, 6, causal=False, optimize=optimize)


@pytest.mark.parametrize("length", [2, 3, 5, 8, 13, 21, 33, 64])
def test_a_number_read_by_only_stays_one_number(length: int) -> None:
    """The mean of what may be several positions has hundreds of values, the only one has `length`."""
    bar = 'bar = only(select(tokens, "|", ==), indices); main = indices - bar;'
    model = compiler.compile(rasp.parse(bar).main, LETTERS, length)
    assert compiler.recheck(model).ok
    assert len(model.weights.layers) == 1
    text = ["a"] * length
    text[length // 2] = "|"
    assert list(model(text)) == [i - length // 2 for i in range(length)]


@pytest.mark.slow
def test_many_equal_numbers_are_read_exactly() -> None:
    sop = program("only(select(tokens, tokens, ==), [0, 4095, 2047, 1][tokens])")
    model = compiler.compile(sop, DIGITS, 2000)
    assert compiler.recheck(model).ok
    for chosen in (1, 2, 3):
        given = [chosen] * 1999 + [chosen % 3 + 1]
        assert list(model(given)) == expected(sop, given, False)


def test_the_saved_program_says_only() -> None:
    sop = program("only(same and before, tokens, -4)")
    text = saved_program(sop, Request(DIGITS, 5)).text
    assert "only(" in text
    (read,) = (node for node in in_order(rasp.parse(text).main) if isinstance(node, Aggregate))
    assert read.only
    assert read.default == -4


def test_a_name_that_the_saved_program_needs_is_not_taken() -> None:
    sop = rasp.parse("main = only(full_s, 1) + 1; only = main; last = only + 1;")["last"]
    assert isinstance(sop, SOp)
    named = rasp.only(rasp.full_s, rasp.length)
    named.bind("only")
    text = saved_program(named + rasp.only(rasp.full_s, 3), Request(DIGITS, 5)).text
    assert rasp.parse(text).main("ab") == [5, 5]


@pytest.mark.parametrize(
    ("text", "named", "written"),
    [
        pytest.param(
            'bar = aggregate(select(tokens, "|", ==), indices);\nmain = indices * bar;',
            "`bar` at <source>:1:7",
            'only(select(tokens, "|", ==), indices)',
            marks=pytest.mark.slow,
        ),
        (
            'bar = aggregate(select(tokens, "|", ==) or select(tokens, "a", ==), indices, 3);\n'
            "main = bar * bar;",
            "`bar` at <source>:1:7",
            'only(select(tokens, "|", ==) or select(tokens, "a", ==), indices, 3)',
        ),
        pytest.param(
            'main = select(indices, aggregate(select(tokens, "|",\n ==), indices) * indices, ==);\n'
            "x = aggregate(main, tokens);",
            "the aggregate at <source>:1:24",
            'only(select(tokens, "|", ==), indices)',
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_refusal_names_the_mean_that_may_be_none(text: str, named: str, written: str) -> None:
    with pytest.raises(CompileError) as refusal:
        compiler.compile(rasp.parse(text).main, LETTERS, 24)
    hint = str(refusal.value.hint)
    assert named in hint
    assert f"if at most one position, or only equal values, can be selected, write `{written}`" in hint


@pytest.mark.parametrize(
    "text", ["m = average(of_a); x = m * m * m;", "m = aggregate(before, of_a); x = m * m * m;"]
)
def test_a_mean_that_is_one_is_not_named(text: str) -> None:
    before = 'before = select(indices, indices, <=); of_a = indices * indicator(tokens == "a"); '
    with pytest.raises(CompileError) as refusal:
        compiler.compile(rasp.parse(before + text).main, LETTERS, 24)
    assert "only(" not in str(refusal.value.hint)
