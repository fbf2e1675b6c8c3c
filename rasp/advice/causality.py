"""What makes little sense in a causal model, where no position sees later ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rasp.advice.facts import Facts
from rasp.elaboration.library import length
from rasp.errors import Span
from rasp.graph.sops import (
    Aggregate,
    Constant,
    Indices,
    Node,
    Operation,
    Select,
    Selector,
    SOp,
    in_order,
    operands,
)
from rasp.words import Comparison, Operator

Surprise = tuple[Node, str, str | None]
"""A node, what is surprising about it, and a hint."""


def causal_surprises(roots: Sequence[Node]) -> Iterator[Surprise]:
    """What will surprise in these s-ops and selectors once they run causally.

    What never makes sense is not among it.
    """
    yield from _look_ahead(roots)
    ends = {queries for node in in_order(*roots) if (queries := _counted_from_the_end(node)) is not None}
    for node in in_order(*roots):
        queries = _counted_from_the_end(node)
        if queries is not None:
            yield _index_surprise(node, queries)
        elif node not in ends and any(part is length() for part in _used_by(node)):
            message = "causally, `length` is `indices + 1`: the number of tokens up to each position"
            yield node, message, "later tokens are not seen, and a causal model never knows how many come"


def _look_ahead(roots: Sequence[Node]) -> Iterator[Surprise]:
    """Selectors that could select something, but only later positions."""
    plainly, causally = Facts(*roots), Facts(*roots, causal=True)
    made: dict[tuple[Span | None, Span | None], list[tuple[Selector, bool]]] = {}
    for node in in_order(*roots):
        if isinstance(node, Selector):
            never = causally.always(node) is False and plainly.always(node) is not False
            by_part = any(causally.always(part) is False for part in _selectors(node))
            made.setdefault((node.span, node.user_span), []).append((node, never and not by_part))
    for selectors in made.values():
        node, _ = selectors[0]
        if all(surprises for _, surprises in selectors):  # a function may be called with other arguments
            function = _library_function(node)
            what = "this selector" if function is None else f"a selector of `{function}`"
            yield node, f"causally, {what} never selects anything: what it looks for only comes later", None


def _selectors(node: Node) -> list[Selector]:
    """The selectors that a selector is combined from."""
    return [part for part in operands(node) if isinstance(part, Selector)]


def _used_by(node: Node) -> tuple[Node, ...]:
    """What a node is computed from; nothing for one of the library's own, whose meaning is documented."""
    return () if _library_function(node) is not None else operands(node)


def _library_function(node: Node) -> str | None:
    """The function of the library that the user called to get this node, if it was made so."""
    site = node.site
    function = None
    while site is not None and site.library:
        function, site = site.function, site.caller
    return function


def _counted_from_the_end(node: Node) -> SOp | None:
    """The `length - k` that a user's `s[-k]` stands for: made in the same place as the whole."""
    match node:
        case Aggregate(
            selector=Select(keys=Indices(), queries=Operation() as queries, comparison=Comparison.EQ)
        ) if queries.operator is Operator.ADD and queries.args[0] is length():
            same_place = queries.span == node.span and queries.site == node.site
            return queries if same_place and isinstance(queries.args[1], Constant) else None
    return None


def _index_surprise(node: Node, queries: SOp) -> Surprise:
    assert isinstance(queries, Operation)
    (last,) = (arg.value for arg in queries.args if isinstance(arg, Constant))
    assert isinstance(last, int)
    back = -last - 1
    where = "at the current position"
    if back:
        where = f"{back} position{'s' * (back > 1)} before the current one, 0 where there is none"
    return node, f"causally, the index {last} gives the value {where}", None
