"""Sentences with names and formulas of the program in them."""

from __future__ import annotations

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
