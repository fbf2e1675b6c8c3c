"""Sampling: which inputs are tried, as places in the vocabulary."""

from __future__ import annotations

from compiler.verification.sampling import (
    ascending,
    count_inputs,
    edge_inputs,
    every_input,
    random_inputs,
)
from tests.support.worked import assert_text, lines


def test_every_input_there_is() -> None:
    """Two tokens, up to two of them: the shortest first, counted like digits."""
    inputs = [row for batch in every_input(2, 2, rows=4) for row in batch.tolist()]
    assert len(inputs) == count_inputs(2, 2)
    assert_text(
        lines(inputs),
        """
        [0]
        [1]
        [0, 0]
        [0, 1]
        [1, 0]
        [1, 1]
        """,
    )


def test_edges_and_random_ones() -> None:
    """Of the vocabulary b, c, a, whose tokens are in ascending order at the places 2, 0 and 1: each token
    alone, all equal, all different, sorted both ways; then random ones.
    """
    order = ascending("bca")
    assert order.tolist() == [2, 0, 1]
    assert_text(
        lines(batch.tolist() for batch in edge_inputs(order, 3)),
        """
        [[2], [0], [1]]
        [[2, 2, 2], [0, 0, 0], [1, 1, 1]]
        [[2, 0, 1], [1, 0, 2], [0, 1, 2]]
        [[2, 0, 1], [1, 0, 2]]
        """,
    )
    drawn = list(random_inputs(order, 3, samples=20, seed=1, rows=8))
    assert sum(map(len, drawn[4:])) == 20
    assert max(map(len, drawn[4:])) <= 8
