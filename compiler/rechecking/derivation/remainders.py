"""A remainder of what is added up is that of the sum of remainders: each takes whole times the divisor off,
and so do whole multiples.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from compiler.graph.terms import Graph, Kind, Term, folded
from compiler.rechecking.derivation.selecting import Facts
from rasp.words import Atom, Operator


def remainders_first(before: Term, after: Term, graph: Graph, facts: Facts) -> bool:
    """Whether two remainders by one number differ only in that the second adds remainders by it."""
    if not before.operator is after.operator is Operator.MOD or before.args[1] is not after.args[1]:
        return False
    divisor = before.args[1]
    pending = [(before.args[0], after.args[0])] if _is_number(divisor) and divisor.value else []
    shown = bool(pending)
    while pending and shown:
        one, other = pending.pop()
        if one.kind is other.kind is Kind.SUM and one is not other:
            values = one.args[1]
            reduced = graph.operation(Operator.MOD, values, divisor)
            shown = other.args == (one.args[0], reduced) and _are_numbers(values, facts)
        elif one is not other:
            adds = _adds_whole_multiples(one) or _rounds_whole(one, divisor, facts)
            shown = one.operator is other.operator and adds
            pending += zip(one.args, other.args, strict=True) if shown else ()
    return shown


def _are_numbers(term: Term, facts: Facts) -> bool:
    """Whether all values are numbers, as they are of a product or sum of numbers."""
    made_of = folded(term, _factors, lambda top, parts: {x: None for p in parts for x in p} or {top: None})
    return all(_is_numeric(each, facts) for each in made_of)


def _is_numeric(term: Term, facts: Facts) -> bool:
    listed = facts.values(term)
    known = listed is not None and not any(isinstance(value, str) for value in listed)
    return known or facts.numeric(term)


def _is_number(term: Term) -> bool:
    return term.kind is Kind.CONST and not isinstance(term.value, str)


def _adds_whole_multiples(term: Term) -> bool:
    """Whether a term is a sum, a difference or a whole multiple."""
    if term.operator is not Operator.MUL:
        return term.operator in (Operator.ADD, Operator.SUB, Operator.NEG)
    return any(_is_number(a) and Fraction(a.value).denominator == 1 for a in term.args)


def _rounds_whole(term: Term, divisor: Term, facts: Facts) -> bool:
    """Whether a term rounds what is whole anyway, as is what differs from it by whole multiples of a whole
    divisor.
    """
    whole = term.operator is Operator.ROUND and Fraction(divisor.value).denominator == 1
    return whole and _is_whole(term.args[0], facts)


def _is_whole(term: Term, facts: Facts) -> bool:
    """Whether all values are whole numbers, as sums, differences and products of such are."""
    pending, seen = [term], {term}
    while pending:
        top = pending.pop()
        counts = top.kind in (Kind.INDICES, Kind.WIDTH)
        made_of_whole = top.operator in (Operator.ADD, Operator.SUB, Operator.NEG, Operator.MUL)
        parts = top.args[1:] if top.kind is Kind.SUM else top.args if made_of_whole else ()
        if not counts and not parts and not _are_whole(facts.values(top)):
            return False
        pending += [part for part in parts if part not in seen]
        seen.update(parts)
    return True


def _are_whole(listed: Sequence[Atom] | None) -> bool:
    return listed is not None and all(not isinstance(v, str) and v.denominator == 1 for v in listed)


def _factors(term: Term) -> tuple[Term, ...]:
    return term.args if term.operator in (Operator.ADD, Operator.MUL) else ()
