"""Faults planted in the checker's own code: models that are right and models that are forged show them."""

from __future__ import annotations

import random

import pytest

from tests.support.checker_mutants import places, planted, survivors

SAMPLE = 12
"""Faults of the long run, of those that make a check say yes too often: checks that are left out."""


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
def test_most_of_a_few_faults_are_found() -> None:
    from tests.support.checker_mutants import models

    few = random.Random(3).sample(places(["rechecking.stream", "rechecking.attention"]), SAMPLE)
    assert len(survivors(few, models(4), print)) <= SAMPLE // 2


@pytest.mark.by_hand
def test_most_faults_are_found() -> None:
    from tests.support.checker_mutants import models

    every = places()
    assert len(survivors(every, models(36), print)) < len(every) * 0.3
