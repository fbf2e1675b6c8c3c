"""All ways in which s-ops compare at a few positions."""

from __future__ import annotations

import pytest

from compiler.graph.terms import Graph
from compiler.rechecking.derivation.orders import Orders
from compiler.rechecking.derivation.pointwise import NotShown
from rasp.words import Comparison
from tests.support.derivations import term


def test_every_order_is_there() -> None:
    """Of three positions, and beside a constant."""
    graph = Graph(causal=False)
    v, limit = term(graph, "tokens"), graph.const("a")
    orders = Orders(graph, [(v, v), (v, limit)], 3)
    for one in Comparison:
        for other in Comparison:
            both = orders.compare(one, (v, 0), (v, 1)) & orders.compare(other, (v, 2), (limit, 2))
            assert both.any()
    less = orders.compare(Comparison.LT, (v, 0), (v, 1)) & orders.compare(Comparison.LT, (v, 1), (v, 2))
    assert (less & orders.compare(Comparison.GT, (v, 0), (limit, 0))).any()
    assert not (less & orders.compare(Comparison.GE, (v, 0), (v, 2))).any()


def test_what_is_told_apart() -> None:
    """What is compared with constants only is not told apart between two of them."""
    graph = Graph(causal=False)
    v, w, limit = term(graph, "tokens"), term(graph, "indices % 2"), graph.const(1)
    orders = Orders(graph, [(v, v), (w, limit)], 2)
    assert orders.comparable(v, v)
    assert not orders.comparable(w, w)
    assert orders.comparable(w, limit)
    assert not orders.comparable(v, limit)
    assert not orders.comparable(v, w)
    assert orders.limits(w) == [limit]
    assert set(orders.terms) == {v, w, graph.indices()}
    assert set(orders.step(v, 0, 1).ravel()) == {-1, 0, 1}


def test_too_many_ways() -> None:
    graph = Graph(causal=False)
    terms = [term(graph, f"indices % {i}") for i in range(2, 9)]
    with pytest.raises(NotShown):
        Orders(graph, [(terms[0], each) for each in terms], 3)


def test_above_two_numbers_there_is_room_for_all() -> None:
    graph = Graph(causal=False)
    v = graph.indices()
    low, high = graph.const(1), graph.const(2)
    orders = Orders(graph, [(v, v), (v, low), (v, high)], 3)
    rising = orders.compare(Comparison.LT, (v, 0), (v, 1)) & orders.compare(Comparison.LT, (v, 1), (v, 2))
    assert (rising & orders.compare(Comparison.GT, (v, 0), (high, 0))).any()
    assert (rising & orders.compare(Comparison.LT, (v, 2), (low, 2))).any()
