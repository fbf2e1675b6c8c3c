"""Points: what an s-op is at all combinations of what it is computed from."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from compiler.graph.meaning import all_values
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


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("relation", ["==", "!="])
def test_what_is_at_no_position_is_left_out(relation: str, causal: bool) -> None:
    """Of the combinations of an index, a length and a count, all are left that occur, and not all."""
    text = f"n = selector_width(select(tokens, tokens, {relation})); answer = indices + 9 * length + 99 * n;"
    domains, root = (made := stages(text, causal=causal).settled).domains, made.root
    leaves = list(domains.forms[root.index].coefficients)
    occurring = Occurring(domains)
    points = Points(occurring, [occurring.term_axis(leaf) for leaf in leaves])
    left = np.broadcast_to(points.at_positions(), points.shape)
    for tokens in (list(t) for n in (1, 2, 3) for t in itertools.product("ab", repeat=n)):
        rows = all_values(root, tokens, causal)
        for position in range(len(tokens)):
            ranks = [domains.get(leaf).ranks[rows[leaf.index][position]] for leaf in leaves]
            assert left[tuple(ranks)]
    assert not left.all()
