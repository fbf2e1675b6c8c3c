"""The built-in methods on a little set."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.lab import candidates
from compiler.lab.bench import write
from compiler.lab.candidates import Wanted
from compiler.lab.discovery import METHODS, Found
from compiler.lab.scoring import Scored, means, score, table
from tests.support.command_line import rasp_command


def test_means_and_their_table() -> None:
    each = [
        Scored("00000", 1, dict.fromkeys(METHODS, Found(1, 0.5, 1))),
        Scored("00001", 2, dict.fromkeys(METHODS, Found(0.5, 0.5, 0))),
    ]
    assert means(each)["EAP"] == Found(0.75, 0.5, 0.5)
    assert means([]) == {}
    lines = table(each).splitlines()
    assert lines[1] == "all (2 models)"
    assert lines[2].split() == ["activation", "patching", "0.750", "0.500", "0.500"]
    assert "1 layer (1 models)" in lines


@pytest.mark.slow
def test_a_set_is_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "library", lambda: ("hist", "sort"))
    folder = tmp_path / "set"
    write(folder, 2, Wanted())
    [one] = score(folder, most=1)
    assert one.found["ACDC"] == Found(1, 1, 1)
    told = rasp_command("bench", "score", folder, "--count", 1)
    assert told.code == 0
    assert "all (1 models)" in told.out
    assert [*score(folder, part="nowhere")] == []
