"""Whole numbers: what is calculated at once is what the interpreter gives one by one."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from compiler.graph.meaning import call
from compiler.graph.terms import Graph, Kind, Term
from compiler.ranges.domains import MAX_FACTOR, Listed, int_domain, make_domain
from compiler.values.wholes import ARITHMETIC, images
from rasp.words import Operator

LARGEST = MAX_FACTOR - 1
DOMAINS: tuple[Listed, ...] = (
    int_domain(-7, 7),
    make_domain([False, True]),
    make_domain([-5, 1, 3]),
    make_domain([-LARGEST, -1, 2, LARGEST]),
)


def operation(operator: Operator) -> tuple[Term, Term, Term]:
    graph = Graph(causal=False, numeric_tokens=True)
    left, right = graph.indices(), graph.make(Kind.TOKENS, data="int")
    term = graph.operation(operator, left, right)
    return term, left, right


@pytest.mark.parametrize("operator", list(ARITHMETIC))
def test_all_combinations(operator: Operator) -> None:
    term, left, right = operation(operator)
    assert term.function is not None
    for one, other in itertools.product(DOMAINS, repeat=2):
        each = [call(term.function, point) for point in itertools.product(one.values, other.values)]
        found = images(term, {left: one, right: other})
        numbers = {int(value) for value in each if value is not None}
        assert found == (None if None in each else sorted(numbers))
        assert found is None or all(type(value) is int for value in found)


def test_the_same_operand_twice() -> None:
    graph = Graph(causal=False, numeric_tokens=True)
    square = graph.operation(Operator.MUL, graph.indices(), graph.indices())
    assert images(square, {graph.indices(): int_domain(-3, 2)}) == [0, 1, 4, 9]


def test_what_is_no_whole_number_is_left_to_others() -> None:
    term, left, right = operation(Operator.MUL)
    for other in (make_domain(["a"]), make_domain([1, MAX_FACTOR]), make_domain([1, Fraction(1, 2)])):
        assert images(term, {left: int_domain(0, 3), right: other}) is None
    assert images(operation(Operator.POW)[0], {left: int_domain(0, 3), right: int_domain(0, 3)}) is None
