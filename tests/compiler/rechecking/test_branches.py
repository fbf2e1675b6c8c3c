"""Branches: the least value of sums of functions of single s-ops, where other such sums are not negative."""

from __future__ import annotations

import numpy as np

from compiler.graph.terms import Graph
from compiler.rechecking.branches import Sum

GRAPH = Graph(causal=False)
X, Y = GRAPH.indices(), GRAPH.const(1)
"""Two subjects; what they are does not matter here."""


def of(x: list[float], y: list[float], rest: float = 0.0) -> Sum:
    return Sum(rest, {X: np.array(x), Y: np.array(y)})


def test_sums_are_least_where_each_subject_is() -> None:
    total = of([3, 1, 2], [0, -5], rest=10)
    assert total.least == 10 + 1 - 5
    assert total.times(-1).least == -(10 + 3 + 0)
    assert total.shifted(1).least == total.least + 1


def test_what_is_added_subject_by_subject_may_cancel() -> None:
    total = of([3, 1, 2], [0, -5])
    assert total.plus(total, -1).least == 0
    assert total.plus(of([-3, -1, -2], [0, 0])).least == -5
