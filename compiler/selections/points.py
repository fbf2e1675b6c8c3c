"""What a proof speaks of: s-ops at single positions of one unknown input, and affine forms over these.

Numbers stand for themselves (True is 1). Strings are thought of as numbers too, of which nothing is known but
how they compare: what follows for any such numbers follows for the strings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

from compiler.graph.conjunctions import Conjunction, Literal, conjunctions
from compiler.graph.terms import INDEX, READS, Kind, Term
from compiler.linear import Linear
from rasp.words import Atom

Position = int
"""A position of the unknown input; different ones may turn out to be the same."""

EVERYWHERE: Position = -1
"""Stands for the position where a value is the same at all of them."""

UP_TO_ME = Literal(INDEX, INDEX, frozenset("<="))
"""What a causal mask adds to every selector."""


@dataclass(frozen=True)
class Point:
    """One s-op at one position."""

    leaf: Term
    position: Position


Form = Linear[Point]


class Values(Protocol):
    """What is asked of the values that an s-op can take."""

    def form(self, term: Term) -> Linear[Term]:
        """The s-op as a constant plus multiples of other s-ops, true at every position."""
        ...

    def ends(self, term: Term) -> tuple[Fraction, Fraction] | None:
        """The smallest and the largest value; None where some are no numbers."""
        ...

    def whole(self, term: Term) -> bool:
        """Whether all values are whole numbers."""
        ...


@dataclass(eq=False)
class Subject:
    """The program that proofs are about: its values, the selectors of its reads, and what is uniform."""

    values: Values
    causal: bool
    max_length: int
    _reads: dict[int, tuple[Conjunction, ...]] = field(default_factory=dict)
    _uniform: dict[int, bool] = field(default_factory=dict)
    _texts: dict[str, Term] = field(default_factory=dict)
    _ends: dict[int, tuple[Fraction, Fraction] | None] = field(default_factory=dict)

    def read(self, term: Term) -> tuple[Conjunction, ...]:
        """The disjoint conjunctions that one of the reads selects by, the causal mask among them."""
        selector = term.args[0]
        if selector.index not in self._reads:
            self._reads[selector.index] = self.masked(conjunctions(selector))
        return self._reads[selector.index]

    def masked(self, read: tuple[Conjunction, ...]) -> tuple[Conjunction, ...]:
        """The conjunctions with what the causal mask adds to each."""
        return tuple((*conjunction, UP_TO_ME) for conjunction in read) if self.causal else read

    def uniform(self, term: Term) -> bool:
        """Whether the s-op has the same value at all positions of an input.

        A read has if no literal of its selector depends on the query: then all queries select the same keys.
        """
        pending = [term]
        while pending:
            top = pending[-1]
            missing = [a for a in self._asked_alike(top) if a.index not in self._uniform]
            if missing and top.index not in self._uniform:
                pending += missing
                continue
            pending.pop()
            if top.index not in self._uniform:
                alike = all(self._uniform[a.index] for a in self._asked_alike(top))
                self._uniform[top.index] = alike and not varies(top)
        return self._uniform[term.index]

    def _asked_alike(self, term: Term) -> list[Term]:
        """The s-ops that must be uniform for this one to be."""
        if varies(term):
            return []
        if term.kind in READS:
            return [x.queries for conjunction in self.read(term) for x in conjunction]
        return list(term.args)

    def ends(self, term: Term) -> tuple[Fraction, Fraction] | None:
        """The smallest and the largest value; None where some are no numbers."""
        if term is INDEX:
            return Fraction(0), Fraction(self.max_length - 1)
        if _is_text(term):
            return None
        if term.index not in self._ends:
            self._ends[term.index] = self.values.ends(term)
        return self._ends[term.index]

    def whole(self, term: Term) -> bool:
        """Whether all values are whole numbers."""
        return term is INDEX or (not _is_text(term) and self.values.whole(term))

    def binary(self, term: Term) -> bool:
        """Whether all values are 0 or 1 (or False and True)."""
        ends = self.ends(term)
        return ends is not None and ends[0] >= 0 and ends[1] <= 1 and self.whole(term)

    def at(self, term: Term, position: Position) -> Form:
        """An s-op at a position."""
        form = self.values.form(term) if term is not INDEX else Linear(Fraction(0), {term: Fraction(1)})
        return Form(form.constant, {self._point(leaf, position): c for leaf, c in form.coefficients.items()})

    def constant(self, value: Atom) -> Form:
        """An atom, the same everywhere."""
        if isinstance(value, str):
            return Form(Fraction(0), {Point(self._text(value), EVERYWHERE): Fraction(1)})
        return Form(Fraction(value), {})

    def _point(self, leaf: Term, position: Position) -> Point:
        if leaf.kind is Kind.CONST:
            return Point(self._text(str(leaf.value)), EVERYWHERE)
        leaf = INDEX if leaf.kind is Kind.INDICES else leaf
        return Point(leaf, EVERYWHERE if self.uniform(leaf) else position)

    def _text(self, value: str) -> Term:
        """One term for each string."""
        return self._texts.setdefault(value, Term(-3 - len(self._texts), Kind.CONST, (), ("str", value)))


def _is_text(term: Term) -> bool:
    """Whether the s-op is one string; proofs speak of some that the program has not."""
    return term.kind is Kind.CONST and isinstance(term.value, str)


def varies(term: Term) -> bool:
    """Whether the s-op may differ from position to position whatever its operands do: one that is kept can
    be replaced at single positions.
    """
    return term.is_kept or term.kind in (Kind.TOKENS, Kind.INDICES)
