"""programs/docs/language.md: every line does what its comment says, and no construct is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from rasp.elaboration.library import library_names
from rasp.session import Session
from rasp.syntax import tree
from rasp.syntax.parser import parse_statements
from rasp.syntax.tree import Syntax, children
from rasp.words import Comparison, Operator
from tests.support.language_lines import check_line, lines

PAGE = files("programs").joinpath("docs", "language.md").read_text(encoding="utf-8")
SOURCE = "\n".join(re.findall(r"^```rasp\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL))


def test_every_line_does_what_it_says(tmp_path: Path) -> None:
    session = Session(tmp_path)
    for line in lines(SOURCE, "language.md"):
        check_line(session, line)


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
