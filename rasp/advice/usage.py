"""Which names of a program are bound but never used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rasp.syntax import tree
from rasp.syntax.tree import Identifier, Statement, Syntax, children


@dataclass
class _Names:
    """The names bound in one scope, where they were first bound, and which of them were read."""

    around: _Names | None = None
    bound: dict[str, Identifier] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    what: dict[str, str] = field(default_factory=dict)
    inner: list[_Names] = field(default_factory=list)

    def bind(self, identifier: Identifier, what: str) -> None:
        self.bound.setdefault(identifier.text, identifier)
        self.what.setdefault(identifier.text, what)

    def inside(self) -> _Names:
        scope = _Names(self)
        self.inner.append(scope)
        return scope


@dataclass(frozen=True)
class Unused:
    """A name that is bound but never read; `what` is a name, a parameter, a loop variable or a function."""

    identifier: Identifier
    what: str
    top_level: bool


def unused_names(statements: Sequence[Statement]) -> Iterator[Unused]:
    """The names that are never read, in the order of the text within each scope; `_` is exempt."""
    top = _Names()
    reads: list[tuple[str, _Names]] = []
    for statement in statements:
        _collect(statement, top, reads)
    # Names are looked up when a function runs, so all bindings count for a read, also later ones.
    for name, scope in reads:
        where: _Names | None = scope
        while where is not None and name not in where.bound:
            where = where.around
        if where is not None:
            where.read.add(name)
    yield from _unread(top, top_level=True)


def _unread(scope: _Names, top_level: bool) -> Iterator[Unused]:
    for name, identifier in scope.bound.items():
        if name not in scope.read and name != "_":
            yield Unused(identifier, scope.what[name], top_level)
    for inner in scope.inner:
        yield from _unread(inner, top_level=False)


def _collect(node: Syntax, scope: _Names, reads: list[tuple[str, _Names]]) -> None:
    """Note all names that a node binds and reads."""
    match node:
        case tree.Name(text=text):
            reads.append((text, scope))
        case tree.Assignment(targets=targets):
            for target in targets:
                scope.bind(target, "name")
        case tree.Loop(names=names):
            for name in names:
                scope.bind(name, "loop variable")
        case tree.FunctionDefinition():
            scope.bind(node.name, "function")
            scope = scope.inside()
            for parameter in node.parameters:
                scope.bind(parameter, "parameter")
        case tree.ListComprehension(source=source) | tree.DictComprehension(source=source):
            _collect(source, scope, reads)
            scope = scope.inside()
            for name in node.names:
                scope.bind(name, "loop variable")
            for child in children(node):
                if child is not source:
                    _collect(child, scope, reads)
            return
    for child in children(node):
        _collect(child, scope, reads)
