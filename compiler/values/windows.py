"""Counts, sums and means over a few positions at fixed distances from mine, as one read for each distance.

One head that reads a whole window has to score all that it selects alike, which takes a dimension for nearly
every position. A copy from a fixed distance takes two.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce

from compiler.graph.conjunctions import EQUAL, Conjunction, Literal, Relation, related, selector_of
from compiler.graph.terms import Graph, Kind, ReadAs, Term
from compiler.values.inference import Domains
from rasp.words import Comparison, Operator

MOST_DISTANCES = 16
"""Wider windows are not taken apart, nor those over more than half of the positions, as all before mine are:
it takes time to see that they get no smaller by it.
"""

LONGEST = 512
"""The longest inputs of which all pairs of positions can be looked at, to show that both select alike."""

UP_TO_ME: Relation = frozenset("<=")
AGAINST = str.maketrans("<>", "><")


def by_distance(graph: Graph, term: Term, domains: Domains) -> Term | None:
    """A read over a window as one at each distance: a count or a sum as what these add up to, another as the
    same read over all of them. None if it is over no window.

    Args:
        graph: Where terms are made.
        term: The read; no mean.
        domains: What the s-ops can be.
    """
    found = _distances(term, domains)
    if found is None or term.kind is Kind.LEAST:
        return None
    rest, distances = found
    if term.kind in (Kind.WIDTH, Kind.SUM):
        added = [_added(graph, term, rest, distance) for distance in distances]
        return graph.named(reduce(lambda a, b: graph.operation(Operator.ADD, a, b), added), term)
    parts = [_at(graph, rest, distance) for distance in distances]
    selector = reduce(lambda a, b: graph.make(Kind.OR, (a, b)), parts)
    return graph.make(term.kind, (selector, *term.args[1:]), term.data, origin=term)


def _at(graph: Graph, rest: Conjunction, distance: int) -> Term:
    """The selector of the key at a distance, if the rest selects it."""
    index = graph.indices()
    there = graph.operation(Operator.ADD, index, graph.const(distance)) if distance else index
    selector = graph.select(index, there, Comparison.EQ)
    return graph.make(Kind.AND, (selector_of(graph, rest), selector)) if rest else selector


def _added(graph: Graph, term: Term, rest: Conjunction, distance: int) -> Term:
    """What a key at a distance adds to a count or a sum."""
    values = term.args[1:]
    if not distance and not rest:
        return values[0] if values else graph.const(1)
    selector = _at(graph, rest, distance)
    if values:
        return graph.make(Kind.AGGREGATE, (selector, *values), ReadAs())
    return graph.operation(Operator.INDICATOR, graph.make(Kind.EXISTS, (selector,)))


def is_mean_over_window(term: Term, domains: Domains) -> bool:
    """Whether a read is a mean over a window.

    Args:
        term: The read.
        domains: What the s-ops can be.
    """
    mean = term.kind is Kind.AGGREGATE and not domains.reads[term.index].picks
    plain = mean and not (term.read_as.unread or term.read_as.only or isinstance(term.default, str))
    return plain and _distances(term, domains) is not None


def _distances(read: Term, domains: Domains) -> tuple[Conjunction, list[int]] | None:
    """What besides distances a read selects by, and at which it selects: at a few, and at more than one."""
    ways, length = domains.reads[read.index].conjunctions, domains.asked.max_length
    if len(ways) != 1 or length > LONGEST or any(map(domains.may_be_bool, read.args[1:])):
        return None
    causal = domains.asked.causal
    apart = {literal: _apart(literal, domains) for literal in ways[0]}
    bounds = [bound for bound in apart.values() if bound is not None]
    bounds += [(Fraction(0), UP_TO_ME)] if causal else []
    if all(relation == EQUAL for _, relation in bounds):
        return None
    distances = range(1 - length, 1 if causal else length)
    left = [d for d in distances if all(related(d, limit, relation) for limit, relation in bounds)]
    rest = tuple(literal for literal in ways[0] if apart[literal] is None)
    return (rest, left) if 1 < len(left) <= min(MOST_DISTANCES, length // 2) else None


def _apart(literal: Literal, domains: Domains) -> tuple[Fraction, Relation] | None:
    """How a key's distance from mine compares with a number, where that is what a literal says."""
    keys, queries = (domains.forms[side.index] for side in (literal.keys, literal.queries))
    if keys.coefficients != queries.coefficients or len(keys.coefficients) != 1:
        return None
    ((leaf, factor),) = keys.coefficients.items()
    if leaf.kind is not Kind.INDICES:
        return None
    relation = literal.relation if factor > 0 else frozenset("".join(literal.relation).translate(AGAINST))
    return (queries.constant - keys.constant) / factor, relation
