"""A default that is an s-op, compiled: read at the query where nothing is selected, and proved again."""

from __future__ import annotations

import pytest

import compiler
import rasp
from compiler.program.saving import saved_program
from compiler.request import Request
from rasp.graph.sops import Aggregate, Constant, SOp
from tests.support.proved import assert_right
from tests.support.sweeps import sweep

NUMBERS = """
aggregate(select(indices, indices - 1, ==), tokens, 10 * indices)
aggregate(select(tokens, tokens + 1, ==), tokens, -indices)
aggregate(select(tokens, 2, ==), indices, tokens / 2)
aggregate(select(tokens, 9, ==), indices, tokens / 2)
aggregate(same and before, tokens == 1, tokens == 2)
aggregate(select(indices, indices - 1, ==), "xyz"[tokens], ["p", "q", "r"][indices % 3])
aggregate(select(indices, indices - 2, ==) or select(indices, 9, ==), tokens, indices)
only((same and before) or (same and last), tokens, indices)
only(same and before, ["p", "q", "r"][tokens], ["x", "y", "z"][tokens])
aggregate(before, tokens, tokens)
aggregate(select(indices, indices - 1, ==), tokens, aggregate(same and before, tokens, indices))
aggregate(before, 1, indices) > 0
"""


def program(expression: str) -> SOp:
    return rasp.parse(
        "tokens = tokens_asis; same = select(tokens, tokens, ==); before = select(indices, indices, <); "
        f"last = select(indices, length - 1, ==); x = {expression};"
    ).main


@pytest.mark.parametrize("causal", sweep([False, True], [False]))
@pytest.mark.parametrize("optimize", sweep([False, True], [True]))
@pytest.mark.parametrize("expression", NUMBERS.strip().split("\n"))
def test_it_is_read_at_the_query(expression: str, causal: bool, optimize: bool) -> None:
    assert_right(program(expression), (0, 1, 2), 5, causal, optimize)


@pytest.mark.parametrize("length", [2, 7, 24, 48])
def test_strings_need_no_value_of_another_type(length: int) -> None:
    sop = rasp.parse('x = aggregate(select(indices, indices - 1, ==), tokens, tokens + "!");').main
    model = assert_right(sop, ("a", "b"), length, causal=False)
    assert len(model.weights.layers) == 1
    assert set(model.config.output.labels) == {"a", "b", "a!", "b!"}  # type: ignore[union-attr]


def test_the_saved_program_has_it() -> None:
    sop = program("only(same and before, tokens, 2 * indices)")
    text = saved_program(sop, Request((1, 2), 4)).text
    assert "only(" in text
    again = rasp.parse(text).main
    assert again([2, 1, 2, 2]) == sop([2, 1, 2, 2]) == [0, 2, 2, 2]


def test_a_constant_default_is_an_atom() -> None:
    """So the saved program, which cannot tell, has the same s-ops."""
    before = rasp.select(rasp.indices, rasp.indices, "<")
    plain = rasp.aggregate(before, rasp.indices, Constant(5))
    assert isinstance(plain, Aggregate)
    assert plain.default == 5
    assert compiler.recheck(compiler.compile(plain, "ab", 3)).ok
