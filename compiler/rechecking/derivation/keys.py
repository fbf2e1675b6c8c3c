"""Of two keys that one query selects: that there are none, or that both hold the same.

All ways are tried in which s-ops can compare at the two keys, an earlier and a later one, and each statement
leaves out some that cannot be. What is left is an input that nobody could rule out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import reduce
from itertools import product

import numpy as np
from numpy.typing import NDArray

from compiler.graph.conjunctions import (
    ANYTHING,
    COMPARISON,
    EQUAL,
    Conjunction,
    Literal,
    Relation,
    conjunctions,
    selector_of,
)
from compiler.graph.terms import READS, Graph, Kind, Term
from compiler.rechecking.derivation.containment import Containment, order
from compiler.rechecking.derivation.orders import Orders, compared_pairs, mirrored
from compiler.rechecking.derivation.pointwise import (
    NotShown,
    Pair,
    Truths,
    compared,
    constant,
    grid_of,
    logic,
    pairings,
)
from compiler.rechecking.derivation.selecting import Facts
from compiler.rechecking.derivation.tallies import tally
from compiler.rechecking.derivation.unbeaten import is_flag
from rasp.words import COMPARISONS, MIRRORED, Atom, Comparison, Operator

EARLY, LATE = 0, 1
"""The two keys."""

DEEPEST = 3
"""How often it is asked what s-ops are made of."""

FEW_POINTS = 1_000
"""Of so many combinations it is tried whether an s-op is the same at all."""

COMBINED: dict[Operator | None, Callable[..., Truths]] = {
    Operator.AND: np.logical_and,
    Operator.OR: np.logical_or,
    Operator.NOT: np.logical_not,
    Operator.INDICATOR: np.array,
}

Signs = NDArray[np.int64]

Mark = tuple[Term, int]
"""A comparison with a constant, and the key of which it is told."""

Answers = list[tuple[Term, bool]]
"""How questions are answered."""

Told = tuple[Term, Term, Relation]
"""How an s-op at the earlier key compares with one at the later key."""


class Keys:
    """The statements about two keys, of one graph."""

    def __init__(self, graph: Graph, facts: Facts) -> None:
        self._graph, self._facts = graph, facts

    def at_most_one(self, read: Sequence[Conjunction]) -> bool:
        """Whether no query selects two keys."""
        return self.hold_alike(read, self._graph.indices())

    def hold_alike(self, read: Sequence[Conjunction], source: Term) -> bool:
        """Whether all keys that a query selects hold the same value of an s-op."""
        if source.kind is Kind.CONST:
            return True
        index = self._graph.indices()
        by_order = all(self._alike(*ways, source) for ways in product(read, read))
        return by_order or any(self._by_values(read, each) for each in dict.fromkeys((source, index)))

    def distinct(self, term: Term) -> bool:
        """Whether an s-op has another value at each position."""
        return self._shown([], [(term, term, EQUAL)], self._graph.indices())

    def _alike(self, one: Conjunction, other: Conjunction, source: Term) -> bool:
        """Of an earlier key that is selected in one way and a later one that is in another."""
        told = [
            (x.keys, y.keys, allowed)
            for x, y in product(one, other)
            if x.queries is y.queries
            and Kind.CONST not in (x.keys.kind, y.keys.kind)
            and (x.queries.kind is not Kind.CONST or (x.relation == EQUAL and not _answers(x.keys)))
            and (allowed := _between(x.relation, y.relation)) != ANYTHING
        ]
        marks = [
            (self._graph.select(x.keys, x.queries, COMPARISON[x.relation]), key)
            for key, way in ((EARLY, one), (LATE, other))
            for x in way
            if x.queries.kind is Kind.CONST
        ]
        marks += [
            (self._graph.select(x.keys, self._graph.const(x.keys.of_nothing), Comparison.NE), key)
            for key, way in ((EARLY, one), (LATE, other))
            for x in way
            if self._has_read(x)
        ]
        return self._shown(marks, told, source)

    def _has_read(self, literal: Literal) -> bool:
        """Whether a literal says of a key that it has read something: it equates that with what is not read
        of nothing.
        """
        if literal.relation != EQUAL or literal.keys.kind is not Kind.AGGREGATE:
            return False
        listed = self._facts.values(literal.queries)
        unread = literal.keys.read_as.unread
        return not unread and listed is not None and literal.keys.of_nothing not in listed

    def _shown(self, marks: Sequence[Mark], told: Sequence[Told], source: Term) -> bool:
        for depth, copies in [*((each, True) for each in range(DEEPEST + 1)), (DEEPEST, False)]:
            try:
                ways = Ways(self._graph, self._facts, marks, told, source, depth, copies)
            except NotShown:
                continue  # what is copied may be too much to ask
            if not ways.left.any():
                return True
            if ways.whole:
                return False
        return False

    def _by_values(self, read: Sequence[Conjunction], source: Term) -> bool:
        """By all values of keys and queries: those that are selected go with one value of the source."""
        selectors = [selector_of(self._graph, way) for way in read]
        for pairs in pairings(selectors, [source], self._facts):
            with suppress(NotShown):
                chosen = reduce(np.logical_or, (pairs.at(x) for x in selectors), np.array(False))
                chosen = chosen & pairs.seen(self._graph.causal)
                held = pairs.keys.at(source).as_one({})
                keys = tuple(range(len(pairs.keys.sizes)))
                most = np.where(chosen, held, -1).max(axis=keys, keepdims=True)
                if (np.where(chosen, held, most) == most).all():
                    return True
        return False


def _between(one: Relation, other: Relation) -> Relation:
    """How two keys can compare of which each compares so with one query."""
    return frozenset(
        order(a, b)
        for a, b, query in product(range(3), repeat=3)
        if order(a, query) in one and order(b, query) in other
    )


class Ways:
    """All ways in which s-ops can compare at two keys of which something is told, as far as it matters for
    that and for a source that is not the same at both: `left` are those that nothing rules out. `depth`: how
    often it is asked what they are made of, `copies`: also of what is copied; `whole`: whether that was all
    there is to ask.
    """

    def __init__(
        self,
        graph: Graph,
        facts: Facts,
        marks: Sequence[Mark],
        told: Sequence[Told],
        source: Term,
        depth: int,
        copies: bool,
    ) -> None:
        self._graph, self._facts = graph, facts
        self._fixed: dict[Term, Atom | None] = {}
        index = graph.indices()
        pairs: dict[Pair, None] = {(source, source): None}
        pairs |= {(one, other): None for one, other, _ in told}
        pairs |= dict.fromkeys(self._pairs_of([mark for mark, _ in marks]))
        asked: dict[Term, None] = {}
        for _ in range(depth):
            new = {side: None for pair in pairs for side in pair if side not in asked}
            asked |= new
            for term in new:
                if term.kind is Kind.AGGREGATE and not copies:
                    continue
                beside = [limit for one, limit in pairs if one is term and limit.kind is Kind.CONST]
                pairs |= dict.fromkeys(self._made_of(term, beside, (term, term) in pairs))
        self.whole = copies and all(side in asked for pair in pairs for side in pair)
        self._orders = Orders(graph, list(pairs), 2, ordered=True)
        self.left = self._orders.compare(Comparison.LT, (index, EARLY), (index, LATE))
        self.left = self.left & (self._orders.step(source, LATE, EARLY) != 0)
        for mark, key in marks:
            self.left = self.left & self._holds(mark, key, key)
        for one, other, relation in told:
            how = COMPARISON[relation]
            self.left = self.left & self._orders.compare(how, (one, EARLY), (other, LATE))
        for term in self._orders.terms:
            for statement in self._statements(term):
                self.left = self.left & statement

    # what s-ops are made of

    def _pairs_of(self, selectors: Sequence[Term]) -> Iterator[Pair]:
        """What selectors compare, and what their flags do."""
        for select in compared(selectors):
            keys, queries, comparison = mirrored(select)
            if constant(select) is None:
                asked = _told(keys, queries, comparison)
                yield from [(keys, queries)] if asked is None else self._atoms(asked[0])

    def _atoms(self, flag: Term) -> Iterator[Pair]:
        """What is compared where a question is answered."""
        asked = _asked(flag)
        if asked is not None:
            yield from self._atoms(asked[0])
        elif flag.operator in COMPARISONS:
            yield flag.args[0], flag.args[1]
        elif flag.kind is Kind.EXISTS or not _answers(flag):
            yield flag, self._graph.const(True)
        else:
            for part in flag.args:
                yield from self._atoms(part)

    def _made_of(self, term: Term, limits: Sequence[Term], exact: bool) -> Iterator[Pair]:
        """What must be compared to say more of an s-op, with some constants or `exact`ly."""
        if term.kind in READS:
            yield from self._pairs_of(term.args[:1])
            yield from ((query, query) for _, query in compared_pairs(term.args[:1]))
            if term.kind is Kind.SUM and _answers(term.args[1]):
                yield from self._atoms(term.args[1])
            if limits and term.kind in (Kind.WIDTH, Kind.SUM):
                yield from ((term, self._graph.const(number)) for number in (1, 2))
            if term.kind is Kind.LEAST:
                yield term, term.args[1]
        elif term.kind is Kind.TOKENS:
            whole = self._graph.make(Kind.TOKENS, data="asis")
            yield whole, whole
        elif _answers(term):
            yield from self._atoms(term)
        elif term.kind is Kind.MAP and not term.is_kept:
            compared_so = [(part, limit) for _, part, limit, _, _ in self._limits(term, limits)]
            yield from compared_so
            for part in self._sum(term)[0] or term.args:
                yield from (
                    self._atoms(part)
                    if _answers(part)
                    else [(part, part)]
                    if exact or not compared_so
                    else []
                )

    def _sum(self, term: Term) -> tuple[dict[Term, Fraction], Fraction]:
        """The s-ops that one is a sum of multiples of, and a number; none if it is no such sum."""
        found, index = tally(self._graph, term), self._graph.indices()
        before = self._graph.select(index, index, Comparison.LT)
        parts: dict[Term, Fraction] = {}
        rest = found.own.get(None, Fraction(0))
        for (selector, value), times in found.over.items():
            counted = index if selector is before else self._graph.make(Kind.WIDTH, (selector,))
            part = counted if value is None else self._graph.make(Kind.SUM, (selector, value))
            parts[part] = parts.get(part, Fraction(0)) + times
        for own, times in found.own.items():
            number = None if own is None else self._value(own)
            if own is not None and (number is None or isinstance(number, str)):
                parts[own] = parts.get(own, Fraction(0)) + times
            elif number is not None and not isinstance(number, str):
                rest += times * Fraction(number)
        return ({}, rest) if term in parts or not self._facts.numeric(term) else (parts, rest)

    def _value(self, term: Term) -> Atom | None:
        """The value of an s-op that has but one."""
        if term not in self._fixed:
            self._fixed[term] = None
            with suppress(NotShown):
                column = grid_of([term], frozenset(), self._facts, FEW_POINTS).at(term)
                self._fixed[term] = column.values[0] if len(column.values) == 1 else None
        return self._fixed[term]

    # what is known of them

    def _truth(self, flag: Term, key: int) -> Truths | None:
        """Where a question is answered with yes at one of the keys; None if it is not known."""
        found: Truths | None = None
        asked = _asked(flag)
        if flag.kind is Kind.CONST and not isinstance(flag.value, str):
            found = np.array(bool(flag.value))
        elif asked is not None:
            truth = self._truth(asked[0], key)
            found = truth if truth is None or asked[1] else np.logical_not(truth)
        elif flag.operator in COMPARISONS and self._orders.comparable(*flag.args):
            one, other = flag.args
            found = self._orders.compare(Comparison(flag.operator.value), (one, key), (other, key))
        elif flag.kind is Kind.EXISTS and self._orders.comparable(flag, true := self._graph.const(True)):
            found = self._orders.compare(Comparison.EQ, (flag, key), (true, key))
        elif flag.operator in COMBINED and _answers(flag):
            parts = [self._truth(part, key) for part in flag.args]
            known = [part for part in parts if part is not None]
            found = COMBINED[flag.operator](*known) if len(known) == len(parts) else None
        return found

    def _holds(self, select: Term, key: int, query: int) -> Truths:
        """Where a comparison of two of the keys holds."""
        keys, queries, comparison = mirrored(select)
        asked = _told(keys, queries, comparison)
        truth = None if asked is None else self._truth(asked[0], key)
        if asked is None or truth is None:
            return self._orders.holds(select, key, query)
        found: Truths = truth if asked[1] else np.logical_not(truth)
        return found

    def _selected(self, selector: Term, key: int, query: int) -> Truths:
        """Where one of the keys selects another."""
        chosen = logic(selector, lambda select: self._holds(select, key, query))
        return chosen if not self._graph.causal or key <= query else np.zeros_like(chosen)

    def _step(self, term: Term) -> Signs | None:
        """Whether an s-op is larger at the later key: 1, 0 or -1; None if it is not known."""
        if term.kind is Kind.CONST or self._value(term) is not None:
            return np.zeros(1, dtype=np.int64)
        if _answers(term):
            early, late = (self._truth(term, key) for key in (EARLY, LATE))
            if early is not None and late is not None:
                return late.astype(np.int64) - early
        return self._orders.step(term, LATE, EARLY) if self._exact(term) else None

    def _exact(self, term: Term) -> bool:
        """Whether values of an s-op are told apart that no constant does."""
        return self._orders.comparable(term, term)

    def _same(self, term: Term) -> Truths:
        """Where an s-op is surely the same at both keys: by itself, or as it is a constant."""
        found: Truths = np.array(False)
        if self._exact(term):
            found = self._orders.step(term, LATE, EARLY) == 0
        for limit in self._orders.limits(term):
            both = [self._orders.compare(Comparison.EQ, (term, x), (limit, x)) for x in (EARLY, LATE)]
            found = found | (both[0] & both[1])
        return found

    # statements

    def _statements(self, term: Term) -> Iterator[Truths]:
        step = self._orders.step(term, LATE, EARLY)
        known = self._step(term)
        if known is not None and self._exact(term):
            yield step == known
        if term.kind in READS:
            yield from self._of_read(term, step)
        elif term.kind is Kind.TOKENS:
            yield from self._of_tokens(term, step)
        elif term.kind is Kind.MAP and not term.is_kept:
            yield from self._of_sum(term, step)
            yield from self._of_multiple(term)
            yield self._of_function(term, step)

    def _of_function(self, term: Term, step: Signs) -> Truths:
        """Where all operands are equal, so is what is computed from them."""
        steps = [self._step(part) for part in term.args]
        if any(part is None for part in steps):
            return np.array(True)
        found: Truths = step == 0
        return reduce(np.logical_or, (part != 0 for part in steps if part is not None), found)

    def _of_tokens(self, term: Term, step: Signs) -> Iterator[Truths]:
        """Equal tokens are equal however they are converted."""
        whole = self._step(self._graph.make(Kind.TOKENS, data="asis"))
        if whole is not None:
            yield (whole != 0) | (step == 0)

    def _of_sum(self, term: Term, step: Signs) -> Iterator[Truths]:
        """A sum of which no part falls does not fall; it rises if one rises, and is equal if all are."""
        parts, _ = self._sum(term)
        steps = [self._step(part) for part in parts]
        known = [each for each in steps if each is not None]
        if not parts or len(known) < len(steps):
            return
        signed = [each * (1 if times > 0 else -1) for each, times in zip(known, parts.values(), strict=True)]
        for sign in (1, -1):
            kept = reduce(np.logical_and, (each * sign >= 0 for each in signed))
            moved = reduce(np.logical_or, (each * sign > 0 for each in signed))
            yield ~(kept & moved) | ((step * sign >= 0) & ~self._same(term))
            yield ~(kept & ~moved) | (step == 0)

    def _of_multiple(self, term: Term) -> Iterator[Truths]:
        """What is a multiple of another s-op and a number compares with a number as that does."""
        for limit, part, other, rises, answers in self._limits(term, self._orders.limits(term)):
            for key in (EARLY, LATE) if self._orders.comparable(part, other) else ():
                truths = [self._truth(flag, key) for flag, _ in answers]
                told = [t == yes for t, (_, yes) in zip(truths, answers, strict=True) if t is not None]
                so = reduce(np.logical_and, told, np.array(len(told) == len(answers)))
                for one in (Comparison.LT, Comparison.EQ):
                    mine = self._orders.compare(one, (term, key), (limit, key))
                    same = one if rises else MIRRORED[one]
                    yield ~so | (mine == self._orders.compare(same, (part, key), (other, key)))

    def _limits(self, term: Term, limits: Sequence[Term]) -> Iterator[tuple[Term, Term, Term, bool, Answers]]:
        """For each number that an s-op is compared with: the s-op that it is a multiple of, a number and
        answers to questions apart, what that is compared with instead, whether it rises with it, and which
        answers.
        """
        parts, rest = self._sum(term)
        flags = [part for part in parts if _answers(part)]
        others = [part for part in parts if part not in flags]
        if len(others) != 1 or len(flags) > 1:
            return
        (part,) = others
        for limit, yes in product(limits, product((False, True), repeat=len(flags))):
            if not isinstance(limit.value, str):
                more = sum(parts[flag] * answer for flag, answer in zip(flags, yes, strict=True))
                number = (Fraction(limit.value) - rest - more) / parts[part]
                whole = self._graph.const(int(number) if number.denominator == 1 else number)
                yield limit, part, whole, parts[part] > 0, list(zip(flags, yes, strict=True))

    def _of_read(self, read: Term, step: Signs) -> Iterator[Truths]:
        """What a read is at two queries, of which one selects all that the other does."""
        selector = read.args[0]
        if read.kind is Kind.AGGREGATE and read.args[1].kind is Kind.INDICES:
            yield from self._of_copied_index(read, step)
        if not all(self._orders.comparable(*pair) for pair in self._pairs_of([selector])):
            return
        for query in (EARLY, LATE):
            yield from self._of_selected(read, query)
        contained = self._contained(selector)
        if contained is None:
            return
        up, down = contained
        if not (read.kind in (Kind.AGGREGATE, Kind.LEAST) and read.read_as.unread):
            yield ~(up & down) | (step == 0)
        if self._adds_up(read):
            yield ~up | ((step >= 0) & ~(self._more(read, EARLY, LATE) & self._same(read)))
            yield ~down | ((step <= 0) & ~(self._more(read, LATE, EARLY) & self._same(read)))

    def _of_copied_index(self, read: Term, step: Signs) -> Iterator[Truths]:
        """Two queries that read one index, where what is read of nothing is none, select one key: what they
        compare with equal s-ops of it is equal.
        """
        ways, nothing = conjunctions(read.args[0]), self._graph.const(read.of_nothing)
        known = self._orders.comparable(read, nothing) and not read.read_as.unread
        if len(ways) != 1 or not known or not self._facts.picks(read):
            return
        found = self._orders.compare(Comparison.NE, (read, EARLY), (nothing, EARLY))
        copied = found & (step == 0) & np.array(self._exact(read))
        for literal in ways[0]:
            same = self._step(literal.queries)
            if literal.relation == EQUAL and same is not None:
                yield ~copied | (same == 0)

    def _adds_up(self, read: Term) -> bool:
        """Whether a read never falls when more is selected."""
        if read.kind is not Kind.SUM:
            return read.kind in (Kind.WIDTH, Kind.EXISTS)
        listed = self._facts.values(read.args[1])
        return listed is not None and all(not isinstance(v, str) and v >= 0 for v in listed)

    def _more(self, read: Term, one: int, other: int) -> Truths:
        """Where a query counts one of the keys that another does not."""
        found = np.array(False)
        for key in (EARLY, LATE):
            counted = self._counted(read, key, other)
            if counted is not None:
                found = found | (counted & ~self._selected(read.args[0], key, one))
        return found

    def _counted(self, read: Term, key: int, query: int) -> Truths | None:
        """Where a query counts one of the keys, or adds up 1 of it; None of other reads."""
        chosen = self._selected(read.args[0], key, query)
        if read.kind is Kind.SUM:
            truth = self._truth(read.args[1], key) if _answers(read.args[1]) else None
            return None if truth is None else chosen & truth
        return chosen if read.kind is Kind.WIDTH else None

    def _contained(self, selector: Term) -> tuple[Truths, Truths] | None:
        """Where the later key, as a query, selects all that the earlier does; and the other way round."""
        try:
            containment = Containment(self._graph, selector)
        except NotShown:
            return None
        steps = [self._query_step(query) for _, query in containment.pairs]
        known = [step for step in steps if step is not None]
        if len(known) < len(steps):
            return None
        return containment.at(known), containment.at([-step for step in known])

    def _query_step(self, query: Term) -> Signs | None:
        return np.ones(1, dtype=np.int64) if query.kind is Kind.INDICES else self._step(query)

    def _of_selected(self, read: Term, query: int) -> Iterator[Truths]:
        """Something is selected if one of the keys is; a count is at least so many; the least of what is
        selected is no larger than what one of them holds.
        """
        chosen = [self._selected(read.args[0], key, query) for key in (EARLY, LATE)]
        if read.kind is Kind.EXISTS and (truth := self._truth(read, query)) is not None:
            yield truth | ~(chosen[0] | chosen[1])
        one, other = (self._counted(read, key, query) for key in (EARLY, LATE))
        for number, limit in enumerate(map(self._graph.const, (1, 2))):
            if one is not None and other is not None and self._orders.comparable(read, limit):
                counted = one & other if number else one | other
                yield ~counted | self._orders.compare(Comparison.GE, (read, query), (limit, query))
        if read.kind is Kind.LEAST and self._orders.comparable(read, read.args[1]):
            for key, each in zip((EARLY, LATE), chosen, strict=True):
                yield ~each | self._orders.compare(Comparison.LE, (read, query), (read.args[1], key))


def _told(one: Term, other: Term, comparison: Comparison) -> tuple[Term, bool] | None:
    """The question of which a comparison with a truth value says that it is answered so; None if it does
    not.
    """
    if other.kind is not Kind.CONST or other.value not in (0, 1) or not _answers(one):
        return None
    if comparison not in (Comparison.EQ, Comparison.NE):
        return None
    return one, bool(other.value) is (comparison is Comparison.EQ)


def _asked(flag: Term) -> tuple[Term, bool] | None:
    """The same of a flag."""
    if flag.operator not in COMPARISONS or flag.is_kept:
        return None
    one, other = flag.args
    return _told(one, other, Comparison(flag.operator.value))


def _answers(term: Term) -> bool:
    """Whether an s-op answers a question, with 0 and 1 perhaps."""
    if term.operator is Operator.INDICATOR:
        return is_flag(term.args[0])
    if term.operator in (Operator.AND, Operator.OR, Operator.NOT):
        return all(map(_answers, term.args))
    return is_flag(term) and not term.is_kept
