"""The words that programs are made of."""

from __future__ import annotations

from rasp.words import Comparison, Operator


def test_comparisons_are_operators_too() -> None:
    """What `select` compares with is written like the operator between two s-ops."""
    assert {comparison.value for comparison in Comparison} <= {operator.value for operator in Operator}
    assert len({operator.value for operator in Operator}) == len(Operator)
