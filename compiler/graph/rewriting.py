"""Rewriting of terms: a rule gives what a term can be replaced by, and is tried until none fits."""

from __future__ import annotations

from collections.abc import Callable

from compiler.graph.terms import Graph, Kind, Term
from rasp.graph.sops import Node
from rasp.words import Comparison

Rule = Callable[[Graph, Term], Term | None]


def rewrite(graph: Graph, term: Term, rules: tuple[Rule, ...], origin: Node | None = None) -> Term:
    """Apply rules to one term until none fits; the result inherits the name of what it replaces."""
    changed = True
    while changed:
        changed = False
        for rule in rules:
            replacement = rule(graph, term)
            if replacement is not None and replacement is not term:
                if term.name and not replacement.name and replacement.kind is not Kind.CONST:
                    object.__setattr__(replacement, "name", term.name)
                if replacement.span is None and term.span is not None:
                    object.__setattr__(replacement, "span", term.span)
                graph.note(term, replacement)
                term, changed = replacement, True
                break
    return term


def everything(graph: Graph) -> Term:
    """The selector that selects all keys."""
    one = graph.const(1)
    return graph.select(one, one, Comparison.EQ)


def nothing(graph: Graph) -> Term:
    """The selector that selects no key."""
    one = graph.const(1)
    return graph.select(one, one, Comparison.NE)
