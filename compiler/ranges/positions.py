"""Sums of s-ops by where a position is: of the index, the length, and counts, which both of these bound."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from compiler.graph.terms import Kind, Term
from compiler.linear import Linear
from compiler.ranges.affine import AffineForm


def of_position(form: Linear[Term], is_length: Callable[[Term], bool]) -> tuple[Fraction, Fraction] | None:
    """How many times the index and the length a form is, its constant apart; None if it is of anything else.
    Several s-ops may be the length.
    """
    index = length = Fraction(0)
    for leaf, coefficient in form.coefficients.items():
        if leaf.kind is Kind.INDICES:
            index += coefficient
        elif is_length(leaf):
            length += coefficient
        else:
            return None
    return index, length


def corners(
    form: AffineForm,
    length: int,
    causal: bool,
    is_length: Callable[[Term], bool],
    ends: Callable[[Term, int], tuple[Fraction, Fraction]],
) -> list[Fraction] | None:
    """The values of a form at the corners of all that its s-ops can be together: the least and the most
    are among them, as the single s-ops and positions tell. None if it has no index and no length.

    An index is below the length, and a count at most the length (causally the number of positions up to
    mine), less one if it leaves out its own position: at any one length each may be all of that.

    Args:
        form: The sum.
        length: The length of the longest input.
        causal: Whether a position sees only those up to its own.
        is_length: Whether an s-op counts all positions that are seen.
        ends: The least and the largest value of an s-op where so many positions are seen.
    """
    own = {x: c for x, c in form.coefficients.items() if x.kind is Kind.INDICES or is_length(x)}
    found = of_position(AffineForm(form.constant, own), is_length)
    if found is None or not own:
        return None
    index, times = found
    places = [(i + 1, i) for i in (0, length - 1)] if causal else [(1, 0), (length, 0), (length, length - 1)]
    others = [(x, c) for x, c in form.coefficients.items() if x not in own]
    values = []
    for seen, i in places:
        each = [[c * end for end in ends(x, seen)] for x, c in others]
        known = form.constant + times * seen + index * i
        values += [known + sum(map(min, each)), known + sum(map(max, each))]
    return values
