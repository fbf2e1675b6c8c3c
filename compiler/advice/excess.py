"""A model far larger than its program deserves: which step takes most of it, why, and what would help."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from compiler.graph.terms import Kind, Term
from compiler.lowering.operations import HiddenLayer, Lowered
from compiler.values.inference import Domains
from compiler.values.unproved import advice_on
from rasp.errors import Span
from runtime.inspection.costs import Cost, Costs, Excess

LARGE = 100_000
"""Nothing is said of models with fewer parameters."""

MOST = 0.5
"""The share of the parameters, or of the columns, from which on one step takes most of them."""

MANY_VALUES, MANY_DIMS = 500, 100
"""Tables over fewer combinations and scores of fewer products are as small as they can be."""


def excess(
    costs: Costs, lowered: Lowered, numbers: Mapping[Term, int], domains: Domains, spans: Mapping[int, Span]
) -> Excess | None:
    """The step that takes most of a large model, if something can be done about it."""
    if costs.parameters <= LARGE:
        return None
    terms = {number: term for term, number in numbers.items()}
    columns = sum(row.columns for row in costs.rows)
    for row in costs.rows:
        if row.of is not None and max(row.share, row.columns / columns) > MOST:
            term = terms[row.of]
            cause = _table(term, lowered) or _scores(term, lowered)
            unproved = advice_on(term, domains)
            if cause is not None and (cause.avoidable or unproved is not None):
                return Excess(_message(row, costs, columns, cause), spans.get(row.of), unproved or cause.hint)
    return None


@dataclass(frozen=True)
class _Cause:
    """Why a step takes so much, what would help, and whether it might be avoided at all."""

    why: str
    hint: str
    avoidable: bool


def _message(row: Cost, costs: Costs, columns: int, cause: _Cause) -> str:
    if row.share > MOST:
        takes = f"{row.parameters:,} of the {costs.parameters:,} parameters"
    else:
        takes = f"{row.columns:,} of the {columns:,} columns that {costs.parameters:,} parameters go along"
    return f"`{row.name}` takes {takes}: {cause.why}"


def _table(term: Term, lowered: Lowered) -> _Cause | None:
    """The largest table of an s-op, if it has one; it might be avoided if it has many combinations."""
    tables = [h for h in lowered.hidden if isinstance(h, HiddenLayer) and h.term is term]
    if not tables:
        return None
    table = max(tables, key=lambda hidden: len(hidden.thresholds))
    points = math.prod(c.size for c in table.coordinates)
    many = points >= MANY_VALUES
    over = " x ".join(f"`{c.title}` ({c.size:,} values)" for c in table.coordinates)
    made = f"{len(table.thresholds):,} neurons, {len(table.columns):,} columns"
    if len(table.coordinates) == 1:
        hint = "fewer values of what it is computed from make it smaller, such as a remainder or a maximum"
        return _Cause(f"a table over {over} ({made})", hint, many)
    largest = max(table.coordinates, key=lambda c: c.size)
    hint = (
        f"is every combination meant? What is needed of `{largest.title}`, as a step of its own with fewer "
        "values (a comparison, a remainder), makes the table smaller"
    )
    return _Cause(f"a table over {over}, {points:,} combinations ({made})", hint, many)


def _scores(term: Term, lowered: Lowered) -> _Cause | None:
    """The comparison that takes most of what the heads of an s-op score with (the order of positions is what
    it is).
    """
    found = [
        (len(dims), literal)
        for head in lowered.heads
        for read in head.reads
        if read.term is term
        for literal, dims in read.literals
    ]
    dims, literal = max(found, key=lambda item: item[0], default=(0, None))
    if literal is None or literal.keys.kind is literal.queries.kind is Kind.INDICES:
        return None
    why = f"its selector compares `{literal.text}` by {dims:,} products, one for each value"
    return _Cause(why, "fewer values of what is compared make it smaller", dims >= MANY_DIMS)
