"""What the interpreter says of all inputs."""

from __future__ import annotations

import rasp
from compiler.graph.terms import Graph, Kind
from compiler.rechecking.derivation.inputs import Inputs
from compiler.request import Request
from rasp.words import Comparison
from tests.support.derivations import term


def test_all_inputs_are_tried() -> None:
    graph, inputs = Graph(causal=False), Inputs(Request(("a", "b"), 4))
    same = term(graph, "aggregate(select(tokens, tokens, ==), tokens)")
    where = term(graph, "aggregate(select(tokens, tokens, ==), indices)")
    last = term(graph, "aggregate(select(indices, 3, ==), indices)")
    assert inputs.always(same)
    assert inputs.hold_alike(same)
    assert not inputs.at_most_one(same)
    assert not inputs.never_mine(same)
    assert not inputs.hold_alike(where)
    assert inputs.at_most_one(last)
    assert not inputs.always(last)
    assert inputs.never_mine(term(graph, "selector_width(select(indices, indices, <))"))
    assert not inputs.hold_alike(term(graph, "aggregate(full_s, tokens)"))
    assert not inputs.always(term(graph, "aggregate(select(indices, 1, ==), tokens)"))  # alone


def test_causally_only_what_a_query_sees() -> None:
    read = term(Graph(causal=True), "aggregate(select(indices, indices, >=), tokens)")
    assert Inputs(Request(("a", "b"), 4, True)).at_most_one(read)


def test_too_many_inputs_say_nothing() -> None:
    read = term(Graph(causal=False), "aggregate(select(tokens, tokens, ==), tokens)")
    assert not Inputs(Request(("a", "b"), 40)).always(read)
    assert not Inputs(Request(tuple("abcdefgh"), 4)).always(read)


def test_of_positions_one_input_of_each_length_tells() -> None:
    """Whatever the tokens are that are read; but not of more than 64 positions, nor of what is read alike."""
    graph, inputs = Graph(causal=False), Inputs(Request(tuple("abcdefgh"), 40))
    half = "(indices - indices % 2) / 2 + (indices % 2) * (length - length % 2) / 2"
    woven, beyond, but_one = (
        term(graph, f"aggregate(select(indices, {number}, ==), tokens)")
        for number in (half, f"{half} + indices % 2", f"{half} + 9 * (length == 40) * (indices == 3)")
    )
    assert inputs.always(woven)
    assert inputs.at_most_one(woven)
    assert inputs.hold_alike(woven)
    assert not inputs.always(beyond)
    assert inputs.always(but_one)
    assert not inputs.always(
        term(graph, f"aggregate(select(indices, {half} + 40 * (length == 40), ==), tokens)")
    )
    assert not inputs.hold_alike(term(graph, "aggregate(select(indices % 20, indices, ==), tokens)"))
    assert inputs.hold_alike(term(graph, "aggregate(select(indices % 20, indices, ==), indices % 10)"))
    assert not Inputs(Request(("a", "b"), 65)).always(woven)


def test_what_may_be_replaced_is_not_tried() -> None:
    graph, inputs = Graph(causal=False), Inputs(Request(("a", "b"), 4))
    kept = graph.keep(term(graph, "tokens"), "x", rasp.indices)
    own = graph.make(Kind.WIDTH, (graph.select(kept, term(graph, "tokens"), Comparison.EQ),))
    assert not inputs.always(own)


def test_as_many_inputs_as_are_few() -> None:
    graph = Graph(causal=False)
    read = term(graph, "aggregate(select(tokens, tokens, ==), tokens)")
    for vocab, most in (("a", 12), ("abc", 6)):
        assert Inputs(Request(tuple(vocab), most)).always(read)
        assert not Inputs(Request(tuple(vocab), most + 1)).always(read)
    index = term(graph, "aggregate(select(indices, indices, ==), indices)")
    assert Inputs(Request(("a", "b"), 64)).always(index)
    assert not Inputs(Request(("a", "b"), 65)).always(index)


def test_longer_inputs_than_asked_for_say_nothing() -> None:
    read = term(Graph(causal=False), "aggregate(select(indices % 4, indices % 4, ==), indices)")
    assert Inputs(Request(("a", "b"), 4)).at_most_one(read)
    assert not Inputs(Request(("a", "b"), 5)).at_most_one(read)


def test_what_is_read_does_not_say_which_keys_are() -> None:
    """Also where it never has a value."""
    read = term(Graph(causal=False), "aggregate(select(indices, indices, ==), 1 / indices)")
    assert not Inputs(Request(("a", "b"), 4)).never_mine(read)
