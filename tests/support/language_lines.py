"""RASP statements whose comments say what they give, as the documentation writes them, and the check of it.

`# -> value` promises a plain value, `# "input" -> values` what an s-op gives on an input, and `# error: text`
a mistake whose message has that text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import rasp
from rasp.elaboration.statements import Shown
from rasp.graph.sops import Node
from rasp.session import Session
from rasp.syntax.parser import parse_statements
from rasp.syntax.tree import Statement
from tests.whole.test_conformance import answer, matches


@dataclass(frozen=True)
class Line:
    """A statement and what its comment promises: an answer (on an input), an error or nothing."""

    statement: Statement
    input: Any = None
    answer: Any = None
    error: str | None = None


def lines(source: str, file: str) -> Iterator[Line]:
    rows = source.split("\n")
    for statement in parse_statements(source, file):
        end = statement.span
        comment = rows[end.end_line - 1][end.end_column - 1 :].strip().removeprefix("#").strip()
        if comment.startswith("error:"):
            yield Line(statement, error=comment.removeprefix("error:").strip())
        elif "->" in comment:
            given, _, expected = comment.partition("->")
            yield Line(statement, json.loads(given) if given.strip() else None, json.loads(expected))
        else:
            assert comment == ""
            yield Line(statement)


def check_line(session: Session, line: Line) -> None:
    """Carry the statement out; it must do what its comment says."""
    if line.error is None:
        _carry_out(session, line)
    else:
        with pytest.raises(rasp.RaspError, match=re.escape(line.error)):
            _carry_out(session, line)


def _carry_out(session: Session, line: Line) -> None:
    for event in session.execute(line.statement):
        if isinstance(event, Shown) and (line.answer is not None or line.error is not None):
            given = "abc" if line.error else line.input
            got = answer(event.value, given) if isinstance(event.value, Node) else event.value
            assert matches(got, line.answer), f"{line.statement.span.text()} gave {got}"
