"""The least value of what is selected, where a program asks for it in other words.

A head finds the least selected value by itself: each key's value is taken off its score. So a question
whether any selected key lies below the query (`has_focus(same and earlier)`) is whether the least of them
does, which costs one column instead of one for each value of an order; and the value that is read where
nothing beats a key (`aggregate(select(beaten, False, ==), depth)`) is the least or the greatest of all, which
needs no flag.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from compiler.graph.conjunctions import (
    ANYTHING,
    EQUAL,
    RELATION,
    UNEQUAL,
    Conjunction,
    Literal,
    Relation,
    related,
    selector_of,
)
from compiler.graph.terms import Graph, Kind, ReadAs, Term, reachable, typed
from compiler.ranges.domains import Labels, Numbers, exact
from compiler.values.inference import Domains
from rasp.words import COMPARISONS, Comparison, Operator

BELOW, ABOVE = frozenset("<"), frozenset(">")
ORDERS = (BELOW, BELOW | EQUAL, ABOVE, ABOVE | EQUAL)

MAX_SPAN = 1 << 12
"""Codes of which the least is found lie no farther apart than this."""

FEW = 2
"""An order between so many values costs as little as the least of them."""


def beaten_by_least(graph: Graph, term: Term, read: Conjunction, domains: Domains) -> Term | None:
    """An EXISTS over a conjunction with an order in it: whether the least of what the rest selects lies on
    that side of the query.
    """
    found = [x for x in read if x.relation in ORDERS and _costly(x, domains)]
    if not found:
        return None
    order = max(found, key=lambda x: _size(x, domains))
    rest = selector_of(graph, tuple(x for x in read if x is not order))
    keys, queries, highest = order.keys, order.queries, _ends(order.queries, domains)[1]
    if ">" in order.relation:
        keys, queries = (graph.operation(Operator.NEG, side) for side in (keys, queries))
        highest = -_ends(order.queries, domains)[0]
    strict = "=" not in order.relation
    nothing = _nothing(highest, strict)
    least = graph.make(Kind.LEAST, (rest, keys), ReadAs(typed([exact(nothing)])[0]))
    return graph.operation(Operator.LT if strict else Operator.LE, least, queries, origin=term)


def either_beaten(graph: Graph, term: Term) -> Term | None:
    """An `or` of two questions whether the least of what is selected lies below my own value, which is
    selected as well: so it is no larger, and lies below where it is not equal. Unlike the orders, two
    equalities together are a few neurons.
    """
    if term.operator is not Operator.OR or term.is_kept or not all(map(_is_beaten, term.args)):
        return None
    unequal = [graph.operation(Operator.NE, *asked.args, origin=asked) for asked in term.args]
    return graph.operation(Operator.OR, *unequal, origin=term)


def _is_beaten(term: Term) -> bool:
    """Whether a term asks if the least of what is selected lies below the query's own, which is selected."""
    if term.operator is not Operator.LT or term.is_kept or term.args[0].kind is not Kind.LEAST:
        return False
    selector, values = term.args[0].args
    return values is term.args[1] and _selects_itself(selector)


def _selects_itself(selector: Term) -> bool:
    """Whether every query selects its own position, by the form of the selector alone."""
    if selector.kind is Kind.AND:
        return all(map(_selects_itself, selector.args))
    if selector.kind is not Kind.SELECT:
        return False
    keys, queries = selector.args
    return keys is queries and RELATION[selector.comparison] >= EQUAL


def _nothing(highest: Fraction, strict: bool) -> Fraction:
    """What is read of nothing: no query lies above it, nor at it if the order is not strict."""
    return highest if strict else Fraction(math.floor(highest) + 1)


def _costly(order: Literal, domains: Domains) -> bool:
    """Whether an order has many values on both sides, and numbers of which a head can find the least."""
    return _size(order, domains) > FEW and all(_can_be_least(x, domains) for x in (order.keys, order.queries))


def _size(order: Literal, domains: Domains) -> int:
    return min(len(domains.get(side).values or ()) for side in (order.keys, order.queries))


def _can_be_least(term: Term, domains: Domains) -> bool:
    """Whether a head can tell the values apart by how small they are."""
    domain = domains.get(term)
    few = isinstance(domain, Numbers) and domain.highest - domain.lowest < MAX_SPAN
    return few and not domains.may_be_bool(term)


def _ends(term: Term, domains: Domains) -> tuple[Fraction, Fraction]:
    return domains.numbers(term).ends


@dataclass(frozen=True)
class Unbeaten:
    """What is asked of a key: some literals, and that a question with an order in it is answered with no, or
    a count with 0.
    """

    literals: tuple[Literal, ...]
    question: Term
    order: Literal


def least_of_unbeaten(graph: Graph, term: Term, read: Conjunction, domains: Domains) -> Term | None:
    """An AGGREGATE that reads, of some keys, those that none of these keys beats: the least value of them."""
    source = term.args[1]
    if not _can_be_least(source, domains) or isinstance(term.default, str | bool) or term.read_as.only:
        return None
    for asked in _unbeaten(graph, read, domains):
        sign = _direction(asked.order, source, domains)
        for literal in asked.literals:
            domains.learn(literal.keys)
            domains.learn(literal.queries)
        among = domains.conjunctions(selector_of(graph, asked.literals))
        if not sign or len(among) != 1:
            continue
        if domains.relations.selections.selects_unbeaten(among[0], asked.question, asked.order):
            return _least(graph, term, selector_of(graph, among[0]), sign)
    return None


