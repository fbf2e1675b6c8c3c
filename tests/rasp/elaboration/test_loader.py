"""Finding the files that `load` names."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasp.elaboration.loader import Loader
from rasp.errors import LoadError


def test_a_file_beside_the_program(tmp_path: Path) -> None:
    (tmp_path / "lib.rasp").write_text("x = 1;")
    loader = Loader(tmp_path)
    assert loader.read(loader.find("lib")) == "x = 1;"


def test_files_elsewhere_and_nowhere(tmp_path: Path) -> None:
    (tmp_path / "lib.rasp").write_text("x = 1;")
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(LoadError, match="lies outside the folder of the program"):
        Loader(inside).find("../lib")
    with pytest.raises(LoadError, match=r'there is no file "lob\.rasp"'):
        Loader(tmp_path).find("lob")
    with pytest.raises(LoadError):
        Loader(tmp_path).find("lib", loading=[tmp_path / "lib.rasp"])
