"""The lines of the program that an s-op of the model is computed by, as a person would quote them.

A model's own program has one operation a line; what the user gave no name is put back where it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from runtime.inspection.brackets import fewer_brackets, plain_minus
from runtime.statements import Mention, Statement

UNNAMED = re.compile(r"step\d+")
"""What a saved program calls what its user gave no name."""

COMMENT = re.compile(r'("[^"\n]*")|#[^\n]*')

ASSIGNED = re.compile(r'\b(\w+)\s*=(?!=)((?:"[^"\n]*"|[^";])*);')
"""A name and what is assigned to it."""

LONGEST, LONGEST_OF_USERS = 160, 600
"""Characters of a line that is quoted in full, and of one in its user's words."""


@dataclass(frozen=True)
class Quoted:
    """One line: the statement's number, its name (none if the user gave it none) and what stands right of
    `=`.
    """

    statement: int
    name: str
    formula: str

    def __str__(self) -> str:
        return f"{self.name} = {self.formula};" if self.name else self.formula


@dataclass(frozen=True)
class Quoting:
    """A program's text and its statements; `written` is the text that the user wrote, if it is at hand."""

    program: str
    statements: Sequence[Statement]
    written: str = ""

    def lines(self, of: int | None) -> tuple[Quoted, ...]:
        """The line of an s-op, given by number, below those of the selectors and values that are computed
        within it and have a name. Nothing if the program does not tell.
        """
        own = self.statement(of)
        if own is None:
            return ()
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
        name, formula = "" if self._is_unnamed(number) else self._shown(number), self._formula(number)
        users = [text for text in self._users_lines.get(name, ()) if bare(text) == bare(formula)]
        formula = users[0] if users else plain_minus(fewer_brackets(formula))
        longest = LONGEST_OF_USERS if users else LONGEST
        if len(formula) > longest:
            formula = formula[: longest - 1] + "\u2026"
        return Quoted(number, name, formula)

    @cached_property
    def _users_lines(self) -> dict[str, list[str]]:
        """What the user has assigned to each name, in the user's own words."""
        found: dict[str, list[str]] = {}
        for name, formula in ASSIGNED.findall(COMMENT.sub(r"\1", self.written)):
            found.setdefault(name, []).append(" ".join(formula.split()))
        return found

    def _within(self, number: int) -> Iterator[int]:
        """The named statements that are computed in no columns of their own but with this one."""
        for mention in self.statements[number].mentions:
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

    def _formula(self, number: int) -> str:
        """What stands right of `=`, what has no name written out, without brackets around all of it."""
        statement = self.statements[number]
        start = self.program.index("=", statement.start + len(statement.name)) + 1
        text, at = "", start
        for mention in sorted(statement.mentions, key=lambda each: each.start):
            text += self.program[at : mention.start] + self._written(mention, text, start)
            at = mention.end
        text += self.program[at : statement.end]
        return unbracketed(text.strip().removesuffix(";").strip())

    def _written(self, mention: Mention, before: str, start: int) -> str:
        """A mention: the name, or the formula of what has none, in brackets where it is a part of another."""
        if mention.statement is None:
            named = self.program[mention.start : mention.end]
            return "tokens" if named.startswith("tokens") else named
        if not self._is_unnamed(mention.statement):
            return self._shown(mention.statement)
        formula = self._formula(mention.statement)
        left = self.program[start : mention.start].strip()
        right = self.program[mention.end :].lstrip()
        alone = left.endswith((",", "(")) and right[:1] in (",", ")") and left != "("
        return formula if alone or is_one(formula) else f"({formula})"


def bare(formula: str) -> str:
    """A formula without its brackets, white space and what the tokens are taken as."""
    return re.sub(r"\btokens_(asis|str)\b", "tokens", re.sub(r"[\s()]", "", formula))


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
