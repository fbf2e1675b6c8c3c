"""Text -> syntax tree. The only file that knows lark.

The lexer runs over the whole text; statements are then read one at a time by an LALR parser that is fed
token by token, which finds a mistake at the first token that cannot continue the statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rasp.errors import LimitError, OperandError, RaspError, RaspSyntaxError, Span
from rasp.graph.atoms import shown
from rasp.limits import MAX_NESTING
from rasp.syntax.building import TreeBuilder, Word
from rasp.syntax.mistakes import explain
from rasp.syntax.tree import Expression, ExpressionStatement, Loop, Statement, Syntax, children

if TYPE_CHECKING:
    from lark import Lark, Token

OPENING = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
CLOSING = set(OPENING.values())


class _KeepAll:
    """Makes lark keep the terminals that no rule uses: comments, and characters that do not belong."""

    always_accept = ("COMMENT", "UNKNOWN", "UNCLOSED_STRING")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream


@cache
def _lark() -> Lark:
    from lark import Lark  # imported late: it takes longer than all of the rest of `rasp`

    return Lark(
        files("rasp.syntax").joinpath("rasp.lark").read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        start="statement",
        keep_all_tokens=True,
        maybe_placeholders=False,
        postlex=_KeepAll(),
        transformer=TreeBuilder(),
    )


@dataclass(frozen=True)
class Source:
    """A text to be read, where it comes from, and the number of its first line."""

    text: str
    file: str = "<input>"
    first_line: int = 1

    def word(self, token: Token) -> Word:
        """A token of this text with its place, free of lark."""
        shift = self.first_line - 1
        line, end_line = (token.line or 1) + shift, (token.end_line or 1) + shift
        place = (line, token.column or 1, end_line, token.end_column or 1)
        return Word(token.type, str(token), Span(self.file, *place, self.text, self.first_line))


@dataclass(frozen=True)
class Comment:
    """A comment: its text from `#` on, without the blanks at its end."""

    text: str
    span: Span


def parse_statements(text: str, file: str = "<input>", first_line: int = 1) -> list[Statement]:
    """All statements of a text. Raises `RaspSyntaxError` at the first mistake, with `unfinished` set if the
    text ends within a statement.
    """
    statements: list[Statement] = []
    for item in read_statements(text, file, first_line):
        if isinstance(item, RaspError):
            raise item
        statements.append(item)
    return statements


def read_statements(text: str, file: str = "<input>", first_line: int = 1) -> Iterator[Statement | RaspError]:
    """The statements of a text one by one; a mistake is given in place of its statement and reading goes
    on behind it.
    """
    yield from _Reader(Source(text, file, first_line)).statements()


def parse_expression(text: str, file: str = "<input>") -> Expression:
    """A text that is one expression, without a semicolon."""
    statements = parse_statements(text + "\n;", file)
    if len(statements) != 1 or not isinstance(statements[0], ExpressionStatement):
        raise RaspError("expected a single expression", span=statements[0].span if statements else None)
    return statements[0].expression


def read_words(text: str, file: str = "<input>") -> tuple[list[Word], list[Comment]]:
    """The tokens of a text and, apart from them, its comments."""
    reader = _Reader(Source(text, file))
    return reader.words, reader.comments


class _Reader:
    """Cuts a text into tokens and feeds them to the parser, statement by statement."""

    def __init__(self, source: Source) -> None:
        if not isinstance(source.text, str):
            raise OperandError(f"the text of a program is a string, not {shown(source.text)}")
        words = [source.word(token) for token in _lark().lex(source.text)]
        self.comments = [Comment(w.text.rstrip(), w.span) for w in words if w.type == "COMMENT"]
        self.words = [word for word in words if word.type != "COMMENT"]
        self.position = 0

    def statements(self) -> Iterator[Statement | RaspError]:
        while self.position < len(self.words):
            start = self.position
            try:
                statement = self.statement()
            except RaspError as error:
                self.skip_mistake(start)
                yield error
            else:
                yield self.mistake_in(statement) or statement

    def statement(self) -> Statement:
        """Read one statement; afterwards `position` is behind it or, on a mistake, at the guilty token."""
        from lark.exceptions import UnexpectedToken

        start = self.position
        parser: Any = _lark().parse_interactive("")  # any object with a `type` will do as a token
        depth = 0
        while self.position < len(self.words):
            word = self.words[self.position]
            if self.command_ends_before(start, depth):
                break
            try:
                parser.feed_token(word)
            except UnexpectedToken:
                raise self.explain(start, parser.accepts()) from None
            self.position += 1
            depth += (word.type in OPENING) - (word.type in CLOSING)
            if depth > MAX_NESTING:
                raise LimitError(f"brackets nest more than {MAX_NESTING} deep", span=word.span)
            if depth == 0 and self.ends(start, word.type, parser):
                break
        try:
            result = parser.feed_token(Word("$END", "", self.words[start].span))
        except UnexpectedToken:
            raise self.explain(start, parser.accepts()) from None
        assert isinstance(result, Statement)
        return result

    def ends(self, start: int, kind: str, parser: Any) -> bool:
        """Is a token of this kind, outside all brackets, the last of the statement begun at `start`?"""
        if kind == "RBRACE" and self.words[start].type == "FOR":
            return bool("$END" in parser.accepts())  # or else the brace closes a dict that the loop runs over
        return kind == "SEMICOLON" or (kind == "RBRACE" and self.words[start].type == "DEF")

    def command_ends_before(self, start: int, depth: int) -> bool:
        """Commands have no semicolon: they end with their line, or with the brackets open at its end."""
        first, word = self.words[start], self.words[self.position]
        is_command = first.type in ("SET", "SHOW", "EXAMPLES", "S_OP", "SELECTOR", "FULL_SEQ_DISPLAY")
        is_command = is_command or first.type in ("EXIT", "QUIT")
        if not is_command or depth > 0 or self.position == start:
            return False
        previous = self.words[self.position - 1]
        value_follows = first.type == "SET" and previous.type == "EXAMPLE"
        return word.span.line > previous.span.end_line and not value_follows

    def explain(self, start: int, expected: set[str]) -> RaspError:
        at_end = self.position >= len(self.words)
        return explain(self.words[start : self.position + 1], expected, at_end=at_end)

    def mistake_in(self, statement: Statement) -> RaspError | None:
        """What the grammar does not say: the depth of nesting, and that a loop's body is not empty."""
        level: list[Syntax] = [statement]
        for _ in range(MAX_NESTING):
            for node in level:
                if isinstance(node, Loop) and not node.body and not self.comments_after(node.source, node):
                    return RaspSyntaxError("the body of a loop cannot be empty", span=node.span)
            level = [child for node in level for child in children(node)]
            if not level:
                return None
        return LimitError(f"the statement nests more than {MAX_NESTING} deep", span=statement.span)

    def comments_after(self, source: Syntax, loop: Syntax) -> bool:
        """Whether a comment stands in the body of a loop."""
        start, end = source.span, loop.span
        return any(
            (start.end_line, start.end_column)
            <= (c.span.line, c.span.column)
            < (end.end_line, end.end_column)
            for c in self.comments
        )

    def skip_mistake(self, start: int) -> None:
        """Go on where the next statement probably begins: at the guilty word if it begins a line of its own,
        else behind the next semicolon or, from within a function or loop, behind its closing brace.
        """
        words, guilty = self.words, self.position
        block = words[start].type in ("DEF", "FOR")
        inside = not block and start < guilty < len(words)
        if inside and words[guilty].span.line > words[guilty - 1].span.end_line:
            return
        depth = 0
        for at in range(start, len(words)):
            kind = words[at].type
            depth += (kind == "LBRACE") - (kind == "RBRACE")
            ends = kind == "SEMICOLON" or (block and kind == "RBRACE")
            if at >= guilty and depth <= 0 and ends:
                self.position = at + 1
                return
        self.position = len(words)
