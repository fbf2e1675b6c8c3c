"""A few numbers that tell all: against very many others between the same ends."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest

from compiler.graph.meaning import call
from compiler.graph.terms import Graph, Kind, Term, folded
from compiler.rechecking.derivation.pointwise import made_of, same_selections, same_values
from compiler.rechecking.derivation.telling import telling
from compiler.request import Request
from rasp.words import Atom
from tests.support.derivations import known, term

MEANS = "m = aggregate(full_s, aggregate(select(tokens_int, tokens_int, <), indices)); "
"""Of nine tokens, these are from 0 to 8, and more than can be listed."""

NINE = Request(("0", "1", "2"), 9)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("{1: 3, 2: 7}[m]", "3 if m <= 1 else 7", True),
        ("{1: 3, 2: 7}[m]", "3 if m < 1 else 7", False),
        ("{1: 3, 2: 7}[m]", "3 if m < 2 else 7", True),
        ("m in [1, 5/2, 100]", "m == 1 or m == 5/2", True),
        ("m in [1, 2]", "m >= 1 and m <= 2", False),
        ("m in [8, 9]", "m == 8", True),
        ("m in [8, 9]", "False", False),
        ("m in [9]", "False", True),
        ("m > 8", "False", True),
        ("m >= 8", "False", False),
        ("m >= 0", "True", True),
        ("m > 0", "True", False),
        ("m > 5", "m > 5.000001", False),
        ('m == "a"', "False", True),
        ("3 if m else 4", "3 if m != 0 else 4", True),
        ("3 if m else 4", "3 if m > 1 else 4", False),
        ("indicator(m) + (not m)", "1", True),
        ("round(m) == 0", "m <= 1/2", True),
        ("round(m) == 0", "m < 1/2", False),
        ("round(m) <= 1", "m < 3/2", True),
        ("round(m) <= 1", "m <= 3/2", False),
        ("round(m) > 2", "m > 5/2", True),
        ("round(m) == 0 and m > 1/3", "False", False),  # between a third and a half
        ("m + 1 > 2", "m > 1", False),  # more is done with it than to compare it
        ("m > 1", "m + 1 > 2", False),
        ("m if m > 9 else 3", "3", False),
    ],
)
def test_s_ops_of_too_many_values(one: str, other: str, same: bool) -> None:
    graph = Graph(causal=False)
    sides = [
        term(graph, side.replace("m", "(m)"), MEANS) if "m" in side else truth(graph, side)
        for side in (one, other)
    ]
    assert same_values(sides[0], sides[1], known(graph, NINE)) is same


def truth(graph: Graph, side: str) -> Term:
    return term(graph, side) if side in ("True", "False") else graph.const(int(side))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("select(m, 1, <)", "select(m < 1, True, ==)", True),
        ("select(m, 1, <)", "select(m <= 1, True, ==)", False),
        ("select(m, 1, >)", "select(m, 1.5, >)", False),
        ("select(90, m, <)", "select(1, 1, !=)", True),
        ("select(8, m, <=)", "select(1, 1, !=)", False),
        ("select(m, tokens_int, <)", "select((m >= 1) + (m >= 0) + (m >= 2), tokens_int + 1, <)", True),
        ("select(m, tokens_int, <)", "select((m >= 1) + (m >= 0) + (m > 2), tokens_int + 1, <)", False),
        ("select(tokens_int, m, ==)", "select(tokens_int, round(m), ==)", False),
        ("select(tokens_int, round(m), ==)", "select(tokens_int, round(m), ==)", True),
        ("select(m, m, <)", "select(m, m, <=)", False),
    ],
)
def test_selectors_of_too_many_values(one: str, other: str, same: bool) -> None:
    graph = Graph(causal=False)
    sides = [term(graph, side, MEANS) for side in (one, other)]
    assert same_selections(sides[0], sides[1], known(graph, NINE), causal=False) is same


class Measured:
    """A leaf between two numbers, of which too many are between."""

    def __init__(self, low: Fraction, high: Fraction) -> None:
        self._ends = low, high

    def values(self, leaf: Term) -> Sequence[Atom] | None:
        return None

    def ends(self, leaf: Term) -> tuple[Fraction, Fraction]:
        return self._ends


DENSE = sorted({Fraction(p, q) for q in (1, 2, 3, 4, 5, 6, 7, 210) for p in range(-3 * q, 4 * q + 1)})


@pytest.mark.parametrize(
    "function",
    [
        "{-2: 1, 3/2: 2, 7: 5}[indices]",
        "indices in [-2, 3/7, 1/2]",
        "round(indices) * 2 + (indices < 5/3)",
        "indices > -1 and (indices >= 2 or not indices)",
        "(3 if indices else 5) if indices != 1/3 else 7",
        "indicator(indices) + (1/5 <= indices)",
    ],
)
@pytest.mark.parametrize("ends", [(-3, 4), (0, 1), (Fraction(1, 3), Fraction(5, 3)), (2, 2)])
def test_a_few_tell_all_that_comes_up(function: str, ends: tuple[Fraction | int, Fraction | int]) -> None:
    """`indices` stands for any number: what a function takes at all of them it takes at those few."""
    graph = Graph(causal=False)
    root, leaf = term(graph, function), graph.indices()
    low, high = map(Fraction, ends)
    few = telling(leaf, made_of([root], frozenset()), (), Measured(low, high))
    assert few is not None
    taken, told = ({value_at(root, leaf, x) for x in some} for some in ([*DENSE, low, high], few))
    within = {value_at(root, leaf, x) for x in (*DENSE, low, high) if low <= x <= high}
    assert within <= told
    assert told <= taken


@pytest.mark.parametrize("ends", [(600, 604), (-604, -600)])
def test_large_numbers_between_few_are_rounded(ends: tuple[int, int]) -> None:
    graph = Graph(causal=False)
    root, leaf = term(graph, "round(indices)"), graph.indices()
    few = telling(leaf, made_of([root], frozenset()), (), Measured(*map(Fraction, ends)))
    assert few is not None
    assert {value_at(root, leaf, x) for x in few} == set(range(ends[0], ends[1] + 1))
    assert telling(leaf, [root], (), Measured(Fraction(-500), Fraction(499))) is not None
    assert telling(leaf, [root], (), Measured(Fraction(-500), Fraction(500))) is None


def value_at(root: Term, leaf: Term, number: Atom) -> Atom | None:
    """A function of one leaf, None where it has no value."""

    def made(each: Term, parts: list[Atom | None]) -> Atom | None:
        if each is leaf:
            return number
        if each.kind is Kind.CONST:
            return each.value
        known = [part for part in parts if part is not None]
        assert each.function is not None
        return call(each.function, known) if len(known) == len(parts) else None

    return folded(root, lambda each: each.args, made)