def _least(graph: Graph, term: Term, selector: Term, sign: int) -> Term:
    """The least (or, by the sign, the greatest) value that an aggregate may read."""
    source, default = term.args[1], term.default
    assert not isinstance(default, str)
    nothing = Fraction(0 if default is None else default) * sign
    values = source if sign > 0 else graph.operation(Operator.NEG, source)
    read_as = replace(term.read_as, default=typed([exact(nothing)])[0])
    if sign > 0:
        return graph.make(Kind.LEAST, (selector, values), read_as, origin=term)
    least = graph.make(Kind.LEAST, (selector, values), read_as)
    return graph.operation(Operator.NEG, least, origin=term)


def _direction(order: Literal, source: Term, domains: Domains) -> int:
    """1 if the source is least where nothing lies on that side of a key, -1 if it is greatest there, 0 if it
    is neither: it must grow with what is compared, or fall.
    """
    mine, yours = (domains.forms[term.index].coefficients for term in (source, order.keys))
    if mine.keys() != yours.keys() or not mine:
        return 0
    factors = {mine[leaf] / yours[leaf] for leaf in mine}
    if len(factors) != 1:
        return 0
    return (1 if factors.pop() > 0 else -1) * (1 if order.relation == BELOW else -1)


def _unbeaten(graph: Graph, read: Conjunction, domains: Domains) -> Iterator[Unbeaten]:
    """The ways to see a conjunction as one that asks for unbeaten keys."""
    literals: list[Literal] = []
    questions: list[Term] = []
    for literal in read:
        told = _told_by(graph, literal, domains)
        literals += told[0]
        questions += told[1]
    for question in questions:
        every = domains.conjunctions(question.args[0])
        if len(every) != 1:
            continue
        orders = [x for x in every[0] if x.keys is x.queries and x.relation in (BELOW, ABOVE)]
        others = [_answered_with_no(graph, q) for q in questions if q is not question]
        for order in orders:
            yield Unbeaten((*literals, *others), question, order)


Told = tuple[list[Literal], list[Term]]
"""Literals that hold of a key, and questions that are answered with no there."""


def _told_by(graph: Graph, literal: Literal, domains: Domains) -> Told:
    """What a literal says of the key, if it asks for one truth value of it."""
    asked = literal.queries
    if _counts_none(literal, domains):
        return [], [literal.keys]
    one = asked.kind is Kind.CONST and asked.value in (0, 1) and not isinstance(asked.value, str)
    if one and literal.relation in (EQUAL, UNEQUAL) and _is_truth(literal.keys, domains):
        return _told(graph, literal.keys, bool(asked.value) == (literal.relation == EQUAL), domains)
    return [literal], []


def _told(graph: Graph, term: Term, value: bool, domains: Domains) -> Told:
    """What it says of a position that an s-op is true there, or false."""
    if term.kind is Kind.EXISTS and not value:
        return [], [term]
    if term.kind is Kind.MAP and not term.is_kept and all(_is_truth(a, domains) for a in term.args):
        match term.operator, value:
            case (Operator.AND, True) | (Operator.OR, False):
                parts = [_told(graph, a, value, domains) for a in term.args]
                return [x for part in parts for x in part[0]], [x for part in parts for x in part[1]]
            case Operator.NOT, _:
                return _told(graph, term.args[0], not value, domains)
            case Operator.INDICATOR, _:
                return _told(graph, term.args[0], value, domains)
    compared = _compared(term, value, domains)
    if compared is not None and _counts_none(compared, domains):
        return [], [compared.keys]
    return [compared or Literal(term, graph.const(value), EQUAL)], []


def may_count_none(root: Term) -> bool:
    """Whether some count is compared with a constant: that might ask whether anything is there."""
    return any(
        {Kind.WIDTH, Kind.CONST} == {a.kind for a in term.args}
        for term in reachable(root)
        if term.kind is Kind.SELECT or term.operator in COMPARISONS
    )


def _answered_with_no(graph: Graph, question: Term) -> Literal:
    """A literal that holds where nothing is found, or counted."""
    return Literal(question, graph.const(0 if question.kind is Kind.WIDTH else False), EQUAL)


def _counts_none(literal: Literal, domains: Domains) -> bool:
    """Whether a literal asks for a count of 0: that says no more and no less than that nothing is there."""
    count, limit = literal.keys, literal.queries
    if count.kind is not Kind.WIDTH or limit.kind is not Kind.CONST:
        return False
    return [n for n in domains.numbers(count).values if related(n, limit.value, literal.relation)] == [0]


def _compared(term: Term, value: bool, domains: Domains) -> Literal | None:
    """A comparison with a constant that is true, or false, as a literal."""
    if term.operator not in COMPARISONS or term.is_kept or term.args[1].kind is not Kind.CONST:
        return None
    relation: Relation = RELATION[Comparison(term.operator.value)]
    keys, constant = term.args
    if relation not in (EQUAL, UNEQUAL) and any(isinstance(domains.get(a), Labels) for a in term.args):
        return None
    return Literal(keys, constant, relation if value else ANYTHING - relation)


def _is_truth(term: Term, domains: Domains) -> bool:
    """Whether all values are 0 or 1 (or False and True)."""
    return domains.get(term).binary
