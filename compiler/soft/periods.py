"""Sums of which only the remainder counts: `sum % 7` is the same if every number is taken modulo 7 first.

Steps tell fewer numbers apart then, so noise of weights disturbs less: a step at 200 is off by 0.2 where
every weight is off by a thousandth, which is nearly the distance to its neighbour.
"""

from __future__ import annotations

from collections.abc import Sequence

from compiler.graph.meaning import call
from compiler.graph.terms import Kind, Term
from compiler.values.inference import Domains
from rasp.words import Atom


def period(term: Term, terms: Sequence[Term], domains: Domains) -> int | None:
    """The least number so that all that is asked of a sum of whole numbers, among these terms (operands
    first, the root last), is the same for values that differ by it; None if there is none.
    """
    values = domains.get(term).values
    if values is None or not all(type(value) is int for value in values):
        return None
    asked = _asked(term, terms, values)
    if asked is None:
        return None
    span = max(map(int, values)) - min(map(int, values))
    return next((size for size in range(1, span // 2) if _repeats(values, asked, size)), None)


def signed(number: int, size: int) -> int:
    """The number nearest to 0 that leaves the same remainder."""
    return (number + size // 2) % size - size // 2


Row = tuple[tuple[type, Atom | None], ...]


def _asked(term: Term, terms: Sequence[Term], values: Sequence[Atom]) -> list[Row] | None:
    """What is asked of each value: elementwise functions of it alone; None if it is asked for itself."""
    known: dict[int, list[Atom | None]] = {term.index: list(values)}
    asked = {terms[-1].index}
    for one in terms:
        inner = [arg for arg in one.args if arg.index in known]
        if inner and one.function is not None and all(a in inner or a.kind is Kind.CONST for a in one.args):
            columns = [known[a.index] if a in inner else [a.value] * len(values) for a in one.args]
            known[one.index] = [
                None if None in point else call(one.function, point) for point in zip(*columns, strict=True)
            ]
        else:
            asked |= {arg.index for arg in inner}
    if term.index in asked:
        return None
    rows = zip(*(known[index] for index in sorted(asked) if index in known), strict=True)
    return [tuple((type(value), value) for value in row) for row in rows]


def _repeats(values: Sequence[Atom], asked: Sequence[Row], size: int) -> bool:
    """Whether what is asked of a value depends on its remainder alone."""
    found: dict[int, Row] = {}
    return all(
        found.setdefault(int(value) % size, row) == row for value, row in zip(values, asked, strict=True)
    )
