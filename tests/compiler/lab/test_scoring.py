"""The built-in methods on a little set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler.lab import candidates, scoring
from compiler.lab.bench import BenchError, write
from compiler.lab.candidates import Wanted
from compiler.lab.card import README, SCORED
from compiler.lab.checking import check
from compiler.lab.discovery import METHODS, Found
from compiler.lab.scoring import SCORES, Scored, keep, means, score, table
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


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_scores_are_kept_where_the_card_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "library", lambda: ("reverse",))
    monkeypatch.setattr(scoring, "METHODS", {"none": lambda _model, _pairs: {}})
    folder = tmp_path / "set"
    write(folder, 1, Wanted())
    plain = files(folder)
    told = rasp_command("bench", "score", folder)
    kept = files(folder)
    assert {name for name, data in kept.items() if plain.get(name) != data} == {README, SCORES}
    assert kept[README].startswith(plain[README])
    assert told.out in kept[README].decode()
    scores = json.loads(kept[SCORES])
    assert [one["name"] for one in scores["models"]] == ["00000"]
    assert scores["means"] == {"none": {"precision": 1.0, "recall": 0.0, "area": 0.5}}

    assert [one.wrong for one in check(folder)] == [None, None]
    write(folder, 1, Wanted())
    rasp_command("bench", "score", folder, "--count", 1)
    assert files(folder) == kept
    (folder / README).unlink()
    with pytest.raises(BenchError, match=r"cannot write .*README.md: No such file"):
        keep(folder, [])


@pytest.mark.slow
def test_a_set_is_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "library", lambda: ("sort",))
    folder = tmp_path / "set"
    write(folder, 1, Wanted())
    [one] = score(folder, most=1)
    assert one.found["ACDC"] == Found(1, 1, 1)
    assert [*score(folder, part="nowhere")] == []
    keep(folder, [one])
    alone = files(folder)
    assert SCORED.encode() in alone[README]
    told = rasp_command("bench", "score", folder, "--count", 1, "--workers", 2)
    assert told.code == 0
    assert "all (1 models)" in told.out
    assert files(folder) == alone


def test_a_folder_in_the_place_of_the_scores_is_refused_first(tmp_path: Path) -> None:
    (tmp_path / "scores.json").mkdir()
    with pytest.raises(BenchError, match=r"cannot write .*scores.json"):
        next(score(tmp_path))
