"""A small set of models: the same bytes however it is made, gone on with, and nothing written over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler.lab import bench, candidates
from compiler.lab.bench import INDEX, LOG, MODELS, BenchError, Tally, part, write
from compiler.lab.candidates import Passed, Wanted
from compiler.lab.checking import check


@pytest.fixture(autouse=True)
def small_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little programs first, for the tests' sake."""
    monkeypatch.setattr(candidates, "library", lambda: ("hist", "reverse", "length", "sort", "hist2"))


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_set_that_was_stopped_is_gone_on_with(tmp_path: Path) -> None:
    asked = Wanted(seed=3)
    tally = write(tmp_path / "whole", 4, asked)
    assert (tally.taken, tally.deep, tally.candidates) == (4, 3, 5)
    assert dict(tally.passed) == {"nothing depends on tokens": 1}

    def stop(tally: Tally) -> None:
        if tally.taken == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "parts", 4, asked, progress=stop)
    log = tmp_path / "parts" / LOG
    log.write_bytes(log.read_bytes() + b'{"taken": tr')  # killed while it wrote
    (tmp_path / "parts" / MODELS / "00002").mkdir()
    write(tmp_path / "parts", 4, asked)
    assert files(tmp_path / "parts") == files(tmp_path / "whole")
    index = [json.loads(line) for line in (tmp_path / "whole" / INDEX).read_text().splitlines()]
    assert [entry["name"] for entry in index] == [f"{n:05d}" for n in range(4)]
    assert all(entry["carrying"] < entry["edges"] and entry["varying"] for entry in index)
    assert not [name for name in files(tmp_path / "whole") if name.endswith((".pkl", ".pt", ".pth"))]
    with pytest.raises(BenchError, match="asked for in another way"):
        write(tmp_path / "whole", 5, asked)


def test_no_other_folder_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BenchError, match="is not empty and holds no data set"):
        write(tmp_path, 3, Wanted())


def test_what_hardly_any_program_is_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "made", lambda number, asked: Passed("too few layers"))
    with pytest.raises(
        BenchError, match=r"none of the last 2,000 .* 0 of 1 are found: too few layers \(2,000\)"
    ):
        write(tmp_path, 1, Wanted(layers=500))


def test_a_wrong_answer_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "made", lambda number, asked: Passed("number 0 answers wrongly", wrong=True))
    with pytest.raises(BenchError, match="answers wrongly"):
        write(tmp_path, 1, Wanted())


def test_a_behaviour_is_in_one_part() -> None:
    assert {part(f"{number:x}") for number in range(10)} == {"train", "test", "validation"}


def test_a_soft_set(tmp_path: Path) -> None:
    write(tmp_path / "set", 1, Wanted(style="soft"))
    [entry] = [json.loads(line) for line in (tmp_path / "set" / INDEX).read_text().splitlines()]
    assert not entry["certified"]
    assert [found.wrong for found in check(tmp_path / "set")] == [None, None]
