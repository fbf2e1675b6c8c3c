"""What a certificate says about the inside of a model, as plain data: which s-op each column holds and how,
which literal each dim of a head scores, and of what each hidden layer's functions depend.

The claims are made by the compiler and proved by `compiler.rechecking`. S-ops go by number: their place in
the order of `numbered`, which depends only on the structure of the program's graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compiler.certificate.derived import Derived
from compiler.certificate.needs import Needs
from compiler.graph.conjunctions import Digit, Part
from compiler.graph.terms import Term

Values = NDArray[np.int64]


@dataclass(frozen=True)
class FeatureClaim:
    """The sum of these columns at every token is a feature of one s-op: `slope` times its code plus
    `offset`, or one integer per value (`values`, run by run). `of` is its number, "token" for the place in
    the vocabulary, "position" for the index in a program that has no number for it, or "bos" for the column
    that marks BOS. `real`: only up to a float32 error.
    """

    of: int | str
    columns: tuple[int, ...]
    slope: tuple[Fraction, Fraction] | None = None
    values: str | None = None
    real: bool = False


@dataclass(frozen=True)
class LiteralClaim:
    """These dims of a head score `keys relation queries`; with a digit: where that digit decides it."""

    keys: int
    queries: int
    relation: str
    dims: tuple[int, ...]
    digit: Digit | None = None


@dataclass(frozen=True)
class HeadClaim:
    """A head reads one conjunction of the selector of an s-op. `order`: the dims by which it reads the least
    of what is selected; `part`: the positions that it reads, if not all, and `part_dims` those that say so.
    """

    layer: int
    head: int
    term: int
    literals: tuple[LiteralClaim, ...]
    order: tuple[int, ...] = ()
    part: Part | None = None
    part_dims: tuple[int, ...] = ()


@dataclass(frozen=True)
class HiddenClaim:
    """Columns that the neurons of a layer compute from `over`: s-ops, or linear forms of them. Nothing there:
    one column with the code of an s-op that is affine in each of its cases, whatever they depend on.
    """

    layer: int
    columns: tuple[int, ...]
    over: tuple[int | str | Mapping[int, Fraction], ...] = field(hash=False)


@dataclass(frozen=True)
class ConstantClaim:
    """An s-op has one value only, which shows when it is worked out from `over` (see `HiddenClaim`)."""

    term: int
    over: tuple[int | str | Mapping[int, Fraction], ...] = field(hash=False)


@dataclass(frozen=True)
class Claims:
    """Everything claimed. `optimize`: whether counting tricks were recognised. `needs`: what the model needs
    from a machine. `derived`: the way from the program's text to the s-ops spoken of, and their values.
    """

    optimize: bool
    features: tuple[FeatureClaim, ...]
    heads: tuple[HeadClaim, ...]
    hidden: tuple[HiddenClaim, ...]
    constants: tuple[ConstantClaim, ...] = ()
    needs: Needs | None = None
    derived: Derived | None = None


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
