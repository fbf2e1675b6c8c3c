"""Every code block of the documentation does what its page says, and every link leads somewhere.

After a change on purpose, `RASP_UPDATE_GOLDEN=1 pytest tests/docs` writes what the blocks really say into the
pages: read the difference before committing it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from rasp.errors import RaspError
from rasp.learning.exercise import ExerciseError
from runtime.exports.report import ExportError
from tests.support.documents import DOCS, FENCE, Run, as_it_should_be, pages

EVERY = sorted(str(file.relative_to(DOCS)) for file in DOCS.rglob("*.md"))


@pytest.mark.parametrize("page", pages())
def test_blocks_do_what_they_say(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    made = as_it_should_be(page)
    if os.environ.get("RASP_UPDATE_GOLDEN"):
        (DOCS / page).write_text(made, encoding="utf-8")
    assert made == (DOCS / page).read_text(encoding="utf-8")


def test_a_mistake_in_a_page_is_none_of_its_answers() -> None:
    """Else writing the pages anew would put it there: five of them once said that a name does not exist."""
    with pytest.raises(AttributeError):
        Run("a page").dialogue(">>> (1).proved\n")
    assert "UndefinedNameError: " in Run("a page").dialogue('>>> import rasp\n>>> rasp.parse("a = b;")\n')


@pytest.mark.parametrize("page", EVERY)
def test_no_block_is_overlooked(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert text.count("\n```") == 2 * len(FENCE.findall(text))
    assert all(block["text"].strip() for block in FENCE.finditer(text))


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", EVERY)
def test_links_lead_somewhere(page: str) -> None:
    text = FENCE.sub("", (DOCS / page).read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not link.startswith("https://"):
            file, _, anchor = link.partition("#")
            target = (DOCS / page).parent / file if file else DOCS / page
            assert target.exists(), f"{page} links to {link}"
            assert not anchor or anchor in anchors(target), f"{page} links to {link}"


def kinds(error: type[RaspError]) -> set[str]:
    """Of this error and all that are derived from it."""
    return {error.kind}.union(*map(kinds, error.__subclasses__()))


def test_the_page_of_errors_has_every_kind() -> None:
    page = (DOCS / "errors.md").read_text(encoding="utf-8")
    shown = {
        word
        for line in re.findall(r"^(?:## |\| )(.*)$", page, re.MULTILINE)
        for word in [line.split(" |")[0]]
    }
    assert {ExportError.kind, ExerciseError.kind} <= kinds(RaspError)
    assert {kind for kind in kinds(RaspError) if kind not in shown} == {"division by zero"}  # with others


def test_the_changelog_says_everything_once() -> None:
    """Lines that two branches have are kept twice by a union merge."""
    lines = [line for line in (DOCS / "changelog.md").read_text(encoding="utf-8").splitlines() if line]
    assert len(lines) == len(set(lines))


def test_every_page_is_in_the_contents() -> None:
    contents = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"[\w/-]+\.md", contents)) == set(EVERY)
