"""What the statements believe of s-ops and reads."""

from __future__ import annotations

from fractions import Fraction

from compiler.graph.terms import Graph
from compiler.rechecking.claimed import Claimed
from compiler.rechecking.derivation.known import Known
from tests.support.derivations import ASKED, known, term


def test_values_and_reads() -> None:
    graph = Graph(causal=False)
    facts = Known(Claimed(graph.const(0), {}, ASKED))
    assert list(facts.values(term(graph, "indices % 3")) or ()) == [0, 1, 2]
    assert list(facts.tokens(term(graph, "tokens_str"))) == ["a", "b", "c"]
    assert facts.always(term(graph, "aggregate(select(tokens, tokens, ==), indices)"))
    assert not facts.always(term(graph, 'aggregate(select(tokens, "a", ==), indices)'))
    assert facts.picks(term(graph, "aggregate(select(indices, 2, ==), indices)"))
    assert not facts.picks(term(graph, "aggregate(select(tokens, tokens, ==), indices)"))


def test_what_is_too_much_to_list() -> None:
    graph = Graph(causal=False)
    made = "aggregate(full_s, indices) * aggregate(full_s, indices + 1)"
    listed = known(graph).values(term(graph, made))
    assert listed is None or Fraction(3, 2) * Fraction(5, 2) in listed
