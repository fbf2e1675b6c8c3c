"""The program's text in the page: which stretches of it belong to which residual columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from runtime.weights import Config

Columns = tuple[int, ...]


@dataclass(frozen=True)
class Mark:
    """The characters [start, end) of a text, and the numbers of the columns that they are computed in."""

    start: int
    end: int
    columns: Columns


@dataclass(frozen=True)
class Source:
    """One text to show, with its marks; a mark within another one comes after it."""

    title: str
    text: str
    marks: tuple[Mark, ...]


def program_source(text: str, config: Config) -> Source:
    """A model's own program, one statement a line: a statement without columns of its own belongs to those
    of the statements that use it (a selector to the head that reads with it).
    """
    own = [columns_of(config, statement.sops) for statement in config.statements]
    inherited: dict[int, Columns] = defaultdict(tuple)
    marks: list[Mark] = []
    for number, statement in reversed(list(enumerate(config.statements))):
        owned = own[number] or inherited[number]
        inside = [Mark(statement.start, statement.start + len(statement.name), own[number])]
        for mention in statement.mentions:
            if mention.statement is None:
                columns = columns_of(config, mention.sops)
            else:
                columns = own[mention.statement]
                inherited[mention.statement] = tuple(sorted({*inherited[mention.statement], *owned}))
            inside.append(Mark(mention.start, mention.end, columns))
        line = Mark(statement.start, statement.end, owned)
        marks = [mark for mark in (line, *inside) if mark.columns] + marks
    return Source("As compiled", text, tuple(marks))


def columns_of(config: Config, sops: Sequence[int]) -> Columns:
    """The numbers of the columns that belong to some s-ops."""
    return tuple(place for place, column in enumerate(config.columns) if column.of in sops)
