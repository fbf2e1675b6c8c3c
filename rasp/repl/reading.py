"""Entries: how much text makes one, and the reader for input that is piped or typed without an editor."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from rasp.errors import RaspError, RaspSyntaxError, Span
from rasp.syntax.parser import read_statements, read_words
from rasp.syntax.tree import Statement

FILE = "console"
"""How messages call the dialogue's own text."""

PROMPT, CONTINUATION = ">> ", ".. "
INDENT = "  "

ORDERS = ("compile", "verify", "layers", "help")
ORDER = re.compile(rf"\s*({'|'.join(ORDERS)})(?:[ \t]+([A-Za-z_][A-Za-z_0-9]*)[ \t]*;?)?\s*(?:#.*)?")
HELP = re.compile(r"\s*(help)[ \t]+(s-op|==|!=|<=|>=|[<>+\-*/%^])[ \t]*;?\s*(?:#.*)?")
"""An order, and the name that follows; `help` is also given of what is written with signs."""


@dataclass(frozen=True)
class Order:
    """A command that the language's grammar does not have: its word, and the name that follows, if any.

    `span` is the place of the name, or else of the word.
    """

    word: str
    name: str | None
    span: Span


@dataclass(frozen=True)
class Entry:
    """What the user wrote until it made sense: statements and mistakes, or an order."""

    text: str
    parts: tuple[Statement | RaspError, ...]
    order: Order | None = None

    @property
    def lines(self) -> int:
        return self.text.count("\n") + 1


class Reader(Protocol):
    """Where entries come from."""

    def read(self, first_line: int) -> Entry:
        """The next entry, whose first line has this number. EOFError at the end; KeyboardInterrupt if the
        user drops what has been written.
        """
        ...


def read_entry(text: str, first_line: int = 1) -> Entry | None:
    """The entry that the text makes; None if it is blank or more could make it one."""
    order = read_order(text, first_line)
    if order is not None:
        return Entry(text, (), order)
    entry = all_of(text, first_line)
    mistakes = [part for part in entry.parts if isinstance(part, RaspError)]
    waits = bool(mistakes) and isinstance(mistakes[0], RaspSyntaxError) and mistakes[0].unfinished
    return None if waits or not entry.parts else entry


def read_order(text: str, first_line: int) -> Order | None:
    """The order that the text is, if it is one."""
    match = ORDER.fullmatch(text) or HELP.fullmatch(text)
    if match is None:
        return None
    word, name = match.groups()
    start, end = match.span(2 if name else 1)
    line = text.count("\n", 0, start) + first_line
    column = start - text.rfind("\n", 0, start)
    place = (line, column, line, column + end - start)
    return Order(word, name, Span(FILE, *place, text, first_line))


def all_of(text: str, first_line: int) -> Entry:
    """The text as an entry, whether it is finished or not."""
    return Entry(text, tuple(read_statements(text, FILE, first_line)))


def continuation_prompt(text: str) -> str:
    """What stands before the next line of an entry: indented by the functions begun so far."""
    words, _ = read_words(text)
    return CONTINUATION + INDENT * sum(word.type == "DEF" for word in words)


class LineReader:
    """Collects lines until they make an entry. `ask` shows a prompt and gives a line, or raises EOFError.

    With `whole`, as for a pipe, where nobody can answer to a mistake half-way: a body with a mistake in it
    is read to its end, so that its other lines are not taken for statements of their own.
    """

    def __init__(self, ask: Callable[[str], str], whole: bool = False) -> None:
        self._ask = ask
        self._whole = whole
        self._ahead: list[str] = []

    def read(self, first_line: int) -> Entry:
        text = self._line(PROMPT)
        while (entry := read_entry(text, first_line)) is None:
            try:
                text += "\n" + self._line(continuation_prompt(text))
            except EOFError:
                unfinished = all_of(text, first_line)
                if not unfinished.parts:
                    raise
                return unfinished
        return self._to_the_end(entry, first_line) if self._whole else entry

    def _line(self, prompt: str) -> str:
        return self._ahead.pop(0) if self._ahead else self._ask(prompt)

    def _to_the_end(self, entry: Entry, first_line: int) -> Entry:
        """The entry with the rest of the body in which it fails, if that body ends before the next one."""
        if not any(isinstance(part, RaspError) for part in entry.parts):
            return entry
        lines: list[str] = []
        while open_braces(text := "\n".join([entry.text, *lines])) > 0:
            try:
                line = self._line(continuation_prompt(text))
            except EOFError:
                line = None
            if line is None or line.startswith("def "):
                self._ahead = [*lines, *([] if line is None else [line]), *self._ahead]
                return entry
            lines.append(line)
        if not lines:
            return entry
        parts = all_of(text, first_line).parts
        failing = next((place for place, part in enumerate(parts) if isinstance(part, RaspError)), len(parts))
        return Entry(text, parts[: failing + 1])


def open_braces(text: str) -> int:
    """How many braces are open at the end of the text."""
    words, _ = read_words(text)
    return sum((word.text == "{") - (word.text == "}") for word in words)
