"""Rules that are written as rows, in the language's own notation: `this -> that`, one a line.

A row may begin with `causally:` or `bidirectionally:` (it holds under the causal mask only, or only without
it) and end with `where x is whole, ...`.
The names s and t stand for any selector, all others for any s-op; `everything`, `nothing`, `indices`,
`length`, `True` and `False` are what they are called; `selector_width`, `sum` and `has_focus` are the reads
WIDTH, SUM and EXISTS. `aggregate(s, x)` has no default or 0, `aggregate(s, x, d)` any. A row goes on after a
backslash and ends at #.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from compiler.graph.rewriting import everything, nothing
from compiler.graph.terms import Graph, Kind, ReadAs, Term, typed
from rasp.syntax.parser import parse_expression
from rasp.syntax.tree import (
    AggregateExpression,
    Binary,
    Builtin,
    Call,
    Constant,
    Expression,
    Name,
    Parenthesised,
    SelectExpression,
    Ternary,
    Unary,
)
from rasp.words import Operator

SELECTORS = ("s", "t")
"""The names that stand for selectors."""

TRUTHS = {"True": True, "False": False}

READS = {"selector_width": Kind.WIDTH, "sum": Kind.SUM, "has_focus": Kind.EXISTS}

LOGIC = {Operator.AND: Kind.AND, Operator.OR: Kind.OR, Operator.NOT: Kind.NOT}

BUILTINS = {"round": Operator.ROUND, "indicator": Operator.INDICATOR}

MASKS = {(True,): "causally:", (False,): "bidirectionally:"}
"""What a row begins with that does not hold under every mask."""

Guard = Callable[[Term], bool]
Bound = dict[str, Term]


@dataclass(frozen=True)
class Row:
    """A pattern, what it can be replaced by, and under which conditions. `masks`: whether that holds causally
    (True), without the mask (False), or both.
    """

    text: str
    pattern: Expression
    replacement: Expression
    masks: tuple[bool, ...]
    guards: tuple[tuple[str, Guard], ...]

    def apply(self, graph: Graph, term: Term) -> Term | None:
        """What the term is replaced by, if it fits."""
        bound: Bound = {}
        if graph.causal not in self.masks or not matches(graph, self.pattern, term, bound):
            return None
        fits = all(guard(bound[name]) for name, guard in self.guards)
        return make(graph, self.replacement, bound) if fits else None


class Rows:
    """A rule of several rows, of which the first that fits is taken."""

    def __init__(self, text: str, guards: Mapping[str, Guard]) -> None:
        lines = (line.partition("#")[0].strip() for line in text.replace("\\\n", " ").splitlines())
        self.rows = tuple(read_row(line, guards) for line in lines if line)
        self._by_head: dict[Hashable, list[Row]] = {}
        for row in self.rows:
            for head in heads(row.pattern):
                self._by_head.setdefault(head, []).append(row)

    def __call__(self, graph: Graph, term: Term) -> Term | None:
        for row in self._by_head.get(term.operator or term.kind, ()):
            replacement = row.apply(graph, term)
            if replacement is not None:
                return replacement
        return None


def read_row(text: str, guards: Mapping[str, Guard]) -> Row:
    """A row from its text."""
    rest, _, conditions = text.partition(" where ")
    masks, before = next((m for m in MASKS.items() if rest.startswith(m[1])), ((True, False), ""))
    pattern, _, replacement = rest.removeprefix(before).partition("->")
    words = [condition.split(" is ") for condition in conditions.split(", ") if condition]
    return Row(
        text,
        parse_expression(pattern),
        parse_expression(replacement),
        masks,
        tuple((name, guards[kind]) for name, kind in words),
    )


def heads(pattern: Expression) -> tuple[Hashable, ...]:
    """The operators or kinds that a term of this pattern may have."""
    match pattern:
        case Parenthesised(inner=inner):
            return heads(inner)
        case SelectExpression():
            return (Kind.SELECT,)
        case AggregateExpression():
            return (Kind.AGGREGATE,)
        case Call(callee=Name(text=name)):
            return (READS[name],)
        case Builtin(function=name):
            return (BUILTINS[name],)
        case Ternary():
            return (Operator.CHOOSE,)
        case Unary(operator=operator) | Binary(operator=operator) if operator in LOGIC:
            return (operator, LOGIC[operator])
        case Unary(operator=operator) | Binary(operator=operator):
            return (operator,)
    raise AssertionError(f"no rule can begin with {pattern}")


def matches(graph: Graph, pattern: Expression, term: Term, bound: Bound) -> bool:
    """Whether the term fits the pattern; what the names stand for is added to `bound`."""
    match pattern:
        case Parenthesised(inner=inner):
            return matches(graph, inner, term, bound)
        case Name(text=name):
            if name in TRUTHS:
                return is_constant(term, TRUTHS[name])
            known = _named(graph, name)
            if known is not None:
                return known is term
            return term.is_selector == (name in SELECTORS) and bound.setdefault(name, term) is term
        case Constant(value=value):
            assert not isinstance(value, str)
            return is_constant(term, value)
        case AggregateExpression(default=default):
            if term.kind is not Kind.AGGREGATE or (default is None and term.default not in (None, 0)):
                return False
            given = graph.const(0 if term.default is None else term.default)
            if default is not None and not matches(graph, default, given, bound):
                return False
        case _:
            if (term.operator or term.kind) not in heads(pattern):
                return False
            if isinstance(pattern, SelectExpression) and pattern.comparison is not term.comparison:
                return False
    pairs = zip(operands(pattern), term.args, strict=True)
    return all(matches(graph, part, argument, bound) for part, argument in pairs)


def make(graph: Graph, expression: Expression, bound: Bound) -> Term:
    """The term that the expression describes, given what its names stand for."""
    args = tuple(make(graph, part, bound) for part in operands(expression))
    match expression:
        case Parenthesised(inner=inner):
            return make(graph, inner, bound)
        case Name(text=name) if name in TRUTHS:
            return graph.const(TRUTHS[name])
        case Name(text=name):
            return _named(graph, name) or bound[name]
        case Constant(value=value):
            return graph.const(value)
        case SelectExpression(comparison=comparison):
            return graph.make(Kind.SELECT, args, comparison)
        case AggregateExpression(default=default):
            given = None if default is None else typed([make(graph, default, bound).value])[0]
            return graph.make(Kind.AGGREGATE, args, ReadAs(given))
        case Call(callee=Name(text=name)):
            return graph.make(READS[name], args)
        case Ternary():
            return graph.operation(Operator.CHOOSE, *args)
        case Builtin(function=name):
            return graph.operation(BUILTINS[name], *args)
        case Unary(operator=operator) | Binary(operator=operator):
            return (
                graph.make(LOGIC[operator], args) if args[0].is_selector else graph.operation(operator, *args)
            )
    raise AssertionError(f"no rule can speak of {expression}")


def operands(expression: Expression) -> Sequence[Expression]:
    """The parts of an expression in the order of its term's arguments."""
    match expression:
        case SelectExpression(keys=keys, queries=queries):
            return (keys, queries)
        case AggregateExpression(selector=selector, values=values):
            return (selector, values)
        case Call(arguments=arguments) | Builtin(arguments=arguments):
            return arguments
        case Ternary(then=then, condition=condition, otherwise=otherwise):
            return (condition, then, otherwise)
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
    return ()


def is_constant(term: Term, value: int | Fraction) -> bool:
    """Whether the term is a constant equal to a number (1, 1.0 and True alike)."""
    return term.kind is Kind.CONST and not isinstance(term.value, str) and term.value == value


def _named(graph: Graph, name: str) -> Term | None:
    """What a name always stands for; None for one that may stand for anything."""
    match name:
        case "everything":
            return everything(graph)
        case "nothing":
            return nothing(graph)
        case "indices":
            return graph.indices()
        case "length":
            return graph.make(Kind.WIDTH, (everything(graph),))
    return None
