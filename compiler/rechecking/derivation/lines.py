"""S-ops that are a number and so many times the index and the length: lines over all positions there are."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from compiler.graph.terms import Kind, Term, reachable
from rasp.words import Operator

Line = tuple[Fraction, Fraction, Fraction]
"""A number, a multiple of the index, and one of the length."""


def by_index_and_length(root: Term, is_length: Callable[[Term], bool]) -> Line | None:
    """A number, a multiple of the index and one of the length that an s-op is the sum of; None if it is
    none.
    """
    found: dict[Term, Line | None] = {}
    for term in reachable(root):
        found[term] = None
        if term.kind is Kind.INDICES:
            found[term] = Fraction(0), Fraction(1), Fraction(0)
        elif term.kind is Kind.CONST and not isinstance(term.value, str):
            found[term] = Fraction(term.value), Fraction(0), Fraction(0)
        elif term.kind is Kind.WIDTH and is_length(term):
            found[term] = Fraction(0), Fraction(0), Fraction(1)
        elif term.operator in (Operator.ADD, Operator.SUB):
            one, other = (found[a] for a in term.args)
            sign = 1 if term.operator is Operator.ADD else -1
            if one is not None and other is not None:
                found[term] = one[0] + sign * other[0], one[1] + sign * other[1], one[2] + sign * other[2]
    return found[root]


def is_position(line: Line, length: int) -> bool:
    """Whether a line is a position that is there, at each position of each input up to a length: it is whole,
    and as a line it lies between 0 and the last position wherever it does at the corners of all positions,
    which are the only one of the shortest input and both ends of the longest.
    """
    number, index, times = line
    at_corners = [(number + index * i + times * n, n) for i, n in ((0, 1), (0, length), (length - 1, length))]
    return all(part.denominator == 1 for part in line) and all(0 <= value < n for value, n in at_corners)
