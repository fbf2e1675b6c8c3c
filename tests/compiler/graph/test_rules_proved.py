"""Every row of the rules, proved by a solver for all values and all selections at lengths 1 to 4.

The rules that search are written as rows here, as far as a row can say what they do.
"""

from __future__ import annotations

import importlib.util

import pytest

from compiler.graph import rules
from compiler.graph.patterns import Row, Rows, read_row
from tests.support.sweeps import sweep

pytestmark = pytest.mark.skipif(importlib.util.find_spec("z3") is None, reason="z3-solver is not installed")

SEARCHED = Rows(
    """
    # sum_from_mean
    selector_width(s) * aggregate(s, x, d) -> sum(s, x)
    aggregate(s, x, d) * selector_width(s) -> sum(s, x)
    # exists_from_count
    selector_width(s) > 0  -> has_focus(s)
    selector_width(s) != 0 -> has_focus(s)
    selector_width(s) == 0 -> not has_focus(s)
    selector_width(s) <= 0 -> not has_focus(s)
    aggregate(s, indicator(x)) > 0 -> has_focus(s and select(indicator(x), 1, ==))
    sum(s, indicator(x)) == 0 -> not has_focus(s and select(indicator(x), 1, ==))
    # all_but_mine
    causally: selector_width(select(indices, indices, <)) -> indices
    causally: has_focus(select(indices, indices, <)) -> indices > 0
    """,
    rules.GUARDS,
)

TABLES = {
    "causal order": rules.CAUSAL_ORDER,
    "choices": rules.CHOICES,
    "selectors": rules.SELECTOR_LOGIC,
    "counting": rules.COUNTING,
    "values": rules.VALUES,
    "orders": rules.ORDERS,
    "neutral": rules.NEUTRAL,
    "rotations": rules.ROTATIONS,
    "searched": SEARCHED,
}


def settings(row: Row) -> list[tuple[int, bool]]:
    return [(n, causal) for n in (1, 2, 3, 4) for causal in row.masks]


@pytest.mark.parametrize("table", sweep(TABLES, TABLES.keys() - {"searched", "counting", "rotations"}))
def test_no_values_refute_a_row(table: str) -> None:
    from tests.support.solver import counterexample

    for row in TABLES[table].rows:
        for length, causal in settings(row):
            found = counterexample(row, length, causal)
            assert found is None, f"{row.text} at length {length}, {'causal' * causal}: {found}"


@pytest.mark.parametrize(
    "text",
    [
        "select(indices, indices, <=) -> everything",
        "s or t -> s",
        "x if p else y -> x",
        "selector_width(select(indices, indices, >)) -> length - indices",
        "aggregate(s, x) -> sum(s, x)",
        "selector_width(s) > 1 -> has_focus(s)",
        "round(x) -> x",
        "1 / aggregate(s, indicator(indices == 0), d) -> selector_width(s)",
        "select((indices + c) % length, indices, ==) -> \
            select(indices, (indices - c) % length, ==) where c is uniform",
    ],
)
def test_what_is_wrong_is_refuted(text: str) -> None:
    from tests.support.solver import counterexample

    row = read_row(text, rules.GUARDS)
    assert any(counterexample(row, length, causal) is not None for length, causal in settings(row))


def test_how_many_rows_are_proved() -> None:
    """As the checker's guide says."""
    assert sum(len(table.rows) for table in TABLES.values()) == 67
