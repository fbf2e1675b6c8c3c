"""What a model needs from a machine, as a certificate names it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.certificate.needs import Needs, exp_allowed, from_data, named, to_data
from compiler.rounding import EXP_ROUNDINGS

WHOLE = Needs("float32")
COUNT = Needs("float32", bias_apart=True, exp_roundings=40)


@pytest.mark.parametrize("needs", [WHOLE, COUNT, replace(COUNT, divides_last=True)])
def test_there_and_back(needs: Needs) -> None:
    assert from_data(to_data(needs)) == named({"needs": to_data(needs)}) == needs


@pytest.mark.parametrize(
    "change",
    [
        {"sums": "in this order"},
        {"exp_roundings": True},
        {"exp_roundings": "40"},
        {"bias_apart": 1},
        {"more": 0},
    ],
)
def test_anything_else_is_refused(change: dict[str, object]) -> None:
    data = to_data(COUNT) | change
    with pytest.raises(ValueError, match="what is needed"):
        from_data(data)
    assert named({"needs": data}) is named({}) is None


@pytest.mark.parametrize(
    ("claimed", "found", "missing"),
    [
        (COUNT, COUNT, None),
        (replace(COUNT, exp_roundings=39), COUNT, None),
        (replace(COUNT, exp_roundings=41), COUNT, "an exp that errs by at most 40 roundings"),
        (COUNT, WHOLE, None),
        (WHOLE, COUNT, "a bias that is added to a finished product"),
        (WHOLE, replace(WHOLE, divides_last=True), "attention that divides last"),
        (WHOLE, replace(WHOLE, exp_roundings=40), "an exp that errs by at most 40 roundings"),
        (WHOLE, Needs("float64"), "float64"),
    ],
)
def test_less_than_is_needed(claimed: Needs, found: Needs, missing: str | None) -> None:
    assert claimed.missing(found) == missing


def test_a_larger_count_bears_less_of_an_exp() -> None:
    allowed = [exp_allowed(1.0, 2.0**17, 17 * 0.6931471805599453, n, 2.0**-24) for n in (4, 40)]
    assert allowed[0] > allowed[1] >= EXP_ROUNDINGS
