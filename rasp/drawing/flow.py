"""Which layer and head each part of a program belongs to, and its values on an input.

The rule is that of "Thinking Like Transformers": the input has depth 0, an elementwise s-op that of its
deepest operand, a selector one more than its keys and queries, and an aggregate lies one deeper than its
values, or as deep as its selector if that is deeper. A count of what is selected is one head, as deep as its
selector. A layer's heads are its different selectors; a selector of several parts that have nothing in common
is as many heads in a model, which the paper's rule counts as one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasp.drawing.parts import Matrix, Part, cells, parts, text
from rasp.drawing.wording import worded
from rasp.errors import RaspError
from rasp.graph.interpreter import Values, check_length, masked, node_values
from rasp.graph.labels import LONGEST_LABEL, PLAIN_LABELS, label
from rasp.graph.sops import (
    Aggregate,
    Constant,
    Elementwise,
    Node,
    Read,
    Selector,
    SOp,
    Tokens,
    in_order,
    operands,
)
from rasp.graph.values import input_sequence
from rasp.words import Atom

LONGEST_FORMULA = 240
"""Characters of an expression that is shown; of a longer one only the line is named, never a part."""


@dataclass(frozen=True)
class Row:
    """An s-op to show: its name, how it is written, its values (None without an input), its operands."""

    node: SOp
    name: str
    formula: str
    values: tuple[Atom, ...] | None
    sources: tuple[SOp, ...]


@dataclass(frozen=True)
class Share:
    """What one head of several does for a selector: its part, written, and the cells that are its own."""

    text: str
    matrix: Matrix | None


@dataclass(frozen=True)
class Head:
    """A selector with its matrix (None without an input), the s-ops it compares, and what is read with it.

    `shares`: of a selector that takes several heads, what each does; empty where it is one.
    """

    selector: Selector
    name: str
    formula: str
    matrix: Matrix | None
    sources: tuple[SOp, ...]
    reads: tuple[Row, ...]
    shares: tuple[Share, ...] = ()

    @property
    def count(self) -> int:
        """How many heads of a model it is."""
        return len(self.shares) or 1


@dataclass(frozen=True)
class Stage:
    """One layer: its heads, then the s-ops computed position by position. Layer 0 is the input's."""

    number: int
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Flow:
    """All layers of an s-op; `tokens` is the input, None if none was given."""

    root: SOp
    tokens: tuple[Atom, ...] | None
    stages: tuple[Stage, ...]

    @property
    def layers(self) -> int:
        return len(self.stages) - 1

    @property
    def heads(self) -> int:
        """Those of the layer that has most, by the paper's rule."""
        return max(len(stage.heads) for stage in self.stages)

    @property
    def heads_by_layer(self) -> tuple[int, ...]:
        """Those of each layer from the first one on, as a model of short inputs has them."""
        return tuple(sum(head.count for head in stage.heads) for stage in self.stages[1:])


def flow_of(root: Node, inputs: object = None, causal: bool = False) -> Flow:
    """The flow of an s-op, with values if there is an input.

    Raises RaspError for a selector, an unsuitable input, or where the program has no answer on it.
    """
    if not isinstance(root, SOp):
        raise RaspError("only an s-op can be drawn, not a selector")
    nodes = list(in_order(root))
    depth = depths(nodes)
    tokens = None if inputs is None else input_sequence(inputs)
    values = {} if tokens is None else all_values(nodes, tokens, causal)
    builder = Builder(root, depth, values)
    stages = tuple(builder.stage(number, nodes) for number in range(1 + depth[root]))
    return Flow(root, None if tokens is None else tuple(tokens), stages)


def depths(nodes: Sequence[Node]) -> dict[Node, int]:
    """The layer of each node, given operands first."""
    depth: dict[Node, int] = {}
    for node in nodes:
        below = max((depth[operand] for operand in operands(node)), default=0)
        if isinstance(node, Aggregate):
            at_query = depth[node.default] if isinstance(node.default, SOp) else 0
            depth[node] = max(depth[node.selector], 1 + depth[node.values], at_query)
        elif isinstance(node, Read):
            depth[node] = depth[node.selector]
        elif isinstance(node, Selector) and not any(isinstance(each, Selector) for each in operands(node)):
            depth[node] = 1 + below
        else:
            depth[node] = below
    return depth


def all_values(nodes: Sequence[Node], tokens: list[Atom], causal: bool) -> Values:
    """What every node is on the input; selectors as they are read, so masked in a causal program."""
    check_length(nodes, len(tokens))
    values: Values = {}
    for node in nodes:
        try:
            values[node] = node_values(node, tokens, values, causal)
        except RaspError as error:
            error.locate(node.span, node.site)
            raise
    return {
        node: masked(value) if causal and isinstance(node, Selector) else value
        for node, value in values.items()
    }


