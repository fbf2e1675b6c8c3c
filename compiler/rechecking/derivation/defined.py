"""Whether an s-op has a value wherever another has one, and one of the same type.

A program has an answer where all that it is made of has a value, at every position. What replaces a part of
it must not be made of anything else that may have none: nothing is known of what a model does there. And
numbers that are equal may still differ in what can be done with them: there is no mean of truth values, and a
fraction that is whole cannot index.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import reduce

import numpy as np

from compiler.graph.meaning import quotient
from compiler.graph.terms import Kind, Term, folded, reachable
from compiler.rechecking.derivation.pointwise import NotShown, grid_of
from compiler.rechecking.derivation.selecting import Facts, Selecting
from rasp.graph.atoms import bits
from rasp.graph.sops import LookUp, Map
from rasp.limits import MAX_BITS
from rasp.words import COMPARISONS, TRUTHS, Atom, Comparison, Operator

MOST_POINTS = 10_000
"""How many combinations of operands' values are tried to see that a function has a value for each."""

LENGTH_BITS = 64
"""More than how often a number can be added up and divided by how many there are."""

OF_ALL = frozenset(
    {Operator.EQ, Operator.NE, Operator.AND, Operator.OR, Operator.NOT, Operator.INDICATOR, Operator.CHOOSE}
)
"""What has a value for all operands."""

LINEAR = frozenset({Operator.ADD, Operator.SUB, Operator.MUL, Operator.NEG, Operator.POS})

OF_NUMBERS = LINEAR | {Operator.ROUND, *COMPARISONS}
"""What has a value for all numbers."""

ARITHMETIC = LINEAR | {Operator.ROUND, Operator.DIV, Operator.MOD, Operator.POW, Operator.INDICATOR}
"""What is never a truth value."""


def is_defined(before: Term, after: Term, selecting: Selecting) -> bool:
    """Whether all that one term is made of has a value wherever all that another is made of has one. What one
    read cannot bring together, another that selects as much or more of the same cannot either.
    """
    there = set(reachable(before))
    ordered = {term.args for term in there if term.kind is Kind.SELECT and not _asks_for_equal(term)}
    return all(
        term in there
        or (term.kind is Kind.SELECT and term.args in ordered)
        or _is_total(term, selecting.facts)
        or _reads_no_more(before, term, selecting)
        or (term.args == before.args and term.data == ("fraction", before.data))
        for term in reachable(after)
    )


def _asks_for_equal(select: Term) -> bool:
    """Whether a selector compares in a way that works for all values."""
    return select.comparison in (Comparison.EQ, Comparison.NE)


def _reads_no_more(read: Term, other: Term, selecting: Selecting) -> bool:
    """Whether the other of two reads reads of the same, and no key that the first does not."""
    if not (other.kind is read.kind is Kind.AGGREGATE) or other.args[1] is not read.args[1]:
        return False
    selector, fewer = read.args[0], other.args[0]
    return other.read_as.only == read.read_as.only and any(
        selecting.is_union(selector, [more, fewer]) for more in (selector, selecting.reduced(selector))
    )


def _is_total(term: Term, facts: Facts) -> bool:
    """Whether a term has a value wherever its operands have one."""
    match term.kind:
        case Kind.TOKENS:
            return None not in facts.tokens(term)
        case Kind.SELECT:
            numeric = _are_numeric(term.args, facts)
            return numeric or _asks_for_equal(term) or _are_of_one_type(term.args, facts)
        case Kind.SUM | Kind.LEAST:
            return facts.numeric(term.args[1])
        case Kind.AGGREGATE:
            values = term.args[1]
            numbers = facts.numeric(values) and not may_be_truth(values, facts)
            return numbers and not term.read_as.only and _have_means(values, facts)
        case Kind.MAP:
            return _is_total_function(term, facts)
    return True


def _is_total_function(term: Term, facts: Facts) -> bool:
    """Whether a function has a value for all values of its operands."""
    if term.is_kept or term.operator in OF_ALL:
        return True
    divides = term.operator in (Operator.DIV, Operator.MOD) and term.args[1].kind is Kind.CONST
    whole = (divides and term.args[1].value != 0) or _divides_by_some(term)
    if term.operator in OF_NUMBERS or whole:
        fits = term.operator in COMPARISONS or sum(_bits(a, facts) for a in term.args) < MAX_BITS
        if fits and _are_numeric(term.args, facts):
            return True
    for stops in (frozenset(term.args), frozenset[Term]()):
        with suppress(NotShown):
            grid = grid_of([term], stops, facts, MOST_POINTS, typed=True)
            missing = reduce(np.logical_or, (grid.at(operand).numbers < 0 for operand in term.args))
            if (missing | (grid.at(term).numbers >= 0)).all():
                return True
    return False


def _divides_by_some(mean: Term) -> bool:
    """Whether it is a quotient by x + [x = 0], which is never 0."""
    if not isinstance(mean.function, Map) or mean.function.function is not quotient:
        return False
    divisor = mean.args[1]
    if divisor.operator is not Operator.ADD or divisor.args[1].operator is not Operator.INDICATOR:
        return False
    x, is_zero = divisor.args[0], divisor.args[1].args[0]
    zero = (
        is_zero.operator is Operator.EQ and is_zero.args[1].kind is Kind.CONST and is_zero.args[1].value == 0
    )
    return zero and is_zero.args[0] is x


