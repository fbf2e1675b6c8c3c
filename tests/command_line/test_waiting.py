"""The line that is shown while something takes its time."""

from __future__ import annotations

import pytest

from compiler import Underway
from rasp.commands.waiting import line, waiting


@pytest.mark.parametrize(
    ("underway", "since", "shown"),
    [
        (None, 0.0, "compiling sort: 12 s (Ctrl-C stops)"),
        (Underway("way 1"), 11.0, "compiling sort, way 1: 12 s (Ctrl-C stops)"),
        (
            Underway("way 2 of 3", 20.0),
            0.4,
            "compiling sort, way 2 of 3: 12 s, about 20 s left (Ctrl-C stops)",
        ),
        (
            Underway("way 2 of 3", 20.0),
            5.0,
            "compiling sort, way 2 of 3: 12 s, about 15 s left (Ctrl-C stops)",
        ),
        (Underway("way 2 of 3", 20.0), 21.0, "compiling sort, way 2 of 3: 12 s (Ctrl-C stops)"),  # too long
        (
            Underway("way 2 of 3", 7300.0),
            0.0,
            "compiling sort, way 2 of 3: 12 s, about 2:01 h left (Ctrl-C stops)",
        ),
    ],
)
def test_the_line_tells_what_is_known(underway: Underway | None, since: float, shown: str) -> None:
    assert line("compiling sort", 12.0, underway, since) == shown


def test_nothing_is_shown_where_nobody_looks(capfd: pytest.CaptureFixture[str]) -> None:
    with waiting("compiling sort") as told:
        assert told is None
    assert capfd.readouterr() == ("", "")
