"""`rasp fmt`: one statement a line, four blanks a level, comments where they were.

Works on the words of the text, which it never changes, only the space between them. Where lines break
depends on the words and comments alone, so formatting twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rasp.syntax.building import Word
from rasp.syntax.parser import Comment, parse_statements, read_words
from rasp.syntax.tree import Command

WIDTH = 100
INDENT = 4

OPENING = {"LPAR", "LSQB", "LBRACE"}
CLOSING = {"RPAR", "RSQB", "RBRACE"}
OPERAND_ENDS = {"NAME", "INT", "FLOAT", "STRING"} | CLOSING
TIGHT_BEFORE_BRACKET = OPERAND_ENDS | {
    "SELECT",
    "AGGREGATE",
    "RANGE",
    "ZIP",
    "LEN",
    "ROUND",
    "INDICATOR",
    "DRAW",
    "EXIT",
    "QUIT",
}


@dataclass
class Item:
    """A word with the comments around it."""

    word: Word
    leading: list[tuple[str, bool]] = field(default_factory=list)
    """Comments on lines of their own before the word; True if an empty line stands before the comment."""
    trailing: str | None = None
    blank: bool = False
    """Whether an empty line stands right before the word."""
    unary: bool = False


@dataclass
class Group:
    """A pair of brackets with what is between them, cut at the commas (which end their parts)."""

    opening: Item
    parts: list[list[Item | Group]]
    closing: Item


def format_source(text: str, file: str = "<input>") -> str:
    """The program `text`, formatted. `file`: what a message calls it. Raises `RaspSyntaxError` if it is not a
    program.
    """
    commands = {
        (statement.span.end_line, statement.span.end_column)
        for statement in parse_statements(text, file)
        if isinstance(statement, Command)
    }
    words, comments = read_words(text, file)
    items, last = _with_comments(words, comments)
    printer = _Printer(items, commands)
    printer.statements(0)
    printer.comments(last, 0)
    return "".join(f"{line}\n" for line in printer.lines)


def _with_comments(words: list[Word], comments: list[Comment]) -> tuple[list[Item], list[tuple[str, bool]]]:
    """Each word with its comments, and the comments behind the last word."""
    items = [Item(word) for word in words]
    for previous, item in zip([None, *items], items, strict=False):
        item.unary = item.word.type in ("MINUS", "PLUS") and (
            previous is None or previous.word.type not in OPERAND_ENDS
        )
    pending: list[tuple[str, bool]] = []
    end, position = 0, 0
    for comment in comments:
        while position < len(items) and _start(items[position].word) < _start(comment):
            end = _take(items[position], pending, end)
            pending = []
            position += 1
        line = comment.span.line
        if position > 0 and not pending and items[position - 1].word.span.end_line == line:
            items[position - 1].trailing = comment.text
        else:
            pending.append((comment.text, end > 0 and line > end + 1))
        end = line
    for item in items[position:]:
        end = _take(item, pending, end)
        pending = []
    return items, pending


def _take(item: Item, pending: list[tuple[str, bool]], end: int) -> int:
    """Give a word the comments before it; returns the line on which it ends."""
    item.leading = pending
    item.blank = end > 0 and item.word.span.line > end + 1
    return item.word.span.end_line


def _start(thing: Word | Comment) -> tuple[int, int]:
    return thing.span.line, thing.span.column


class _Printer:
    """Puts the words on lines, statement by statement."""

    def __init__(self, items: list[Item], command_ends: set[tuple[int, int]]) -> None:
        self.items = items
        self.position = 0
        self.command_ends = command_ends
        self.lines: list[str] = []
        self.line: str | None = None
        """The line being written, if one has been begun."""
        self.previous: Item | None = None

    # Statements

    def statements(self, indent: int) -> None:
        """All statements up to the end of the text or of the block."""
        while self.position < len(self.items) and self.items[self.position].word.type != "RBRACE":
            self.statement(indent)

    def statement(self, indent: int) -> None:
        first = self.items[self.position]
        self.comments(first.leading, indent)
        if first.blank and self.lines and not self.lines[-1].endswith("{"):
            self.lines.append("")
        first.leading = []
        if first.word.type not in ("DEF", "FOR"):
            self.run(list(self.take_simple()), indent)
            return
        self.run(list(self.take_header()), indent)
        self.statements(indent + INDENT)
        closing = self.items[self.position]
        self.comments(closing.leading, indent + INDENT)
        closing.leading = []
        self.position += 1
        self.run([closing], indent)

    def take_simple(self) -> Iterator[Item]:
        """The words of a statement that has no block."""
        depth = 0
        while True:
            item = self.items[self.position]
            self.position += 1
            yield item
            depth += (item.word.type in OPENING) - (item.word.type in CLOSING)
            span = item.word.span
            ends_command = (span.end_line, span.end_column) in self.command_ends
            if depth == 0 and (item.word.type == "SEMICOLON" or ends_command):
                return

    def take_header(self) -> Iterator[Item]:
        """The words of a function or loop up to the brace that opens its block."""
        while True:
            item = self.items[self.position]
            previous = self.items[self.position - 1].word.type
            self.position += 1
            yield item
            # A brace behind an operand opens the block; elsewhere it opens a dict.
            if item.word.type == "LBRACE" and previous in OPERAND_ENDS:
                return

    # Lines

    def comments(self, comments: Sequence[tuple[str, bool]], indent: int) -> None:
        """Comments on lines of their own."""
        self.end_line()
        for text, blank in comments:
            if blank and self.lines:
                self.lines.append("")
            self.lines.append(" " * indent + text)

    def run(self, items: list[Item], indent: int) -> None:
        """A statement, or the header or the closing brace of one."""
        self.start_line(indent)
        self.sequence(_grouped(items), indent)
        self.end_line()

    def sequence(self, parts: Sequence[Item | Group], indent: int) -> None:
        """Words and brackets one behind the other; if they do not fit on a line, `and` and `or` begin one."""
        long = not self.fits([item for part in parts for item in _flat(part)])
        for part in parts:
            if isinstance(part, Item):
                if long and part.word.type in ("AND", "OR"):
                    self.start_line(indent + INDENT)
                self.word(part, indent + INDENT)
            elif self.fits(list(_flat(part))):
                for item in _flat(part):
                    self.word(item, indent + INDENT)
            else:
                self.broken(part, indent)

    def broken(self, group: Group, indent: int) -> None:
        """Brackets on several lines, one part a line."""
        self.word(group.opening, indent + INDENT)
        for part in group.parts:
            first = next(_flat(part[0]))
            self.comments(first.leading, indent + INDENT)
            first.leading = []
            self.start_line(indent + INDENT)
            self.sequence(part, indent + INDENT)
        self.comments(group.closing.leading, indent + INDENT)
        group.closing.leading = []
        self.start_line(indent)
        self.word(group.closing, indent)

    def fits(self, items: list[Item]) -> bool:
        """Is there room for the words on this line, and no comment between them?"""
        inner = any(item.leading for item in items) or any(item.trailing for item in items[:-1])
        return not inner and len(self.line or "") + 1 + _width(items) <= WIDTH

    def word(self, item: Item, indent: int) -> None:
        """The next word; comments before and behind it break the line."""
        if item.leading:
            self.comments(item.leading, indent)
            item.leading = []
        line = " " * indent if self.line is None else self.line
        blank = line.strip() and _spaced(self.previous, item)
        self.line = f"{line}{' ' if blank else ''}{item.word.text}"
        self.previous = item
        if item.trailing is not None:
            self.line += f"  {item.trailing}"
            self.end_line()

    def start_line(self, indent: int) -> None:
        self.end_line()
        self.line = " " * indent

    def end_line(self) -> None:
        if self.line is not None and self.line.strip():
            self.lines.append(self.line)
        self.line = None


def _grouped(items: list[Item]) -> list[Item | Group]:
    """The words with their brackets paired; a brace without a partner opens or closes a block."""
    stack: list[tuple[Item | None, list[list[Item | Group]]]] = [(None, [[]])]
    naming = False  # between `for` and `in`, where a comma separates names
    for item in items:
        kind = item.word.type
        naming = kind == "FOR" or (naming and kind != "IN")
        parts = stack[-1][1]
        if kind in OPENING:
            stack.append((item, [[]]))
        elif kind in CLOSING and len(stack) > 1:
            opening, inner = stack.pop()
            assert opening is not None
            stack[-1][1][-1].append(Group(opening, [part for part in inner if part], item))
        else:
            parts[-1].append(item)
            if kind == "COMMA" and not naming and len(stack) > 1:
                parts.append([])
    flat: list[Item | Group] = []
    for opening, parts in stack:
        flat += [] if opening is None else [opening]
        flat += [item for part in parts for item in part]
    return flat


def _flat(part: Item | Group) -> Iterator[Item]:
    """The words of a part, in order."""
    pending: list[Item | Group] = [part]
    while pending:
        each = pending.pop()
        if isinstance(each, Item):
            yield each
        else:
            yield each.opening
            pending.append(each.closing)
            pending += [inner for row in reversed(each.parts) for inner in reversed(row)]


def _width(items: list[Item]) -> int:
    """Characters that the words take on one line."""
    pairs = zip([None, *items], items, strict=False)
    return sum(len(item.word.text) + _spaced(previous, item) for previous, item in pairs)


def _spaced(previous: Item | None, item: Item) -> bool:
    """Does a blank stand between these two words?"""
    if previous is None or previous.unary:
        return False
    before, here = previous.word.type, item.word.type
    if before in ("LPAR", "LSQB", "LBRACE") or here in ("COMMA", "SEMICOLON", "COLON", *CLOSING):
        return False
    return not (here in ("LPAR", "LSQB") and before in TIGHT_BEFORE_BRACKET)