def _bits(root: Term, facts: Facts) -> int:
    """How many bits the numbers of an s-op have at most, by what it adds up and multiplies."""

    def made(term: Term, parts: list[int]) -> int:
        return sum(parts) + 1 if parts else facts.bits(term)

    return folded(root, lambda term: term.args if term.operator in LINEAR else (), made)


def _have_means(values: Term, facts: Facts) -> bool:
    """Whether no mean of an s-op's numbers has more bits than numbers may have."""
    listed = facts.values(values)
    if listed is None:
        return False
    common = math.lcm(*(value.denominator for value in listed if not isinstance(value, str)))
    return bits(common) + facts.bits(values) + LENGTH_BITS < MAX_BITS


def _are_numeric(terms: Sequence[Term], facts: Facts) -> bool:
    return all(map(facts.numeric, terms))


def _are_of_one_type(terms: Sequence[Term], facts: Facts) -> bool:
    """Whether all values of some s-ops are strings."""
    listed = [facts.values(term) for term in terms]
    return all(values is not None and all(isinstance(v, str) for v in values) for values in listed)


def may_be_truth(term: Term, facts: Facts) -> bool:
    """Whether an s-op may be a truth value."""
    if term.kind in (Kind.INDICES, Kind.WIDTH, Kind.SUM) or term.operator in ARITHMETIC:
        return False
    listed = facts.values(term)
    return not facts.numeric(term) if listed is None else any(isinstance(v, bool) for v in listed)


def reads_truth(read: Term, facts: Facts) -> bool:
    """Whether all that is read may be truth values, or what is read of nothing is one."""
    listed = facts.values(read.args[1])
    truths = not facts.numeric(read.args[1]) if listed is None else all(isinstance(v, bool) for v in listed)
    return truths or isinstance(read.of_nothing, bool)


def is_constant(term: Term, value: Atom) -> bool:
    """Whether a term is a constant. 1, 1.0 and True are three, but an int may stand for a fraction."""
    alike = term.kind is Kind.CONST and term.value == value
    return alike and (type(term.value) is type(value) or (type(term.value), type(value)) == (int, Fraction))


def carried_alike(before: Term, after: Term, facts: Facts) -> bool:
    """Of two s-ops that are equal as numbers, whether neither is a truth value, and the second no whole
    fraction where the first is none. What is claimed to be an int may be an equal fraction: where the second
    may be one, it adds up and multiplies no other fractions than the first does.
    """
    if may_be_truth(before, facts) or may_be_truth(after, facts):
        return False
    if not _may_be_fraction(after, facts):
        return True
    parts = {part for part in _summed(after) if _may_be_fraction(part, facts)}
    return parts <= _summed(before) or _whole(after, facts) <= _whole_fractions(before, facts)


def _summed(root: Term) -> set[Term]:
    """What an s-op adds up and multiplies: it is a fraction where one of these is."""
    found, pending = set[Term](), [root]
    while pending:
        term = pending.pop()
        if term not in found:
            found.add(term)
            pending += term.args if term.operator in LINEAR else ()
    return {term for term in found if term.operator not in LINEAR}


def _whole(term: Term, facts: Facts) -> set[Atom | None]:
    """The whole numbers that an s-op may be; None for what is not known."""
    listed = facts.values(term)
    if listed is None:
        return {None}
    return {value for value in listed if not isinstance(value, str) and Fraction(value).denominator == 1}


def _whole_fractions(term: Term, facts: Facts) -> set[Atom | None]:
    listed = facts.values(term) or ()
    return {value for value in listed if isinstance(value, Fraction) and value.denominator == 1}


def _items_of(table: LookUp) -> Iterable[object]:
    """What is looked up in a list, a dict or a text."""
    held = table.container
    return held.values() if isinstance(held, Mapping) else held


def _may_be_fraction(root: Term, facts: Facts) -> bool:
    """Whether an s-op of numbers may be a fraction, by what it is made of. What is read of one key at most is
    what that holds, and no mean.
    """

    def parts(term: Term) -> tuple[Term, ...]:
        copies = term.kind is Kind.AGGREGATE and (term.read_as.only or facts.at_most_one(term))
        if term.kind in (Kind.SUM, Kind.LEAST) or copies:
            return term.args[1:]
        return term.args if term.operator in (*LINEAR, Operator.MOD, Operator.CHOOSE) else ()

    def made(term: Term, fractions: list[bool]) -> bool:
        match term.kind:
            case Kind.INDICES | Kind.WIDTH | Kind.EXISTS:
                return False
            case Kind.CONST:
                return isinstance(term.value, Fraction)
            case Kind.TOKENS:
                return any(isinstance(value, Fraction) for value in facts.tokens(term))
            case Kind.LEAST | Kind.AGGREGATE if fractions:
                return any(fractions) or isinstance(term.of_nothing, Fraction)
        if isinstance(term.function, LookUp):
            return any(isinstance(value, Fraction) for value in _items_of(term.function))
        if fractions:
            return any(fractions)
        return term.operator not in TRUTHS | {Operator.ROUND, Operator.INDICATOR}

    return folded(root, parts, made)
