"""Colours for RASP: a Pygments lexer (registered for `.rasp`), and coloured text for terminals."""

from __future__ import annotations

import re
from typing import ClassVar

from pygments import highlight
from pygments.formatters import TerminalFormatter
from pygments.lexer import RegexLexer, bygroups, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text

KEYWORDS = ("if", "else", "not", "and", "or", "def", "return", "for", "in", "load", "draw")
COMMANDS = ("set", "show", "example", "examples", "on", "off", "exit", "quit", "selector")
BUILTINS = ("select", "aggregate", "only", "range", "zip", "len", "round", "indicator")
BASE_NAMES = ("tokens", "tokens_asis", "tokens_str", "tokens_int", "tokens_float", "tokens_bool", "indices")
LIBRARY = (
    "length",
    "full_s",
    "selector_width",
    "has_focus",
    "count",
    "contains",
    "max",
    "min",
    "average",
    "load_from_location",
    "shift",
    "mark_last_instance",
    "mark_first_instance",
    "select_from_last",
    "select_from_first",
    "sort",
    "select_next_identical",
)


class RaspLexer(RegexLexer):  # type: ignore[misc]  # Pygments has no types
    """Tells the words of a RASP text apart."""

    name = "RASP"
    aliases: ClassVar[list[str]] = ["rasp"]
    filenames: ClassVar[list[str]] = ["*.rasp"]
    mimetypes: ClassVar[list[str]] = ["text/x-rasp"]
    url = "https://arxiv.org/abs/2106.06981"
    flags = re.ASCII

    tokens: ClassVar[dict[str, list[tuple[object, object]]]] = {
        "root": [
            (r"[ \t\r\n]+", Text.Whitespace),
            (r"#[^\n]*", Comment.Single),
            (r'"[^"\r\n]*"', String.Double),
            (r"[0-9]+\.[0-9]+", Number.Float),
            (r"[0-9]+", Number.Integer),
            (r"full seq display\b", Keyword.Reserved),
            (r"s-op(?=[ \t\r\n]+examples?\b)", Keyword.Reserved),
            (r"(def)([ \t\r\n]+)([A-Za-z_][A-Za-z_0-9]*)", bygroups(Keyword, Text.Whitespace, Name.Function)),
            (words(KEYWORDS, suffix=r"\b"), Keyword),
            (words(COMMANDS, suffix=r"\b"), Keyword.Reserved),
            (r"(True|False)\b", Keyword.Constant),
            (words(BUILTINS, suffix=r"\b(?=[ \t\r\n]*\()"), Name.Builtin),
            (words(BASE_NAMES, suffix=r"\b"), Name.Builtin.Pseudo),
            (words(LIBRARY, suffix=r"\b"), Name.Function.Magic),
            (r"[A-Za-z_][A-Za-z_0-9]*", Name),
            (r"==|!=|<=|>=|[-+*/%^<>=]", Operator),
            (r"[()\[\]{},;:]", Punctuation),
        ],
    }


def coloured(text: str) -> str:
    """A RASP text with the escapes that colour it on a terminal."""
    return str(highlight(text, RaspLexer(stripnl=False, ensurenl=False), TerminalFormatter()))
