"""Of the keys that one selector selects, another selects just those whose value none of them undercuts.

That is a statement about three positions: a query, a key, and one that might beat it. How values compare is
all that matters there, so each s-op may take as few values as tell all orders of three apart, around the
constants that it is compared with.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiler.graph.terms import Graph, Kind, Term, folded
from compiler.rechecking.derivation.pointwise import NotShown, Pair, Truths, compared, constant, logic
from rasp.words import COMPARISONS, TRUTHS, Comparison, Operator

MOST_ORDERS = 8_000_000
"""How many ways to compare are tried at most."""

QUERY, KEY, OTHER = 0, 1, 2
"""The three positions."""

HOLDS = {
    Comparison.LT: np.less,
    Comparison.LE: np.less_equal,
    Comparison.GT: np.greater,
    Comparison.GE: np.greater_equal,
    Comparison.EQ: np.equal,
    Comparison.NE: np.not_equal,
}

MIRRORED = {
    Comparison.LT: Comparison.GT,
    Comparison.LE: Comparison.GE,
    Comparison.GT: Comparison.LT,
    Comparison.GE: Comparison.LE,
    Comparison.EQ: Comparison.EQ,
    Comparison.NE: Comparison.NE,
}

At = tuple[Term, int]
"""An s-op at one of the positions."""


def are_unbeaten(graph: Graph, among: Term, beats: Term, values: Term) -> bool:
    """Whether a key that `among` selects is beaten by another, as `beats` has it (there the key is the
    query), if and only if the same query selects, by `among`, a key with a smaller value.
    """
    value, sign = rising(values)
    among, beats = opened(graph, among), opened(graph, beats)
    try:
        orders = Orders(graph, [among, beats], value)
        less = orders.compare(Comparison.LT if sign > 0 else Comparison.GT, (value, OTHER), (value, KEY))
        chosen, others = orders.at(among, KEY, QUERY), orders.at(among, OTHER, QUERY)
        wrong = chosen & (orders.at(beats, OTHER, KEY) != (others & less))
    except NotShown:
        return False
    return not (wrong & orders.one_position).any()


def rising(term: Term) -> tuple[Term, int]:
    """The s-op with which another grows (1) or falls (-1)."""
    sign = 1
    while term.kind is Kind.MAP and not term.is_kept:
        others = [a for a in term.args if a.kind is not Kind.CONST]
        constants = [a.value for a in term.args if a.kind is Kind.CONST]
        if len(others) != 1 or any(isinstance(value, str) for value in constants):
            break
        if term.operator is Operator.NEG or (term.operator is Operator.SUB and others[0] is term.args[1]):
            sign = -sign
        elif term.operator is Operator.MUL and constants[0]:
            sign *= 1 if Fraction(constants[0]) > 0 else -1
        elif term.operator not in (Operator.ADD, Operator.SUB):
            break
        term = others[0]
    return term, sign


def opened(graph: Graph, selector: Term) -> Term:
    """A selector of flags by what the flags say: that `a and not b` is True, by comparisons of a and b."""

    def parts(term: Term) -> tuple[Term, ...]:
        if term.kind is not Kind.SELECT:
            return term.args
        says = _says(graph, term)
        return () if says is term else (says,)

    def made(term: Term, found: list[Term]) -> Term:
        if term.kind is Kind.SELECT:
            return found[0] if found else term
        return graph.with_args(term, found)

    return folded(selector, parts, made)


def _says(graph: Graph, select: Term) -> Term:
    """A comparison of a flag with True or False as a selector of what the flag is made of; any other as it
    is.
    """
    flag, wanted = select.args
    negated = select.comparison is Comparison.NE
    if wanted.kind is not Kind.CONST or not isinstance(wanted.value, bool):
        return select
    if select.comparison not in (Comparison.EQ, Comparison.NE) or not _is_flag(flag):
        return select
    match flag.operator:
        case Operator.AND | Operator.OR if all(map(_is_flag, flag.args)):
            one, other = (graph.select(a, graph.const(True), Comparison.EQ) for a in flag.args)
            says = graph.make(Kind.AND if flag.operator is Operator.AND else Kind.OR, (one, other))
        case Operator.NOT if _is_flag(flag.args[0]):
            says = graph.select(flag.args[0], graph.const(False), Comparison.EQ)
        case operator if operator in COMPARISONS and flag.args[1].kind is Kind.CONST:
            keys, queries = flag.args
            says = graph.select(keys, queries, Comparison(operator.value))
        case _:
            return select
    return says if wanted.value is not negated else graph.make(Kind.NOT, (says,))


def _is_flag(term: Term) -> bool:
    """Whether an s-op is True or False."""
    return term.kind is Kind.EXISTS or term.operator in TRUTHS


def mirrored(select: Term) -> tuple[Term, Term, Comparison]:
    """A comparison of two negated s-ops as one of the s-ops themselves."""
    keys, queries = select.args
    if keys.operator is queries.operator is Operator.NEG:
        return keys.args[0], queries.args[0], MIRRORED[select.comparison]
    return keys, queries, select.comparison


class Orders:
    """All ways in which the s-ops of some selectors can compare at three positions."""

    def __init__(self, graph: Graph, selectors: Sequence[Term], value: Term) -> None:
        self._causal, self._index = graph.causal, graph.indices()
        selects = [select for select in compared(selectors) if constant(select) is None]
        pairs = [mirrored(select)[:2] for select in selects]
        pairs += [(value, value), (self._index, self._index)]
        groups = [_levels(group, pairs) for group in _linked(pairs)]
        axes = [size for size, _, free in groups for _ in range(3 * len(free))]
        if math.prod(axes) > MOST_ORDERS:
            raise NotShown("too many orders of three positions")
        self._dimensions, axis = len(axes), 0
        self._known: dict[At, NDArray[Any]] = {}
        for size, constants, free in groups:
            for position in (QUERY, KEY, OTHER):
                for term, level in constants.items():
                    self._known[term, position] = np.full([1] * len(axes), level)
                for term in free:
                    shape = [1] * len(axes)
                    shape[axis], axis = size, axis + 1
                    self._known[term, position] = np.arange(size).reshape(shape)

    @property
    def one_position(self) -> Truths:
        """Where equal indices go with equal values: they are of one position."""
        found: Truths = np.ones([1] * self._dimensions, dtype=bool)
        for one, other in ((QUERY, KEY), (QUERY, OTHER), (KEY, OTHER)):
            same = self.compare(Comparison.EQ, (self._index, one), (self._index, other))
            for term in {term for term, _ in self._known}:
                found = found & (~same | self.compare(Comparison.EQ, (term, one), (term, other)))
        return found

    def at(self, selector: Term, key: int, query: int) -> Truths:
        """Where one of the positions selects another."""
        chosen = logic(selector, lambda select: self._holds(select, key, query))
        if self._causal:
            return chosen & self.compare(Comparison.LE, (self._index, key), (self._index, query))
        return chosen

    def _holds(self, select: Term, key: int, query: int) -> Truths:
        truth = constant(select)
        if truth is not None:
            return np.full([1] * self._dimensions, truth)
        keys, queries, comparison = mirrored(select)
        return self.compare(comparison, (keys, key), (queries, query))

    def compare(self, comparison: Comparison, one: At, other: At) -> Truths:
        """Where two s-ops at two positions compare so."""
        found: Truths = HOLDS[comparison](self._known[one], self._known[other])
        return found


def _linked(pairs: Sequence[Pair]) -> list[set[Term]]:
    """Which s-ops are compared with one another, directly or by way of others."""
    groups: list[set[Term]] = []
    for pair in pairs:
        apart = [group for group in groups if group.isdisjoint(pair)]
        groups = [*apart, set(pair).union(*(group for group in groups if not group.isdisjoint(pair)))]
    return groups


def _levels(group: set[Term], pairs: Sequence[Pair]) -> tuple[int, dict[Term, int], list[Term]]:
    """How many values tell all orders of some s-ops apart, which the constants are, and the others. What is
    only compared with constants need take but one value between two of them.
    """
    free = sorted((term for term in group if term.kind is not Kind.CONST), key=lambda term: term.index)
    constants = [term for term in group if term.kind is Kind.CONST]
    if len({isinstance(term.value, str) for term in constants}) > 1:
        raise NotShown("strings and numbers in one order")
    mine = [pair for pair in pairs if pair[0] in group]
    by_constants = all(Kind.CONST in (one.kind, other.kind) for one, other in mine)
    gap = 1 if by_constants else 3 * len(free)  # so many may lie between two constants
    numbers = {value: i for i, value in enumerate(sorted({term.value for term in constants}))}
    levels = {term: gap + numbers[term.value] * (gap + 1) for term in constants}
    return gap + len(numbers) * (gap + 1), levels, free
