"""Statements that every query selects something, or never its own position."""

from __future__ import annotations

import pytest

from compiler.graph.conjunctions import conjunctions
from compiler.graph.terms import Graph
from compiler.rechecking.derivation.equations import Equations
from compiler.rechecking.derivation.found import Found
from compiler.rechecking.derivation.keys import Keys
from compiler.request import Request
from tests.support.derivations import ASKED, known, term

LESS = "select(tokens, tokens, <)"
BEFORE = "(select(tokens, tokens, ==) and select(indices, indices, <))"
RANK = f"selector_width(select(tokens, tokens, <) or {BEFORE})"


def found(graph: Graph, causal: bool = False) -> Found:
    facts = known(graph, Request(ASKED.vocab, ASKED.max_length, causal))
    return Found(Equations(graph, facts), Keys(graph, facts), ASKED.max_length)


@pytest.mark.parametrize(
    ("selector", "causal", "so"),
    [
        ("full_s", False, True),
        ("select(tokens, tokens, ==)", False, True),
        ("select(tokens, tokens, !=)", False, False),
        ("select(indices, indices + 1, <)", False, True),
        ("select(indices % 2, indices, <=)", False, True),
        ("select(indices, indices / 2, ==)", True, False),
        ('select(indices, selector_width(select(tokens, "a", ==)) - 1, ==)', False, False),
        ("select(indices % 2, indices, <)", False, False),
        ("select(indices, indices - 1, ==)", False, False),
        ("select(indices, 0, ==)", False, True),
        ("select(indices, 1, ==)", False, False),
        ("select(indices, length - 1 - indices, ==)", False, True),
        ("select(indices, length - indices, ==)", False, False),
        ("select(indices, length - 1 if indices == 0 else indices - 1, ==)", False, True),
        ("select(indices, length if indices == 0 else indices - 1, ==)", False, False),
        ('select(indices, (0 if tokens == "a" else indices), ==)', False, True),
        ('select(indices, (1 if tokens == "a" else indices), ==)', False, False),
        ("select(indices, (indices + 1) % length, ==)", False, True),
        ("select(indices, (indices + 1) % (length + 1), ==)", False, False),
        ("select(indices, (indices / 2) % length, ==)", False, False),
        ("select(indices, selector_width(select(tokens, tokens, ==)) % (indices + 1), ==)", True, True),
        ("select(indices, selector_width(select(tokens, tokens, ==)) % (indices + 2), ==)", True, False),
        ("select(indices, indicator(indices * length > 0), ==)", False, True),
        ("select(indices, indicator(indices * length == 0), ==)", False, False),
        ("select(indices, indices * length * 0 + 2 ^ 30 - 2 ^ 30 + length - 1 - indices, ==)", False, True),
        ("select(indices, indices * length * 0 + 2 ^ 31 - 2 ^ 31 + length - 1 - indices, ==)", False, False),
        ("select(indices, indices - indices % 2, ==)", True, True),
        ("select(indices, indices + indices % 2, ==)", True, False),
        (f"select({RANK}, indices, ==)", False, True),
        (f"select(selector_width({LESS}), indices, ==)", False, False),
        (f"select(has_focus({LESS}), False, ==)", False, True),
        (f"select(has_focus({LESS}), True, ==)", False, False),
        ("select(has_focus(select(tokens, tokens, <=)), False, ==)", False, False),
        (f"select(selector_width({LESS}), 0, ==)", False, True),
        (f"select(selector_width({LESS}), 1, ==)", False, False),
        (f"select(tokens, tokens, ==) and select(has_focus({BEFORE}), False, ==)", False, True),
        (f"select(tokens, tokens, !=) and select(has_focus({BEFORE}), False, ==)", False, False),
        (f'select(tokens, "a", ==) and select(has_focus({BEFORE}), False, ==)', False, False),
        (
            "select(tokens, tokens, ==) and select(selector_width(select(tokens, tokens, ==)), 1, ==)",
            True,
            True,
        ),
        (
            "select(tokens, tokens, ==) and select(selector_width(select(tokens, tokens, ==)), 1, ==)",
            False,
            False,
        ),
    ],
)
def test_something_is_always_selected(selector: str, causal: bool, so: bool) -> None:
    graph = Graph(causal)
    assert found(graph, causal).always(conjunctions(term(graph, selector))) is so


def test_of_too_many_positions_nothing_is_said() -> None:
    graph = Graph(causal=False)
    facts = known(graph, Request(("a", "b"), 3_200))
    numbers = Found(Equations(graph, facts), Keys(graph, facts), 3_200)
    assert numbers.always(conjunctions(term(graph, "select(indices, indices, ==)")))
    assert not numbers.always(conjunctions(term(graph, "select(indices, indices * indices, ==)")))
    assert numbers.always(conjunctions(term(graph, "select(indices, length - 1 - indices, ==)")))
    many = "select(indices, indices * indices - indices * indices + length - 1 - indices, ==)"
    assert not numbers.always(conjunctions(term(graph, many)))
    both = f"select(not has_focus({LESS}) and indices * length == 7, True, ==)"
    assert not numbers.always(conjunctions(term(graph, both)))


@pytest.mark.parametrize(
    ("selector", "so"),
    [
        ("select(indices, indices, <)", True),
        ("select(indices, indices, <=)", False),
        ("select(indices, indices + 1, ==)", True),
        ("select(indices, indices * 2, ==)", False),
        ("select(indices + 1, indices * 2, ==)", False),
        ("select(indices * 2, indices * 2 + 1, ==)", True),
        ('select(tokens == "a", tokens == "b", ==)', False),
        ('select(tokens, "a", ==) and select("b", tokens, ==)', True),
    ],
)
def test_my_own_position_is_never_selected(selector: str, so: bool) -> None:
    graph = Graph(causal=False)
    ways = conjunctions(term(graph, selector))
    assert all(map(found(graph).never_itself, ways)) is so
