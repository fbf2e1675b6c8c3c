"""What is said of a run, and which limits it can have."""

from __future__ import annotations

import pytest

from rasp.errors import InputError
from rasp.runs import Run, check_steps


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (Run((1,), 1, "fixpoint"), "fixpoint after 1 step: nothing changes any more"),
        (Run((1,), 1200, "halt"), "halted after 1,200 steps"),
        (Run((1,), 5, "limit"), "stopped after 5 steps, the limit"),
        (Run((1,), 5, "stopped"), "interrupted after 5 steps"),
        (Run((1,), 2, "left", (0, 7)), "left the vocabulary after 2 steps: position 0 would hold 7"),
        (Run(("a",), 0, "left", (0, "b")), "left the vocabulary after 0 steps: position 0 would hold 'b'"),
    ],
)
def test_one_line_for_each_end(run: Run, said: str) -> None:
    assert run.summary() == said


@pytest.mark.parametrize("limit", [0, -1, True, 2.0, "3", None])
def test_a_limit_is_a_whole_number_from_1_on(limit: object) -> None:
    with pytest.raises(InputError, match="must be a whole number of at least 1, not"):
        check_steps(limit)


def test_any_other_is_one() -> None:
    assert check_steps(1) == 1
