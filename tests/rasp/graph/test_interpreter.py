"""The reference interpreter: what every node gives on an input."""

from __future__ import annotations

from fractions import Fraction

from rasp.graph.interpreter import evaluate, masked, mean, select_rows
from rasp.words import Comparison
from tests.support.worked import COUNT, assert_text, lines, sop_of


def test_rows_of_a_selector() -> None:
    """Row i, column j: whether the key at j comes before the query at i; causally, no later key counts."""
    rows = select_rows([3, 1, 2], [3, 1, 2], Comparison.LT)
    assert_text(
        lines(["".join(".x"[chosen] for chosen in row) for row in (*rows, *masked(rows))]),
        """
        .xx
        ...
        .x.
        ...
        ...
        .x.
        """,
    )


def test_what_a_query_reads() -> None:
    """The mean of what is selected, as an exact fraction; the default where nothing is."""
    assert mean([True, False, True], [1, 5, 2], None, query=0) == Fraction(3, 2)
    assert mean([False, False, False], [1, 5, 2], "none", query=0) == "none"
    assert evaluate(sop_of(COUNT), "abb") == ["not", "twice", "twice"]
