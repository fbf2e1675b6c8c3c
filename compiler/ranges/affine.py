"""Affine forms: an s-op as a constant plus multiples of other s-ops.

What is affine needs no neurons (it is read off the residual stream by a weight matrix), keeps its exact
domain small, and shows relations between values (the keys of `reverse` are distinct because they are
affine in `indices`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from compiler.graph.terms import Kind, Term
from compiler.linear import Linear
from compiler.ranges.domains import Domain, Labels, Numbers
from rasp.words import Operator

AffineForm = Linear[Term]
"""Its terms are leaves: not affine in others. They come in the order of their numbers."""


def constant(value: Fraction | int) -> AffineForm:
    return AffineForm(Fraction(value), {})


def affine_form(term: Term, domain: Callable[[Term], Domain], forms: Mapping[int, AffineForm]) -> AffineForm:
    """The term's form, from those of its operands; itself where it is not affine in others."""
    own = AffineForm(Fraction(0), {term: Fraction(1)})
    if term.kind is Kind.CONST and not isinstance(term.value, str):
        return constant(Fraction(term.value))
    known = domain(term)
    if term.operator in _SUMS and isinstance(known, Numbers) and known.size == 1:
        return constant(known.ends[0])  # however many s-ops it adds up
    if term.operator not in COMBINED or any(isinstance(domain(t), Labels) for t in (term, *term.args)):
        return own
    found = combine(term, [forms[a.index] for a in term.args], domain)
    if found is None:
        return own
    leaves = sorted(found.coefficients, key=lambda leaf: leaf.index)
    return AffineForm(found.constant, {leaf: found.coefficients[leaf] for leaf in leaves})


COMBINED = {
    Operator.ADD,
    Operator.SUB,
    Operator.NEG,
    Operator.POS,
    Operator.MUL,
    Operator.DIV,
    Operator.INDICATOR,
    Operator.NOT,
    Operator.ROUND,
    Operator.CHOOSE,
}

_SUMS = {Operator.ADD, Operator.SUB}


def combine(term: Term, forms: list[AffineForm], domain: Callable[[Term], Domain]) -> AffineForm | None:
    """What an operator of `COMBINED` makes of the forms of its operands; None if that is not affine."""
    match term.operator, forms:
        case Operator.ADD, [a, b]:
            return a.plus(b)
        case Operator.SUB, [a, b]:
            return a.plus(b, -1)
        case Operator.NEG, [a]:
            return a.times(-1)
        case Operator.POS, [a]:
            return a
        case Operator.MUL, [a, b] if not b.coefficients:
            return a.times(b.constant)
        case Operator.MUL, [a, b] if not a.coefficients:
            return b.times(a.constant)
        case Operator.DIV, [a, b] if not b.coefficients and b.constant:
            return a.times(1 / b.constant)
        case Operator.INDICATOR, [a] if domain(term.args[0]).binary:
            return a
        case Operator.NOT, [a] if domain(term.args[0]).binary:
            return constant(1).plus(a, -1)
        case Operator.ROUND, [a] if domain(term.args[0]).whole:
            return a
        case Operator.CHOOSE, [c, a, b] if (
            not a.coefficients and not b.coefficients and domain(term.args[0]).binary
        ):
            return b.plus(c, a.constant - b.constant)
    return None
