"""The terms that a certificate speaks of, made anew."""

from __future__ import annotations

import pytest

from compiler.certificate.derived import Derived, TermClaim
from compiler.graph.terms import Graph, Kind, typed
from rasp.words import Comparison, Operator
from tests.support.worked import assert_text, lines


def test_terms_are_made_anew() -> None:
    terms = (
        TermClaim(Kind.INDICES),
        TermClaim(Kind.CONST, (), typed([2])[0]),
        TermClaim(Kind.SELECT, (0, 1), Comparison.LT),
        TermClaim(Kind.WIDTH, (2,)),
        TermClaim(Kind.MAP, (3, 1), ("op", Operator.MOD)),
        TermClaim(Kind.MAP, (4,), ("list", typed(["a", "b"]))),
        TermClaim(Kind.MAP, (5,), ("kept", "letter")),
    )
    made = Derived(terms, 6, ({},), {}).made(Graph(causal=False))
    assert_text(
        lines(term.title for term in made),
        """
        indices
        2
        select(indices, 2, <)
        selector_width(select(indices, 2, <))
        (selector_width(select(..., ..., <)) % 2)
        ["a", "b"][(selector_width(...) % 2)]
        letter
        """,
    )
    assert made[6].is_kept


def test_a_function_given_in_python_is_none() -> None:
    terms = (TermClaim(Kind.INDICES), TermClaim(Kind.MAP, (0,), ("python", 7)))
    with pytest.raises(ValueError, match="a function that no program spells"):
        Derived(terms, 1, ({},), {}).made(Graph(causal=False))
