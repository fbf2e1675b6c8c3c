"""What calls of library functions carry out: the functions' own lines, for those who look inside."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from rasp.elaboration.functions import Function
from rasp.elaboration.library import library_names
from rasp.errors import CallSite, Span
from rasp.graph.sops import Node
from runtime.sources import Mark, Opened

Columns = frozenset[int]

ALONE = re.compile(r"return _\w+\(\w+\);")
"""The body of a function that is one read, which has nothing to show inside."""


def opened(columns: Mapping[Node, Columns], text: str) -> tuple[Opened, ...]:
    """The calls of the library in a text, each with the function's lines, marked with the `columns` that
    nodes are computed in.
    """
    found: dict[tuple[str, Span], dict[Span, Columns]] = {}
    for node, held in columns.items():
        for function, call, within in within_library(node, text):
            marks = found.setdefault((function, call), defaultdict(frozenset))
            marks[within] |= held
    made = (_opened(function, call, marks) for (function, call), marks in found.items())
    return tuple(each for each in made if each is not None)


def within_library(node: Node, text: str) -> Iterator[tuple[str, Span, Span]]:
    """The library function that made a node, the call of it in a text, and where in that function it was
    made, or within which call there.
    """
    within = node.span
    for site in node.site.chain() if node.site is not None else ():
        if site.library and site.span is not None and site.span.source == text and within is not None:
            yield site.function, site.span, within
        within = site.span


def _opened(name: str, call: Span, marks: Mapping[Span, Columns]) -> Opened | None:
    function = library_names().get(name)
    if not isinstance(function, Function):
        return None
    definition = function.definition.span
    first, last = definition.offsets
    body = definition.source[first:last]
    if ALONE.search(body):
        return None
    placed = ((span.offsets, held) for span, held in marks.items() if held)
    inside = tuple(
        Mark(start - first, end - first, tuple(sorted(held)))
        for (start, end), held in placed
        if first <= start and end <= last
    )
    return Opened(*call.offsets, body, inside)


def site_called(node: Node) -> CallSite | None:
    """The call of a library function that gave a node, if it stands in none of the library's own lines."""
    site = library_call(node)
    return site if node.call is not None and node.site is site else None


def library_call(node: Node) -> CallSite | None:
    """The outermost call of the library within which a node was made, if any."""
    chain = node.site.chain() if node.site is not None else []
    return next((site for site in reversed(chain) if site.library), None)
