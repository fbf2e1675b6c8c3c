"""Conjunctions: a selector in parts that heads can score, no two of which hold together."""

from __future__ import annotations

import itertools

import pytest

from compiler.graph.building import build
from compiler.graph.conjunctions import MAX_CONJUNCTIONS, MAX_STEPS, conjunctions
from compiler.graph.terms import Term
from rasp.errors import TooLargeError
from tests.support.worked import asked, assert_text, lines, sop_of, stages

EITHER = """
    near = select(indices, indices, ==) or select(tokens, "a", ==);
    answer = selector_width(near);
"""


def test_an_or_in_disjoint_parts() -> None:
    """Myself, or any `a`: what is at my position counts once, so the second part is about other positions."""
    selector = stages(EITHER).built.root.args[0]
    assert_text(
        lines(" and ".join(literal.text for literal in part) for part in conjunctions(selector)),
        """
        indices != indices and tokens_str == "a"
        indices == indices
        """,
    )


def counted(*lines: str) -> Term:
    """The selector that the last line counts."""
    return build(sop_of("\n".join(lines)), asked("01")).root.args[0]


def exclusive_or(name: str, order: list[int]) -> list[str]:
    """The exclusive or of the selectors a0, a1, ... in an order, one after the other; the last is it."""
    steps = [f"{name}0 = a{order[0]};"]
    for number, each in enumerate(order[1:]):
        before = f"{name}{number}"
        steps.append(f"{name}{number + 1} = ({before} and (not a{each})) or ((not {before}) and a{each});")
    return steps


def comparisons(count: int) -> list[str]:
    return [f"a{i} = select(tokens_int + {i}, indices * {i + 2}, <);" for i in range(count)]


def test_what_is_left_open_is_split_once() -> None:
    """Two exclusive ors of the same selectors, in opposite orders, are the same: nothing is in the one alone.
    That takes a few cases for each of the 30, where all their orders together are a billion.
    """
    count = 30
    both = exclusive_or("s", list(range(count))) + exclusive_or("t", list(range(count))[::-1])
    last = count - 1
    selector = counted(*comparisons(count), *both, f"answer = selector_width(s{last} and (not t{last}));")
    assert conjunctions(selector) == ()


def test_disjoint_parts_cover_what_the_selector_selects() -> None:
    """In each of all orders of the pairs, one part holds where the selector does, and none elsewhere."""
    steps = exclusive_or("s", [0, 1, 2, 3])
    parts = conjunctions(counted(*comparisons(4), *steps, "answer = selector_width(s3);"))
    compared = sorted({literal.keys.index for part in parts for literal in part})
    assert len(compared) == 4
    for orders in itertools.product("<=>", repeat=4):
        order = dict(zip(compared, orders, strict=True))
        holding = sum(all(order[each.keys.index] in each.relation for each in part) for part in parts)
        assert holding == orders.count("<") % 2


@pytest.mark.parametrize("count", [8, 60])
def test_too_many_parts_are_refused(count: int) -> None:
    """An exclusive or of 8 has 128 parts."""
    assert 2 ** (count - 1) > MAX_CONJUNCTIONS
    steps = exclusive_or("s", list(range(count)))
    selector = counted(*comparisons(count), *steps, f"answer = selector_width(s{count - 1});")
    with pytest.raises(TooLargeError, match=f"more than ({MAX_CONJUNCTIONS} disjoint parts|{MAX_STEPS:,})"):
        conjunctions(selector)
