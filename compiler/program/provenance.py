"""Which parts of a program's text are computed in which columns of its model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from compiler.graph.building import build
from compiler.graph.terms import Term
from compiler.request import Request
from rasp.errors import Span
from rasp.graph.sops import Node, SOp, in_order, operands
from runtime import Model
from runtime.view.source import Mark, Source, columns_by_name, name_marks

Columns = frozenset[int]


def source_of(sop: SOp, text: str, model: Model) -> Source:
    """A program's own text, each expression marked with the columns that its value is computed in.

    What has no columns of its own (a selector, a step of a larger table) belongs to those of its readers;
    a call of a function to all that is computed within. `text` is what `sop` was read from.
    """
    spans: dict[tuple[int, int], Columns] = defaultdict(frozenset)
    for node, columns in columns_of_nodes(sop, model).items():
        for span in places(node):
            if columns and span.source == text:
                spans[offsets(span)] |= columns
    marks = [Mark(start, end, tuple(sorted(columns))) for (start, end), columns in spans.items()]
    return Source("Program", text, tuple(marks + name_marks(text, model.config.columns)))


def written_sources(sop: SOp, model: Model) -> list[Source]:
    """The text that an s-op was read from, if it was read from one."""
    texts = [span.source for span in places(sop)]
    return (
        [source_of(sop, texts[-1], model)] if texts else []
    )  # the last: a library's function is called from it


def columns_of_nodes(sop: SOp, model: Model) -> dict[Node, Columns]:
    """The columns of each node's value: its own, or else those of the nodes that read it."""
    known = columns_by_name(model.config.columns)
    terms = terms_of_nodes(sop, model)
    found: dict[Node, Columns] = {}
    inherited: dict[Node, Columns] = defaultdict(frozenset)
    for node in reversed(list(in_order(sop))):
        found[node] = frozenset(known.get(terms[node].title, ())) or inherited[node]
        for operand in operands(node):
            inherited[operand] |= found[node]
    return found


def terms_of_nodes(sop: SOp, model: Model) -> Mapping[Node, Term]:
    """What each node became when the graph was simplified."""
    config = model.config
    return build(sop, Request(config.vocab, config.max_length, config.causal)).terms


def places(node: Node) -> Iterator[Span]:
    """Where the node was written, and the calls within which that was carried out."""
    if node.span is not None:
        yield node.span
    for site in node.site.chain() if node.site is not None else ():
        if site.span is not None:
            yield site.span


def offsets(span: Span) -> tuple[int, int]:
    """The span as characters [start, end) of its text."""
    lines = span.source.split("\n")

    def offset(line: int, column: int) -> int:
        return sum(len(each) + 1 for each in lines[: line - span.first_line]) + column - 1

    return offset(span.line, span.column), offset(span.end_line, span.end_column)
