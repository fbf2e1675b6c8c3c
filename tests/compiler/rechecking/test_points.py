"""Points: what an s-op is at all combinations of what it is computed from."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from compiler.graph.meaning import all_values
from compiler.graph.terms import TOKEN, Kind
from compiler.rechecking.claimed import Claimed
from compiler.rechecking.points import Occurring, Points, bases_of
from tests.support.derivations import claimed_of
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
    occurring = Occurring(claimed_of(settled))
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
    occurs = Occurring(claimed_of(settled)).which(raised)
    assert_text(
        lines(zip(settled.domains.finite(raised).values, occurs.tolist(), strict=True)),
        """
        (1, True)
        (2, True)
        """,
    )


def counts(relation: str) -> str:
    """How many tokens stand so to mine: of `==` it may be all, of `!=` my own is never one."""
    return f"selector_width(select(tokens, tokens, {relation}))"


FIRST_BY_9 = 'aggregate(select(indices, 0, ==), 9 * indicator(tokens == "a"))'
"""0 or 9, and no count."""


def combinations(number: str, causal: bool) -> tuple[bool, bool]:
    """Of the combinations of an index, a length and a number: whether all that occur are left, and whether
    all are.
    """
    text = f"n = {number}; answer = indices + 9 * length + 99 * n;"
    made = stages(text, causal=causal).settled
    domains, root = claimed_of(made), made.root
    leaves = list(domains.forms[root.index].coefficients)
    occurring = Occurring(domains)
    points = Points(occurring, [occurring.term_axis(leaf) for leaf in leaves])
    left = np.broadcast_to(points.at_positions(), points.shape)
    occur = []
    for tokens in (list(t) for n in (1, 2, 3) for t in itertools.product("ab", repeat=n)):
        rows = all_values(root, tokens, causal)
        for position in range(len(tokens)):
            ranks = [domains.get(leaf).ranks[rows[leaf.index][position]] for leaf in leaves]
            occur.append(bool(left[tuple(ranks)]))
    return all(occur), bool(left.all())


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("number", [counts("=="), counts("!=")])
def test_what_is_at_no_position_is_left_out(number: str, causal: bool) -> None:
    assert combinations(number, causal) == (True, False)


def test_what_is_no_count_may_be_more_than_the_length() -> None:
    assert all(combinations(FIRST_BY_9, causal)[0] for causal in (False, True))


@pytest.mark.parametrize(
    ("where", "condition", "without", "number", "causal"),
    [
        (Claimed, "room", lambda self, leaf: 1, counts("=="), False),  # my own position is left out
        (Claimed, "room", lambda self, leaf: 0, FIRST_BY_9, False),  # it is a count
        (Claimed, "is_length", lambda self, leaf: leaf.kind is Kind.WIDTH, counts("=="), False),  # of all
        (Points, "_tells_seen", lambda self, leaf: leaf.kind is Kind.INDICES, counts("=="), False),  # causal
        (Points, "_tells_seen", lambda self, leaf: leaf.kind is Kind.WIDTH, counts("!="), True),  # up to mine
    ],
)
def test_each_condition_of_being_within_the_length_is_needed(
    monkeypatch: pytest.MonkeyPatch, where: type, condition: str, without: object, number: str, causal: bool
) -> None:
    """Without it a combination that occurs is left out."""
    monkeypatch.setattr(where, condition, without)
    assert not combinations(number, causal)[0]
