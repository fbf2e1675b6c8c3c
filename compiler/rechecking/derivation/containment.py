"""Whether a query selects all that another does, by how what they ask for compares at the two."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from compiler.graph.conjunctions import RELATION, Relation
from compiler.graph.terms import Graph, Term
from compiler.rechecking.derivation.orders import compared_pairs, mirrored
from compiler.rechecking.derivation.pointwise import NotShown, Pair, Truths, constant, logic

MOST_PAIRS = 5
"""A selector that compares more pairs of s-ops is not looked at."""

SIGNS = (-1, 0, 1)


def order(one: int, other: int) -> str:
    """How two numbers compare."""
    return "=" if one == other else "<" if one < other else ">"


TRIPLES = tuple(
    {((b > a) - (b < a), order(k, a), order(k, b)): None for k, a, b in product(range(3), repeat=3)}
)
"""All ways in which the values of a key and of two queries stand to one another: by how much the second query
has more than the first, how the key compares with the first, and how with the second.
"""


class Containment:
    """Of one selector: `pairs` are what it compares."""

    def __init__(self, graph: Graph, selector: Term) -> None:
        index = graph.indices()
        self._selector, self._causal = selector, (index, index)
        self.pairs = list(dict.fromkeys(compared_pairs([selector])))
        if graph.causal:
            self.pairs = list(dict.fromkeys([*self.pairs, self._causal]))
        if len(self.pairs) > MOST_PAIRS:
            raise NotShown("a selector compares too many pairs of s-ops")
        self._masked = graph.causal
        first, second = self._selected(1), self._selected(2)
        wrong = first & ~second
        for axis in range(len(self.pairs)):
            parts = [[i for i, triple in enumerate(TRIPLES) if triple[0] == sign] for sign in SIGNS]
            wrong = np.stack([np.take(wrong, part, axis).any(axis) for part in parts], axis)
        self._contained = ~wrong

    def at(self, steps: Sequence[np.ndarray]) -> Truths:
        """Where the second query selects all that the first does, by how much more it has of each pair's
        queries: 1, 0 or -1.
        """
        if not steps:
            return self._contained
        found: Truths = self._contained[tuple(np.broadcast_arrays(*(step + 1 for step in steps)))]
        return found

    def _selected(self, query: int) -> Truths:
        """What one of the queries selects, for all triples of each pair."""
        shape = [len(TRIPLES)] * len(self.pairs)
        chosen = logic(self._selector, lambda select: self._holds(select, query))
        if self._masked:
            chosen = chosen & self._along(self._causal, frozenset("<="), query)
        return np.broadcast_to(chosen, shape)

    def _holds(self, select: Term, query: int) -> Truths:
        truth = constant(select)
        if truth is not None:
            return np.full([1] * len(self.pairs), truth)
        keys, queries, comparison = mirrored(select)
        return self._along((keys, queries), RELATION[comparison], query)

    def _along(self, pair: Pair, relation: Relation, query: int) -> Truths:
        shape = [1] * len(self.pairs)
        shape[self.pairs.index(pair)] = len(TRIPLES)
        return np.array([triple[query] in relation for triple in TRIPLES]).reshape(shape)
