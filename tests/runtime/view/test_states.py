"""The states of a run in the page."""

from __future__ import annotations

import pytest

from rasp.errors import InputError
from runtime.view import states
from runtime.view.states import changed, run_data, shown_run

RUN = [[1, 2, 3], [1, 4, 3], [5, 4, 6]]


def test_what_changed() -> None:
    assert [changed(RUN[0], RUN[1]), changed(RUN[1], RUN[2])] == [[1, 4], [0, 5, 2, 6]]
    data = {"first": [1, 2, 3], "changes": [[1, 4], [0, 5, 2, 6]], "ending": "done"}
    assert run_data(shown_run(RUN[0], RUN, "done")) == data


@pytest.mark.parametrize(("limit", "most"), [("MOST_STATES", 7), ("MOST_CHANGES", 2)])
def test_no_more_than_a_browser_keeps(monkeypatch: pytest.MonkeyPatch, limit: str, most: int) -> None:
    """Seven tokens are two states of three; three changes lead to the third state."""
    monkeypatch.setattr(states, limit, most)
    shown = shown_run(RUN[0], RUN, "done")
    assert (len(shown.states), shown.ending) == (2, "the page keeps the first 2 states; done")


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([[1, 2], [1]], "as many tokens as the first"),
        ([[2, 2]], "the first state of a run must be the input"),
    ],
)
def test_what_is_no_run(states: list[list[int]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        shown_run([1, 2], states, "")
