"""programs/LANGUAGE.md: every line does what its comment says, and no construct is missing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import rasp
from rasp.elaboration.library import library_names
from rasp.elaboration.statements import Shown
from rasp.graph.sops import Node
from rasp.session import Session
from rasp.syntax import tree
from rasp.syntax.parser import parse_statements
from rasp.syntax.tree import Statement, Syntax, children
from rasp.words import Comparison, Operator
from tests.whole.test_conformance import answer, matches

PAGE = files("programs").joinpath("LANGUAGE.md").read_text(encoding="utf-8")
SOURCE = "\n".join(re.findall(r"^```rasp\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL))


@dataclass(frozen=True)
class Line:
    """A statement of the page and what its comment promises: an answer (on an input), an error or nothing."""

    statement: Statement
    input: Any = None
    answer: Any = None
    error: str | None = None


def lines() -> Iterator[Line]:
    rows = SOURCE.split("\n")
    for statement in parse_statements(SOURCE, "LANGUAGE.md"):
        comment = (
            rows[statement.span.end_line - 1][statement.span.end_column - 1 :]
            .strip()
            .removeprefix("#")
            .strip()
        )
        if comment.startswith("error:"):
            yield Line(statement, error=comment.removeprefix("error:").strip())
        elif "->" in comment:
            given, _, expected = comment.partition("->")
            yield Line(statement, json.loads(given) if given.strip() else None, json.loads(expected))
        else:
            assert comment == ""
            yield Line(statement)


def test_every_line_does_what_it_says(tmp_path: Path) -> None:
    session = Session(tmp_path)
    for line in lines():
        if line.error is None:
            check(session, line)
        else:
            with pytest.raises(rasp.RaspError, match=re.escape(line.error)):
                check(session, line)


def check(session: Session, line: Line) -> None:
    for event in session.execute(line.statement):
        if isinstance(event, Shown) and (line.answer is not None or line.error is not None):
            given = "abc" if line.error else line.input
            got = answer(event.value, given) if isinstance(event.value, Node) else event.value
            assert matches(got, line.answer), f"{line.statement.span.text()} gave {got}"


def all_nodes() -> Iterator[Syntax]:
    pending: list[Syntax] = list(parse_statements(SOURCE))
    while pending:
        node = pending.pop()
        yield node
        pending += children(node)


def test_no_construct_is_missing() -> None:
    nodes = list(all_nodes())
    kinds = {kind for kind in vars(tree).values() if isinstance(kind, type) and issubclass(kind, Syntax)}
    abstract = {Syntax, tree.Expression, tree.Statement, tree.Command}
    assert kinds - abstract - {type(node) for node in nodes} == set()
    operators = {node.operator for node in nodes if isinstance(node, (tree.Binary, tree.Unary))}
    written = {op for op in Operator if op.value not in ("round", "indicator", "choose")}
    assert operators == written
    comparisons = {node.comparison for node in nodes if isinstance(node, tree.SelectExpression)}
    assert comparisons >= {Comparison.EQ, Comparison.NE, Comparison.LT, Comparison.LE}
    builtins = {node.function for node in nodes if isinstance(node, tree.Builtin)}
    assert builtins == {"round", "indicator", "range", "zip", "len"}
    names = {node.text for node in nodes if isinstance(node, tree.Name)}
    assert set(library_names()) <= names
