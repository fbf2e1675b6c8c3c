"""Points: what an s-op is at all combinations of what it is computed from."""

from __future__ import annotations

from compiler.graph.terms import TOKEN
from compiler.rechecking.points import Occurring, Points, bases_of
from tests.support.worked import assert_text, lines, named, stages

BOTH = """
    same = selector_width(select(tokens, tokens, ==));
    answer = tokens if same == 1 else "-";
"""


def test_a_table_from_its_meaning() -> None:
    """For each token (row) and count 1, 2, 3 (column): the answer, worked out from what the program says and
    not from how the compiler has it computed.
    """
    settled = stages(BOTH).settled
    occurring = Occurring(settled.domains)
    same = named(settled.root, "same")
    assert set(bases_of(settled.root)) == {TOKEN, same}
    points = Points(occurring, [occurring.term_axis(TOKEN), occurring.term_axis(same)])
    labels = settled.domains.finite(settled.root).values
    assert points.determines(settled.root)
    assert_text(
        lines([str(labels[rank]) for rank in row] for row in points.ranks(settled.root)),
        """
        ['a', '-', '-']
        ['b', '-', '-']
        """,
    )


def test_which_values_occur() -> None:
    """The index plus one at the start is 1, 1, 2, and its domain lists no more."""
    settled = stages("raised = indices + indicator(indices == 0); answer = raised == 2;").settled
    raised = named(settled.root, "raised")
    occurs = Occurring(settled.domains).which(raised)
    assert_text(
        lines(zip(settled.domains.finite(raised).values, occurs.tolist(), strict=True)),
        """
        (1, True)
        (2, True)
        """,
    )
