"""Selectors as attention scores: which features of keys and queries make one head select just so.

A head's score is a sum of products of query and key features. Every literal of a conjunction contributes
a penalty that is 0 where it holds and at most -1 where it fails; the sum, times the `gap` of the number
format (`compiler/precision.py`), is the score. All that is selected scores 0 and everything else at most
minus the gap, which `exp` turns into exactly 0.0, so selected keys share the attention exactly equally. Where
the least of the selected values is wanted, each key's value is taken off its score, and a literal that fails
costs more than all values span: then only the keys of the least value share the attention.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal as Choice

import numpy as np
from numpy.typing import NDArray

from compiler.graph.conjunctions import EQUAL, UNEQUAL, Digit, Literal, Relation, related
from compiler.graph.terms import Term
from compiler.lowering.features import Feature
from compiler.ranges.domains import Domain, Listed, Numbers, in_units
from rasp.errors import TooLargeError
from rasp.words import Atom

Mode = Choice["count", "half", "none"]
"""What BOS does: take a heavy share (so that sums are linear), win where nothing is selected, or nothing."""

MAX_SCORE_RANGE = 1 << 12
"""Codes of key and query together stay below this, so that scores are integers below 2**24 units."""

MAX_SPARSE_RANGE = 1 << 8
"""Codes that lie farther apart than this, and few of them, are numbered afresh."""

MAX_TABLE = 1 << 23


@dataclass(frozen=True, eq=False)
class Dim:
    """One product in a score: a feature of the query s-op times one of the key s-op (None: the number 1)."""

    queries: Term | None
    query: Feature | None
    keys: Term | None
    key: Feature | None

    @property
    def bound(self) -> int:
        """The largest magnitude of the product."""
        sides = (1 if f is None else int(np.abs(f).max(initial=0)) for f in (self.query, self.key))
        return math.prod(sides)


def literal_dims(
    literal: Literal, keys: Domain, queries: Domain, needs_level: bool, computed: bool = False
) -> tuple[tuple[Dim, ...], str]:
    """The products that score one literal, and a word on the encoding chosen.

    `needs_level`: whether the score's level matters (it is weighed against BOS), not only its order
    within a query's row; if not, an equality can leave out its query-side square. `computed`: of the queries
    only the number itself is there for nothing, and anything else takes neurons.
    """
    if literal.digit is not None:
        return _digit_dims(literal, literal.digit, *merged_ranks(keys, queries), needs_level)
    key_ranks, query_ranks = ranks(keys, queries)
    if literal.relation == EQUAL:
        dims = _equality(literal, key_ranks, query_ranks, needs_level, computed)
        if dims is not None:
            why = "weighed against BOS" if needs_level else "only the order in a row counts"
            count = f"{len(dims)} dims instead of up to {min(len(key_ranks), len(query_ranks))}"
            digits = " digit by digit" * (_spread(key_ranks, query_ranks) >= MAX_SCORE_RANGE)
            form = f"2qk - k^2{' - q^2' * needs_level}{digits}"
            return dims, f"{form}, equality of two numbers ({count}): {why}"
    table = _truth_table(literal, keys, queries, key_ranks, query_ranks)
    return _table_dims(literal, table, np.arange(len(key_ranks)), np.arange(len(query_ranks)))


def _digit_dims(
    literal: Literal, digit: Digit, key_ranks: Feature, query_ranks: Feature, needs_level: bool
) -> tuple[tuple[Dim, ...], str]:
    """The products that score one digit of a literal: an equality of all that stands above, and the digit's
    truth table.
    """
    dims: tuple[Dim, ...] = ()
    ks, qs = key_ranks // digit.place, query_ranks // digit.place
    why = "the highest digit"
    if digit.above is not None:
        size = digit.above // digit.place
        above = key_ranks // digit.above, query_ranks // digit.above
        dims, ks, qs = _squared(literal, *above, needs_level), ks % size, qs % size
        why = f"a digit of {size} values, and all above it are equal ({len(dims)} dims)"
    relation = digit.relation(literal.relation)
    if relation != UNEQUAL:
        compared = _excess_dims(literal, relation, ks, qs)
        return (*dims, *compared), f"{why}; by how much it is out of order ({len(compared)} dims)"
    key_digits, query_digits = np.unique(ks), np.unique(qs)
    table = _ordered(relation, key_digits, query_digits)
    rows = np.searchsorted(key_digits, ks), np.searchsorted(query_digits, qs)
    compared, encoding = _table_dims(literal, table, *rows)
    return (*dims, *compared), f"{why}; {encoding}"


def least_dims(source: Term, values: Numbers, dims: Sequence[Dim]) -> tuple[tuple[Dim, ...], int]:
    """The dims of literals, and one that prefers smaller values of the source without ever outweighing them;
    and how much less than 0 it can score.
    """
    span = values.highest - values.lowest
    weighed = tuple(_times(dim, span + 1) for dim in dims)
    return (*weighed, Dim(None, None, source, values.lowest - values.codes)), span


def _times(dim: Dim, factor: int) -> Dim:
    """A product, so many times."""
    query = np.array([1], dtype=np.int64) if dim.query is None else dim.query
    return Dim(dim.queries, query * factor, dim.keys, dim.key)


def listing(domain: Domain) -> tuple[Atom, ...]:
    """The values of a domain, which must be few enough to list."""
    values = domain.values
    if values is None:
        raise TooLargeError(
            f"a selector over {domain.text} needs too many values",
            reason="a selector over too many means",
            hint="compare counts instead of means",
        )
    return values


def ranks(keys: Domain, queries: Domain) -> tuple[Feature, Feature]:
    """Both sides as integers in one numbering that keeps order and equality: their codes where they are
    numbers of a common scale, small and dense, else ranks among all values of both.
    """
    if isinstance(keys, Numbers) and isinstance(queries, Numbers):
        scale = min(keys.scale, queries.scale)
        if (keys.scale / scale).denominator == (queries.scale / scale).denominator == 1:
            a, b = in_units(keys.codes, keys.scale / scale), in_units(queries.codes, queries.scale / scale)
            if a is not None and b is not None:
                dense = _spread(a, b) < 4 * (len(a) + len(b))
                if _spread(a, b) < (MAX_SCORE_RANGE if dense else MAX_SPARSE_RANGE):
                    return a, b
    return merged_ranks(keys, queries)


def merged_ranks(keys: Domain, queries: Domain) -> tuple[Feature, Feature]:
    """Both sides as ranks among the values of both."""
    left, right = listing(keys), listing(queries)
    ordered = sorted({*left, *right}, key=lambda v: (isinstance(v, str), v))
    rank = {v: i for i, v in enumerate(ordered)}
    return (
        np.array([rank[v] for v in left], dtype=np.int64),
        np.array([rank[v] for v in right], dtype=np.int64),
    )


def _spread(a: Feature, b: Feature) -> int:
    both = np.concatenate([a, b])
    return int(both.max() - both.min()) if both.size else 0


def _excess_dims(literal: Literal, relation: Relation, keys: Feature, queries: Feature) -> tuple[Dim, ...]:
    """An order of small integers, scored by how much is missing: k < q fails by max(k - q + 1, 0), which is
    the number of c with q <= c <= k. So both sides are asked the same: are you c or above?
    """
    if ">" in relation:
        keys, queries = -keys, -queries
    least = queries + ("=" in relation)
    dims = []
    for c in range(int(least.min()), int(keys.max()) + 1):
        key, query = (keys >= c).astype(np.int64), -(least <= c).astype(np.int64)
        if not key.all():
            dims.append(Dim(literal.queries, query, literal.keys, key))
        else:
            dims.append(Dim(literal.queries, query, None, None))
    return tuple(dims)


def _equality(
    literal: Literal,
    key_ranks: Feature,
    query_ranks: Feature,
    needs_level: bool,
    computed: bool,
) -> tuple[Dim, ...] | None:
    """-(k - q)^2 with both centred on 0, of numbers too large for that the sum over two digits; None where a
    small truth table is cheaper.
    """
    if min(len(key_ranks), len(query_ranks)) <= 2 * len(_digits(_spread(key_ranks, query_ranks))):
        return None
    return _squared(literal, key_ranks, query_ranks, needs_level, computed)


def _squared(
    literal: Literal, key_ranks: Feature, query_ranks: Feature, needs_level: bool, computed: bool = False
) -> tuple[Dim, ...]:
    """-(k - q)^2, of each of the digits where there are several. Of a computed query the low digit is what
    the high one leaves of it: 2 k low(q) = 2 k q - 2 k base high(q).
    """
    spread = _spread(key_ranks, query_ranks)
    digits = _digits(spread)
    both = np.concatenate([key_ranks, query_ranks])
    lowest = int(both.min())
    ks, qs = list[Feature](), list[Feature]()
    for base, size in digits:
        k, q = ((side - lowest) // base % size for side in (key_ranks, query_ranks))
        centre = min(size - 1, spread // base) // 2
        ks.append(k - centre)
        qs.append(q - centre)
    if computed and len(digits) > 1:
        base, (high, low) = digits[0][0], ks
        qs_whole, ks_high = base * qs[0] + qs[1], high - base * low
        pairs = [(ks_high, qs[0]), (low, qs_whole)]
    else:
        pairs = list(zip(ks, qs, strict=True))
    dims = [Dim(literal.queries, 2 * q, literal.keys, k) for k, q in pairs]
    dims.append(Dim(None, None, literal.keys, -_squares(ks)))
    if needs_level:
        dims.append(Dim(literal.queries, -_squares(qs), None, None))
    return tuple(dims)


def _squares(features: Sequence[Feature]) -> Feature:
    total = np.zeros_like(features[0])
    for feature in features:
        total = total + feature * feature
    return total


def _digits(spread: int) -> list[tuple[int, int]]:
    """The place value and the number of values of each digit in which numbers up to this are compared."""
    if spread < MAX_SCORE_RANGE:
        return [(1, spread + 1)]
    base = 1 << (spread.bit_length() + 1) // 2
    return [(base, spread // base + 1), (1, base)]


def _truth_table(
    literal: Literal, keys: Domain, queries: Domain, key_ranks: Feature, query_ranks: Feature
) -> NDArray[np.bool_]:
    """[keys, queries]: whether the literal holds (pairs that cannot be compared have no answer: False)."""
    if len(key_ranks) * len(query_ranks) > MAX_TABLE:
        raise TooLargeError(
            f"{literal.text} compares {len(key_ranks):,} with {len(query_ranks):,} values",
            reason="a selector over too many values",
            span=literal.keys.span or literal.queries.span,
        )
    table = _ordered(literal.relation, key_ranks, query_ranks)
    if isinstance(keys, Listed) and isinstance(queries, Listed):
        key_strings = np.array([isinstance(v, str) for v in keys.values])
        query_strings = np.array([isinstance(v, str) for v in queries.values])
        unlike = key_strings[:, None] != query_strings[None, :]
        table = np.where(unlike, bool(related("", 0, literal.relation)), table)
    return table


def _ordered(relation: Relation, keys: Feature, queries: Feature) -> NDArray[np.bool_]:
    """[keys, queries]: whether these integers stand in the relation."""
    order = np.sign(keys[:, None] - queries[None, :])
    return np.isin(order, [sign for sign, symbol in ((-1, "<"), (0, "="), (1, ">")) if symbol in relation])


def _table_dims(
    literal: Literal, table: NDArray[np.bool_], keys: Feature, queries: Feature
) -> tuple[tuple[Dim, ...], str]:
    """A truth table as products: one side's classes as a one-hot vector, times the other side's penalties.
    `keys`, `queries`: the row and the column of each value.
    """
    key_rows, key_classes = np.unique(table, axis=0, return_inverse=True)
    query_rows, query_classes = np.unique(table, axis=1, return_inverse=True)
    key_classes, query_classes = key_classes.reshape(-1)[keys], query_classes.reshape(-1)[queries]
    if query_rows.shape[1] == 1:
        dims = [Dim(None, None, literal.keys, _penalty(table[:, 0])[keys])]
        return tuple(dims), "a penalty on keys (1 dim): it is the same for every query"
    if key_rows.shape[0] == 1:
        dims = [Dim(literal.queries, _penalty(table[0])[queries], None, None)]
        return tuple(dims), "a penalty on queries (1 dim): it is the same for every key"
    if key_rows.shape[0] <= query_rows.shape[1]:
        dims = [
            Dim(literal.queries, _penalty(row)[queries], literal.keys, (key_classes == c).astype(np.int64))
            for c, row in enumerate(key_rows)
            if not row.all()
        ]
        return tuple(
            dims
        ), f"one-hot keys ({len(dims)} dims): queries fall into {query_rows.shape[1]} classes"
    dims = [
        Dim(literal.queries, (query_classes == c).astype(np.int64), literal.keys, _penalty(column)[keys])
        for c, column in enumerate(query_rows.T)
        if not column.all()
    ]
    return tuple(dims), f"one-hot queries ({len(dims)} dims): keys fall into {key_rows.shape[0]} classes"


def _penalty(truth: NDArray[np.bool_]) -> Feature:
    return truth.astype(np.int64) - 1
