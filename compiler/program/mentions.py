"""Where a program's text calls a node by a name.

What a name stands for is followed through the text's syntax tree: at the top level, an assignment makes its
target stand for the nodes that the expression on its right has made (told by their place), until the next
assignment. Names that are bound within a function, a loop or a comprehension stand for too many things to
follow, and are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rasp.elaboration.library import library_names
from rasp.errors import RaspError, Span
from rasp.graph.sops import Indices, Node, SOp, Tokens, in_order
from rasp.syntax import tree
from rasp.syntax.parser import read_statements

Nodes = tuple[Node, ...]


def mentions(sop: SOp, text: str) -> Iterator[tuple[Span, Nodes]]:
    """The places of a text that name nodes below an s-op (and the s-op itself), with those nodes."""
    nodes = list(in_order(sop))
    made = made_at(nodes, text)
    known = _base_names(nodes)
    for statement in read_statements(text, ""):
        if isinstance(statement, RaspError):
            return
        own = bound_inside(statement)
        for name in names_in(statement):
            if name.text not in own and known.get(name.text):
                yield name.span, known[name.text]
        known = known | _assigned(statement, known, made)
        for target in statement.targets if isinstance(statement, tree.Assignment) else ():
            if known.get(target.text):
                yield target.span, known[target.text]


def made_at(nodes: Sequence[Node], text: str) -> dict[tuple[str | None, tuple[int, int]], Nodes]:
    """By name and place of an expression of the text: the nodes of that name that were made there, or within
    what is called there.
    """
    found: dict[tuple[str | None, tuple[int, int]], Nodes] = {}
    for node in nodes:
        spans = [node.span, *(site.span for site in (node.site.chain() if node.site is not None else ()))]
        for span in spans:
            if span is not None and span.source == text:
                key = (node.name, span.offsets)
                found[key] = (*found.get(key, ()), node)
    return found


def _base_names(nodes: Sequence[Node]) -> dict[str, Nodes]:
    """What can be named without an assignment."""
    found: dict[str, Nodes] = {}
    for node in nodes:
        if isinstance(node, Tokens):
            names = [f"tokens_{node.conversion}", *(["tokens"] if node.conversion == "str" else [])]
        elif isinstance(node, Indices):
            names = ["indices"]
        else:
            names = [name for name, value in library_names().items() if value is node]
        found |= dict.fromkeys(names, (node,))
    return found


def _assigned(
    statement: tree.Syntax,
    known: Mapping[str, Nodes],
    made: Mapping[tuple[str | None, tuple[int, int]], Nodes],
) -> dict[str, Nodes]:
    """What the targets of the assignments in a statement stand for after it."""
    if not isinstance(statement, tree.Assignment):
        inner = [] if isinstance(statement, tree.FunctionDefinition) else list(tree.children(statement))
        found: dict[str, Nodes] = {}
        for each in inner:
            found |= _assigned(each, known, made)
        return found
    if len(statement.targets) != len(statement.values):
        return {target.text: () for target in statement.targets}
    pairs = zip(statement.targets, statement.values, strict=True)
    return {target.text: _value(target.text, value, known, made) for target, value in pairs}


def _value(
    target: str,
    value: tree.Expression,
    known: Mapping[str, Nodes],
    made: Mapping[tuple[str | None, tuple[int, int]], Nodes],
) -> Nodes:
    """The nodes that an expression gives to its target."""
    while isinstance(value, tree.Parenthesised):
        value = value.inner
    if isinstance(value, tree.Name):
        return known.get(value.text, ())
    return made.get((target, value.span.offsets), ())


def names_in(node: tree.Syntax) -> Iterator[tree.Name]:
    """All names that are read below a node of the tree."""
    if isinstance(node, tree.Name):
        yield node
    for child in tree.children(node):
        yield from names_in(child)


def bound_inside(statement: tree.Syntax) -> set[str]:
    """The names that a function, loop or comprehension in a statement binds."""
    found: set[str] = set()
    for node in below(statement):
        match node:
            case tree.ListComprehension(names=names) | tree.DictComprehension(names=names):
                found |= {name.text for name in names}
            case tree.Loop(names=names) | tree.FunctionDefinition(parameters=names):
                inner = [each for each in below(node) if isinstance(each, tree.Assignment)]
                found |= {name.text for name in (*names, *(t for each in inner for t in each.targets))}
    return found


def below(node: tree.Syntax) -> Iterator[tree.Syntax]:
    yield node
    for child in tree.children(node):
        yield from below(child)
