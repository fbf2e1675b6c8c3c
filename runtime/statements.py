"""What a model knows of its program's text: which statement is computed in which columns.

Everything is tied by number: a statement by its place in the program, an s-op of the model by the number that
its columns carry (`Column.of`). Names and texts are for people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rasp.records import LEFT_OUT


@dataclass(frozen=True)
class Mention:
    """The characters [start, end) of the program that name a statement, or an s-op that needs none (the
    tokens, the indices) and is held by the columns of the s-ops numbered `sops`.
    """

    start: int
    end: int
    statement: int | None = field(default=None, metadata=LEFT_OUT)
    sops: tuple[int, ...] = field(default=(), metadata=LEFT_OUT)


@dataclass(frozen=True)
class Call:
    """A call of a library function as it was written, `text`, with the places in it that name statements."""

    text: str
    mentions: tuple[Mention, ...] = field(default=(), metadata=LEFT_OUT)


@dataclass(frozen=True)
class Statement:
    """The statement in the characters [start, end) of the program: `sops` are the numbers of the s-ops of the
    model that its value became, none if it was folded into what reads it; `parts_only` if its value is none
    of them, but made of them wherever it is read. `called`: the call of a library function that gave the
    value; `within`: the number of the statement of that call within which the value was made.
    """

    name: str
    start: int
    end: int
    sops: tuple[int, ...] = field(default=(), metadata=LEFT_OUT)
    mentions: tuple[Mention, ...] = field(default=(), metadata=LEFT_OUT)
    parts_only: bool = field(default=False, metadata=LEFT_OUT)
    called: Call | None = field(default=None, metadata=LEFT_OUT)
    within: int | None = field(default=None, metadata=LEFT_OUT)


def fits(statements: Sequence[Statement]) -> bool:
    """Whether all numbers count from 0 on, and each statement names only statements before it, and is made
    within the call of one behind it.
    """
    spans: list[Statement | Mention] = [*statements, *(m for each in statements for m in _mentions(each))]
    return (
        all(0 <= each.start <= each.end and min(each.sops, default=0) >= 0 for each in spans)
        and all(
            mention.statement is None or 0 <= mention.statement < number
            for number, statement in enumerate(statements)
            for mention in _mentions(statement)
        )
        and all(
            each.within is None or (number < each.within < len(statements) and statements[each.within].called)
            for number, each in enumerate(statements)
        )
    )


def _mentions(statement: Statement) -> tuple[Mention, ...]:
    """The mentions in a statement and in the call that gave its value."""
    return (*statement.mentions, *(statement.called.mentions if statement.called else ()))


def by_names(program: str, sops: Sequence[str]) -> tuple[Statement, ...]:
    """The statements of a model that does not carry them: one a line, each belonging to the s-op of its name,
    if there is one of that name (`sops`, by number) and only one. What reads what is not known.
    """
    found = []
    offset = 0
    for line in program.splitlines(keepends=True):
        name, equals, _ = line.partition(" = ")
        if equals and name.isidentifier():
            own = tuple(number for number, sop in enumerate(sops) if sop == name)
            found.append(Statement(name, offset, offset + len(line.rstrip()), own if len(own) == 1 else ()))
        offset += len(line)
    return tuple(found)
