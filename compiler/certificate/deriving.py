"""What the compiler noted on the way from a program's text to the terms that it compiles, written down."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.certificate.derived import Derived, TermClaim
from compiler.graph.terms import Kind, Term
from compiler.ranges.domains import Domain
from compiler.values.settling import Settled

KNOWN = frozenset({Kind.TOKENS, Kind.INDICES, Kind.CONST, Kind.EXISTS})
"""Of these nobody need be told which values they have."""


def derived_of(settled: Settled) -> Derived:
    """The terms of a program as it is lowered and those on the way there, and the values of s-ops, but of
    those of which all is known by what they are.
    """
    replaced = [term for each in settled.rounds for pair in each.items() for term in pair]
    terms = _below([settled.root, *replaced])
    number = {term: i for i, term in enumerate(terms)}
    return Derived(
        tuple(TermClaim(term.kind, tuple(number[a] for a in term.args), term.data) for term in terms),
        number[settled.root],
        tuple({number[before]: number[after] for before, after in each.items()} for each in settled.rounds),
        {number[term]: domain for term in terms if (domain := _values(term, settled)) is not None},
    )


def _values(term: Term, settled: Settled) -> Domain | None:
    """What is known of the values of a term, on the way to what is lowered or of that."""
    if term.is_selector or term.kind in KNOWN:
        return None
    known = (each.get(term) for each in (settled.domains, *settled.earlier[::-1]) if each.knows(term))
    return next(known, None)


def _below(roots: Sequence[Term]) -> list[Term]:
    """Some terms and all that they are made of, operands first."""
    seen: dict[int, Term] = {}
    stack = list(roots)
    while stack:
        term = stack.pop()
        if term.index not in seen:
            seen[term.index] = term
            stack.extend(term.args)
    return [seen[index] for index in sorted(seen)]
