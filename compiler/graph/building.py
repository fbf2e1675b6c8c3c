"""From the s-op graph to terms, simplified on the way."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from compiler.graph.keeping import kept_nodes
from compiler.graph.rewriting import Rule, rewrite
from compiler.graph.rules import NECESSARY, RULES, counted_together, remainder_of_sums
from compiler.graph.terms import Graph, Kind, ReadAs, Term, function_key, reachable, typed
from compiler.request import Request
from rasp.graph.sops import (
    Aggregate,
    Constant,
    Elementwise,
    Exists,
    Indices,
    Node,
    Select,
    SelectorAnd,
    SelectorNot,
    SelectorOr,
    SOp,
    Tokens,
    Width,
    in_order,
    operands,
)
from rasp.words import Operator

BESIDES: tuple[tuple[Rule, Operator], ...] = (
    (remainder_of_sums, Operator.MOD),
    (counted_together, Operator.ADD),
)
"""Rules that only some builds have, and of what they are."""


def import_node(graph: Graph, node: Node, args: tuple[Term, ...], rules: tuple[Rule, ...]) -> Term:
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
        case Aggregate(default=SOp()):
            return _with_default(graph, node, args, rules)
        case Aggregate():
            assert not isinstance(node.default, SOp)
            default = None if node.default is None else typed([node.default])[0]
            return graph.make(Kind.AGGREGATE, args, ReadAs(default, node.only), origin=node)
        case Width():
            return graph.make(Kind.WIDTH, args, origin=node)
        case Exists():
            return graph.make(Kind.EXISTS, args, origin=node)
        case Select():
            return graph.make(Kind.SELECT, args, node.comparison, origin=node)
        case SelectorAnd():
            return graph.make(Kind.AND, args, origin=node)
        case SelectorOr():
            return graph.make(Kind.OR, args, origin=node)
        case SelectorNot():
            return graph.make(Kind.NOT, args, origin=node)
    raise AssertionError(f"unknown node {node!r}")


def _with_default(graph: Graph, node: Aggregate, args: tuple[Term, ...], rules: tuple[Rule, ...]) -> Term:
    """A default that is an s-op: what is read where anything is selected, elsewhere the s-op."""
    selector, values, default = args
    read_as = ReadAs(only=node.only, unread=True)
    found = rewrite(graph, graph.make(Kind.EXISTS, (selector,)), rules)
    # of the same place, but the name is that of the whole
    unnamed = replace(node, name=None)
    read = rewrite(graph, graph.make(Kind.AGGREGATE, (selector, values), read_as, origin=unnamed), rules)
    return graph.operation(Operator.CHOOSE, found, read, default, origin=node)


@dataclass(frozen=True, eq=False)
class Built:
    """A program as terms, with what each of its nodes became, and which of them stay as they are."""

    graph: Graph
    root: Term
    terms: Mapping[Node, Term]
    kept: Collection[Node]


def builds(sop: SOp, asked: Request) -> list[Built]:
    """The terms of an s-op as usual; and with remainders taken before sums, or what is counted apart counted
    together, where it has such.

    Raises:
        CompileError: a name to keep is that of no s-op, or of several.
    """
    usual = build(sop, asked)
    found = [usual]
    for rule, operator in BESIDES if asked.optimize else ():
        if any(term.operator is operator for term in reachable(usual.root)):
            other = build(sop, asked, (rule,))
            if any(rule(other.graph, each) not in (None, each) for each in other.graph.replaced[0]):
                found.append(other)
    return found


def build(sop: SOp, asked: Request, besides: tuple[Rule, ...] = ()) -> Built:
    """The terms of an s-op, simplified unless `optimize` is off (then only what lowering needs). The s-ops
    to keep stay as they are. `besides`: rules that not every build has.

    Raises:
        CompileError: a name to keep is that of no s-op, or of several.
    """
    graph = Graph(asked.causal, asked.numeric_tokens, asked.whole_tokens)
    rules = (*RULES, *besides) if asked.optimize else NECESSARY
    kept = kept_nodes(sop, asked.keep)
    terms: dict[Node, Term] = {}
    for node in in_order(sop):
        args = tuple(terms[child] for child in operands(node))
        term = rewrite(graph, import_node(graph, node, args, rules), rules, node)
        terms[node] = graph.keep(term, node.name or "", node) if node in kept else term
    return Built(graph, terms[sop], terms, kept)
