"""Sums of which only the remainder counts."""

from __future__ import annotations

import pytest

import rasp
from compiler.graph.building import build
from compiler.graph.terms import Kind, reachable
from compiler.request import Request
from compiler.soft.building import soften
from compiler.soft.periods import period, signed
from compiler.values.settling import settle

TOTAL = "total = round(length * aggregate(select(1, 1, ==), tokens_asis)); "


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ("x = total % 7;", 7),
        ("x = total % 6 == 0 or total % 4 == 1;", 12),
        ("x = (total % 7) + (1 if total > 30 else 0);", None),
        ("x = total;", None),
        ("x = selector_width(select(total % 5, total, ==));", None),
    ],
)
def test_the_least_period_of_all_that_is_asked(asked: str, size: int | None) -> None:
    request = Request(tuple(range(11)), 6, style="soft")
    settled = settle(build(rasp.parse(TOTAL + asked).main, request), request)
    terms = reachable(settled.root)
    (total,) = (term for term in terms if term.kind is Kind.SUM)
    assert period(total, terms, settled.domains) == size


def test_remainders_are_taken_near_0() -> None:
    assert [signed(number, 7) for number in range(8)] == [0, 1, 2, 3, -3, -2, -1, 0]
    assert [signed(number, 2) for number in range(3)] == [0, -1, 0]


def test_steps_tell_remainders_apart() -> None:
    """Eleven digits in six places have 61 sums; taken modulo 3, -1, 0 and 1 in six places have 13."""
    request = Request(tuple(range(11)), 6, style="soft")
    settled = settle(build(rasp.parse(TOTAL + "x = total % 3;").main, request), request)
    soft = soften(settled.root, settled.domains, "fewest")
    assert len(soft.answer.values) == 13
    assert [value for value, _ in soft.labels] == [0, 1, 2]
