"""What a certificate says about the inside of a model, as plain data: which s-op each column holds and how,
which literal each dim of a head scores, and of what each hidden layer's functions depend.

The claims are made by the compiler and proved by `compiler.rechecking`. S-ops go by number: their place in
the order of `numbered`, which depends only on the structure of the program's graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compiler.graph.terms import Kind, Term
from rasp.errors import ModelError

TOKEN = Term(-1, Kind.TOKENS, (), data="id", name="tokens")
"""Stands for a token's place in the vocabulary, of which every conversion of the tokens is a function."""

LONGEST_FRACTION = 100
"""Characters of a fraction in a claim; the compiler's own have far fewer."""

Values = NDArray[np.int64]


@dataclass(frozen=True)
class FeatureClaim:
    """The sum of these columns at every token is a feature of one s-op: `slope` times its code plus
    `offset`, or one integer per value (`values`, run by run). `of` is its number, "token" for the place in
    the vocabulary, or "bos" for the column that marks BOS. `real`: only up to a float32 error.
    """

    of: int | str
    columns: tuple[int, ...]
    slope: tuple[Fraction, Fraction] | None = None
    values: str | None = None
    real: bool = False


@dataclass(frozen=True)
class LiteralClaim:
    """These dims of a head score `keys relation queries`."""

    keys: int
    queries: int
    relation: str
    dims: tuple[int, ...]


@dataclass(frozen=True)
class HeadClaim:
    """A head reads one conjunction of the selector of an s-op."""

    layer: int
    head: int
    term: int
    literals: tuple[LiteralClaim, ...]


@dataclass(frozen=True)
class TableClaim:
    """Columns that the neurons of a layer compute from `over`: s-ops, or linear forms of them."""

    layer: int
    columns: tuple[int, ...]
    over: tuple[int | str | Mapping[int, Fraction], ...] = field(hash=False)


@dataclass(frozen=True)
class ConstantClaim:
    """An s-op has one value only, which shows when it is worked out from `over` (see `TableClaim`)."""

    term: int
    over: tuple[int | str | Mapping[int, Fraction], ...] = field(hash=False)


@dataclass(frozen=True)
class Claims:
    """Everything claimed. `optimize`: how the program's graph was simplified."""

    optimize: bool
    features: tuple[FeatureClaim, ...]
    heads: tuple[HeadClaim, ...]
    tables: tuple[TableClaim, ...]
    constants: tuple[ConstantClaim, ...] = ()


def numbered(root: Term) -> list[Term]:
    """All terms below the root and itself, operands first, in an order that only their structure decides."""
    order: list[Term] = []
    seen: set[int] = set()
    stack = [(root, False)]
    while stack:
        term, ready = stack.pop()
        if ready:
            order.append(term)
        elif term.index not in seen:
            seen.add(term.index)
            stack.append((term, True))
            stack.extend((argument, False) for argument in reversed(term.args))
    return order


def runs(values: Values) -> str:
    """Integers as text, equal neighbours together: 0 0 0 5 is "0*3 5"."""
    edges = np.flatnonzero(np.diff(values)) + 1
    starts = np.concatenate([[0], edges])
    lengths = np.diff(np.concatenate([starts, [len(values)]]))
    parts = zip(values[starts].tolist(), lengths.tolist(), strict=True)
    return " ".join(str(v) if n == 1 else f"{v}*{n}" for v, n in parts)


def unfold(text: str, size: int) -> Values:
    """The integers that `runs` wrote; ValueError unless there are `size` of them."""
    values: list[int] = []
    for part in text.split():
        value, _, count = part.partition("*")
        times = int(count or 1)
        if not 0 < times <= size - len(values):
            raise ValueError(f"{size} values were expected")
        values += [int(value)] * times
    if len(values) != size:
        raise ValueError(f"{size} values were expected, not {len(values)}")
    try:
        return np.array(values, dtype=np.int64)
    except OverflowError:
        raise ValueError("an integer of more than 64 bits") from None


# As JSON ----------------------------------------------------------------------------------------------


