"""Faults planted in the checker's own code: models that are right and models that are forged show them."""

from __future__ import annotations

import pytest

from tests.support.checker_mutants import places, planted, survivors

SURE = (
    "rechecking.attention:_nothing_else:logic:3",
    "rechecking.attention:_at:arithmetic:1",
    "rechecking.ends:check_kept:compare:9",
    "rechecking.points:_applied:compare:1",
    "rechecking.points:_summed:sign:1",
    "rechecking.stream:along:arithmetic:1",
)
"""Faults that models which are right show at once."""


def test_a_fault_is_planted_and_taken_out_again() -> None:
    from compiler.rechecking import ends

    before = ends.check_output.__code__
    mutant = next(p for p in places(["rechecking.ends"]) if ":check_output:" in p)
    with planted(mutant):
        assert ends.check_output.__code__ is not before
    assert ends.check_output.__code__ is before
    with (
        pytest.raises(LookupError, match="no place for a fault"),
        planted("rechecking.ends:nowhere:number:1"),
    ):
        pass


@pytest.mark.slow
def test_a_few_faults_are_found() -> None:
    from tests.support.checker_mutants import models

    assert survivors(SURE, models(1), print) == []


@pytest.mark.by_hand
def test_most_faults_are_found() -> None:
    from tests.support.checker_mutants import models

    every = places()
    assert len(survivors(every, models(36), print)) < len(every) * 0.4
