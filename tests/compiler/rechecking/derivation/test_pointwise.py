"""Terms at all combinations of values."""

from __future__ import annotations

import pytest

from compiler.graph.terms import Graph
from compiler.rechecking.derivation.pointwise import same_selections, same_values
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


def test_a_query_sees_no_later_key() -> None:
    for causal in (False, True):
        graph = Graph(causal)
        one, other = (term(graph, f"select(indices, indices, {sign})") for sign in ("==", ">="))
        assert same_selections(one, other, known(graph), causal) is causal
