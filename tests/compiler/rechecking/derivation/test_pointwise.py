"""Terms at all combinations of values."""

from __future__ import annotations

import pytest

from compiler.graph.terms import Graph, Kind
from compiler.rechecking.derivation.pointwise import same_orders, same_selections, same_values
from compiler.request import Request
from tests.support.derivations import known, term


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("indices % 2 == 0", "(indices + 1) % 2 == 1", True),
        ("indices % 2 == 0", "(indices + 1) % 2 == 0", False),
        ('tokens == "a" or tokens == "b"', 'tokens != "c"', True),
        ('tokens == "a" or tokens == "b"', 'tokens != "b"', False),
        ("indices * indices", "indices ^ 2", True),
        ("1 / indices", "1 / indices", True),
    ],
)
def test_s_ops_at_one_position(one: str, other: str, same: bool) -> None:
    graph = Graph(causal=False)
    assert same_values(term(graph, one), term(graph, other), known(graph)) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("not select(indices, indices, <)", "select(indices, indices, >=)", True),
        ("not select(indices, indices, <)", "select(indices, indices, >)", False),
        ("select(indices + 1, indices, ==)", "select(indices, indices - 1, ==)", True),
        ("select(indices + 1, indices, ==)", "select(indices, indices + 1, ==)", False),
        ("select(tokens, tokens, ==) and select(indices, 2, <)", "select(tokens, tokens, ==)", False),
    ],
)
def test_selectors_at_a_key_and_a_query(one: str, other: str, same: bool) -> None:
    graph = Graph(causal=False)
    assert same_selections(term(graph, one), term(graph, other), known(graph), causal=False) is same


def test_what_is_made_of_too_much_is_compared_as_a_whole() -> None:
    """By its own few values, not by the many of what it is made of."""
    graph = Graph(causal=False)
    some = [f"selector_width(select(tokens, tokens, ==) and select(indices % {n}, 0, ==))" for n in (2, 3, 4)]
    flag = f"((indices + {some[0]}) % 3 + ({some[1]} + {some[2]}) % 3) % 2"
    facts = known(graph, Request(("a", "b"), 64))
    one, other, no = (term(graph, f"select({flag}, {rest})") for rest in ("0, ==", "1, !=", "1, =="))
    assert same_selections(one, other, facts, causal=False)
    assert not same_selections(one, no, facts, causal=False)


def test_a_query_sees_no_later_key() -> None:
    for causal in (False, True):
        graph = Graph(causal)
        one, other = (term(graph, f"select(indices, indices, {sign})") for sign in ("==", ">="))
        assert same_selections(one, other, known(graph), causal) is causal


@pytest.mark.parametrize(("also", "same"), [("P", True), ("Q", True), ("R", False)])
def test_what_both_select_by_is_taken_as_a_whole(also: str, same: bool) -> None:
    """Of the two, what they are made of is: one may be a part of the other."""
    graph = Graph(causal=False)
    parts = {name: term(graph, _many(numbers)) for name, numbers in (("P", (1, 8)), ("Q", (8, 15)))}
    parts["R"] = term(graph, "select(tokens, tokens, <)")
    both = graph.make(Kind.AND, (parts["P"], parts["Q"]))
    assert same_orders(both, graph.make(Kind.AND, (both, parts[also])), causal=False) is same


def _many(numbers: tuple[int, int]) -> str:
    return " and ".join(f"select(indices, {n} * indices, <)" for n in range(*numbers))
