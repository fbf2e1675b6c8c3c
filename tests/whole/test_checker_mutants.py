"""Faults planted in the checker's own code: right models, forged ones and small questions show them."""

from __future__ import annotations

from contextlib import suppress
from random import Random

import pytest

from compiler.rechecking.report import Unproved
from tests.support import checker_pieces
from tests.support.checker_models import graphs_known, models
from tests.support.checker_mutants import EACH, every_place, places, planted, survivors
from tests.support.checker_questions import QUESTIONS
from tests.support.checker_survivors import EQUIVALENT, SURVIVORS

SURE = (
    "rechecking.attention:_nothing_else:logic:3",
    "rechecking.attention:_at:arithmetic:1",
    "rechecking.ends:check_kept:compare:9",
    "rechecking.points:_applied:compare:1",
    "rechecking.points:_summed:sign:1",
    "rechecking.stream:along:arithmetic:1",
)
"""Faults that models which are right show at once."""

SAMPLE, SEED = 300, 3
"""So many faults are drawn by hand, with this seed."""


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


def test_every_small_question_has_an_answer() -> None:
    for ask, _ in QUESTIONS.values():
        with suppress(Unproved):
            ask(Random(0))


def test_gates_that_are_asked_about_err_by_no_more_than_the_checker_says() -> None:
    """All values are tried; what is not shown may be no error at all."""
    judged = 0
    for seed in range(20):
        asked = checker_pieces.some_gate(Random(seed))
        if asked is not None:
            said = checker_pieces.judged(asked)
            assert checker_pieces.true_error(asked) <= said + asked.fine / 2, seed
            judged += 1
    assert judged > 12


def test_survivors_are_places_of_the_code() -> None:
    """Each has its reason, and none is left over from code that has changed."""
    assert SURVIVORS.keys() | EQUIVALENT.keys() <= set(every_place())
    assert not SURVIVORS.keys() & EQUIVALENT.keys()
    assert all(SURVIVORS.values())


@pytest.mark.slow
def test_a_few_faults_are_found() -> None:
    with graphs_known():
        assert survivors(SURE, models(1), print) == []


@pytest.mark.by_hand
def test_most_faults_are_found() -> None:
    """Of a random sample; what is known to be left is listed with reasons."""
    some = Random(SEED).sample(places(), SAMPLE)
    with graphs_known():
        left = survivors(some, models(EACH), print)
    assert len(set(left) - SURVIVORS.keys()) <= SAMPLE * 0.05
    assert len(left) <= SAMPLE * 0.15
