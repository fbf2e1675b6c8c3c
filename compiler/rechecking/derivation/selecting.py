"""Statements that two selectors select the same keys of every query, on every input."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from typing import Protocol

from compiler.graph.conjunctions import (
    COMPARISON,
    EQUAL,
    Conjunction,
    Literal,
    conjunctions,
    related,
    selector_of,
)
from compiler.graph.terms import READS, Graph, Kind, Term, reachable
from compiler.rechecking.derivation.pointwise import Listing, compared, same_selections
from compiler.rechecking.derivation.tallies import Tally, tally
from rasp.words import Comparison, Operator


class Facts(Listing, Protocol):
    """What is known of s-ops and reads."""

    def numeric(self, term: Term) -> bool:
        """Whether all values are numbers."""
        ...

    def bits(self, term: Term) -> int:
        """How many bits numerators and denominators have at most; MAX_BITS where that is not known."""
        ...

    def picks(self, read: Term) -> bool:
        """Whether a read hands on one value that it selects."""
        ...

    def always(self, read: Term) -> bool:
        """Whether every query of a read selects something."""
        ...

    def at_most_one(self, read: Term) -> bool:
        """Whether no query of a read selects two keys."""
        ...

    def is_length(self, leaf: Term) -> bool:
        """Whether a leaf counts all positions that are seen."""
        ...


class Selecting:
    """The statements, of the selectors of one graph."""

    def __init__(self, graph: Graph, facts: Facts) -> None:
        self.graph, self.facts = graph, facts
        self._uniform: dict[Term, bool] = {}

    def hold(self, before: Term, after: Term) -> bool:
        """Whether a selector may be replaced by another."""
        return self.alike(before, after) or self._turned(before, after)

    def alike(self, before: Term, after: Term) -> bool:
        """Whether two selectors select alike, by how they compare or by values."""
        return same_selections(before, after, self.facts, self.graph.causal)

    def is_union(self, selector: Term, parts: Sequence[Term]) -> bool:
        """Whether a selector selects what some parts do together."""
        return self.selects(selector, self._union(parts))

    def selects(self, selector: Term, other: Term) -> bool:
        """Whether two selectors select alike, of the first what can hold at all."""
        return self.alike(selector, other) or self.alike(self.reduced(selector), other)

    def constant(self, selector: Term) -> bool | None:
        """Whether a selector selects everything, or nothing; None for any other."""
        for truth, comparison in ((True, Comparison.EQ), (False, Comparison.NE)):
            if self.alike(selector, self.everywhere(comparison)):
                return truth
        return None

    def everywhere(self, comparison: Comparison) -> Term:
        one = self.graph.const(1)
        return self.graph.select(one, one, comparison)

    def never(self, selector: Term) -> bool:
        """Whether a selector never selects: none of the ways to make it true can be."""
        nothing = self.everywhere(Comparison.NE)
        return self.alike(selector, nothing) or self.reduced(selector) is nothing

    def reduced(self, selector: Term) -> Term:
        """The selector as the union of the ways to make it true that can be, without what holds anyway."""
        ways = conjunctions(selector)
        union = self._union([selector_of(self.graph, way) for way in ways])
        if not self.alike(selector, union):
            return selector
        return self._union([selector_of(self.graph, way) for way in map(self._open, ways) if way is not None])

    def _union(self, selectors: Sequence[Term]) -> Term:
        if not selectors:
            return self.everywhere(Comparison.NE)
        return reduce(lambda a, b: self.graph.make(Kind.OR, (a, b)), selectors)

    def _open(self, way: Conjunction) -> Conjunction | None:
        """A way without literals that hold where the rest does; None if one of them never holds there."""
        rest = way
        for literal in way:
            truth = self.truth(literal, rest)
            if truth is False:
                return None
            if truth:
                rest = tuple(other for other in rest if other is not literal)
        return rest

    def truth(self, literal: Literal, way: Conjunction) -> bool | None:
        """Whether a literal always holds, or never, by the values of key and query; or because both are the
        same at all positions; or because another literal equates two s-ops from which they are so far apart;
        or because causally no key's index is above the query's.
        """
        single = self.graph.select(literal.keys, literal.queries, COMPARISON[literal.relation])
        for truth, comparison in ((True, Comparison.EQ), (False, Comparison.NE)):
            if self.alike(single, self.everywhere(comparison)):
                return truth
        apart = self.apart(literal.keys, literal.queries)
        if apart is not None and (self.uniform(literal.keys) or self._one_position(literal, way)):
            return related(apart, 0, literal.relation)
        if apart is not None and apart < 0 and self._is_seen_index(literal.keys):
            return "<" in literal.relation
        for other in way:
            if other is not literal and other.relation == EQUAL:
                sides = self.apart(literal.keys, other.keys), self.apart(literal.queries, other.queries)
                if sides[0] is not None and sides[1] is not None:
                    return related(sides[0], sides[1], literal.relation)
        return None

    def _is_seen_index(self, keys: Term) -> bool:
        """Whether a key's index and a number are compared, where no key is seen from before it."""
        return self.graph.causal and self.apart(keys, self.graph.indices()) is not None

    def _one_position(self, literal: Literal, way: Conjunction) -> bool:
        """Whether another literal says that key and query are one position."""
        index = self.graph.indices()
        return any(
            x is not literal and x.keys is index and x.queries is index and x.relation == EQUAL for x in way
        )

    def apart(self, one: Term, other: Term) -> Fraction | None:
        """By how much one s-op is always larger than another; None if that varies or is not known."""
        if one is other:
            return Fraction(0)
        if not (self.facts.numeric(one) and self.facts.numeric(other)):
            return None
        return tally(self.graph, one).plus(tally(self.graph, other), -1).constant

    def uniform(self, term: Term) -> bool:
        """Whether an s-op is the same at all positions of an input: there is but one, or it is made of
        constants, and of reads of whose selectors the queries are the same everywhere, so that all select the
        same keys.
        """
        if list(self.facts.values(self.graph.indices()) or ()) == [0]:
            return True
        for each in () if term in self._uniform else reachable(term):
            if each.kind in READS:
                queries = [select.args[1] for select in compared(each.args[:1])]
                alike = not self.graph.causal and all(self._uniform[x] for x in queries)
                self._uniform[each] = alike or self.never(each.args[0])
            elif each.kind is Kind.MAP and not each.is_kept:
                self._uniform[each] = all(self._uniform[x] for x in each.args)
            elif not each.is_selector:
                self._uniform[each] = each.kind is Kind.CONST
        return self._uniform[term]

    def _turned(self, before: Term, after: Term) -> bool:
        """A key that is turned by the same number as any other is the query where that is turned back; where
        it is turned around as well, the same turn brings it back.
        """
        equal = all(x.kind is Kind.SELECT and x.comparison is Comparison.EQ for x in (before, after))
        if self.graph.causal or not equal:
            return False
        (keys, mine), (yours, queries) = before.args, after.args
        index = self.graph.indices()
        length = self.graph.make(Kind.WIDTH, (self.everywhere(Comparison.EQ),))
        turned = (x.operator is Operator.MOD and self.apart(x.args[1], length) == 0 for x in (keys, queries))
        if mine is not index or yours is not index or not all(turned):
            return False
        turn, back = (tally(self.graph, x.args[0]) for x in (keys, queries))
        for sign in (1, -1):
            by = turn.plus(tally(self.graph, index), -sign)
            if self._uniform_sum(by):
                return back.plus(turn, sign).plus(tally(self.graph, index), -1 - sign).constant == 0
        return False

    def _uniform_sum(self, total: Tally) -> bool:
        """Whether a tally is the same at all positions of an input."""
        queries = [select.args[1] for select in compared(selector for selector, _ in total.over)]
        return all(map(self.uniform, [*queries, *(term for term in total.own if term is not None)]))
