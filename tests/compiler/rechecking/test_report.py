"""The outcome of a re-check: the steps that hold, and the first that does not."""

from __future__ import annotations

import pytest

from compiler.rechecking.report import Recheck, Steps, Unproved
from tests.support.worked import assert_text, lines


def test_a_step_that_does_not_hold() -> None:
    """Two steps: a bound below its tolerance is noted, one above it ends the proof and is named."""
    steps = Steps("layer 1 attention")
    steps.add("the scores are exact", 256, 2**24)
    with pytest.raises(Unproved) as refused:
        steps.add("the count is rounded to the right integer", 0.75, 0.5)
    done = tuple(steps.done)
    outcomes = Recheck(done, None), Recheck(done, f"{steps.where}: {refused.value}")
    assert [outcome.ok for outcome in outcomes] == [True, False]
    assert_text(
        lines(outcome.summary() for outcome in outcomes),
        """
        proved from the weights: exact on every input that the program answers (1 bound)
        not proved: layer 1 attention: the count is rounded to the right integer: 0.75 is not below 0.5
        """,
    )
