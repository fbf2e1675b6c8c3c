"""How s-ops may stand to one another at a few positions of one input: all ways there are.

Only how values compare matters, so each s-op may take as few values as tell all their orders apart, around
the constants that it is compared with.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiler.graph.terms import Graph, Kind, Term
from compiler.rechecking.derivation.pointwise import NotShown, Pair, Truths, compared, constant, logic
from rasp.words import MIRRORED, Comparison, Operator

MOST_ORDERS = 8_000_000
"""How many ways to compare are tried at most."""

MOST_AXES = 30
"""Arrays have no more dimensions."""

HOLDS = {
    Comparison.LT: np.less,
    Comparison.LE: np.less_equal,
    Comparison.GT: np.greater,
    Comparison.GE: np.greater_equal,
    Comparison.EQ: np.equal,
    Comparison.NE: np.not_equal,
}

At = tuple[Term, int]
"""An s-op at one of the positions."""


def mirrored(select: Term) -> tuple[Term, Term, Comparison]:
    """A comparison of two negated s-ops as one of the s-ops themselves."""
    keys, queries = select.args
    if keys.operator is queries.operator is Operator.NEG:
        return keys.args[0], queries.args[0], MIRRORED[select.comparison]
    return keys, queries, select.comparison


class Orders:
    """All ways in which s-ops can compare at so many positions: those that are compared in `pairs`, and the
    positions themselves. `ordered`: these come one after the other.
    """

    def __init__(self, graph: Graph, pairs: Sequence[Pair], positions: int, ordered: bool = False) -> None:
        self._causal, self._index, self._positions = graph.causal, graph.indices(), range(positions)
        pairs = [*pairs, (self._index, self._index)]
        linked = [group for group in _linked(pairs) if not (ordered and group == {self._index})]
        groups = [_levels(group, pairs, positions) for group in linked]
        axes = [size for size, _, free in groups for _ in range(positions * len(free))]
        if math.prod(axes) > MOST_ORDERS or len(axes) > MOST_AXES:
            raise NotShown("too many orders of a few positions")
        self._dimensions, axis = len(axes), 0
        self._known: dict[At, NDArray[Any]] = {}
        self._limits: dict[Term, dict[Term, int]] = {}
        self._told_apart = {side for pair in pairs for side in pair if Kind.CONST not in map(_kind, pair)}
        if len(linked) < len(_linked(pairs)):
            self._limits[self._index] = {}
            self._known = {(self._index, i): np.full([1] * len(axes), i) for i in self._positions}
        for size, limits, free in groups:
            self._limits |= dict.fromkeys(free, limits)
            for position, term in product(self._positions, free):
                shape = [1] * len(axes)
                shape[axis], axis = size, axis + 1
                self._known[term, position] = np.arange(size).reshape(shape)

    @property
    def terms(self) -> list[Term]:
        """The s-ops that are compared, but constants."""
        return list(self._limits)

    def comparable(self, one: Term, other: Term) -> bool:
        """Whether it is known how two s-ops compare; one with itself, if not only its constants tell."""
        if one is other:
            return one in self._told_apart
        if Kind.CONST in (one.kind, other.kind):
            return other in self._limits.get(one, ()) or one in self._limits.get(other, ())
        return one in self._limits and self._limits[one] is self._limits.get(other)

    def step(self, term: Term, one: int, other: int) -> NDArray[np.int64]:
        """Whether an s-op is larger at one position than at another: 1, 0 or -1; where only constants tell,
        0 says no more than that none of them is between the two.
        """
        found: NDArray[np.int64] = np.sign(self._known[term, one] - self._known[term, other])
        return found

    def limits(self, term: Term) -> list[Term]:
        """The constants that an s-op is compared with."""
        return list(self._limits[term])

    @property
    def everywhere(self) -> Truths:
        """All ways."""
        return np.ones([1] * self._dimensions, dtype=bool)

    @property
    def one_position(self) -> Truths:
        """Where equal indices go with equal values: they are of one position."""
        found = self.everywhere
        for one, other in combinations(self._positions, 2):
            same = self.compare(Comparison.EQ, (self._index, one), (self._index, other))
            for term in self.terms:
                found = found & (~same | self.compare(Comparison.EQ, (term, one), (term, other)))
        return found

    def at(self, selector: Term, key: int, query: int) -> Truths:
        """Where one of the positions selects another."""
        chosen = logic(selector, lambda select: self.holds(select, key, query))
        if self._causal:
            return chosen & self.compare(Comparison.LE, (self._index, key), (self._index, query))
        return chosen

    def holds(self, select: Term, key: int, query: int) -> Truths:
        """Where a comparison of a key and a query holds."""
        truth = constant(select)
        if truth is not None:
            return np.full([1] * self._dimensions, truth)
        keys, queries, comparison = mirrored(select)
        return self.compare(comparison, (keys, key), (queries, query))

    def compare(self, comparison: Comparison, one: At, other: At) -> Truths:
        """Where two s-ops at two positions compare so."""
        found: Truths = HOLDS[comparison](self._level(one, other[0]), self._level(other, one[0]))
        return found

    def _level(self, at: At, beside: Term) -> NDArray[Any]:
        """Where an s-op stands among those that it is compared with."""
        return np.array(self._limits[beside][at[0]]) if at[0].kind is Kind.CONST else self._known[at]


def compared_pairs(selectors: Iterable[Term]) -> list[Pair]:
    """What selectors compare, of negated s-ops these themselves."""
    return [mirrored(select)[:2] for select in compared(selectors) if constant(select) is None]


def _kind(term: Term) -> Kind:
    return term.kind


def _linked(pairs: Sequence[Pair]) -> list[set[Term]]:
    """Which s-ops are compared with one another, directly or by way of others, and with which constants."""
    groups: list[set[Term]] = []
    for pair in pairs:
        free = {term for term in pair if term.kind is not Kind.CONST}
        apart = [group for group in groups if group.isdisjoint(free)]
        groups = [*apart, set(pair).union(*(group for group in groups if not group.isdisjoint(free)))]
    return groups


def _levels(
    group: set[Term], pairs: Sequence[Pair], positions: int
) -> tuple[int, dict[Term, int], list[Term]]:
    """How many values tell all orders of some s-ops apart, which the constants are, and the others. What is
    only compared with constants need take but one value between two of them.
    """
    free = sorted((term for term in group if term.kind is not Kind.CONST), key=lambda term: term.index)
    constants = [term for term in group if term.kind is Kind.CONST]
    if len({isinstance(term.value, str) for term in constants}) > 1:
        raise NotShown("strings and numbers in one order")
    mine = [pair for pair in pairs if not set(free).isdisjoint(pair)]
    by_constants = all(Kind.CONST in (one.kind, other.kind) for one, other in mine)
    gap = 1 if by_constants else positions * len(free)  # so many may lie between two constants
    numbers = {value: i for i, value in enumerate(sorted({term.value for term in constants}))}
    levels = {term: gap + numbers[term.value] * (gap + 1) for term in constants}
    return gap + len(numbers) * (gap + 1), levels, free
