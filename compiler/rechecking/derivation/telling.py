"""Numbers with too many values to list, of which some terms only ask how they compare with a few others.

Between two neighbours of those, and up to the ends, all numbers are alike: no comparison tells them apart, no
dict has them as a key, and they are rounded alike. So one of them stands for all; each of the others, and the
ends, for itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Protocol

from compiler.graph.terms import Kind, Term
from rasp.graph.sops import LookUp, Member
from rasp.words import COMPARISONS, Atom, Operator

MOST_WHOLE = 1_000
"""Between how many whole numbers a number is rounded at most."""

Ends = tuple[Fraction, Fraction]


class Measured(Protocol):
    """What leaves can be."""

    def values(self, leaf: Term) -> Sequence[Atom] | None:
        """All values of a leaf; None where they are too many to list."""
        ...

    def ends(self, leaf: Term) -> Ends | None:
        """The least and the largest value; None of what may be no number."""
        ...


def telling(
    leaf: Term, made: Iterable[Term], selects: Iterable[Term], measured: Measured
) -> Sequence[Atom] | None:
    """Values of a leaf at which terms take all that they take at any value of it. None if they ask more of it
    than how it compares.

    Args:
        leaf: The s-op with too many values.
        made: All functions that may be applied to it, and what else it may be handed on to.
        selects: The selectors that may compare it.
        measured: What leaves can be.
    """
    ends = measured.ends(leaf)
    if ends is None:
        return None
    asked: set[Fraction] = set()
    for term in made:
        if leaf in term.args:
            found = _asked(term, leaf, ends)
            if found is None:
                return None
            asked |= found
    for select in selects:
        if leaf in select.args:
            other = select.args[1 if leaf is select.args[0] else 0]
            values = None if other is leaf else measured.values(other)
            if values is None or any(isinstance(value, str) for value in values):
                return None
            asked |= _numbers(values)
    return _between(asked, ends)


def _asked(term: Term, leaf: Term, ends: Ends) -> set[Fraction] | None:
    """With which numbers a function compares an operand; None if it does more with it."""
    if term.is_kept:
        return None
    others = [a for a in term.args if a is not leaf]
    match term.function:
        case LookUp(container=dict() as container):
            return _numbers(container)
        case Member(items=items):
            return _numbers(items)
    if term.operator in COMPARISONS and len(others) == 1 and others[0].kind is Kind.CONST:
        return _numbers([others[0].value])
    if term.operator in (Operator.NOT, Operator.AND, Operator.OR, Operator.INDICATOR):
        return {Fraction(0)}
    if term.operator is Operator.CHOOSE and leaf not in term.args[1:]:
        return {Fraction(0)}
    if term.operator is Operator.ROUND and ends[1] - ends[0] < MOST_WHOLE:
        return {whole + Fraction(1, 2) for whole in range(math.floor(ends[0]) - 1, math.ceil(ends[1]) + 1)}
    return None


def _numbers(atoms: Iterable[Atom]) -> set[Fraction]:
    return {Fraction(each) for each in atoms if not isinstance(each, str)}


def _between(asked: Iterable[Fraction], ends: Ends) -> list[Atom]:
    """The ends and what is between them, and one number between each two neighbours of those."""
    limits = sorted({*ends, *(each for each in asked if ends[0] < each < ends[1])})
    found = {*limits, *((a + b) / 2 for a, b in pairwise(limits))}
    return [int(each) if each.denominator == 1 else each for each in sorted(found)]
