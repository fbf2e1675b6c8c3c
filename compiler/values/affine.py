"""Affine forms: an s-op as a constant plus multiples of other s-ops.

What is affine needs no neurons (it is read off the residual stream by a weight matrix), keeps its exact
domain small, and shows relations between values (the keys of `reverse` are distinct because they are
affine in `indices`).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Protocol

from compiler.graph.terms import Kind, Term
from compiler.linear import Linear
from rasp.words import Operator


class HasKind(Protocol):
    """What this module needs to know of a domain."""

    @property
    def numeric(self) -> bool: ...


AffineForm = Linear[Term]
"""Its terms are leaves: not affine in others. They come in the order of their numbers."""


def constant(value: Fraction | int) -> AffineForm:
    return AffineForm(Fraction(value), {})


class AffineForms:
    """The affine form of each numeric term, computed once."""

    def __init__(self, domain: Callable[[Term], HasKind]) -> None:
        self._domain = domain
        self._forms: dict[int, AffineForm] = {}

    def get(self, term: Term) -> AffineForm:
        """The term's form; a term that is not affine in others is its own leaf."""
        stack = [term]
        while stack:
            top = stack[-1]
            if top.index in self._forms:
                stack.pop()
                continue
            missing = [a for a in _affine_operands(top) if a.index not in self._forms]
            if missing:
                stack.extend(missing)
            else:
                self._forms[top.index] = self._form(top)
        return self._forms[term.index]

    def _form(self, term: Term) -> AffineForm:
        own = AffineForm(Fraction(0), {term: Fraction(1)})
        if term.kind is Kind.CONST and not isinstance(term.value, str):
            return constant(Fraction(term.value))
        if term.kind is not Kind.MAP or not self._domain(term).numeric:
            return own
        if not all(self._domain(a).numeric for a in term.args):
            return own
        forms = [self._forms.get(a.index) for a in term.args]
        found = combine(term, [f for f in forms if f is not None], self._domain)
        if found is None:
            return own
        leaves = sorted(found.coefficients, key=lambda leaf: leaf.index)
        return AffineForm(found.constant, {leaf: found.coefficients[leaf] for leaf in leaves})


def _affine_operands(term: Term) -> tuple[Term, ...]:
    """The operands whose forms a term's form is made of."""
    if term.kind is Kind.MAP and term.operator in COMBINED:
        return term.args
    return ()


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


def combine(term: Term, forms: list[AffineForm], domain: Callable[[Term], HasKind]) -> AffineForm | None:
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
        case Operator.INDICATOR, [a] if _binary(term.args[0], domain):
            return a
        case Operator.NOT, [a] if _binary(term.args[0], domain):
            return constant(1).plus(a, -1)
        case Operator.ROUND, [a] if _whole(term.args[0], domain):
            return a
        case Operator.CHOOSE, [c, a, b] if (
            not a.coefficients and not b.coefficients and _binary(term.args[0], domain)
        ):
            return b.plus(c, a.constant - b.constant)
    return None


def _binary(term: Term, domain: Callable[[Term], HasKind]) -> bool:
    """Whether the values are all 0 or 1 (or False and True)."""
    values = getattr(domain(term), "values", None)
    return values is not None and all(v in (0, 1) for v in values)


def _whole(term: Term, domain: Callable[[Term], HasKind]) -> bool:
    """Whether the values are all whole numbers."""
    scale = getattr(domain(term), "scale", None)
    return getattr(domain(term), "values", None) is not None and scale is not None and scale.denominator == 1
