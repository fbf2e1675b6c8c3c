"""The pages and pictures that are made from the code are up to date.

`python -m tests.support.generated_pages`, or `RASP_UPDATE_GOLDEN=1 pytest tests/docs`, makes them anew.
"""

from __future__ import annotations

import os
from xml.etree import ElementTree

import programs
from tests.support.documents import DOCS
from tests.support.generated_pages import made_files, main


def test_made_files_are_up_to_date() -> None:
    if os.environ.get("RASP_UPDATE_GOLDEN"):
        main()
    stale = [
        str(file.relative_to(DOCS))
        for file, text in made_files().items()
        if not file.exists() or file.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "python -m tests.support.generated_pages makes them anew"


def test_every_program_is_in_the_gallery() -> None:
    page = (DOCS / "gallery.md").read_text(encoding="utf-8")
    for name in programs.names():
        assert f"\n## {name}\n" in page
        assert f"(pictures/{name}.svg)" in page


def test_pictures_can_be_read() -> None:
    """By any reader of XML, as browsers are strict with pictures."""
    for file in (DOCS / "pictures").glob("*.svg"):
        assert ElementTree.parse(file).getroot().tag.endswith("svg"), file


def test_no_picture_is_left_over() -> None:
    there = set((DOCS / "pictures").iterdir())
    by_hand = {DOCS / "pictures" / name for name in ("pipeline.svg", "playground.png", "growth.svg")}
    assert there - set(made_files()) == by_hand