@dataclass(frozen=True)
class Builder:
    """What rows and heads are made from."""

    root: SOp
    depth: dict[Node, int]
    values: Values

    def stage(self, number: int, nodes: Sequence[Node]) -> Stage:
        """The heads and rows of one layer."""
        here = [node for node in nodes if self.depth[node] == number]
        reads = [node for node in here if isinstance(node, Read)]
        selectors = list(dict.fromkeys(read.selector for read in reads))
        heads = tuple(
            self.head(each, [read for read in reads if read.selector is each]) for each in selectors
        )
        rows = [
            self.row(node)
            for node in here
            if isinstance(node, SOp) and not isinstance(node, Read) and self.shown(node)
        ]
        return Stage(number, heads, tuple(rows))

    def shown(self, node: SOp) -> bool:
        """Whether an s-op gets a row of its own: the input, what has a name, and the result."""
        if isinstance(node, Constant):
            return False
        return not isinstance(node, Elementwise) or node.name is not None or node is self.root

    def row(self, node: SOp) -> Row:
        values = self.values.get(node)
        return Row(
            node,
            self.title(node),
            formula(node),
            None if values is None else tuple(values),
            self.sources(node),
        )

    def title(self, node: SOp) -> str:
        """What a row is called: tokens of two kinds by both."""
        as_text = any(isinstance(each, Tokens) and each.conversion == "str" for each in self.depth)
        return "tokens_asis" if as_text and is_asis(node) else title(node)

    def head(self, selector: Selector, reads: Sequence[Read]) -> Head:
        matrix: list[list[Any]] | None = self.values.get(selector)
        return Head(
            selector,
            title(selector),
            formula(selector),
            None if matrix is None else frozen(matrix),
            self.sources(selector),
            tuple(self.row(read) for read in reads),
            self.shares(selector),
        )

    def shares(self, selector: Selector) -> tuple[Share, ...]:
        """What each head does, if there are several."""
        found = parts(selector)
        return tuple(self.share(selector, part) for part in found) if len(found) > 1 else ()

    def share(self, selector: Selector, part: Part) -> Share:
        own = None
        if selector in self.values:
            own = cells(part, frozen(self.values[selector]), lambda each: frozen(self.values[each]))
        return Share(text(part, title), own)

    def sources(self, node: Node) -> tuple[SOp, ...]:
        """The rows that a node is made of; what has no row is looked through."""
        found: dict[SOp, None] = {}
        pending = list(reversed(operands(node)))
        while pending:
            operand = pending.pop()
            if isinstance(operand, Selector) and not isinstance(node, Selector):
                continue  # the head shows where its selector comes from
            if isinstance(operand, SOp) and (isinstance(operand, Read) or self.shown(operand)):
                found[operand] = None
            else:
                pending += reversed(operands(operand))
        return tuple(found)


def frozen(matrix: list[list[Any]]) -> Matrix:
    return tuple(tuple(row) for row in matrix)


def title(node: Node) -> str:
    """The name it was given, else how it is written."""
    if isinstance(node, Tokens) and node.conversion == "str":
        return "tokens"
    if is_asis(node) and node.name is None and node.call is None:
        return written(node) or "tokens"
    if node.name is not None:
        return "tokens" if is_asis(node) else node.name
    short = worded(node, LONGEST_LABEL) if node.call is not None else ""
    whole = short and "…" not in short and short not in PLAIN_LABELS
    return short if whole else written(node) or label(node)


def is_asis(node: Node) -> bool:
    """Whether these are the tokens as they are, which most programs call `tokens`."""
    return isinstance(node, Tokens) and node.conversion == "asis"


def formula(node: Node) -> str:
    """The node as the program has it; empty if that says no more than the title."""
    text = written(node) if node.span is not None or node.site is not None else ""
    return "" if text in (title(node), label(node), "tokens") else text


def written(node: Node) -> str:
    """The program's text for a node on one line, with what a loop's name or a parameter stands for in its
    place, and without the library's own names; if it is too long to be read, the place where it stands.
    """
    called = node.site.span if node.call is not None and node.site is not None else None
    span = called or node.span
    if span is None:  # made in Python: no text has it
        return worded(node, LONGEST_FORMULA)
    text = " ".join(span.text().split())
    if has_bound_name(text, span.source) or "_width(" in text.replace("selector_width(", ""):
        text = worded(node, LONGEST_FORMULA)
    return text if len(text) <= LONGEST_FORMULA else f"line {span.line}"


def has_bound_name(text: str, source: str) -> bool:
    """Whether an expression has a name that a `for` or a function around it gives a value."""
    names = set(re.findall(r"\bfor\s+(\w+)\s+in\b", source)) - set(re.findall(r"\bfor (\w+) in\b", text))
    for parameters in re.findall(r"\bdef\s+\w+\s*\(([^)]*)\)", source):
        names.update(re.findall(r"\w+", parameters))
    return not names.isdisjoint(re.findall(r"\w+", text))