def to_data(claims: Claims) -> dict[str, Any]:
    """Plain JSON data."""
    return {
        "optimize": claims.optimize,
        "features": [_feature_data(f) for f in claims.features],
        "heads": [
            {
                "layer": h.layer,
                "head": h.head,
                "term": h.term,
                "literals": [f"{x.keys} {x.relation} {x.queries}: {_words(x.dims)}" for x in h.literals],
            }
            for h in claims.heads
        ],
        "tables": [
            {"layer": t.layer, "columns": _words(t.columns), "over": [_over_data(o) for o in t.over]}
            for t in claims.tables
        ],
        "constants": [{"term": c.term, "over": [_over_data(o) for o in c.over]} for c in claims.constants],
    }


def _words(numbers: Iterable[object]) -> str:
    return " ".join(map(str, numbers))


def _feature_data(claim: FeatureClaim) -> dict[str, Any]:
    data: dict[str, Any] = {"of": claim.of, "columns": _words(claim.columns)}
    if claim.slope is not None:
        data["code"] = _words(claim.slope)
    if claim.values is not None:
        data["values"] = claim.values
    if claim.real:
        data["real"] = True
    return data


def _over_data(over: int | str | Mapping[int, Fraction]) -> int | str | dict[str, str]:
    return over if isinstance(over, int | str) else {str(n): str(c) for n, c in over.items()}


def from_data(data: Any) -> Claims:
    """The claims that `to_data` wrote; ModelError if the data is anything else."""
    try:
        return Claims(
            bool(data["optimize"]),
            tuple(_feature(f) for f in data["features"]),
            tuple(_head(h) for h in data["heads"]),
            tuple(
                TableClaim(int(t["layer"]), _numbers(t["columns"]), tuple(_over(o) for o in t["over"]))
                for t in data["tables"]
            ),
            tuple(
                ConstantClaim(int(c["term"]), tuple(_over(o) for o in c["over"])) for c in data["constants"]
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        raise ModelError(f"the certificate's claims cannot be read: {error!r}") from None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split())


def _feature(data: Mapping[str, Any]) -> FeatureClaim:
    slope = None
    if "code" in data:
        a, b = data["code"].split()
        slope = (_fraction(a), _fraction(b))
    values = data.get("values")
    if not isinstance(values, str | None):
        raise TypeError("the values are text")
    return FeatureClaim(data["of"], _numbers(data["columns"]), slope, values, data.get("real", False) is True)


def _head(data: Mapping[str, Any]) -> HeadClaim:
    literals = tuple(_literal(text) for text in data["literals"])
    return HeadClaim(int(data["layer"]), int(data["head"]), int(data["term"]), literals)


def _literal(text: str) -> LiteralClaim:
    compared, _, dims = text.partition(":")
    keys, relation, queries = compared.split()
    return LiteralClaim(int(keys), int(queries), relation, _numbers(dims))


def _over(data: int | str | Mapping[str, str]) -> int | str | Mapping[int, Fraction]:
    if isinstance(data, int | str):
        return data
    over = {int(n): _fraction(c) for n, c in data.items()}
    if 0 in over.values():
        raise ValueError("a coefficient is 0")
    return over


def _fraction(text: str) -> Fraction:
    """ "1/3" or "2": no exponents and no long digits, for which floats are too small."""
    if len(text) > LONGEST_FRACTION:
        raise ValueError("a fraction of too many digits")
    numerator, _, denominator = text.partition("/")
    return Fraction(int(numerator), int(denominator or 1))


def code_slope(values: Sequence[int] | Values, codes: Values) -> tuple[Fraction, Fraction] | None:
    """(a, b) such that each value is a * code + b, or None."""
    found, known = np.asarray(values, dtype=np.int64), np.asarray(codes, dtype=np.int64)
    if len(found) < 2:
        return None
    a = Fraction(int(found[-1] - found[0]), int(known[-1] - known[0]))
    b = int(found[0]) - a * int(known[0])
    exact = found * a.denominator * b.denominator == (
        known * (a.numerator * b.denominator) + b.numerator * a.denominator
    )
    return (a, b) if bool(exact.all()) else None
