"""Of the ways in which a program can be carried, the cheapest is taken."""

from __future__ import annotations

import pytest

import rasp
from compiler.graph.building import build
from compiler.lowering.plan import USUAL, Way
from compiler.request import Request, request
from compiler.values.settling import Settled, settle
from compiler.ways import Carried, carry, cheapest, others
from rasp.errors import CompileError
from runtime.weights import size


def settled(text: str, asked: Request) -> Settled:
    return settle(build(rasp.parse(text).main, asked), asked)


def cost(carried: Carried) -> tuple[int, int]:
    _, schedule, stored = carried
    return schedule.depth, size(stored.weights).parameters


GATED = (
    "a = selector_width(select(tokens, 'a', ==)); b = selector_width(select(tokens, 'b', ==));"
    "main = a if a < b else b;"
).replace("'", '"')

FAR = "main = 2^(length - 1);"
"""Few values that lie far apart."""


def test_what_has_no_choice_is_carried_once() -> None:
    asked = request("abc", 8)
    plain = settled("main = tokens;", asked)
    assert others(plain, [carry(plain, asked, USUAL)]) == []


def test_where_there_is_a_gate_there_may_be_tables() -> None:
    asked = request("ab", 4)
    gated = settled(GATED, asked)
    assert others(gated, [carry(gated, asked, USUAL)]) == [Way(tables_first=True)]


def test_codes_far_apart_may_be_read_by_rank() -> None:
    asked = request("ab", 14)
    far = settled(FAR, asked)
    assert others(far, [carry(far, asked, USUAL)]) == [Way(ranked=True)]


@pytest.mark.parametrize(("text", "length"), [(GATED, 2), (GATED, 4), (GATED, 12), (FAR, 6), (FAR, 14)])
def test_none_is_cheaper_than_the_cheapest(text: str, length: int) -> None:
    asked = request("ab", length)
    found = settled(text, asked)
    ways = [USUAL, *others(found, [carry(found, asked, USUAL)])]
    assert cost(cheapest(found, asked)) == min(cost(carry(found, asked, way)) for way in ways)


def test_what_no_way_can_carry_is_refused_with_the_place() -> None:
    asked = request([str(n) for n in range(5000)], 2)
    with pytest.raises(CompileError) as refused:
        cheapest(settled('main = tokens + "-";', asked), asked)
    assert refused.value.span is not None
