"""Sentences with names and formulas of the program in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """Text in the program's own words: a name, a token, a formula."""

    text: str


Text = tuple[str | Code, ...]


def printable(text: str) -> str:
    """The text without characters that would disturb the lines it stands in."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def plain(text: Iterable[str | Code]) -> str:
    """The text without marks."""
    return "".join(part.text if isinstance(part, Code) else part for part in text)


def listed(parts: Sequence[Text], last: str = " and ", between: str = ", ") -> Text:
    """`a, b and c`, or with other words before the `last` part and `between` the others."""
    found: list[str | Code] = []
    for number, part in enumerate(parts):
        found += [last if number == len(parts) - 1 else between] if number else []
        found += part
    return tuple(found)


ENCODED = re.compile(r" (>=|=) (.+)")
SET = re.compile(r" in \{([^{}]+)\}")
"""How a column is called that tells what an s-op is: a value, one at or above it, or one of several."""

PLAIN = re.compile(r"-?[\d/.]+|True|False")
MORE = "..."


def in_quotes(rest: str, strings: bool = False) -> str:
    """` >= a`, which encodes a string, as ` >= "a"`; what could be a number only if it is among `strings`."""
    found = ENCODED.fullmatch(rest)
    if found is None:
        return sets_in_quotes(rest)
    return rest if not strings and PLAIN.fullmatch(found[2]) else f' {found[1]} "{found[2]}"'


def sets_in_quotes(text: str) -> str:
    """` in {), ]}` with the strings in quotes."""
    return SET.sub(lambda found: f" in {{{', '.join(map(_in_quotes, found[1].split(', ')))}}}", text)


def _in_quotes(value: str) -> str:
    return value if PLAIN.fullmatch(value) or value == MORE else f'"{value}"'
