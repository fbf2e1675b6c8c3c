"""What is asked of a mean with very many values, as comparisons with the few that it is asked about.

Whether it is 0, whether it is one of a list, what a dict has for it, what it is rounded to, how it compares
with a few others: no table over all of its values is needed for that. Where a dict has nothing for it there
is no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce

from compiler.graph.terms import Graph, Kind, Term, function_key
from compiler.ranges.domains import Domain, Labels, Means, Numbers
from rasp.graph.sops import LookUp, Member
from rasp.words import COMPARISONS, MIRRORED, Atom, Comparison, Operator

FEW_VALUES = 256
"""A table over no more values than this is small enough."""

VERY_FEW = 16
"""A table over no more than this is smaller than comparisons."""

FEW_ASKED = 64
"""With so many numbers a number is compared at most."""

_OF_TRUTHS = {Operator.AND, Operator.OR, Operator.NOT, Operator.INDICATOR}


def asks_otherwise(term: Term, domain: Callable[[Term], Domain]) -> bool:
    """Whether an s-op or a selector may be put by comparisons only if that is wished: it asks of fractions
    that can be listed.
    """
    of_truth = term.operator is Operator.CHOOSE or term.operator in _OF_TRUTHS
    asks = term.kind is Kind.SELECT or of_truth or isinstance(term.function, Member)
    return asks and any(is_many_means(domain(operand), listed=True) for operand in term.args)


def is_many_means(domain: Domain, listed: bool = False) -> bool:
    """Whether these are means, and too many for a small table.

    Args:
        domain: The values.
        listed: Whether fractions of one unit count too, and of all those that are more than very few.
    """
    if isinstance(domain, Means):
        return domain.values is None or len(domain.values) > (VERY_FEW if listed else FEW_VALUES)
    return listed and isinstance(domain, Numbers) and not domain.whole and domain.size > VERY_FEW


def _is_many_numbers(domain: Domain, listed: bool) -> bool:
    return is_many_means(domain, listed) or (isinstance(domain, Numbers) and domain.size > FEW_VALUES)


def asked_of(term: Term, domain: Domain, listed: bool = False) -> list[Atom] | None:
    """Values of its only operand at which an s-op takes every value that it takes; None unless the operand
    has very many, and few of them tell.

    Args:
        term: The s-op.
        domain: What the operand can be.
        listed: Whether so many as can be listed are very many.
    """
    if term.is_kept or isinstance(domain, Labels) or not is_many_means(domain, listed):
        return None
    low, high = domain.ends
    if term.operator in (Operator.NOT, Operator.INDICATOR):
        return [0, 1] if low <= 0 <= high else [1]
    if term.operator is Operator.ROUND and high - low < FEW_ASKED:
        wholes: list[Atom] = [*range(round(low), round(high) + 1)]
        return wholes
    match term.function:
        case LookUp(container=dict() as container):
            return _within(list(container), domain)
        case Member(items=items):
            return [*_within(items, domain), int(high) + 1 + max([0, *map(int, _within(items, domain))])]
    return None


def _within(asked: Sequence[Atom], domain: Means | Numbers) -> list[Atom]:
    """Those that are numbers between the ends, ascending."""
    low, high = domain.ends
    numbers = [each for each in asked if not isinstance(each, str) and low <= each <= high]
    return sorted(dict.fromkeys(numbers))


def by_comparisons(
    graph: Graph, term: Term, domain: Callable[[Term], Domain], listed: bool = False
) -> Term | None:
    """An s-op that asks little of numbers with very many values, or a selector that compares these with few
    others, as comparisons with each of what is asked about; None for any other.

    Args:
        graph: Where terms are made.
        term: The s-op or selector.
        domain: What an s-op can be.
        listed: Whether that is done also where the values are not too many to be listed.
    """
    if term.kind is Kind.SELECT:
        return _selected(graph, term, domain, listed)
    if term.kind is not Kind.MAP or term.is_kept:
        return None
    if term.operator in COMPARISONS and len(found := domain(term).values or ()) == 1:
        return graph.const(found[0]) if any(is_many_means(domain(operand)) for operand in term.args) else None
    if term.operator is Operator.CHOOSE or term.operator in _OF_TRUTHS:
        return _by_zero(graph, term, domain, listed)
    values = domain(term.args[0])
    if len(term.args) != 1 or isinstance(values, Labels) or (asked := asked_of(term, values, listed)) is None:
        return None
    if values.values is not None and not (len(asked) <= FEW_ASKED and isinstance(term.function, Member)):
        return None  # a table over what can be listed is no larger
    told = (
        _rounded(graph, term, asked) if term.operator is Operator.ROUND else _looked_up(graph, term, values)
    )
    return graph.named(told, term)


def _by_zero(graph: Graph, term: Term, domain: Callable[[Term], Domain], listed: bool) -> Term | None:
    """What asks whether numbers with very many values are true asks whether they are not 0."""
    asking = term.args[:1] if term.operator is Operator.CHOOSE else term.args
    zero = graph.const(0)
    truths = [
        graph.operation(Operator.NE, operand, zero) if _is_many_numbers(domain(operand), listed) else operand
        for operand in asking
    ]
    found = graph.with_args(term, [*truths, *term.args[len(asking) :]])
    return None if found is term else graph.named(found, term)


def _looked_up(graph: Graph, term: Term, domain: Means | Numbers) -> Term:
    """What a dict has for a number, by each of its keys, or whether it is one of the items of a list."""
    (number,) = term.args
    match term.function:
        case Member(items=items):
            equal = [_compared(graph, number, Operator.EQ, item) for item in _within(items, domain)]
            found = reduce(lambda a, b: graph.operation(Operator.OR, a, b), equal or [graph.const(False)])
        case LookUp(container=dict() as container) if keys := _within(list(container), domain):
            found = graph.const(container[keys[-1]])
            for key in reversed(keys[:-1]):
                below = _compared(graph, number, Operator.LE, key)
                found = graph.operation(Operator.CHOOSE, below, graph.const(container[key]), found)
        case _:
            raise AssertionError(f"nothing is looked up by {term.title}")
    return found


def _rounded(graph: Graph, term: Term, every: Sequence[Atom]) -> Term:
    """The least whole number, and 1 more for each half between two that is reached: the one that is even."""
    wholes = [int(each) for each in every]
    found = graph.const(wholes[0])
    for whole in wholes[1:]:
        reaches = Operator.GT if whole % 2 else Operator.GE
        above = _compared(graph, term.args[0], reaches, Fraction(2 * whole - 1, 2))
        found = graph.operation(Operator.ADD, found, graph.operation(Operator.INDICATOR, above))
    return found


def _compared(graph: Graph, number: Term, operator: Operator, other: Atom) -> Term:
    return graph.operation(operator, number, graph.const(other))


def _selected(graph: Graph, term: Term, domain: Callable[[Term], Domain], listed: bool) -> Term | None:
    """A selector by how many of the few values of one side the other has reached."""
    keys, queries = term.args
    many, few, comparison = keys, queries, term.comparison
    if not is_many_means(domain(many), listed):
        many, few, comparison = queries, keys, MIRRORED[term.comparison]
    values, limits = domain(many), domain(few)
    if not is_many_means(values, listed) or not isinstance(limits, Numbers) or limits.size > FEW_ASKED:
        return None
    if limits.size == 1:
        told, place = _compared(graph, many, Operator(comparison.value), limits.values[0]), graph.const(True)
        comparison = Comparison.EQ
    elif listed or values.values is None:
        told, place, comparison = _reached(graph, many, comparison, few, limits.values)
    else:
        return None
    if many is keys:
        return graph.select(told, place, comparison)
    return graph.select(place, told, MIRRORED[comparison])


def _reached(
    graph: Graph, many: Term, comparison: Comparison, few: Term, limits: Sequence[Atom]
) -> tuple[Term, Term, Comparison]:
    """Two s-ops that compare as these do: how many of the values the one has reached, and the place of the
    other among them.
    """
    reached, compared = _REACHED[comparison]
    counted = [
        graph.operation(Operator.INDICATOR, _compared(graph, many, operator, limit))
        for limit in limits
        for operator in reached
    ]
    places = {limit: len(reached) * (place + 1) - 1 for place, limit in enumerate(limits)}
    look_up = LookUp(args=(), container=places)
    place = graph.make(Kind.MAP, (few,), function_key(look_up), look_up)
    return reduce(lambda a, b: graph.operation(Operator.ADD, a, b), counted), place, compared


_REACHED = {
    Comparison.LT: ((Operator.GE,), Comparison.LE),
    Comparison.GE: ((Operator.GE,), Comparison.GT),
    Comparison.LE: ((Operator.GT,), Comparison.LE),
    Comparison.GT: ((Operator.GT,), Comparison.GT),
    Comparison.EQ: ((Operator.GE, Operator.GT), Comparison.EQ),
    Comparison.NE: ((Operator.GE, Operator.GT), Comparison.NE),
}
"""By which comparisons the values are counted that a number has reached, and how the counts compare."""
