"""The lines of the program that an s-op of the model is computed by, as a person would quote them.

A model's own program has one operation a line; what the user gave no name is put back where it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from runtime.inspection.brackets import fewer_brackets, plain_minus
from runtime.sources import UsersLine
from runtime.statements import Mention, Statement

UNNAMED = re.compile(r"step\d+")
"""What a saved program calls what its user gave no name."""

TABLE = re.compile(r'([\[{])((?:"[^"]*"|[^\[\]{}"])*)([\]}])')
"""A list or dict of plain values."""

ITEM = re.compile(r'(?:"[^"]*"|[^,"])+')

LONGEST, LONGEST_OF_USERS = 160, 600
"""Characters of a line that is quoted in full, and of one in its user's words."""

LONGEST_TABLE, MOST_ITEMS = 60, 4
"""Characters of a list or dict that is quoted with all its items, and how many are in any case."""


@dataclass(frozen=True)
class Quoted:
    """One line: the statement's number, its name (none if the user gave it none) and what stands right of
    `=`; `within`: the call of a library function of whose lines it is one; `before`: the lines that give
    names to plain values in it.
    """

    statement: int
    name: str
    formula: str
    within: str = ""
    before: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} = {self.formula};" if self.name else self.formula


@dataclass(frozen=True)
class Quoting:
    """A program's text and its statements; `written` are the lines of the user's text, if it is at hand."""

    program: str
    statements: Sequence[Statement]
    written: Sequence[UsersLine] = ()

    def lines(self, of: int | None) -> tuple[Quoted, ...]:
        """The line of an s-op, given by number, below those of the selectors and values that are computed
        within it and have a name. Nothing if the program does not tell.
        """
        own = self.statement(of)
        return () if own is None else self._with_inner(own)

    def _with_inner(self, own: int) -> tuple[Quoted, ...]:
        """A statement's line, below those of what is computed within it and has a name."""
        return tuple(self.line(number) for number in sorted({own, *self._within(own)}))

    def name(self, of: int | None) -> str:
        """What the program calls an s-op, given by number; empty if it gave it no name."""
        own = self.statement(of)
        return "" if own is None or self._is_unnamed(own) else self._shown(own)

    def enclosing(self, of: int | None) -> Quoted | None:
        """The line in which what has no name stands, of an s-op given by number."""
        own = self.statement(of)
        while own is not None and self._is_unnamed(own):
            own = next((n for n, s in enumerate(self.statements) if own in _mentioned(s)), None)
        return None if own is None else self.line(own)

    def unfolded(self, number: int) -> str:
        """What a statement carries out: of a call what stands in the library's line."""
        return plain_minus(fewer_brackets(self._formula(number, unfolded=True)))

    @property
    def answer(self) -> str:
        """What the program calls its answer: its last statement."""
        return self._shown(len(self.statements) - 1) if self.statements else ""

    @property
    def answer_line(self) -> Quoted | None:
        """The line of the answer, if it has a name."""
        if not self.statements or self._is_unnamed(len(self.statements) - 1):
            return None
        return self.line(len(self.statements) - 1)

    @property
    def answer_lines(self) -> tuple[Quoted, ...]:
        """The line of the answer, below those of what is computed within it and has a name."""
        return self._with_inner(len(self.statements) - 1) if self.statements else ()

    def statement(self, of: int | None) -> int | None:
        """The number of the statement that became an s-op."""
        return next((n for n, s in enumerate(self.statements) if of in s.sops[:1]), None)

    def line(self, number: int) -> Quoted:
        """A statement with what has no name written out, as the user wrote it if that says the same."""
        if number not in self._quoted:
            self._quoted[number] = self._line(number)
        return self._quoted[number]

    @cached_property
    def _quoted(self) -> dict[int, Quoted]:
        """The lines that were asked for."""
        return {}

    def _line(self, number: int) -> Quoted:
        name = "" if self._is_unnamed(number) else self._shown(number)
        users = self._users_lines.get(number)
        if users is not None and users.name == name:
            before = tuple(cut(line, LONGEST_OF_USERS) for line in users.before)
            return Quoted(number, name, cut(users.formula, LONGEST_OF_USERS), before=before)
        within = self.statements[number].within
        return Quoted(
            number,
            name,
            cut(plain_minus(fewer_brackets(self._formula(number))), LONGEST),
            "" if within is None else fewer_brackets(self._formula(within)),
        )

    @cached_property
    def _users_lines(self) -> dict[int, UsersLine]:
        """The user's own lines by the number of the statement."""
        return {line.statement: line for line in self.written}

    def _within(self, number: int) -> Iterator[int]:
        """The named statements that are computed in no columns of their own but with this one."""
        for mention in self._mentions(number):
            if mention.statement is not None and not self.statements[mention.statement].sops:
                yield from self._within(mention.statement)
                if not self._is_unnamed(mention.statement):
                    yield mention.statement

    def _is_unnamed(self, number: int) -> bool:
        return UNNAMED.fullmatch(self.statements[number].name) is not None

    def _shown(self, number: int) -> str:
        """A statement's name, a name of the library without the line that tells it from the user's."""
        name = self.statements[number].name
        bare = name.removesuffix("_")
        return name if any(each.name == bare for each in self.statements) else bare

    def _mentions(self, number: int) -> tuple[Mention, ...]:
        """What a statement mentions as it is quoted."""
        statement = self.statements[number]
        return statement.mentions if statement.called is None else statement.called.mentions

    def _formula(self, number: int, unfolded: bool = False) -> str:
        """What stands right of `=`, what has no name written out, without brackets around all of it; a call
        of the library as it was written, unless it is to be `unfolded`.
        """
        statement = self.statements[number]
        if statement.called is not None and not unfolded:
            return self._filled(statement.called.text, 0, statement.called.mentions)
        start = self.program.index("=", statement.start + len(statement.name)) + 1
        text = self._filled(self.program[: statement.end], start, statement.mentions)
        return unbracketed(text.strip().removesuffix(";").strip())

    def _filled(self, text: str, start: int, mentions: Sequence[Mention]) -> str:
        """A text from a place on, with what is mentioned in it as people are told it."""
        found, at = "", start
        for mention in sorted(mentions, key=lambda each: each.start):
            found += text[at : mention.start] + self._written(mention, text, start)
            at = mention.end
        return found + text[at:]

    def _written(self, mention: Mention, text: str, start: int) -> str:
        """A mention: the name, or the formula of what has none, in brackets where it is a part of another."""
        if mention.statement is None:
            named = text[mention.start : mention.end]
            return "tokens" if named.startswith("tokens") else named
        if not self._is_unnamed(mention.statement):
            return self._shown(mention.statement)
        formula = self._formula(mention.statement)
        left = text[start : mention.start].strip()
        right = text[mention.end :].lstrip()
        alone = left.endswith((",", "(")) and right[:1] in (",", ")") and left != "("
        return formula if alone or is_one(formula) else f"({formula})"


