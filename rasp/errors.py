"""Errors a user can cause. A leaf: every other module may import it, and it imports none of them.

`str(error)` is the whole message in the one form used everywhere: `file:line:column: kind: sentence`, the
source line with a caret under the exact span, the chain of calls that led there, and a hint if one is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar
from unicodedata import combining, east_asian_width

LONGEST_SOURCE_LINE = 160
"""Characters of a source line that a message shows at most."""


@dataclass(frozen=True)
class Span:
    """A stretch of source text, from `line` and `column` up to, but without, `end_line` and `end_column`, all
    counted from 1.

    `file` is what messages call the text, `source` is the text of the whole file (one string shared by all
    its spans); `first_line` is the number of that text's first line, which differs from 1 only in a session
    that reads entry by entry.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    source: str = field(default="", repr=False)
    first_line: int = field(default=1, repr=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    @property
    def offsets(self) -> tuple[int, int]:
        """The span as characters [start, end) of its text."""
        lines = self.source.split("\n")

        def offset(line: int, column: int) -> int:
            return sum(len(each) + 1 for each in lines[: line - self.first_line]) + column - 1

        return offset(self.line, self.column), offset(self.end_line, self.end_column)

    def line_text(self) -> str:
        """The source line on which the span begins."""
        lines = self.source.split("\n")
        row = self.line - self.first_line
        return lines[row].rstrip("\r") if 0 <= row < len(lines) else ""

    def text(self) -> str:
        """The text that the span covers."""
        first = self.line - self.first_line
        lines = self.source.split("\n")[first : first + self.end_line - self.line + 1]
        if not lines:
            return ""
        lines[-1] = lines[-1][: self.end_column - 1]  # first, as it may be the only line
        lines[0] = lines[0][self.column - 1 :]
        return "\n".join(lines)

    def until(self, end: Span) -> Span:
        """From the start of this span to the end of another one, `end`."""
        return Span(
            self.file, self.line, self.column, end.end_line, end.end_column, self.source, self.first_line
        )


@dataclass(frozen=True)
class CallSite:
    """One link of a call chain: the function called (or file loaded), where, and the call around it."""

    function: str
    span: Span | None  # None if Python made the call
    caller: CallSite | None = field(default=None, repr=False)
    library: bool = False  # True if the function belongs to the standard library
    verb: str = "called"

    def chain(self) -> list[CallSite]:
        """This call and those around it, innermost first."""
        sites: list[CallSite] = []
        site: CallSite | None = self
        while site is not None:
            sites.append(site)
            site = site.caller
        return sites


class RaspError(Exception):
    """Whatever goes wrong through the user's doing; `str()` is the whole message, ready to print.

    `message`: the sentence alone; `span`: where in the source, if it is known; `hint`: what to do; `operand`:
    which operand or argument is to blame, counted from 0, where that is known but not its place.
    """

    kind: ClassVar[str] = "error"

    def __init__(
        self,
        message: str,
        *,
        span: Span | None = None,
        hint: str | None = None,
        operand: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint
        self.operand = operand
        self.site: CallSite | None = None

    def locate(self, span: Span | None, site: CallSite | None = None) -> None:
        """Give the error its place, unless it has one already: the `span` and the call `site` around it."""
        if self.site is None:
            self.site = site
        if self.span is None:
            self.span = span

    def __str__(self) -> str:
        return render(self)


class RaspSyntaxError(RaspError):
    """The text is not a RASP statement; `unfinished` says whether more text could make it one."""

    kind = "syntax error"
    unfinished = False


class UnfinishedError(RaspSyntaxError):
    """The text ends before the statement does."""

    unfinished = True


class UndefinedNameError(RaspError):
    """A name that nothing has defined."""

    kind = "undefined name"


class MissingName(RaspError, KeyError):
    """A name that a program, asked as a mapping, does not have."""

    kind = "undefined name"


class ReservedNameError(RaspError):
    """A name of the language or its library that cannot be assigned."""

    kind = "reserved name"


class ArityError(RaspError):
    """A call with the wrong number of arguments."""

    kind = "wrong number of arguments"


class NotCallableError(RaspError):
    """A call of something that is neither a function nor an s-op nor a selector."""

    kind = "not callable"


class UnpackError(RaspError):
    """Several names for a value that has not that many parts, or none."""

    kind = "unpacking error"


class LoadError(RaspError):
    """A file that cannot be loaded: missing, unreadable, out of bounds, or loading itself."""

    kind = "load error"


class EvaluationError(RaspError):
    """An s-op has no value on this input (division by zero, missing key, mixed types, ...)."""

    kind = "evaluation error"


class OperandError(EvaluationError):
    """A value of a type that the operator, function or construct does not take."""

    kind = "type error"


class LookUpFailure(EvaluationError):
    """An index out of range, or a key that is not in the dict."""

    kind = "lookup error"


class ZeroDivision(EvaluationError):
    """Division by zero, its remainder, or zero to a negative power."""

    kind = "division by zero"


class AggregateError(EvaluationError):
    """What several positions hold, where that is no number that has a mean, or not the same everywhere."""

    kind = "aggregate error"


class LimitError(EvaluationError):
    """A program that takes too many steps, nests too deeply or makes a value that is too large."""

    kind = "limit reached"


class CompileError(RaspError):
    """The compiler cannot carry the program at this vocabulary and length, and says why."""

    kind = "compile error"


class TooLargeError(CompileError):
    """Something of the program is too large at this vocabulary and length; at others it might do. `reason`
    says what, without the program's names and numbers, and `likely` at what length it would not be.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str,
        span: Span | None = None,
        hint: str | None = None,
        likely: int | None = None,
    ) -> None:
        super().__init__(message, span=span, hint=hint)
        self.reason = reason
        self.likely = likely


class InputError(RaspError):
    """An input that the program or model does not take: empty, too long, outside the vocabulary."""

    kind = "input error"


class ModelError(RaspError):
    """A saved model that is missing, damaged or inconsistent."""

    kind = "model error"


def users_place(span: Span | None, site: CallSite | None) -> Span | None:
    """What happens inside a library function is shown where the user called it."""
    while site is not None and site.library:
        span, site = site.span, site.caller
    return span


def render(error: RaspError) -> str:
    """The whole message of an error, as the user reads it."""
    span = users_place(error.span, error.site)
    head = f"{error.kind}: {error.message}"
    lines = [head] if span is None else [f"{span}: {head}", *caret_lines(span)]
    lines += chain_lines(error.site.chain() if error.site else [])
    if error.hint is not None:
        lines.append(f"  hint: {error.hint}")
    return "\n".join(lines)


def warning_text(message: str, span: Span | None, hint: str | None) -> str:
    """The whole message of a warning, in the form that errors have."""
    head = f"warning: {message}"
    lines = [head] if span is None else [f"{span}: {head}", *caret_lines(span)]
    return "\n".join(lines if hint is None else [*lines, f"  hint: {hint}"])


def caret_lines(span: Span) -> list[str]:
    """The source line of a span and, below it, carets under the part of the span that is on that line."""
    text = span.line_text()
    if not text.strip():
        return []
    start = min(span.column - 1, len(text))
    end = span.end_column - 1 if span.end_line == span.line else len(text.rstrip())
    offset = max(0, start - LONGEST_SOURCE_LINE // 2) if len(text) > LONGEST_SOURCE_LINE else 0
    end = min(end, offset + LONGEST_SOURCE_LINE)
    shown = printable(text[offset : offset + LONGEST_SOURCE_LINE])
    # Tabs are kept, so that the caret stands below its character whatever their width.
    margin = "".join(
        "\t" if character == "\t" else " " * _width(character) for character in text[offset:start]
    )
    carets = "^" * max(1, sum(_width(character) for character in text[start:end]))
    return [f"    {shown}", f"    {margin}{carets}"]


def printable(text: str) -> str:
    """The text with a placeholder for each control character, which could upset a terminal."""
    return "".join(c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _width(character: str) -> int:
    """Columns that a character takes on a terminal."""
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in ("W", "F") else 1


def chain_lines(sites: list[CallSite]) -> list[str]:
    """The call chain, innermost first; long recursions are cut in the middle."""
    lines = [
        f"  in {site.function}, {site.verb} {f'at {site.span}' if site.span else 'from Python'}"
        for site in sites
    ]
    if len(lines) > 8:
        lines = [*lines[:4], f"  ... {len(lines) - 7} more calls ...", *lines[-3:]]
    return lines
