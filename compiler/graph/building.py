"""From the s-op graph to terms, simplified on the way."""

from __future__ import annotations

from collections.abc import Collection

from compiler.graph.rewriting import rewrite
from compiler.graph.rules import NECESSARY, RULES
from compiler.graph.terms import Graph, Kind, Term, function_key, typed
from rasp.errors import CompileError
from rasp.graph.sops import (
    Aggregate,
    Constant,
    Elementwise,
    Indices,
    Node,
    Select,
    SelectorAnd,
    SelectorNot,
    SelectorOr,
    SOp,
    Tokens,
    in_order,
    operands,
)


def import_node(graph: Graph, node: Node, args: tuple[Term, ...]) -> Term:
    """The term of one node of the language whose operands are already terms."""
    match node:
        case Tokens():
            return graph.make(Kind.TOKENS, data=node.conversion, origin=node)
        case Indices():
            return graph.indices()
        case Constant():
            return graph.const(node.value)
        case Elementwise():
            return graph.make(Kind.MAP, args, function_key(node), node, node)
        case Aggregate():
            default = None if node.default is None else typed([node.default])[0]
            return graph.make(Kind.AGGREGATE, args, default, origin=node)
        case Select():
            return graph.make(Kind.SELECT, args, node.comparison, origin=node)
        case SelectorAnd():
            return graph.make(Kind.AND, args, origin=node)
        case SelectorOr():
            return graph.make(Kind.OR, args, origin=node)
        case SelectorNot():
            return graph.make(Kind.NOT, args, origin=node)
    raise AssertionError(f"unknown node {node!r}")


def build(graph: Graph, root: SOp, optimize: bool = True, keep: Collection[str] = ()) -> Term:
    """The term of an s-op, simplified unless `optimize` is off (then only what lowering needs). The s-ops
    named in `keep` stay as they are.

    Raises:
        CompileError: a name in `keep` is that of no s-op, or of several.
    """
    if isinstance(keep, str):
        raise CompileError("keep takes a list of names, not a string", hint=f"write keep=[{keep!r}]")
    if not isinstance(keep, Collection) or not all(isinstance(name, str) for name in keep):
        raise CompileError("keep takes a list of names of s-ops")
    rules = RULES if optimize else NECESSARY
    kept = [node.name for node in in_order(root) if isinstance(node, SOp) and node.name in keep]
    for name in keep:
        if kept.count(name) != 1:
            found = "no s-op" if name not in kept else f"{kept.count(name)} s-ops"
            raise CompileError(f"{found} of the program can be kept as {name!r}", hint=_names_hint(root))
    terms: dict[int, Term] = {}
    for node in in_order(root):
        args = tuple(terms[id(child)] for child in operands(node))
        term = rewrite(graph, import_node(graph, node, args), rules, node)
        if node.name in kept and isinstance(node, SOp):
            term = graph.keep(term, node)
        terms[id(node)] = term
    return terms[id(root)]


def _names_hint(root: SOp) -> str:
    names = sorted({n.name for n in in_order(root) if isinstance(n, SOp) and n.name})
    return f"its s-ops with a name are {', '.join(names)}" if names else "none of its s-ops has a name"
