"""The program's text in the page: which stretches of it belong to which residual columns."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runtime.inspection.reading import STATEMENT, base_name
from runtime.weights import Column

NAME = re.compile(r'"[^"\n]*"|#[^\n]*|[A-Za-z_]\w*')


@dataclass(frozen=True)
class Mark:
    """The characters [start, end) of a text, and the numbers of the columns that they are computed in."""

    start: int
    end: int
    columns: tuple[int, ...]


@dataclass(frozen=True)
class Source:
    """One text to show, with its marks; a mark within another one comes after it."""

    title: str
    text: str
    marks: tuple[Mark, ...]


def columns_by_name(columns: tuple[Column, ...]) -> dict[str, tuple[int, ...]]:
    """The numbers of the columns that belong to each s-op."""
    found: dict[str, tuple[int, ...]] = {}
    for index, column in enumerate(columns):
        found[base_name(column)] = (*found.get(base_name(column), ()), index)
    return found


def program_source(text: str, columns: tuple[Column, ...]) -> Source:
    """A model's own program, one statement a line: a statement without columns of its own belongs to those
    of the statements that use it (a selector to the head that reads with it).
    """
    known = columns_by_name(columns)
    statements: list[tuple[int, int, str, str]] = []
    offset = 0
    for line in text.splitlines(keepends=True):
        if (found := STATEMENT.match(line.rstrip("\r\n"))) is not None:
            statements.append((offset, offset + found.end(), found[1], found[2]))
        offset += len(line)
    owned: dict[str, tuple[int, ...]] = {}
    inherited: dict[str, tuple[int, ...]] = {}
    for _, _, name, expression in reversed(statements):
        own = known.get(name) or known.get(name.rstrip("_")) or known.get(expression) or ()
        owned[name] = own or inherited.get(name, ())
        for used in NAME.findall(expression):
            inherited[used] = tuple(sorted({*inherited.get(used, ()), *owned[name]}))
    marks = [Mark(start, end, owned[name]) for start, end, name, _ in statements if owned[name]]
    return Source("As compiled", text, tuple(marks + name_marks(text, columns)))


def name_marks(text: str, columns: tuple[Column, ...]) -> list[Mark]:
    """Where a text calls an s-op that has columns by its name; the tokens have several names."""
    known = columns_by_name(columns)
    marks = []
    for found in NAME.finditer(text):
        name = "tokens" if found[0].startswith("tokens") else found[0]
        if name in known:
            marks.append(Mark(found.start(), found.end(), known[name]))
    return marks
