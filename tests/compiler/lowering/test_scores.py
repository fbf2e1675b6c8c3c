"""Scores: what a head multiplies so that the keys that a selector selects score 0, and all others less."""

from __future__ import annotations

import numpy as np

from compiler.graph.conjunctions import conjunctions
from compiler.lowering.scores import Dim, literal_dims
from tests.support.worked import assert_text, lines, stages


def scored(selector: str) -> str:
    """The encoding of a selector of one literal, and its score for every query (row) and key (column)."""
    made = stages(f"chosen = {selector}; answer = aggregate(chosen, indices, 0);", "abc")
    domains = made.settled.domains
    [[literal]] = conjunctions(made.settled.root.args[0])
    keys, queries = domains.finite(literal.keys), domains.finite(literal.queries)
    dims, encoding = literal_dims(literal, keys, queries, needs_level=True)

    def product(dim: Dim) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        query = np.ones(queries.size, dtype=np.int64) if dim.query is None else dim.query
        key = np.ones(keys.size, dtype=np.int64) if dim.key is None else dim.key
        return np.outer(query, key)

    return lines([encoding, *sum(map(product, dims), np.zeros((queries.size, keys.size), int)).tolist()])


def test_equality_of_numbers() -> None:
    """Minus the square of the difference, for queries -1, 0, 1 and keys 0, 1, 2: three products, however
    many positions there are.
    """
    assert_text(
        scored("select(indices, indices - 1, ==)"),
        """
        2qk - k^2 - q^2, equality of two numbers (3 dims instead of up to 3): weighed against BOS
        [-1, -4, -9]
        [0, -1, -4]
        [-1, 0, -1]
        """,
    )


def test_order_of_letters() -> None:
    """A row for each letter of the query, a, b and c: a key that does not come before it costs 1."""
    assert_text(
        scored("select(tokens, tokens, <)"),
        """
        one-hot keys (3 dims): queries fall into 3 classes
        [-1, -1, -1]
        [0, -1, -1]
        [0, 0, -1]
        """,
    )
