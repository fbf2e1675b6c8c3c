"""Features: integer functions of one value, and the fewest columns that carry a set of them.

Whoever reads a value asks for features of it (its code, the square of its code, "is it 3?"). Features are
linear in a one-hot vector, so many of them cost no more than one column per value; few of them are held
as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Feature = NDArray[np.int64]
"""One integer per value of the variable."""

PARTS = (4, 16, 64)
"""Into how many columns a feature is divided that one column cannot add up exactly."""

MAX_CLASSES = 1 << 10
"""No more classes of values have a column each."""


@dataclass(frozen=True, eq=False)
class Combination:
    """A feature as constant + sum of weight * column."""

    constant: Fraction
    weights: tuple[tuple[int, Fraction], ...]


@dataclass(frozen=True, eq=False)
class Basis:
    """Columns, and every feature asked for as a combination of them. `encoding` says what was chosen, and
    `reason` why, with what it was weighed against.
    """

    columns: tuple[Feature, ...]
    combinations: dict[bytes, Combination]
    encoding: str
    reason: str


def key(feature: Feature) -> bytes:
    """Equal for equal features of one variable."""
    return np.ascontiguousarray(feature, dtype=np.int64).tobytes()


def choose_basis(features: Sequence[Feature]) -> Basis:
    """The cheapest of three ways: the features themselves (those that are affine in one another share a
    column), or a vector over the classes of values that no feature tells apart, one-hot ("is it c?") or
    thermometer ("is it c or above?"), whichever takes fewer weights to read. The first class needs no
    column.
    """
    direct, combinations = _direct(features)
    if not direct:
        return Basis((), combinations, "constant", "nothing that is asked for tells its values apart")
    representatives, classes = _classes(direct)
    count = len(representatives)
    if len(direct) < count:
        asked = "this is all that is asked for" if len(direct) == 1 else "so many are asked for"
        reason = f"{asked}; {count} classes of values would need {count - 1}" if count > 2 else asked
        encoding = "number" if len(direct) == 1 else f"{len(direct)} features"
        return Basis(tuple(direct), combinations, encoding, reason)
    values = [f[representatives] for f in features]
    one_hot, thermometer = [v[1:] - v[0] for v in values], [np.diff(v) for v in values]
    hot, warm = (sum(int(np.count_nonzero(w)) for w in weights) for weights in (one_hot, thermometer))
    asked = f"{len(direct)} features are asked for, read with"
    if warm < hot:
        return _by_thermometer(features, f"{asked} {warm} weights instead of {hot} from one-hot")
    columns = tuple((classes == c).astype(np.int64) for c in range(1, count))
    reason = f"{asked} {hot} weights, and {warm} from a thermometer"
    return Basis(columns, _combined(features, values, one_hot), f"one-hot of {count}", reason)


def _classes(direct: Sequence[Feature]) -> tuple[Feature, Feature]:
    """Of values that features do not tell apart: the first of each class, and the class of each value."""
    _, representatives, classes = np.unique(np.stack(direct), axis=1, return_index=True, return_inverse=True)
    order = np.argsort(representatives)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return representatives[order], rank[classes.reshape(-1)]


def _by_thermometer(features: Sequence[Feature], reason: str) -> Basis:
    """A column for each class but the first: is it this one or one above?"""
    representatives, classes = _classes(features)
    values = [f[representatives] for f in features]
    columns = tuple((classes >= c).astype(np.int64) for c in range(1, len(representatives)))
    combinations = _combined(features, values, [np.diff(v) for v in values])
    return Basis(columns, combinations, f"thermometer of {len(representatives)}", reason)


def smaller(basis: Basis, features: Sequence[Feature]) -> Iterator[Basis]:
    """The same features over more columns, each of which is a smaller number and changes at fewer values; in
    the end as 0 or 1.
    """
    reason = f"{basis.reason}; in one column each it would not be added up exactly"
    for parts in PARTS:
        yield _in_parts(basis, parts, reason)
    if len(_classes(basis.columns)[0]) <= MAX_CLASSES:
        yield _by_thermometer(features, reason)


def _in_parts(basis: Basis, count: int, reason: str) -> Basis:
    """The same with each column divided into a sum of several: by how much it reaches into the first part of
    its range, the second and so on. Each is smaller, and changes at fewer values.
    """
    columns: list[Feature] = []
    places: list[tuple[int, range]] = []
    for column in basis.columns:
        lowest, highest = int(column.min()), int(column.max())
        size = -(-(highest - lowest) // count)
        starts = range(lowest, highest, size)
        places.append((lowest, range(len(columns), len(columns) + len(starts))))
        columns += [np.clip(column - start, 0, min(size, highest - start)) for start in starts]
    combinations = {}
    for name, combination in basis.combinations.items():
        constant, weights = combination.constant, list[tuple[int, Fraction]]()
        for number, weight in combination.weights:
            lowest, parts = places[number]
            constant += weight * lowest
            weights += [(part, weight) for part in parts]
        combinations[name] = Combination(constant, tuple(weights))
    return Basis(tuple(columns), combinations, f"{basis.encoding} in {len(columns)} parts", reason)


def _combined(
    features: Sequence[Feature], values: Sequence[Feature], weights: Sequence[Feature]
) -> dict[bytes, Combination]:
    """Each feature from its value on the first class and its weights on the columns of the others."""
    combinations = {}
    for feature, value, weight in zip(features, values, weights, strict=True):
        pairs = tuple((i, Fraction(w)) for i, w in enumerate(weight.tolist()) if w)
        combinations[key(feature)] = Combination(Fraction(int(value[0])), pairs)
    return combinations


def _direct(features: Sequence[Feature]) -> tuple[list[Feature], dict[bytes, Combination]]:
    columns: list[Feature] = []
    numbers: dict[bytes, int] = {}
    combinations: dict[bytes, Combination] = {}
    for feature in features:
        difference = feature - feature[0]
        step = int(np.gcd.reduce(difference)) if difference.size else 0
        constant = Fraction(int(feature[0])) if feature.size else Fraction(0)
        if step == 0:
            combinations[key(feature)] = Combination(constant, ())
            continue
        step *= 1 if difference[np.flatnonzero(difference)[0]] > 0 else -1
        reduced = difference // step
        number = numbers.setdefault(key(reduced), len(columns))
        if number == len(columns):
            columns.append(reduced)
        combinations[key(feature)] = Combination(constant, ((number, Fraction(step)),))
    return columns, combinations


def affine_in(feature: Feature, codes: Feature) -> tuple[Fraction, Fraction] | None:
    """(a, b) such that feature = a * codes + b exactly, or None."""
    if feature.size == 0 or np.all(feature == feature[0]):
        return Fraction(0), Fraction(int(feature[0]) if feature.size else 0)
    a = Fraction(int(feature[-1] - feature[0]), int(codes[-1] - codes[0]))
    b = int(feature[0]) - a * int(codes[0])
    exact = feature * a.denominator == codes * a.numerator + int(b * a.denominator)
    return (a, b) if bool(np.all(exact)) else None


def is_dyadic(number: Fraction) -> bool:
    """Whether the denominator is a small power of two, so that products with integers are exact."""
    d = number.denominator
    return d & (d - 1) == 0 and d <= 1024 and abs(number.numerator) < 1 << 21
