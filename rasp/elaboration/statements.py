"""Carrying out statements, and telling a dialogue what there is to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rasp.elaboration.expressions import Expressions, unpack
from rasp.elaboration.functions import Function
from rasp.elaboration.scope import Scope
from rasp.errors import LoadError, OperandError, RaspError
from rasp.graph.sops import Applied, Node, SOp
from rasp.graph.values import Value, describe, to_value
from rasp.limits import deep_recursion
from rasp.syntax import tree
from rasp.syntax.parser import read_statements
from rasp.syntax.tree import Expression, Statement


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


class Statements(Expressions):
    """Carries out statements: one run, with what its bodies have drawn."""

    def __init__(self, *, origin: str = "console", library: bool = False) -> None:
        super().__init__(origin=origin, library=library)
        self.drawn: list[Drawn] = []
        """What the bodies of loops and functions have drawn, in the statement being carried out."""

    def run(self, text: str, file: str, scope: Scope) -> None:
        """Carry out all statements of a text; raises at the first that fails."""
        for statement in read_statements(text, file):
            if isinstance(statement, RaspError):
                raise statement
            with deep_recursion():
                self.execute(statement, scope)

    def run_body(self, statements: Sequence[Statement], scope: Scope) -> None:
        """Carry out the statements of a body. Of what they do, only what they draw is seen outside."""
        for statement in statements:
            events = self.execute(statement, scope)
            self.drawn += [event for event in events if isinstance(event, Drawn)]

    def execute(self, statement: Statement, scope: Scope) -> list[Event]:
        """Carry out one statement; the events say what a dialogue shows. Raises `RaspError` if it fails."""
        outside, self.drawn = self.drawn, []
        try:
            events = self._execute(statement, scope)
            return [*events, *self.drawn]
        finally:
            self.drawn = outside

    def _execute(self, statement: Statement, scope: Scope) -> list[Event]:
        match statement:
            case tree.ExpressionStatement(expression=expression):
                return [self._evaluated(expression, scope)]
            case tree.Assignment():
                return self._assigned(statement, scope)
            case tree.FunctionDefinition():
                function = Function(statement, scope, self.origin, self.call_from_python, self.library)
                self.assign(statement.name, function, scope)
                return [Shown(statement.name.text, function, True)]
            case tree.Loop(names=names, source=source, body=body):
                for item in self.items(source, scope, "a loop"):
                    self.fuel.spend(1)
                    self.bind_each(names, item, scope)
                    self.run_body(body, scope)
                return []
            case tree.Load():
                return [self.load(statement, scope)]
            case tree.Draw():
                return [self._draw(statement, scope)]
            case tree.SetExample(value=value):
                return [Commanded(statement, self.evaluate(value, scope))]
            case tree.Command():
                return [Commanded(statement)]
        raise TypeError(f"no such statement: {statement!r}")

    def load(self, statement: tree.Load, scope: Scope) -> Loaded:
        """Run a file in a fresh scope; its public names are assigned here as well."""
        raise LoadError(f'"{statement.name}" cannot be loaded here', span=statement.span)

    def _evaluated(self, expression: Expression, scope: Scope) -> Shown:
        value = self.evaluate(expression, scope)
        # After an application, `out` is the input.
        scope.out = value.given if isinstance(value, Applied) else value
        name = expression.text if isinstance(expression, tree.Name) else "out"
        return Shown(name, value, False)

    def _assigned(self, statement: tree.Assignment, scope: Scope) -> list[Event]:
        """All right sides first; then each name gets its value."""
        targets = statement.targets
        values = [self.evaluate(value, scope) for value in statement.values]
        last = values[-1]
        scope.out = last.given if isinstance(last, Applied) else last
        if len(targets) == 1:
            values = values if len(values) == 1 else [self.made(values)]
        else:
            values = unpack(values[0] if len(values) == 1 else values, targets)
        for target, value in zip(targets, values, strict=True):
            self.assign(target, value, scope)
            if isinstance(value, Node):
                value.bind(target.text)
        return [Shown(target.text, value, True) for target, value in zip(targets, values, strict=True)]

    def _draw(self, statement: tree.Draw, scope: Scope) -> Drawn:
        sop = self.evaluate(statement.sop, scope)
        if not isinstance(sop, SOp):
            raise OperandError(f"only an s-op can be drawn, not {describe(sop)}", span=statement.sop.span)
        given = None if statement.input is None else self.evaluate(statement.input, scope)
        inner = statement.sop
        return Drawn(inner.text if isinstance(inner, tree.Name) else "out", sop, given)

    @classmethod
    def call_from_python(cls, function: Function, arguments: Sequence[object]) -> Value:
        """Call a function of the language with Python values."""
        values = [to_value(argument) for argument in arguments]
        run = cls()
        run.foreign = frozenset(value for value in values if isinstance(value, Node))
        with deep_recursion():
            return run.call_function(function, values, None)


def leaves(events: Sequence[Event]) -> bool:
    """Does the file or dialogue end here?"""
    return any(isinstance(event, Commanded) and isinstance(event.command, tree.Leave) for event in events)