def cut(formula: str, longest: int) -> str:
    """A formula with the first and last items of long tables, and of so many characters at most."""
    formula = TABLE.sub(lambda table: _shortened(*table.groups()), formula)
    return formula if len(formula) <= longest else formula[: longest - 1] + "\u2026"


def _shortened(opening: str, inner: str, closing: str) -> str:
    items = [item.strip() for item in ITEM.findall(inner)]
    if len(inner) > LONGEST_TABLE and len(items) > MOST_ITEMS:
        inner = f"{items[0]}, {items[1]}, ..., {items[-1]}"
    return f"{opening}{inner}{closing}"


def _mentioned(statement: Statement) -> set[int | None]:
    """The numbers of the statements that one names."""
    return {mention.statement for mention in statement.mentions}


def is_one(formula: str) -> bool:
    """Whether a formula is a name or a call, which need no brackets."""
    return re.fullmatch(r"\w+", formula) is not None or (
        re.match(r"\w+\(", formula) is not None and closes_at(formula, formula.index("(")) == len(formula) - 1
    )


def unbracketed(formula: str) -> str:
    """The formula without a pair of brackets around all of it."""
    if formula.startswith("(") and closes_at(formula, 0) == len(formula) - 1:
        return formula[1:-1]
    return formula


def closes_at(text: str, start: int) -> int:
    """Where the bracket closes that opens at a place; -1 if it does not. Brackets in strings are none."""
    depth, quoted, skip = 0, False, False
    for place in range(start, len(text)):
        character = text[place]
        if skip:
            skip = False
        elif quoted:
            skip, quoted = character == "\\", character != '"'
        elif character == '"':
            quoted = True
        else:
            depth += (character == "(") - (character == ")")
            if depth == 0:
                return place
    return -1
