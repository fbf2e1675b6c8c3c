"""Quotients that are carried as fractions: one number each, not one label for each of their values."""

from __future__ import annotations

from collections.abc import Collection

from compiler.graph.meaning import call, quotient
from compiler.graph.rewriting import everything
from compiler.graph.rules import width_term
from compiler.graph.terms import Graph, Kind, ReadAs, Term, reachable
from compiler.ranges.domains import Means, Numbers
from compiler.values.inference import Domains
from compiler.values.transfer import can_be_fraction
from rasp.graph.sops import Map
from rasp.words import Operator


def divides(term: Term) -> bool:
    """Whether an s-op is a quotient of two s-ops, a mean by its sum and count among them."""
    function = term.function
    mean = isinstance(function, Map) and function.function is quotient
    return (mean or term.operator is Operator.DIV) and term.args[1].kind is not Kind.CONST


def adds_means(term: Term) -> bool:
    """Whether an s-op is the sum or difference of two means over one selection, which are 0 of nothing."""
    if term.operator not in (Operator.ADD, Operator.SUB) or {a.kind for a in term.args} != {Kind.AGGREGATE}:
        return False
    one, other = term.args
    plain = not one.read_as.only and not one.read_as.unread and one.default in (None, 0)
    return plain and one.args[0] is other.args[0] and one.data == other.data


def divisors(root: Term) -> set[int]:
    """By index: what divides something, and what that is made of position by position."""
    found = [term.args[1] for term in reachable(root) if divides(term)]
    return {part.index for divisor in found for part in _parts(divisor)}


def _parts(term: Term) -> list[Term]:
    """What a term is made of position by position, itself first."""
    found: dict[Term, None] = {}
    pending = [term]
    while pending:
        top = pending.pop()
        if top not in found:
            found[top] = None
            pending.extend(top.args if top.kind is Kind.MAP and not top.is_kept else ())
    return list(found)


def as_fraction(graph: Graph, term: Term, domains: Domains, dividing: Collection[int]) -> Term:
    """A quotient as a fraction, and means that are added up as one mean. A length that divides as one more
    than the last position, which is a copy, so that any feature of it can be had: it is 1 less the least of
    the negated ones.

    Args:
        graph: Where terms are made.
        term: The s-op.
        domains: What the s-ops can be.
        dividing: What divides something, by index (`divisors`).
    """
    if _can_be_fraction(term, domains):
        return graph.fraction(term)
    if adds_means(term) and any(isinstance(domains.get(a), Means) for a in term.args):
        one, other = term.args
        if all(isinstance(domains.get(mean.args[1]), Numbers) for mean in term.args):
            values = graph.make(Kind.MAP, (one.args[1], other.args[1]), term.data, term.function)
            return graph.make(Kind.AGGREGATE, (one.args[0], values), one.data, origin=term)
    last = term.kind is Kind.WIDTH and term.index in dividing and not graph.causal
    if last and domains.is_length(term):
        index = graph.operation(Operator.NEG, graph.indices())
        least = graph.make(Kind.LEAST, (everything(graph), index), ReadAs())
        return graph.operation(Operator.SUB, graph.const(1), least, origin=term)
    return term


def _can_be_fraction(term: Term, domains: Domains) -> bool:
    plain = divides(term) and not term.is_fraction
    return plain and can_be_fraction([domains.get(a) for a in term.args])


def decided_by_divisor(graph: Graph, choice: Term, domains: Domains) -> Term | None:
    """The branch that is taken wherever what divides something in a choice is not 0: where it is, there is no
    answer, whatever is chosen.
    """
    if choice.operator is not Operator.CHOOSE:
        return None
    for part in _parts(choice):
        if divides(part) and (said := _says(graph, choice.args[0], part.args[1], domains)) is not None:
            return choice.args[1 if said else 2]
    return None


def _says(graph: Graph, condition: Term, divisor: Term, domains: Domains) -> bool | None:
    """Whether a condition holds just where a divisor is not 0, or (False) just where it is; else None."""
    if condition.kind is Kind.EXISTS:
        return True if width_term(graph, condition.args[0]) is divisor else None
    if condition.operator is Operator.NOT:
        inner = _says(graph, condition.args[0], divisor, domains)
        return None if inner is None else not inner
    values = domains.get(divisor).values
    if values is None or condition.kind is not Kind.MAP or condition.is_kept or divisor not in condition.args:
        return None
    if any(a is not divisor and a.kind is not Kind.CONST for a in condition.args):
        return None
    assert condition.function is not None
    truths = set()
    for value in values:
        point = [value if a is divisor else a.value for a in condition.args]
        truths.add(call(condition.function, point) == (value != 0))
    return truths.pop() if len(truths) == 1 else None
