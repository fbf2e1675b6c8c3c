"""Carrying out statements, and telling a dialogue what there is to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rasp.elaboration.loader import Loader
from rasp.elaboration.scope import Scope
from rasp.errors import CallSite, LoadError, OperandError, RaspError
from rasp.graph.sops import Node, SOp
from rasp.graph.values import Applied, Function, Value, describe
from rasp.syntax import tree
from rasp.syntax.tree import Expression, Statement

if TYPE_CHECKING:
    from rasp.elaboration.expressions import Elaborator


@dataclass(frozen=True)
class Shown:
    """A value that was evaluated or assigned. `name` is the name assigned or mentioned, else `out`.

    The value of an application evaluated as a statement is an `Applied`.
    """

    name: str
    value: Value
    assigned: bool


@dataclass(frozen=True)
class Drawn:
    """A `draw` statement: the s-op, the name to give its picture, and the input, if one is given."""

    name: str
    sop: SOp
    input: Value | None


@dataclass(frozen=True)
class Commanded:
    """A command of the dialogue, with the value of its expression if it has one."""

    command: tree.Command
    value: Value | None = None


@dataclass(frozen=True)
class Failed:
    """A statement that failed and was skipped."""

    error: RaspError


@dataclass(frozen=True)
class Loaded:
    """A `load` statement: for each statement of the file, what it showed."""

    name: str
    outcomes: tuple[tuple[Event, ...], ...]

    @property
    def failed(self) -> bool:
        """Whether any statement of the file failed."""
        return any(isinstance(event, Failed) for events in self.outcomes for event in events)


Event = Shown | Drawn | Commanded | Failed | Loaded


def execute_all(elaborator: Elaborator, statements: Sequence[Statement], scope: Scope) -> None:
    """Carry out the statements of a body. Of what they do, only what they draw is seen outside."""
    for statement in statements:
        events = execute(elaborator, statement, scope)
        elaborator.drawn += [event for event in events if isinstance(event, Drawn)]


def execute(elaborator: Elaborator, statement: Statement, scope: Scope) -> list[Event]:
    """Carry out one statement; the events say what a dialogue shows. Raises `RaspError` if it fails."""
    outside, elaborator.drawn = elaborator.drawn, []
    try:
        events = _execute(elaborator, statement, scope)
        return [*events, *elaborator.drawn]
    finally:
        elaborator.drawn = outside


def _execute(elaborator: Elaborator, statement: Statement, scope: Scope) -> list[Event]:
    match statement:
        case tree.ExpressionStatement(expression=expression):
            return [_evaluated(elaborator, expression, scope)]
        case tree.Assignment():
            return _assign(elaborator, statement, scope)
        case tree.FunctionDefinition():
            function = Function(statement, scope, elaborator.origin, elaborator.library)
            elaborator.assign(statement.name, function, scope)
            return [Shown(statement.name.text, function, True)]
        case tree.Loop(names=names, source=source, body=body):
            for item in elaborator.items(source, scope, "a loop"):
                elaborator.fuel.spend(1)
                elaborator.bind_each(names, item, scope)
                execute_all(elaborator, body, scope)
            return []
        case tree.Load():
            return [_load(elaborator, statement, scope)]
        case tree.Draw():
            return [_draw(elaborator, statement, scope)]
        case tree.SetExample(value=value):
            return [Commanded(statement, elaborator.evaluate(value, scope))]
        case tree.Command():
            return [Commanded(statement)]
    raise TypeError(f"no such statement: {statement!r}")


def _evaluated(elaborator: Elaborator, expression: Expression, scope: Scope) -> Shown:
    value = elaborator.evaluate(expression, scope)
    # After an application, `out` is the input.
    scope.out = value.given if isinstance(value, Applied) else value
    name = expression.text if isinstance(expression, tree.Name) else "out"
    return Shown(name, value, False)


def _assign(elaborator: Elaborator, statement: tree.Assignment, scope: Scope) -> list[Event]:
    """All right sides first; then each name gets its value."""
    targets = statement.targets
    values = [elaborator.evaluate(value, scope) for value in statement.values]
    last = values[-1]
    scope.out = last.given if isinstance(last, Applied) else last
    if len(targets) == 1:
        values = values if len(values) == 1 else [elaborator.made(values)]
    else:
        from rasp.elaboration.expressions import unpack

        values = unpack(values[0] if len(values) == 1 else values, targets)
    for target, value in zip(targets, values, strict=True):
        elaborator.assign(target, value, scope)
        if isinstance(value, Node):
            value.bind(target.text)
    return [Shown(target.text, value, True) for target, value in zip(targets, values, strict=True)]


def _draw(elaborator: Elaborator, statement: tree.Draw, scope: Scope) -> Drawn:
    sop = elaborator.evaluate(statement.sop, scope)
    if not isinstance(sop, SOp):
        raise OperandError(f"only an s-op can be drawn, not {describe(sop)}", span=statement.sop.span)
    given = None if statement.input is None else elaborator.evaluate(statement.input, scope)
    inner = statement.sop
    return Drawn(inner.text if isinstance(inner, tree.Name) else "out", sop, given)


def _load(elaborator: Elaborator, statement: tree.Load, scope: Scope) -> Loaded:
    """Run a file in a fresh scope; its public names are assigned here as well."""
    try:
        path = elaborator.loader.find(statement.name, elaborator.loading)
        text = Loader.read(path)
    except LoadError as error:
        error.locate(statement.span, elaborator.site)
        raise
    outside = (elaborator.site, elaborator.loading)
    elaborator.site = CallSite(f"{path.name}", statement.span, elaborator.site, verb="loaded")
    elaborator.loading = (*elaborator.loading, path)
    try:
        return run_file(elaborator, statement.name, text, elaborator.loader.shown(path), scope)
    finally:
        elaborator.site, elaborator.loading = outside


def run_file(elaborator: Elaborator, name: str, text: str, file: str, scope: Scope) -> Loaded:
    """Run a file's text; `name` is what its functions call their origin, `file` how messages call it."""
    from rasp.elaboration.library import file_scope
    from rasp.syntax.parser import read_statements

    outside = (elaborator.origin, elaborator.library)
    elaborator.origin, elaborator.library = name, False
    inner = file_scope(exports=scope)
    outcomes: list[tuple[Event, ...]] = []
    try:
        for item in read_statements(text, file):
            events = _guarded(elaborator, item, inner)
            outcomes.append(tuple(events))
            if leaves(events):
                break
    finally:
        elaborator.origin, elaborator.library = outside
    return Loaded(name, tuple(outcomes))


def leaves(events: Sequence[Event]) -> bool:
    """Does the file or dialogue end here?"""
    return any(isinstance(event, Commanded) and isinstance(event.command, tree.Leave) for event in events)


def _guarded(elaborator: Elaborator, item: Statement | RaspError, scope: Scope) -> list[Event]:
    """Carry out a statement of a loaded file; where mistakes are skipped, tell of it instead of raising."""
    try:
        if isinstance(item, RaspError):
            item.locate(None, elaborator.site)
            raise item
        return execute(elaborator, item, scope)
    except RaspError as error:
        if not elaborator.skip_mistakes:
            raise
        return [Failed(error)]
