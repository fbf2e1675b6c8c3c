"""What the statements believe of s-ops and reads."""

from __future__ import annotations

from fractions import Fraction

from compiler.certificate.derived import Derived, ReadClaim
from compiler.graph.terms import Graph
from compiler.rechecking.claimed import Claimed
from compiler.rechecking.derivation.known import Known
from compiler.request import Request
from rasp.graph.atoms import bits
from rasp.words import Operator
from tests.support.derivations import ASKED, hold, known, term


def test_values_and_reads() -> None:
    """What is claimed of a read is believed here; `selections` shows it."""
    graph = Graph(causal=False)
    read = term(graph, "aggregate(select(tokens, tokens, ==), indices)")
    facts = Known(Claimed(Derived((), 0, ({},), {}, {0: ReadClaim(always=True)}), [read], ASKED))
    assert list(facts.values(term(graph, "indices % 3")) or ()) == [0, 1, 2]
    assert list(facts.tokens(term(graph, "tokens_str"))) == ["a", "b", "c"]
    assert (facts.always(read), facts.picks(read)) == (True, False)
    other = term(graph, "only(select(indices, 2, ==), indices)")
    assert (facts.always(other), facts.picks(other), facts.at_most_one(other)) == (False, True, False)


def test_what_is_too_much_to_list() -> None:
    graph = Graph(causal=False)
    made = "aggregate(full_s, indices) * aggregate(full_s, indices + 1)"
    listed = known(graph).values(term(graph, made))
    assert listed is None or Fraction(3, 2) * Fraction(5, 2) in listed


def test_strings_are_joined_and_not_added_up() -> None:
    """Which is one thing and which the other is seen even where nothing is known of the values."""
    graph = Graph(causal=False)
    facts = known(graph)
    assert facts.numeric(term(graph, "indices + aggregate(full_s, tokens)"))
    assert facts.numeric(term(graph, "selector_width(select(tokens, tokens, ==)) * 2"))
    assert facts.numeric(term(graph, "-aggregate(full_s, aggregate(full_s, indices) * 2)"))
    assert not facts.numeric(term(graph, 'tokens + "a"'))
    tokens, total = term(graph, "tokens"), graph.indices()
    for _ in range(2_000):
        total = graph.operation(Operator.ADD, total, tokens)
    assert facts.numeric(total)
    assert not hold('tokens + "a" -> "a" + tokens')
    assert not hold('select(tokens + "a", "a" + tokens, ==) -> full_s')


def test_how_many_bits_fractions_have() -> None:
    """No fewer than the largest that can be: here of nearly 300, in parts of up to 300."""
    graph = Graph(causal=False)
    facts = known(graph, Request(("a",), 300))
    assert facts.values(mean := term(graph, "aggregate(full_s, indices)")) is None
    assert facts.bits(mean) >= bits(Fraction(299 * 299 - 1, 299))
