"""Folding: where values went that got no columns of their own."""

from __future__ import annotations

from runtime.inspection.folding import folded_into, what_became_of
from tests.support.worked import assert_text, lines, model

SUM = """
    shifted = length + 1;
    answer = aggregate(select(indices, shifted - 2, ==), tokens);
"""


def test_a_sum_that_costs_nothing() -> None:
    """`shifted` is read off the column of the length, by the head that makes the answer."""
    config = model(SUM).config
    assert_text(
        lines([what_became_of("shifted", config), folded_into("no such name", config)]),
        """
        'shifted' has no columns of its own: it was folded into 'answer'
        ()
        """,
    )
