"""Folders that are replaced whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasp.errors import ModelError
from runtime.saving.folders import read_file, refuse_unwritable, replace_folder


def test_a_folder_holds_what_was_saved_last(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    replace_folder(folder, {"a": b"1", "b": b"2"}, "a")
    replace_folder(folder, {"a": b"3"}, "a", known=["b"])
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {"a": b"3"}
    assert [each.name for each in tmp_path.iterdir()] == ["saved"]


def test_nothing_of_others_is_deleted(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("dear diary")
    with pytest.raises(ModelError, match=r"it holds other files \(diary.txt\)"):
        replace_folder(tmp_path, {"a": b"1"}, "a")
    assert [each.name for each in tmp_path.iterdir()] == ["diary.txt"]


def test_what_is_called_alike_is_not_ours_without_our_mark(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("of another tool")
    with pytest.raises(ModelError, match=r"it holds other files \(config.json\)"):
        replace_folder(tmp_path, {"config.json": b"{}", "program.rasp": b""}, "program.rasp")
    assert (tmp_path / "config.json").read_text() == "of another tool"


def test_files_of_another_size_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert read_file(tmp_path / "a", at_least=1, at_most=5) == b"12345"
    with pytest.raises(ModelError, match="a is too large: 5 bytes, at most 4 expected"):
        read_file(tmp_path / "a", at_least=1, at_most=4)


def test_what_could_not_be_written_is_refused_before(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    refuse_unwritable(tmp_path / "new" / "folder", ["a"], "a")
    with pytest.raises(ModelError, match="Not a directory"):
        refuse_unwritable(tmp_path / "file" / "folder", ["a"], "a")
    with pytest.raises(ModelError, match="it holds other files"):
        refuse_unwritable(tmp_path / "mine", ["a"], "a")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "mine"]
