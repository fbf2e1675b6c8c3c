"""What a user reads who has made a mistake: a table of bad programs and the whole text of their errors.

errors.txt beside this file holds blocks: lines of the program behind `>>> ` and `... `, the input of its last
s-op or selector behind `@@@ ` if the mistake shows only there, then the expected text. With
RASP_UPDATE_GOLDEN=1 in the environment the expected texts are rewritten instead of compared.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

import rasp
from rasp.errors import Span, caret_lines
from rasp.graph.sops import Node

TABLE = Path(__file__).parent / "errors.txt"


@dataclass(frozen=True)
class BadProgram:
    program: str
    input: str | None
    expected: str

    def text(self) -> str:
        first, *rest = self.program.split("\n")
        lines = [f">>> {first}", *(f"... {line}" for line in rest)]
        lines += [] if self.input is None else [f"@@@ {self.input}"]
        return "\n".join([*lines, self.expected])


def read_table() -> list[BadProgram]:
    table = []
    for block in TABLE.read_text(encoding="utf-8").strip("\n").split("\n\n"):
        lines = block.split("\n")
        program = [line[4:] for line in lines if line.startswith((">>> ", "... "))]
        given = next((line[4:] for line in lines if line.startswith("@@@ ")), None)
        expected = [line for line in lines if not line.startswith((">>> ", "... ", "@@@ "))]
        table.append(BadProgram("\n".join(program), given, "\n".join(expected)))
    return table


def error_of(bad: BadProgram) -> str:
    """The text of the error that the program ends in."""
    try:
        program = rasp.parse(bad.program, file="bad.rasp")
        last = list(program.values())[-1]
        assert isinstance(last, Node)
        last(bad.input)
    except rasp.RaspError as error:
        return str(error)
    raise AssertionError(f"no mistake in {bad.program}")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def rewrite_table() -> None:
    rewritten = [BadProgram(bad.program, bad.input, error_of(bad)).text() for bad in read_table()]
    TABLE.write_text("\n\n".join(rewritten) + "\n", encoding="utf-8")


if "RASP_UPDATE_GOLDEN" in os.environ:
    rewrite_table()


@pytest.mark.parametrize("bad", read_table(), ids=lambda bad: bad.program[:60])
def test_message(bad: BadProgram) -> None:
    assert error_of(bad) == bad.expected


def test_table_is_large_and_every_error_has_its_place() -> None:
    table = read_table()
    assert len(table) >= 60
    assert all(bad.expected.startswith("bad.rasp:") for bad in table)


def test_caret_stays_below_its_character_behind_tabs() -> None:
    span = Span("f", 1, 3, 1, 6, "\t\tabc;")
    assert caret_lines(span) == ["    \t\tabc;", "    \t\t^^^"]


def test_long_lines_are_cut_around_the_caret() -> None:
    source = "x = " + "1 + " * 200 + "nobody;"
    with pytest.raises(rasp.RaspError) as caught:
        rasp.parse(source)
    _, line, caret, *_ = str(caught.value).split("\n")
    assert len(line) <= 170
    assert line[caret.index("^") : caret.rindex("^") + 1] == "nobody"
