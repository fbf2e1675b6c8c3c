"""How an s-op or a selector could be written, as a person would: with no brackets but those that it takes."""

from __future__ import annotations

from fractions import Fraction

from rasp.graph.labels import PREFIXES, label
from rasp.graph.sops import (
    Aggregate,
    Constant,
    Exists,
    Indices,
    LookUp,
    Map,
    Member,
    Node,
    Operation,
    Select,
    SelectorAnd,
    SelectorNot,
    SelectorOr,
    Tokens,
    Width,
)
from rasp.graph.values import Named
from rasp.words import Operator

DEEPEST = 12
"""Levels of operands that are tried."""

WORD, IN, CHOICE, LOGIC, COMPARED, SUM, REMAINDER, PRODUCT, POWER, PREFIX = 99, 0, 1, 2, 3, 4, 5, 6, 7, 8
"""How tightly an expression binds: what has no operator outside of brackets, and the operators."""

LEVELS = {
    **dict.fromkeys((Operator.AND, Operator.OR), LOGIC),
    **dict.fromkeys((Operator.ADD, Operator.SUB), SUM),
    **dict.fromkeys((Operator.MUL, Operator.DIV), PRODUCT),
    Operator.MOD: REMAINDER,
    Operator.POW: POWER,
}
"""Of two operands; the others compare."""

Bound = tuple[str, int, str]
"""A text, how tightly it binds, and the operator that does."""


def worded(node: Node, longest: int) -> str:
    """How a node could be written, its own name aside, with … for what lies too deep in it to fit; else its
    label.
    """
    for depth in range(DEEPEST, 1, -1):
        text = made(node, depth)[0]
        if len(text) <= longest:
            return text
    return label(node)


def part(value: object, depth: int) -> Bound:
    """An operand: its name, if it has one, else what makes it."""
    if not isinstance(value, Node):
        return plain(value)
    if isinstance(value, Tokens) and value.conversion == "str":
        return "tokens", WORD, ""
    if value.name is not None:
        return value.name, WORD, ""
    return made(value, depth) if depth else ("…", WORD, "")


def made(node: Node, depth: int) -> Bound:
    """What makes a node, whether it has a name or not."""

    def of(operand: object) -> str:
        return part(operand, depth - 1)[0]

    if node.call is not None:
        return f"{node.call.function}({', '.join(map(of, node.call.arguments))})", WORD, ""
    match node:
        case Operation() | Member() | SelectorAnd() | SelectorOr() | SelectorNot():
            return combined(node, depth - 1)
        case Constant(value=value):
            return plain(value)
        case Tokens(conversion=conversion):
            return f"tokens_{conversion}", WORD, ""
        case LookUp(container=container, args=(index,)):
            items = list(container) if isinstance(container, tuple) else container
            return f"{plain(items)[0]}[{of(index)}]", WORD, ""
    return called(node, depth - 1), WORD, ""


def called(node: Node, depth: int) -> str:
    """What is written as a word with arguments in brackets."""

    def of(*operands: object) -> str:
        return ", ".join(part(operand, depth)[0] for operand in operands)

    match node:
        case Indices():
            return "indices"
        case Map(args=args, function=function):
            return f"{getattr(function, '__name__', 'function')}({of(*args)})"
        case Aggregate(selector=selector, values=values, only=only, default=default):
            last = () if default is None else (default,)
            return f"{'only' if only else 'aggregate'}({of(selector, values, *last)})"
        case Width(selector=selector):
            return f"selector_width({of(selector)})"
        case Exists(selector=selector):
            return f"has_focus({of(selector)})"
        case Select(keys=keys, queries=queries, comparison=comparison):
            return f"select({of(keys, queries)}, {comparison.value})"
    raise TypeError(f"no such node: {node!r}")


def combined(node: Node, depth: int) -> Bound:
    """What is written with an operator."""

    def of(operand: Node) -> Bound:
        return part(operand, depth)

    match node:
        case SelectorAnd(left=left, right=right) | SelectorOr(left=left, right=right):
            word = "and" if isinstance(node, SelectorAnd) else "or"
            return between(of(left), word, of(right), LOGIC)
        case SelectorNot(operand=operand):
            return f"not {bracketed(of(operand), PREFIX)}", PREFIX, "not"
        case Member(args=(item,), items=items):
            return f"{bracketed(of(item), SUM)} in {plain(list(items))[0]}", IN, "in"
        case Operation(operator=Operator.CHOOSE, args=(condition, then, otherwise)):
            whether, first, second = (bracketed(of(each), LOGIC) for each in (condition, then, otherwise))
            return f"{first} if {whether} else {second}", CHOICE, "if"
        case Operation(operator=operator, args=(left, right)):
            return between(of(left), operator.value, of(right), LEVELS.get(operator, COMPARED))
        case Operation(operator=operator, args=(operand,)) if operator in PREFIXES:
            return f"{PREFIXES[operator]}{bracketed(of(operand), PREFIX)}", PREFIX, operator.value
        case Operation(operator=operator, args=(operand,)):
            return f"{operator.value}({of(operand)[0]})", WORD, ""
    raise TypeError(f"no such node: {node!r}")


def between(left: Bound, operator: str, right: Bound, level: int) -> Bound:
    """Two operands of an operator. Where other languages group in another way, brackets tell."""
    text, own, inner = left
    chained = own == level and (
        level in (SUM, PRODUCT) or (inner == operator and level in (LOGIC, REMAINDER))
    )
    surprising = (inner == "not" and level == COMPARED) or (own == PREFIX and level == POWER)
    first = text if chained or (own > level and not surprising) else f"({text})"
    second = bracketed(right, PRODUCT + 1 if level == REMAINDER else level + 1)
    return f"{first} {operator} {second}", level, operator


def bracketed(operand: Bound, level: int) -> str:
    """An operand, in brackets if it binds looser than that."""
    text, own, _ = operand
    return text if own >= level else f"({text})"


def plain(value: object) -> Bound:
    """A value that is no node."""
    match value:
        case Named():
            return str(value.title), WORD, ""
        case bool():
            return str(value), WORD, ""
        case str():
            return f'"{value}"', WORD, ""
        case Fraction() if value.denominator != 1:
            return f"{value.numerator} / {value.denominator}", PRODUCT, "/"
        case int() | Fraction() | float():
            return str(value), PREFIX if value < 0 else WORD, "neg" if value < 0 else ""
        case dict():
            return f"{{{', '.join(f'{plain(k)[0]}: {plain(v)[0]}' for k, v in value.items())}}}", WORD, ""
        case list():
            return f"[{', '.join(plain(each)[0] for each in value)}]", WORD, ""
    return str(value), WORD, ""
