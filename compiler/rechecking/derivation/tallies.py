"""What reads add up over the keys of a query: equal where each key adds the same.

A count is a sum of 1, and a sum over a selector one of what is 0 at keys that it leaves out. So two sums of
counts and sums are equal if they are key by key; what my own position adds may stand apart, as an s-op. An
index is the count of the indices below it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiler.graph.terms import Graph, Kind, Term, folded
from compiler.rechecking.derivation.pointwise import (
    Column,
    Listing,
    NotShown,
    Orders,
    bottoms,
    common,
    compared,
    grid_of,
    held,
    inside,
    logic,
    pairings,
    pairs_of,
    positions,
    same_orders,
)
from rasp.words import COMPARISONS, Comparison, Operator

Tallied = tuple[Term, Term | None]
"""A selector, and the s-op whose selected values are added up; None to count."""

LARGEST = 1 << 50
"""Numbers up to this are added up exactly."""


@dataclass(frozen=True, eq=False)
class Tally:
    """Multiples of counts and sums over keys, and multiples of s-ops of my own position (None: 1)."""

    over: Mapping[Tallied, Fraction] = field(default_factory=dict)
    own: Mapping[Term | None, Fraction] = field(default_factory=dict)

    def plus(self, other: Tally, factor: Fraction | int = 1) -> Tally:
        """self + factor * other."""
        over, own = dict(self.over), dict(self.own)
        for read, times in other.over.items():
            over[read] = over.get(read, Fraction(0)) + factor * times
        for term, times in other.own.items():
            own[term] = own.get(term, Fraction(0)) + factor * times
        return Tally({x: c for x, c in over.items() if c}, {x: c for x, c in own.items() if c})

    @property
    def constant(self) -> Fraction | None:
        """The number that it is; None if it is more than that."""
        return None if self.over or self.own.keys() - {None} else self.own.get(None, Fraction(0))


def tally(graph: Graph, term: Term) -> Tally:
    """An s-op as a sum of counts and sums, as far as it is one."""
    return folded(term, _parts, lambda each, parts: _one(graph, each, parts))


def _parts(term: Term) -> tuple[Term, ...]:
    linear = (Operator.ADD, Operator.SUB, Operator.NEG, Operator.MUL)
    return term.args if term.operator in linear else ()


def _one(graph: Graph, term: Term, parts: Sequence[Tally]) -> Tally:
    match term.kind, term.operator:
        case Kind.INDICES, _:
            return Tally({(graph.select(term, term, Comparison.LT), None): Fraction(1)})
        case Kind.WIDTH, _:
            return Tally({(term.args[0], None): Fraction(1)})
        case Kind.SUM, _:
            return Tally({(term.args[0], term.args[1]): Fraction(1)})
        case Kind.AGGREGATE, _ if _is_one_of_first(graph, term):
            return Tally({(term.args[0], None): Fraction(1)})
        case Kind.CONST, _ if not isinstance(term.value, str):
            return Tally(own={None: Fraction(term.value)})
        case _, Operator.ADD:
            return parts[0].plus(parts[1])
        case _, Operator.SUB:
            return parts[0].plus(parts[1], -1)
        case _, Operator.NEG:
            return Tally().plus(parts[0], -1)
        case _, Operator.MUL:
            for factor, other in (parts, parts[::-1]):
                if factor.constant is not None:
                    return Tally().plus(other, factor.constant)
    return Tally(own={term: Fraction(1)})


def _is_one_of_first(graph: Graph, read: Term) -> bool:
    """Whether a read of 1 selects the first position or nothing, and is 0 then: it counts that."""
    selector, one = read.args
    if one.kind is not Kind.CONST or one.value != 1 or read.default not in (None, 0) or read.read_as.unread:
        return False
    index = graph.indices()
    first = graph.select(index, graph.const(0), Comparison.EQ)
    both = graph.make(Kind.AND, (selector, first))
    return any(part is first for part in inside(selector)) and same_orders(selector, both, graph.causal)


def always_the_same(before: Tally, after: Tally, listing: Listing, graph: Graph) -> bool:
    """Whether two tallies are equal at every query of every input. What they add up is made of the same
    s-ops, so that neither has a value where the other has none.
    """
    rest = before.plus(after, -1)
    if not rest.over and not rest.own:
        return True
    index = graph.indices()
    first = Tally({(graph.select(index, graph.const(0), Comparison.EQ), None): Fraction(1)})
    one = Tally(own={None: Fraction(1)})
    # one position is the first; and before mine lie as many as my index says
    before_me = Tally({(graph.select(index, index, Comparison.LT), None): Fraction(1)}, {index: Fraction(-1)})
    strictly = rest.over.get(next(iter(before_me.over)), 0)
    by_first = rest.plus(first.plus(one, -1), rest.own.get(None, 0))
    for each in (rest, by_first, rest.plus(before_me, -strictly)):
        try:
            if _others_add_nothing(each, listing, graph.causal) and _mine_adds_nothing(each, listing, graph):
                return True
        except NotShown:
            continue
    return False


def _others_add_nothing(rest: Tally, listing: Listing, causal: bool) -> bool:
    """Whether keys at other positions add nothing: by how they compare, or by their values."""
    return _nothing_by_orders(rest, causal) or _nothing_by_values(rest, listing, causal)


def _nothing_by_orders(rest: Tally, causal: bool) -> bool:
    selectors = [selector for selector, _ in rest.over]
    try:
        orders = Orders(selectors, dict.fromkeys(positions(pairs_of(selectors)), "<" if causal else "<>"))
    except NotShown:
        return False
    grouped: dict[Term | None, NDArray[Any]] = {}
    for (selector, value), times in _whole(rest).items():
        grouped[value] = grouped.get(value, np.zeros(1, dtype=np.int64)) + times * orders.at(selector)
    return not any(each.any() for each in grouped.values())


def _nothing_by_values(rest: Tally, listing: Listing, causal: bool) -> bool:
    selectors = [selector for selector, _ in rest.over]
    values = [value for _, value in rest.over if value is not None]
    for pairs in pairings(selectors, values, listing):
        with suppress(NotShown):
            chosen = {s: pairs.at(s) for s in selectors}
            added = _added(Tally(rest.over), {v: pairs.keys.at(v) for v in values}, chosen)
            if not np.any(added * pairs.apart(causal)):
                return True
    return False


def _mine_adds_nothing(rest: Tally, listing: Listing, graph: Graph) -> bool:
    """Whether what my own position adds is what stands apart: by how it compares, or by its values."""
    return _mine_by_orders(rest, graph) or _mine_by_values(rest, listing)


def _mine_by_orders(rest: Tally, graph: Graph) -> bool:
    """Key and query are one position here, so that an indicator of a comparison says what a selector does."""
    mine = [_indicated(graph, term) for term in rest.own]
    if None in mine or any(value for _, value in rest.over):
        return False
    selectors = [*(selector for selector, _ in rest.over), *filter(None, mine)]
    try:
        orders = Orders(selectors, dict.fromkeys(positions(pairs_of(selectors)), "="))
    except NotShown:
        return False
    times = [*rest.over.values(), *rest.own.values()]
    unit = math.lcm(*(each.denominator for each in times))
    added = [int(each * unit) * orders.at(x) for each, x in zip(times, selectors, strict=True)]
    return not np.any(reduce(np.add, added, np.zeros(1, dtype=np.int64)))


def _indicated(graph: Graph, term: Term | None) -> Term | None:
    """The selector of the position itself where an indicator of a comparison is 1, or the number 1 is."""
    if term is None:
        return graph.select(graph.const(1), graph.const(1), Comparison.EQ)
    if term.operator is not Operator.INDICATOR or term.args[0].operator not in COMPARISONS:
        return None
    key, query = term.args[0].args
    return graph.select(key, query, Comparison(term.args[0].operator.value))


def _mine_by_values(rest: Tally, listing: Listing) -> bool:
    selectors = [selector for selector, _ in rest.over]
    values = [value for _, value in rest.over if value is not None]
    own = [term for term in rest.own if term is not None]
    read = [*(side for select in compared(selectors) for side in select.args), *values]
    for stops in (bottoms([*read, *own]), common(read, own)):
        with suppress(NotShown):
            grid = grid_of([*read, *own], stops, listing)
            chosen = {s: logic(s, partial(held, keys=grid, queries=grid)) for s in selectors}
            if not np.any(_added(rest, {t: grid.at(t) for t in [*values, *own]}, chosen)):
                return True
    return False


def _whole(rest: Tally) -> dict[Tallied, int]:
    """The multiples of a tally that is nothing, as whole numbers."""
    unit = math.lcm(*(c.denominator for c in [*rest.over.values(), *rest.own.values()]))
    return {read: int(times * unit) for read, times in rest.over.items()}


def _added(
    rest: Tally, values: Mapping[Term, Column], chosen: Mapping[Term, NDArray[np.bool_]]
) -> NDArray[np.int64]:
    """What is added up, in whole numbers of some unit."""
    fractions = [_fractions(column) for column in values.values()]
    unit = math.lcm(*(v.denominator for column in fractions for v in column))
    scale = math.lcm(*(c.denominator for c in [*rest.over.values(), *rest.own.values()]))
    largest = sum(abs(c) for c in [*rest.over.values(), *rest.own.values()]) * scale * unit
    if largest * max((abs(v) for column in fractions for v in column), default=1) > LARGEST:
        raise NotShown("numbers too large to be added up")
    known = {
        term: np.array([*(int(v * unit) for v in column), 0])[values[term].numbers]
        for term, column in zip(values, fractions, strict=True)
    }
    parts: list[NDArray[np.int64]] = [np.zeros(1, dtype=np.int64)]
    for (selector, value), times in rest.over.items():
        parts.append(int(times * scale) * chosen[selector] * (unit if value is None else known[value]))
    for term, times in rest.own.items():
        parts.append(int(times * scale) * (np.array(unit) if term is None else known[term]))
    return reduce(np.add, parts)


def _fractions(column: Column) -> list[Fraction]:
    if (column.numbers < 0).any() or any(isinstance(value, str) for value in column.values):
        raise NotShown("what is added up is no number everywhere")
    return [Fraction(v) for v in column.values if not isinstance(v, str)]
