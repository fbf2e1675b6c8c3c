"""Evaluating expressions: syntax tree -> values, and among them the s-op graph.

Functions, lists, dicts and comprehensions are carried out here; what remains are nodes. Each node gets the
span of the expression that made it. Statements are carried out in `rasp.elaboration.statements`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from rasp.elaboration.functions import Function, Primitive, check_arguments
from rasp.elaboration.scope import Scope, given_below
from rasp.errors import (
    ArityError,
    CallSite,
    LimitError,
    NotCallableError,
    OperandError,
    RaspError,
    Span,
    UndefinedNameError,
    UnpackError,
)
from rasp.graph import constructs
from rasp.graph.sops import (
    Applied,
    FunctionCall,
    Indices,
    Node,
    Read,
    Selector,
    SOp,
    Tokens,
    in_order,
    operands,
)
from rasp.graph.values import Value, describe, input_sequence, truth
from rasp.limits import MAX_DEPTH, Fuel
from rasp.syntax import tree
from rasp.syntax.groupings import surprise
from rasp.syntax.tree import Expression, Identifier, Statement


class Expressions(ABC):
    """The state of one run: what is left of its fuel, and where in the program it is."""

    def __init__(self, *, origin: str = "console", library: bool = False) -> None:
        """`origin` and `library` say where the functions defined at the top level come from."""
        self.fuel = Fuel()
        self.origin = origin
        self.library = library
        self.site: CallSite | None = None
        self.foreign: frozenset[Node] = frozenset()
        """Nodes handed in from Python, which no place in the text has made."""
        self._depth = 0

    @abstractmethod
    def run_body(self, statements: Sequence[Statement], scope: Scope) -> None:
        """Carry out the statements of a function's body."""

    def evaluate(self, expression: Expression, scope: Scope) -> Value:
        """The value of an expression; errors come with the place of the part to blame."""
        self._depth += 1
        try:
            self.fuel.spend(1)
            if self._depth > MAX_DEPTH:
                raise LimitError(
                    f"calls and expressions nest more than {MAX_DEPTH:,} deep",
                    hint="is there a recursion that never ends?",
                )
            value: Value = _HANDLERS[type(expression)](self, expression, scope)
        except RaspError as error:
            if error.span is None and error.hint is None:
                error.hint = surprise(expression)
            error.locate(_blamed(expression, error.operand).span, self.site)
            raise
        finally:
            self._depth -= 1
        if isinstance(value, Node) and value.span is None:
            self._place(value, expression.span)
        elif isinstance(value, (list, dict, str)):
            self.fuel.spend(len(value) // 50 if isinstance(value, str) else 0)
        return value

    def _place(self, node: Node, span: Span) -> None:
        """Give the span to the nodes that an expression has just made."""
        new = [node]
        while new:
            each = new.pop()
            if each.span is None and each not in self.foreign and not isinstance(each, (Tokens, Indices)):
                each.locate(span, self.site)
                new += operands(each)

    def made(self, items: list[Value]) -> list[Value]:
        """A list that has just been made, paid for."""
        self.fuel.spend(len(items))
        return items

    # Expressions

    def name(self, expression: tree.Name, scope: Scope) -> Value:
        try:
            return scope.look_up(expression.text)
        except UndefinedNameError as error:
            error.hint = given_below(expression.text, expression.span) or error.hint
            raise

    def constant(self, expression: tree.Constant, scope: Scope) -> Value:
        return expression.value

    def parenthesised(self, expression: tree.Parenthesised, scope: Scope) -> Value:
        return self.evaluate(expression.inner, scope)

    def list_display(self, expression: tree.ListDisplay, scope: Scope) -> Value:
        return self.made([self.evaluate(item, scope) for item in expression.items])

    def dict_display(self, expression: tree.DictDisplay, scope: Scope) -> Value:
        return self._dict((scope, key, value) for key, value in expression.pairs)

    def _dict(self, entries: Iterable[tuple[Scope, Expression, Expression]]) -> Value:
        result: dict[Any, Value] = {}
        for scope, key_expression, value_expression in entries:
            key = self.evaluate(key_expression, scope)
            if not isinstance(key, constructs.ATOMS):
                raise OperandError(f"a key must be an atom, got {describe(key)}", span=key_expression.span)
            result[key] = self.evaluate(value_expression, scope)
        self.fuel.spend(len(result))
        return result

    def list_comprehension(self, expression: tree.ListComprehension, scope: Scope) -> Value:
        inner = self._each(expression.names, expression.source, scope)
        return self.made([self.evaluate(expression.element, each) for each in inner])

    def dict_comprehension(self, expression: tree.DictComprehension, scope: Scope) -> Value:
        inner = self._each(expression.names, expression.source, scope)
        return self._dict((each, expression.key, expression.value) for each in inner)

    def _each(self, names: Sequence[Identifier], source: Expression, scope: Scope) -> Iterator[Scope]:
        """A scope of its own for each item that a comprehension runs over."""
        for item in self.items(source, scope, "a comprehension"):
            inner = Scope(scope)
            self.bind_each(names, item, inner)
            yield inner

    def items(self, source: Expression, scope: Scope, what: str) -> list[Value]:
        """What a loop or comprehension runs over."""
        value = self.evaluate(source, scope)
        if not isinstance(value, (list, dict)):
            raise OperandError(
                f"{what} runs over a list or the keys of a dict, not over {describe(value)}",
                span=source.span,
                hint="what is written of an s-op happens at every position: `tokens + 1` needs no loop"
                if isinstance(value, SOp)
                else "`range(n)` is the list of the numbers below n"
                if isinstance(value, int)
                else None,
            )
        return list(value)

    def bind_each(self, names: Sequence[Identifier], item: Value, scope: Scope) -> None:
        """Bind the name, or each of several names to its part of the item."""
        parts = [item] if len(names) == 1 else unpack(item, names)
        for name, part in zip(names, parts, strict=True):
            self.assign(name, part, scope)

    def assign(self, name: Identifier, value: Value, scope: Scope) -> None:
        """Bind a name; an error points at the name."""
        try:
            scope.assign(name.text, value)
        except RaspError as error:
            error.locate(name.span, self.site)
            raise

    def builtin(self, expression: tree.Builtin, scope: Scope) -> Value:
        arguments = [self.evaluate(argument, scope) for argument in expression.arguments]
        match expression.function:
            case "round":
                return constructs.rounded(arguments[0])
            case "indicator":
                return constructs.indicator(arguments[0])
            case "range":
                return self.made(constructs.range_list(arguments))
            case "zip":
                rows = constructs.zipped(arguments)
                self.fuel.spend(len(rows) * len(arguments))
                return self.made(rows)
            case "len":
                if len(arguments) != 1:
                    raise OperandError(f"`len` takes one list, got {len(arguments)} arguments")
                return constructs.length_of(arguments[0])

    def select(self, expression: tree.SelectExpression, scope: Scope) -> Value:
        keys = self.evaluate(expression.keys, scope)
        queries = self.evaluate(expression.queries, scope)
        return constructs.select(keys, queries, expression.comparison)

    def aggregate(self, expression: tree.AggregateExpression, scope: Scope) -> Value:
        selector = self.evaluate(expression.selector, scope)
        values = self.evaluate(expression.values, scope)
        if expression.default is None:
            return constructs.aggregate(selector, values)
        return constructs.aggregate(selector, values, self.evaluate(expression.default, scope))

    def index(self, expression: tree.Index, scope: Scope) -> Value:
        value = self.evaluate(expression.value, scope)
        return constructs.index(value, self.evaluate(expression.index, scope))

    def unary(self, expression: tree.Unary, scope: Scope) -> Value:
        return constructs.unary(expression.operator, self.evaluate(expression.operand, scope))

    def binary(self, expression: tree.Binary, scope: Scope) -> Value:
        left = self.evaluate(expression.left, scope)
        right = self.evaluate(expression.right, scope)
        value = constructs.binary(expression.operator, left, right)
        return self.made(value) if isinstance(value, list) else value

    def ternary(self, expression: tree.Ternary, scope: Scope) -> Value:
        condition = self.evaluate(expression.condition, scope)
        if isinstance(condition, Selector):
            hint = "whether anything is selected is `selector_width(selector) > 0`"
            raise OperandError(f"a condition cannot be {describe(condition)}", operand=0, hint=hint)
        if isinstance(condition, SOp):
            then = self.evaluate(expression.then, scope)
            return constructs.choose(condition, then, self.evaluate(expression.otherwise, scope))
        return self.evaluate(expression.then if truth(condition) else expression.otherwise, scope)

    def membership(self, expression: tree.Membership, scope: Scope) -> Value:
        item = self.evaluate(expression.item, scope)
        container = self.evaluate(expression.container, scope)
        if isinstance(container, list):
            self.fuel.spend(len(container))
        return constructs.membership(item, container)

    def call(self, expression: tree.Call, scope: Scope) -> Value:
        callee = self.evaluate(expression.callee, scope)
        arguments = [self.evaluate(argument, scope) for argument in expression.arguments]
        if isinstance(callee, Function):
            return self.call_function(callee, arguments, expression.span)
        if isinstance(callee, Primitive):
            return callee.call(arguments)
        if isinstance(callee, Node):
            if len(arguments) != 1:
                raise ArityError(
                    f"{describe(callee)} is applied to one input, got {len(arguments)} arguments",
                    hint=None if arguments else "its name alone, without brackets, is the s-op",
                )
            return self.apply(callee, arguments[0])
        raise NotCallableError(f"{describe(callee)} cannot be called", operand=0)

    def apply(self, node: Node, given: Value) -> Applied:
        """An s-op's or selector's answer on an input."""
        try:
            sequence = input_sequence(given)
        except RaspError as error:
            error.operand = 1
            raise
        n = len(sequence)
        for each in in_order(node):
            self.fuel.spend(n * n if isinstance(each, (Selector, Read)) else n)
        return Applied(node(sequence), node, given)

    def call_function(self, function: Function, arguments: Sequence[Value], span: Span | None) -> Value:
        """Run a function's body in a scope of its own."""

        definition = function.definition
        if len(arguments) != len(definition.parameters):
            expected = len(definition.parameters)
            raise ArityError(
                f"`{function.signature}` takes {expected} argument{'s' * (expected != 1)}, "
                f"got {len(arguments)}"
            )
        if function.library:
            check_arguments(function, arguments)
        outside = self.site
        self.site = CallSite(function.name, span, outside, function.library)
        try:
            scope = Scope(function.scope)
            for parameter, argument in zip(definition.parameters, arguments, strict=True):
                self.assign(parameter, argument, scope)
            self.run_body(definition.body, scope)
            results = [self.evaluate(result, scope) for result in definition.results]
            value = results[0] if len(results) == 1 else self.made(results)
            if isinstance(value, Node) and value.site is self.site:
                value.returned_by(FunctionCall(function.name, tuple(arguments)))
            return value
        finally:
            self.site = outside


def unpack(value: Value, names: Sequence[Identifier]) -> list[Value]:
    """The parts of a list, string or dict (its keys), one for each name."""
    span = names[0].span.until(names[-1].span)
    if not isinstance(value, (list, dict, str)):
        raise UnpackError(f"{describe(value)} cannot be unpacked into {len(names)} names", span=span)
    if len(value) != len(names):
        parts = "part" if len(value) == 1 else "parts"
        raise UnpackError(f"{len(names)} names for {describe(value)} of {len(value)} {parts}", span=span)
    return list(value)


def _blamed(expression: Expression, operand: int | None) -> Expression:
    """The operand to blame for an error, if it is known which, else the whole expression."""
    if operand is None:
        return expression
    parts: tuple[Expression | None, ...] = ()
    match expression:
        case tree.Binary(left=left, right=right):
            parts = (left, right)
        case tree.Unary(operand=only):
            parts = (only,)
        case tree.Ternary(condition=condition, then=then, otherwise=otherwise):
            parts = (condition, then, otherwise)
        case tree.Membership(item=item, container=container):
            parts = (item, container)
        case tree.Index(value=value, index=index):
            parts = (value, index)
        case tree.SelectExpression(keys=keys, queries=queries):
            parts = (keys, queries)
        case tree.AggregateExpression(selector=selector, values=values, default=default):
            parts = (selector, values, default)
        case tree.Builtin(arguments=arguments):
            parts = arguments
        case tree.Call(callee=callee, arguments=arguments):
            parts = (callee, *arguments)
    part = parts[operand] if operand < len(parts) else None
    return part or expression


_HANDLERS: dict[type[Expression], Callable[..., Value]] = {
    tree.Name: Expressions.name,
    tree.Constant: Expressions.constant,
    tree.Parenthesised: Expressions.parenthesised,
    tree.ListDisplay: Expressions.list_display,
    tree.DictDisplay: Expressions.dict_display,
    tree.ListComprehension: Expressions.list_comprehension,
    tree.DictComprehension: Expressions.dict_comprehension,
    tree.Builtin: Expressions.builtin,
    tree.SelectExpression: Expressions.select,
    tree.AggregateExpression: Expressions.aggregate,
    tree.Index: Expressions.index,
    tree.Call: Expressions.call,
    tree.Unary: Expressions.unary,
    tree.Binary: Expressions.binary,
    tree.Ternary: Expressions.ternary,
    tree.Membership: Expressions.membership,
}
