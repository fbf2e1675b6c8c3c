"""Which s-ops of a model the nodes of a program became, and so which text is computed in which columns.

Everything is tied by identity: a node to the term that it became, a term to the number that its columns
carry. Names and titles are for people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from compiler.graph.terms import TOKEN, Kind, Term
from compiler.program.calling import Naming, called
from compiler.program.mentions import mentions
from compiler.program.opening import library_call, opened, site_called
from compiler.program.quotable import users_lines
from compiler.program.writing import Line, Written
from rasp.errors import Span
from rasp.graph.sops import Node, SOp, in_order, operands
from runtime.sources import PROGRAM, Mark, Source
from runtime.statements import Call, Statement
from runtime.weights import Config

Numbers = tuple[int, ...]
"""The numbers of s-ops of a model (see `runtime.weights.Column.of`)."""

Columns = frozenset[int]
NONE: Columns = frozenset()


def sops_of_nodes(terms: Mapping[Node, Term], numbers: Mapping[Term, int]) -> dict[Node, Numbers]:
    """By node, operands first: the number of the term that it became, and of terms made for its sake that no
    node became, as far as they have columns. `numbers` has those by term.
    """
    became = {identity(term) for term in terms.values()}
    taken = set(became)
    found: dict[Node, Numbers] = {}
    for node, term in terms.items():
        made = [identity(term)]
        waiting, seen = list(term.args), set[Term]()
        while waiting:
            part = waiting.pop()
            if part not in seen and identity(part) not in taken:
                seen.add(part)
                made.append(part)
                waiting.extend(part.args)
        taken |= seen
        found[node] = tuple(numbers[part] for part in made if part in numbers)
    return found


def identity(term: Term) -> Term:
    """What carries the columns of a term: all conversions of the tokens are functions of one variable."""
    return TOKEN if term.kind is Kind.TOKENS else term


def statements(
    program: Written, terms: Mapping[Node, Term], numbers: Mapping[Term, int]
) -> tuple[Statement, ...]:
    """The statements of a saved program, with the s-ops that they became."""
    places = {line.node: number for number, line in enumerate(program.lines)}
    sops = sops_of_nodes(terms, numbers)
    own = {node for node, term in terms.items() if identity(term) in numbers}
    named = Naming(places, sops)
    calls = {line.node: call for line in program.lines if (call := called(line.node, named)) is not None}
    sites = {id(site_called(node)): places[node] for node in calls}  # two rounds of a loop have equal ones
    return tuple(_statement(line, named, line.node in own, calls, sites) for line in program.lines)


def _statement(
    line: Line, named: Naming, own: bool, calls: Mapping[Node, Call], sites: Mapping[int, int]
) -> Statement:
    found = named.sops.get(line.node, ())
    return Statement(
        line.name,
        line.start,
        line.end,
        found,
        tuple(named.mention(m.start, m.end, m.node) for m in line.mentions),
        parts_only=bool(found) and not own,
        called=calls.get(line.node),
        within=None if line.node in calls else sites.get(id(library_call(line.node))),
    )


def spans_of_sops(sops: Mapping[Node, Numbers]) -> dict[int, Span]:
    """Where the user wrote each s-op, by number; of several places the innermost, which is its own."""
    found: dict[int, Span] = {}
    for node, numbers in sops.items():
        if node.user_span is not None:
            for number in numbers:
                found.setdefault(number, node.user_span)
    return found


# The text that the user wrote -------------------------------------------------------------------------


def written_sources(
    sop: SOp, sops: Mapping[Node, Numbers], places: Mapping[Node, int], config: Config
) -> list[Source]:
    """The text that an s-op was read from, if it was read from one; `places` are the numbers of the
    statements that make nodes.
    """
    text = written_text(sop)
    return [source_of(sop, text, sops, places, config)] if text else []


def written_text(sop: SOp) -> str:
    """The whole text that an s-op was read from; nothing if it was read from none."""
    texts = [span.source for span in places(sop)]
    return texts[-1] if texts else ""  # the last: functions are called from it


def source_of(
    sop: SOp, text: str, sops: Mapping[Node, Numbers], numbers: Mapping[Node, int], config: Config
) -> Source:
    """A program's own text, each expression marked with the columns that its value is computed in.

    What has no columns of its own (a selector, a step of a larger table) belongs to those of its readers;
    a call of a function to all that is computed within. `text` is what `sop` was read from,
    and `numbers` has the statements that make nodes.
    """
    own = columns_of_nodes(sop, sops, config)
    spans: dict[tuple[int, int], Columns] = defaultdict(frozenset)
    owned = inherited(sop, own)
    for node, columns in owned.items():
        for span in places(node):
            if columns and span.source == text:
                spans[span.offsets] |= columns
    called = mentions(sop, text)
    named = [(span.offsets, NONE.union(*(own[node] for node in nodes))) for span, nodes in called]
    marked = [*spans.items(), *((at, columns) for at, columns in named if columns)]
    marks = tuple(Mark(start, end, tuple(sorted(c))) for (start, end), c in marked)
    return Source(PROGRAM, text, marks, opened(owned, text), users_lines(sop, text, numbers))


def columns_of_nodes(sop: SOp, sops: Mapping[Node, Numbers], config: Config) -> dict[Node, Columns]:
    """The columns that hold each node's own value."""
    held: dict[int | None, Columns] = defaultdict(frozenset)
    for place, column in enumerate(config.columns):
        held[column.of] |= {place}
    return {node: NONE.union(*(held[n] for n in sops.get(node, ()))) for node in in_order(sop)}


def inherited(sop: SOp, own: Mapping[Node, Columns]) -> dict[Node, Columns]:
    """The columns of each node's value: its own, or else those of the nodes that read it."""
    found: dict[Node, Columns] = {}
    from_readers: dict[Node, Columns] = defaultdict(frozenset)
    for node in reversed(list(in_order(sop))):
        found[node] = own[node] or from_readers[node]
        for operand in operands(node):
            from_readers[operand] |= found[node]
    return found


def places(node: Node) -> Iterator[Span]:
    """Where the node was written, and the calls within which that was carried out."""
    if node.span is not None:
        yield node.span
    for site in node.site.chain() if node.site is not None else ():
        if site.span is not None:
            yield site.span
