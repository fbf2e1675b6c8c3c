"""The syntax tree: frozen records, each with the span of the text it was read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from rasp.errors import Span
from rasp.words import Comparison, Operator

BuiltinName = Literal["round", "indicator", "range", "zip", "len"]
Which = Literal["s-op", "selector"]


@dataclass(frozen=True)
class Syntax:
    """Whatever was read from a stretch of text."""

    span: Span = field(repr=False, compare=False)


class Expression(Syntax):
    """Something that has a value."""


class Statement(Syntax):
    """Something that is carried out."""


@dataclass(frozen=True)
class Identifier(Syntax):
    """A name where it is bound, not used."""

    text: str


# Expressions


@dataclass(frozen=True)
class Name(Expression):
    """A name that is looked up."""

    text: str


@dataclass(frozen=True)
class Constant(Expression):
    """An integer, decimal number or string as written (`text` includes the quotes)."""

    value: int | Fraction | str
    text: str


@dataclass(frozen=True)
class Parenthesised(Expression):
    """`( e )`: kept, as the formatter keeps the user's brackets."""

    inner: Expression


@dataclass(frozen=True)
class ListDisplay(Expression):
    """`[e, ...]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True)
class DictDisplay(Expression):
    """`{key: value, ...}`."""

    pairs: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True)
class ListComprehension(Expression):
    """`[element for names in source]`."""

    element: Expression
    names: tuple[Identifier, ...]
    source: Expression


@dataclass(frozen=True)
class DictComprehension(Expression):
    """`{key: value for names in source}`."""

    key: Expression
    value: Expression
    names: tuple[Identifier, ...]
    source: Expression


@dataclass(frozen=True)
class Builtin(Expression):
    """`round(e)`, `indicator(e)`, `range(...)`, `zip(...)` or `len(...)`."""

    function: BuiltinName
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class SelectExpression(Expression):
    """`select(keys, queries, comparison)`."""

    keys: Expression
    queries: Expression
    comparison: Comparison


@dataclass(frozen=True)
class AggregateExpression(Expression):
    """`aggregate(selector, values)` or `aggregate(selector, values, default)`."""

    selector: Expression
    values: Expression
    default: Expression | None


@dataclass(frozen=True)
class Index(Expression):
    """`value[index]`."""

    value: Expression
    index: Expression


@dataclass(frozen=True)
class Call(Expression):
    """`callee(arguments)`: a function called, or an s-op or selector applied to an input."""

    callee: Expression
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Unary(Expression):
    """`not e`, `-e` or `+e`."""

    operator: Operator
    operand: Expression


@dataclass(frozen=True)
class Binary(Expression):
    """Two operands of an arithmetic, comparing or boolean operator."""

    operator: Operator
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Ternary(Expression):
    """`then if condition else otherwise`."""

    then: Expression
    condition: Expression
    otherwise: Expression


@dataclass(frozen=True)
class Membership(Expression):
    """`item in container`."""

    item: Expression
    container: Expression


# Statements


@dataclass(frozen=True)
class ExpressionStatement(Statement):
    """`e;`."""

    expression: Expression


@dataclass(frozen=True)
class Assignment(Statement):
    """`names = expressions;`."""

    targets: tuple[Identifier, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True)
class Draw(Statement):
    """`draw(sop);` or `draw(sop, input);`."""

    sop: Expression
    input: Expression | None


@dataclass(frozen=True)
class Load(Statement):
    """`load "name";`."""

    name: str


@dataclass(frozen=True)
class FunctionDefinition(Statement):
    """`def name(parameters) { body return results; }`."""

    name: Identifier
    parameters: tuple[Identifier, ...]
    body: tuple[Statement, ...]
    results: tuple[Expression, ...]


@dataclass(frozen=True)
class Loop(Statement):
    """`for names in source { body }`."""

    names: tuple[Identifier, ...]
    source: Expression
    body: tuple[Statement, ...]


# Commands of the dialogue: without a semicolon, and only at the top level.


class Command(Statement):
    """What only a dialogue carries out; a program read from a file ignores it."""


@dataclass(frozen=True)
class SetExample(Command):
    """`set [s-op|selector] example e`; `which` is None for both."""

    which: Which | None
    value: Expression


@dataclass(frozen=True)
class ShowExample(Command):
    """`show [s-op|selector] example`."""

    which: Which | None


@dataclass(frozen=True)
class Examples(Command):
    """`[s-op|selector] examples on|off`."""

    which: Which | None
    on: bool


@dataclass(frozen=True)
class FullDisplay(Command):
    """`full seq display on|off`."""

    on: bool


@dataclass(frozen=True)
class Leave(Command):
    """`exit`, `exit()`, `quit` or `quit()`."""


def children(node: Syntax) -> Iterator[Syntax]:
    """The syntax nodes directly below one."""
    for value in vars(node).values():
        if isinstance(value, Syntax):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Syntax):
                    yield item
                elif isinstance(item, tuple):  # the pairs of a dict
                    yield from item
