"""Errors a user can cause. A leaf: every other module may import it, and it imports none of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """A stretch of source text: `[line:column, end_line:end_column)`, both counted from 1."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    source: str = ""


class RaspError(Exception):
    """Whatever goes wrong through the user's doing; `str()` is the whole message, ready to print."""

    kind = "error"

    def __init__(self, message: str, *, span: Span | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint


class EvaluationError(RaspError):
    """An s-op has no value on this input (division by zero, missing key, mixed types, ...)."""

    kind = "evaluation error"


class CompileError(RaspError):
    """The compiler cannot carry the program at this vocabulary and length, and says why."""

    kind = "compile error"


class InputError(RaspError):
    """An input that the program or model does not take: empty, too long, outside the vocabulary."""

    kind = "input error"


class ModelError(RaspError):
    """A saved model that is missing, damaged or inconsistent."""

    kind = "model error"
