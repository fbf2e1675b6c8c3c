"""`rasp bench`: what it says of a set, and what is no set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler.lab import candidates
from tests.support.command_line import rasp_command


def test_a_set_is_written_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "library", lambda: ("length", "reverse", "sort"))
    folder = tmp_path / "set"
    written = rasp_command("bench", folder, "--count", 2)
    assert (written.code, written.out.splitlines()) == (
        0,
        [
            "2 of 2 models, 2 of them with two layers or more, of 3 programs",
            "      1 left out: nothing depends on tokens",
        ],
    )
    told = json.loads(rasp_command("bench", "check", folder, "--json").out)
    assert told == {"models": 2, "compared": 48, "problems": {}}

    (folder / "models" / "00001" / "pairs.json").unlink()
    (folder / "models" / "00001" / "tests.json").unlink()
    checked = rasp_command("bench", "check", folder)
    assert checked.code == 1
    assert checked.out.startswith("00001: a file is missing or damaged")
    assert checked.out.endswith("2 models checked, 24 answers compared, 1 fail\n")


def test_what_is_no_set(tmp_path: Path) -> None:
    assert "is no finished data set" in rasp_command("bench", "check", tmp_path).err
    (tmp_path / "mine.txt").write_text("mine")
    ran = rasp_command("bench", tmp_path)
    assert (ran.code, "is not empty and holds no data set" in ran.err) == (2, True)
    assert "give one folder to write" in rasp_command("bench", tmp_path, tmp_path).err
    for told in (
        rasp_command("bench", tmp_path / "mine.txt", "--count", 1),
        rasp_command("bench", tmp_path / "mine.txt" / "below", "--count", 1),
    ):
        assert (told.code, told.out) == (2, "")
        assert told.err.startswith("error: cannot write")
        assert "Errno" not in told.err


@pytest.mark.parametrize("text", ["{", "[]\n", "{}\n"])
def test_a_damaged_list(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "library", lambda: ("reverse",))
    folder = tmp_path / "set"
    assert rasp_command("bench", folder, "--count", 1).code == 0
    (folder / "asked.json").write_text(text)
    assert "is no finished data set" in rasp_command("bench", "check", folder).err
    assert "asked for in another way" in rasp_command("bench", folder, "--count", 1).err
    (folder / "asked.json").unlink()
    assert "holds no data set" in rasp_command("bench", folder, "--count", 1).err


def test_a_damaged_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "library", lambda: ("reverse",))
    folder = tmp_path / "set"
    assert rasp_command("bench", folder, "--count", 1).code == 0
    for text in ("{\n", "[]\n", "{}\n"):
        (folder / "candidates.jsonl").write_text(text)
        assert "candidates.jsonl is damaged" in rasp_command("bench", folder, "--count", 1).err
