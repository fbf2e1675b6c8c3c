"""Each structure against all positions looked at one after the other."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from compiler.generation.prefixes import (
    Compared,
    Every,
    Filtered,
    Gather,
    Now,
    Ordered,
    Unanswered,
    Unequal,
    add,
    keep_least,
    prefix,
)

EQUAL, UNEQUAL = frozenset("="), frozenset("<>")
ORDERS = [frozenset(order) for order in ("<", ">", "<=", ">=")]


def both_agree(conjunction: Sequence[Compared], nothing: tuple[object, ...], gather: Gather) -> object:
    """The structure that was chosen, after it gave what looking at everything gives."""
    rng = random.Random(str(conjunction))
    chosen = prefix(conjunction, lambda compared: range(6), nothing, gather)
    plain = Every(conjunction, nothing, gather)
    for _ in range(200):
        now: Now = [rng.randrange(6) for _ in range(6)]
        parts = tuple(rng.randrange(9) for _ in nothing)
        chosen.put(now, parts)
        plain.put(now, parts)
        assert list(chosen.get(now)) == list(plain.get(now))
    return chosen


@pytest.mark.parametrize("relation", ORDERS, ids=lambda order: "".join(sorted(order)))
@pytest.mark.parametrize("gather", [add, keep_least])
def test_orders(relation: frozenset[str], gather: Gather) -> None:
    nothing = (0, 0) if gather is add else (None,)
    made = both_agree([Compared(0, 1, EQUAL), Compared(2, 3, relation)], nothing, gather)
    assert isinstance(made, Ordered)


def test_what_must_differ_is_taken_off() -> None:
    conjunction = [Compared(0, 1, EQUAL), Compared(2, 3, UNEQUAL), Compared(4, 5, UNEQUAL)]
    assert isinstance(both_agree(conjunction, (0, 0, 0), add), Unequal)
    assert isinstance(both_agree([*conjunction, Compared(0, 3, frozenset("<"))], (0,), add), Unequal)


def test_a_fixed_query_lets_only_some_keys_in() -> None:
    constant = Compared(0, 1, frozenset(">"), is_fixed=True)
    made = prefix([constant], lambda compared: None, (0,), add)
    assert isinstance(made, Filtered)
    for value in range(6):
        made.put([value, 2], (1,))
    assert list(made.get([0, 2])) == [3]


def test_where_nothing_fits_all_is_looked_at() -> None:
    two_orders = [Compared(0, 1, frozenset("<")), Compared(2, 3, frozenset(">="))]
    assert isinstance(both_agree(two_orders, (0,), add), Every)
    assert isinstance(both_agree([Compared(0, 1, UNEQUAL)], (None,), keep_least), Every)


def test_what_has_no_order_has_no_answer() -> None:
    both = Every([Compared(0, 1, frozenset("<"))], (0,), add)
    both.put(["a", 1], (1,))
    with pytest.raises(Unanswered):
        both.get(["a", 1])
