"""What the compiler computes that no program can say, in words: `least(s, v, d)`, the least of v where the
selector s selects, or d where it selects nothing.

The compiler asks for it in place of many keys: whether anything of `s` lies before a position follows from
the first position in `s`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from runtime.inspection.brackets import plain_minus
from runtime.inspection.quoting import closes_at
from runtime.inspection.spoken import Code, Text, printable

OPENING = "least("
EVERYWHERE = "select(1, 1, ==)"
CUT = "..."
"""What the compiler writes for what lies too deep in an expression."""


@dataclass(frozen=True)
class Least:
    """Its selector, values and default as the compiler writes them; what stands behind it, of a form."""

    selector: str
    values: str
    default: str
    behind: str

    @property
    def positions(self) -> bool:
        """The values are positions, so the least is the first one."""
        return self.values == "indices"

    @property
    def largest(self) -> str:
        """What it is the largest of, as the values are its negative; empty if they are not."""
        whole = self.values.startswith("(-") and closes_at(self.values, 0) == len(self.values) - 1
        return self.values[2:-1] if whole else ""

    @property
    def last(self) -> bool:
        """The values are minus the positions, so the least is minus the last one."""
        return self.largest == "indices"

    @property
    def name(self) -> str:
        """`first position in s`, `least v in s`, `-(largest v in s)`, `-(last position in s)`."""
        among = "everywhere" if self.selector == EVERYWHERE else f"in {self.selector}"
        if self.positions:
            return f"first position {among}{self.behind}"
        if self.largest:
            what = "last position" if self.last else f"largest {self.largest}"
            return f"-({what} {among}){self.behind}"
        return f"least {self.values} {among}{self.behind}"

    def told(self, users: Text) -> Text:
        """In a sentence what it is; `users`: what follows from it, if that is known."""
        which: Text = ("the least ", Code(printable(self.values)))
        if self.positions:
            which = ("the first position",)
        elif self.last:
            which = ("minus the last position",)
        elif self.largest:
            which = ("minus the largest ", Code(printable(self.largest)))
        among: Text = (" that ", Code(printable(self.selector)), " selects")
        if self.selector == EVERYWHERE:
            among = (" of all positions",)
        elif not self.positions and not self.last:
            among = (" of the positions", *among)
        none: Text = (", or ", Code(self.default), " where it selects none") if self.default else ()
        verb = "follow" if sum(isinstance(part, Code) for part in users) > 1 else "follows"
        then: Text = (f". From it {verb} ", *users) if users else ()
        article: Text = () if self.largest else ("The ",)
        own: Text = (*article, Code(printable(self.name)), " is no s-op of the program, but the compiler's: ")
        return (*own, *which, *among, *(() if self.selector == EVERYWHERE else none), *then, ".")


def least(title: str) -> Least | None:
    """The title of a column read as such a thing, if it is one, and whole."""
    title = as_tokens(title)
    end = closes_at(title, len(OPENING) - 1) if title.startswith(OPENING) else -1
    if end < 0 or CUT in title[:end]:
        return None
    selector, values, *default = arguments(title[len(OPENING) : end])
    return Least(selector, values, default[0] if default else "", title[end + 1 :])


def in_words(title: str) -> str:
    """A title as a person would say it."""
    found = least(title)
    return plain_minus(as_tokens(title) if found is None else found.name)


def as_tokens(title: str) -> str:
    """With what programs call their tokens, whatever they are taken as."""
    return re.sub(r"\btokens_(asis|str)\b", "tokens", title)


def arguments(text: str) -> list[str]:
    """The parts between commas that stand in no brackets or strings."""
    found, start, at = [], 0, 0
    while at < len(text):
        if text[at] in '([{"':
            at = closing(text, at)
        elif text[at] == ",":
            found.append(text[start:at].strip())
            start = at + 1
        at += 1
    return [*found, text[start:].strip()]


def closing(text: str, start: int) -> int:
    """Where what opens at a place closes; the end if it does not."""
    if text[start] == '"':
        end = text.find('"', start + 1)
    else:
        end = (
            closes_at(text, start)
            if text[start] == "("
            else text.find("]" if text[start] == "[" else "}", start)
        )
    return len(text) if end < 0 else end
