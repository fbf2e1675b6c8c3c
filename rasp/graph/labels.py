"""Short names for s-ops and selectors that have no name of their own, as the original displays them."""

from __future__ import annotations

from rasp.graph.atoms import decimal
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
    Selector,
    SelectorAnd,
    SelectorNot,
    SelectorOr,
    Tokens,
    Width,
)
from rasp.graph.values import Named
from rasp.words import Atom, Operator

LONGEST_LABEL = 30
"""Characters; what would be longer is called `s-op` or `selector`."""

PLAIN_LABELS = ("s-op", "selector")
"""What stands for a label that would be too long."""

DEEPEST = 8
"""Levels of operands that a label goes down; whatever lies deeper would make it too long anyway."""

PREFIXES = {Operator.NOT: "not ", Operator.NEG: "-", Operator.POS: "+"}


def label(node: Node) -> str:
    """The node's name, or what made it (`( indices + 1 )`, `max(indices , 2)`) if that is short."""
    text = _describe(node, DEEPEST)
    if len(text) <= LONGEST_LABEL:
        return text
    return "selector" if isinstance(node, Selector) else "s-op"


def expression(node: Node, longest: int) -> str:
    """Its name, or how it could be written, with … for what lies too deep in it to fit; else its label."""
    return node.name if node.name is not None else made_of(node, longest)


def made_of(node: Node, longest: int) -> str:
    """How the node could be written, its own name aside, with … for what lies too deep in it to fit; else its
    label.
    """
    for depth in range(DEEPEST + 2, 1, -1):
        text = _made(node, depth, whole=True).replace("." * (LONGEST_LABEL + 1), "…")
        if len(text) <= longest:
            return text
    return label(node)


def _describe(node: object, depth: int, whole: bool = False) -> str:
    """The label at full length, with a long placeholder for whatever lies too deep; if `whole`, with what
    each select compares.
    """
    if depth == 0:
        return "." * (LONGEST_LABEL + 1)
    if not isinstance(node, Node):
        return _plain(node)
    if isinstance(node, Tokens) and node.conversion == "str":
        return "tokens"
    if node.name is not None:
        return node.name
    return _made(node, depth, whole)


def _made(node: Node, depth: int, whole: bool) -> str:
    """What makes the node, whether it has a name or not."""

    def of(operand: object) -> str:
        return _describe(operand, depth - 1, whole)

    if node.call is not None:
        return f"{node.call.function}({' , '.join(map(of, node.call.arguments))})"
    match node:
        case Constant(value=value):
            return _plain(value)
        case Tokens(conversion=conversion):
            return f"tokens_{conversion}"
        case Indices():
            return "indices"
        case Operation(operator=Operator.CHOOSE, args=(condition, then, otherwise)):
            return f"( {of(then)} if {of(condition)} else {of(otherwise)} )"
        case Operation(operator=operator, args=(left, right)):
            return f"( {of(left)} {operator.value} {of(right)} )"
        case Operation(operator=(Operator.ROUND | Operator.INDICATOR) as operator, args=(operand,)):
            return f"{operator.value}({of(operand)})"
        case Operation(operator=operator, args=(operand,)):
            return f"( {PREFIXES[operator]}{of(operand)} )"
        case LookUp(args=(index,)):
            return f"[...][{of(index)}]"
        case Member(args=(item,)):
            return f"( {of(item)} in [...] )"
        case Map(args=args, function=function):
            name = getattr(function, "__name__", "function")
            return f"{name}({' , '.join(of(arg) for arg in args)})"
        case Aggregate(selector=selector, values=values, only=only):
            return f"{'only' if only else 'aggregate'}({of(selector)}, {of(values)})"
        case Width(selector=selector):
            return f"selector_width({of(selector)})"
        case Exists(selector=selector):
            return f"has_focus({of(selector)})"
        case Select(keys=keys, queries=queries, comparison=comparison) if whole:
            return f"select({of(keys)} , {of(queries)} , {comparison.value})"
        case Select():
            return "plain select"
        case SelectorAnd(left=left, right=right):
            return f"( {of(left)} and {of(right)} )"
        case SelectorOr(left=left, right=right):
            return f"( {of(left)} or {of(right)} )"
        case SelectorNot(operand=operand):
            return f"( not {of(operand)} )"
    raise TypeError(f"no such node: {node!r}")


def _plain(value: object | Atom) -> str:
    """A plain value among the parts of a label; strings without quotes."""
    if isinstance(value, Named):
        return str(value.title)
    if isinstance(value, (list, dict)):
        return "[...]" if isinstance(value, list) else "{...}"
    return decimal(value) if not isinstance(value, (int, str)) else str(value)  # type: ignore[arg-type]
