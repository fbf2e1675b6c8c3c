"""Whether one query selects all that another does."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.graph.terms import Graph
from compiler.rechecking.derivation.containment import TRIPLES, Containment
from compiler.rechecking.derivation.pointwise import NotShown
from tests.support.derivations import term


def test_a_key_and_two_queries() -> None:
    """One of each of thirteen orders; of two equal queries the key is on the same side."""
    assert len(TRIPLES) == 13
    assert {first for step, first, second in TRIPLES if not step} == set("<=>")
    assert all(first == second for step, first, second in TRIPLES if not step)


@pytest.mark.parametrize(
    ("selector", "steps", "so"),
    [
        ("select(indices, indices, <)", [1], True),
        ("select(indices, indices, <)", [0], True),
        ("select(indices, indices, <)", [-1], False),
        ("select(indices, indices, >=)", [-1], True),
        ("select(indices, indices, !=)", [1], False),
        ("select(tokens, tokens, ==) and select(indices, indices, <)", [0, 1], True),
        ("select(tokens, tokens, ==) and select(indices, indices, <)", [1, 1], False),
        (
            "select(tokens, tokens, <) or (select(tokens, tokens, ==) and select(indices, indices, <))",
            [1, -1],
            True,
        ),
        (
            "select(tokens, tokens, <) or (select(tokens, tokens, ==) and select(indices, indices, <))",
            [0, -1],
            False,
        ),
    ],
)
def test_by_how_queries_compare(selector: str, steps: list[int], so: bool) -> None:
    graph = Graph(causal=False)
    containment = Containment(graph, term(graph, selector))
    by_pair = {
        pair[0].title: step
        for pair, step in zip(
            sorted(containment.pairs, key=lambda p: p[0].title != "tokens"), steps, strict=True
        )
    }
    at = [np.array([by_pair[pair[0].title]]) for pair in containment.pairs]
    assert bool(containment.at(at).all()) is so


def test_the_causal_mask_is_a_part() -> None:
    graph = Graph(causal=True)
    containment = Containment(graph, term(graph, "full_s"))
    assert len(containment.pairs) == 1
    assert bool(containment.at([np.array([1])]).all())
    assert not bool(containment.at([np.array([-1])]).all())


def test_too_many_pairs() -> None:
    graph = Graph(causal=False)
    many = " and ".join(f"select(indices + {i}, tokens, ==)" for i in range(6))
    with pytest.raises(NotShown):
        Containment(graph, term(graph, many))
