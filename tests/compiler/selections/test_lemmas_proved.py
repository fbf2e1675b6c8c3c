"""What the lemmas say, proved by a solver for all selections and all values at lengths 1 to 4.

Each is stated here once more, by itself: selections are symbols A and B (a truth for each key), values are v.
That the code concludes no more than its statement is what `test_lemmas.py` tries on programs.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import pytest

from compiler.selections.lemmas import LEMMAS

pytestmark = pytest.mark.skipif(importlib.util.find_spec("z3") is None, reason="z3-solver is not installed")


class Symbols:
    """Two selections of one query's keys, and a number at each key."""

    def __init__(self, length: int) -> None:
        import z3

        self.z3, self.n = z3, range(length)
        self.a, self.b = ([z3.Bool(f"{name}{k}") for k in self.n] for name in "AB")
        self.v, self.w = ([z3.Real(f"{name}{k}") for k in self.n] for name in "vw")
        self.within = z3.And([z3.Implies(a, b) for a, b in zip(self.a, self.b, strict=True)])
        self.same = z3.And([a == b for a, b in zip(self.a, self.b, strict=True)])

    def width(self, selection: list[Any]) -> Any:
        return self.z3.Sum([self.z3.If(each, 1, 0) for each in selection])

    def sum(self, selection: list[Any]) -> Any:
        return self.z3.Sum(
            [self.z3.If(each, value, 0) for each, value in zip(selection, self.v, strict=True)]
        )

    def some(self, selection: list[Any]) -> Any:
        return self.z3.Or(selection)

    def every(self, *parts: Any) -> Any:
        return self.z3.And(*parts)


def implies(s: Symbols, given: Any, claim: Any) -> Any:
    return s.z3.Implies(given, claim)


def has_more(s: Symbols, k: int) -> Any:
    return s.every(s.within, s.b[k], s.z3.Not(s.a[k]))


def least(s: Symbols) -> Any:
    """L is the least of v over A: it is at none above, and at one."""
    lowest = s.z3.Real("L")
    below = s.every(*[implies(s, s.a[k], lowest <= s.v[k]) for k in s.n])
    return lowest, s.every(below, s.z3.Or([s.every(s.a[k], lowest == s.v[k]) for k in s.n]))


def function(s: Symbols) -> Any:
    f = s.z3.Function("f", *[s.z3.RealSort()] * 3)
    same = s.every(s.v[0] == s.v[-1], s.w[0] == s.w[-1])
    return implies(s, same, f(s.v[0], s.w[0]) == f(s.v[-1], s.w[-1]))


def position(s: Symbols) -> Any:
    i, j = s.z3.Int("i"), s.z3.Int("j")
    f = s.z3.Function("sop", s.z3.IntSort(), s.z3.RealSort())
    return implies(s, i == j, f(i) == f(j))


STATEMENTS: dict[str, Callable[[Symbols], Any]] = {
    "answers: an and that is true": lambda s: implies(s, s.every(s.a[0], s.b[0]), s.every(s.a[0], s.b[0])),
    "answers: an or that is false": lambda s: implies(
        s, s.z3.Not(s.z3.Or(s.a[0], s.b[0])), s.every(s.z3.Not(s.a[0]), s.z3.Not(s.b[0]))
    ),
    "answers: an or with one side false": lambda s: implies(
        s, s.every(s.z3.Or(s.a[0], s.b[0]), s.z3.Not(s.b[0])), s.a[0]
    ),
    "answers: an and with one side true": lambda s: implies(
        s, s.every(s.z3.Not(s.every(s.a[0], s.b[0])), s.b[0]), s.z3.Not(s.a[0])
    ),
    "answers: a comparison that is false": lambda s: implies(
        s, s.z3.Not(s.v[0] < s.w[0]), s.z3.Or(s.v[0] == s.w[0], s.v[0] > s.w[0])
    ),
    "choices": lambda s: implies(s, s.a[0], s.z3.If(s.a[0], s.v[0], s.w[0]) == s.v[0]),
    "choices: the other": lambda s: implies(s, s.z3.Not(s.a[0]), s.z3.If(s.a[0], s.v[0], s.w[0]) == s.w[0]),
    "same_position": position,
    "functions": function,
    "nothing_there: of a count": lambda s: implies(s, s.width(s.a) == 0, s.z3.Not(s.some(s.a))),
    "nothing_there: of a conjunction": lambda s: implies(
        s,
        s.every(s.z3.Not(s.some([s.every(a, b) for a, b in zip(s.a, s.b, strict=True)])), s.a[0]),
        s.z3.Not(s.b[0]),
    ),
    "counts_what_it_selects": lambda s: s.every(
        *[
            implies(s, s.every(*[s.a[k] for k in s.n if chosen >> k & 1]), s.width(s.a) >= chosen.bit_count())
            for chosen in range(1 << len(s.n))
        ]
    ),
    "least_of_selected": lambda s: implies(
        s, least(s)[1], s.every(*[implies(s, s.a[k], least(s)[0] <= s.v[k]) for k in s.n])
    ),
    "grows: a count": lambda s: implies(s, s.within, s.width(s.a) <= s.width(s.b)),
    "grows: a count of more": lambda s: s.every(
        *[implies(s, has_more(s, k), s.width(s.a) < s.width(s.b)) for k in s.n]
    ),
    "grows: a sum": lambda s: implies(
        s, s.every(s.within, *[value >= 0 for value in s.v]), s.sum(s.a) <= s.sum(s.b)
    ),
    "grows: a sum of more": lambda s: s.every(
        *[
            implies(
                s, s.every(has_more(s, k), s.v[k] > 0, *[v >= 0 for v in s.v]), s.sum(s.a) < s.sum(s.b)
            )
            for k in s.n
        ]
    ),
    "grows: whether anything is selected": lambda s: implies(
        s, s.every(s.within, s.some(s.a)), s.some(s.b)
    ),
    "grows: the same": lambda s: implies(
        s, s.same, s.every(s.width(s.a) == s.width(s.b), s.sum(s.a) == s.sum(s.b))
    ),
}  # fmt: skip

WRONG: dict[str, Callable[[Symbols], Any]] = {
    "a count of no more": lambda s: implies(s, s.within, s.width(s.a) < s.width(s.b)),
    "a sum of anything": lambda s: implies(s, s.within, s.sum(s.a) <= s.sum(s.b)),
    "the least of what is not selected": lambda s: implies(s, least(s)[1], least(s)[0] <= s.v[-1]),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_selection_refutes_a_lemma(name: str) -> None:
    from tests.support.solver import refuted

    for length in (1, 2, 3, 4):
        assert refuted(STATEMENTS[name](Symbols(length))) is None, length


@pytest.mark.parametrize("name", WRONG)
def test_without_a_condition_one_does(name: str) -> None:
    from tests.support.solver import refuted

    assert refuted(WRONG[name](Symbols(3))) is not None


def test_every_lemma_has_a_statement() -> None:
    assert {name.partition(":")[0] for name in STATEMENTS} == {lemma.__name__ for lemma in LEMMAS}
    assert len(STATEMENTS) == 19
