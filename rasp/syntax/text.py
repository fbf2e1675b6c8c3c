"""The syntax tree as text, for `rasp compile --emit ast`: a node a line, its parts indented below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from enum import Enum

from rasp.syntax.tree import Statement, Syntax


def syntax_text(statements: Iterable[Statement]) -> str:
    """All statements, each with the place where it begins."""
    return "\n".join(line for statement in statements for line in _lines(statement, "", 0))


def _lines(node: Syntax, label: str, depth: int) -> Iterator[str]:
    parts = [(field.name, getattr(node, field.name)) for field in fields(node) if field.name != "span"]
    plain = [f" {name}={_plain(value)}" for name, value in parts if not list(_children(value))]
    yield f"{'  ' * depth}{label}{type(node).__name__}{''.join(plain)}  {node.span.line}:{node.span.column}"
    for name, value in parts:
        for child in _children(value):
            yield from _lines(child, f"{name}: ", depth + 1)


def _children(value: object) -> Iterator[Syntax]:
    if isinstance(value, Syntax):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _children(item)


def _plain(value: object) -> str:
    return str(value.value) if isinstance(value, Enum) else repr(value)
