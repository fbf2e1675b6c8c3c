"""The texts that go with a model, to be shown: which stretches of them belong to which residual columns."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from runtime.weights import Config, Grid

Columns = tuple[int, ...]

PROGRAM = "Program"
"""The title of the text that the user wrote."""

GRID = re.compile(r"#\s*grid:\s*([1-9][0-9]{0,5})\s*[x×]\s*([1-9][0-9]{0,5})(\s+of\s+sets)?\s*")  # noqa: RUF001
"""The line of a program's header that says in how many columns and rows an input is shown."""


@dataclass(frozen=True)
class Mark:
    """The characters [start, end) of a text, and the numbers of the columns that they are computed in."""

    start: int
    end: int
    columns: Columns


@dataclass(frozen=True)
class Opened:
    """What a call of the library in the characters [start, end) of a text carries out: the function's own
    `text`, with marks of its own.
    """

    start: int
    end: int
    text: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class UsersLine:
    """The line in which the user assigned what the model's statement of this number makes, without comments:
    the name and what stands right of `=`. `before`: lines that give names of plain values that it mentions.
    """

    statement: int
    name: str
    formula: str
    before: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """One text to show, with its marks; a mark within another one comes after it. `opened` are the calls of
    library functions in it that can be opened in place, `lines` those that can be quoted.
    """

    title: str
    text: str
    marks: tuple[Mark, ...]
    opened: tuple[Opened, ...] = ()
    lines: tuple[UsersLine, ...] = ()


def users_lines(sources: Sequence[Source]) -> tuple[UsersLine, ...]:
    """The lines of the text that the user wrote, if it is among some sources."""
    return next((source.lines for source in sources if source.title == PROGRAM), ())


def grid_said(text: str) -> Grid | None:
    """How the header of a program says that an input is shown, as in `# grid: 8 x 8`; None if it does not."""
    header = takewhile(lambda line: line.startswith("#"), text.splitlines())
    found = next(filter(None, map(GRID.fullmatch, header)), None)
    return None if found is None else Grid(int(found[1]), int(found[2]), found[3] is not None)


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
