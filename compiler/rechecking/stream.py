"""The residual stream as a certificate describes it, and what weights read from it.

Float32 holds integers below 2**24 exactly, and so it does their multiples of a power of two; of float64 no
more than 2**28 are reckoned with. A reading is exact if all that it adds up are multiples of one unit and no
sum of their magnitudes reaches so many units: then the order of the additions does not matter. Otherwise its
error is bounded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compiler.certificate.claims import Claims, FeatureClaim, unfold
from compiler.graph.terms import INDEX, READS, TOKEN, Term
from compiler.precision import PRECISIONS
from compiler.ranges.domains import Listed, Numbers
from compiler.rechecking.claimed import Claimed
from compiler.rechecking.needs import Needed
from compiler.rechecking.points import Axis, Occurring, Points, sample
from compiler.rechecking.report import Unproved
from runtime.weights import Config, Weights

Floats = NDArray[np.float64]

ROUNDED = 2.0**-20
"""What weights that float32 has rounded may be off by, in parts of what is read; it counts as an error."""

OVERFLOW = {"float32": 2.0**60, "float64": 2.0**200}
"""Nothing that is added up may come near to the largest number of a format."""

NO_BIT = 1 << 20
"""Stands for the exponent of the lowest bit of 0, which is a multiple of everything."""


def lowest_bit(numbers: Floats) -> NDArray[np.int64]:
    """The exponent of the largest power of two that divides each number."""
    mantissa, exponent = np.frexp(numbers)
    whole = np.abs(mantissa * 2.0**53).astype(np.int64)
    bit = np.log2((whole & -whole).astype(np.float64), where=whole > 0, out=np.zeros_like(numbers))
    return np.where(whole > 0, exponent.astype(np.int64) - 53 + bit.astype(np.int64), NO_BIT)


@dataclass(eq=False)
class Held:
    """What the sum of some columns is at every token: `values` by the rank of the subject's value in its
    `sample`, also as `slope` times its code plus an offset where the claim says so. No subject: 0.

    It is complete after the sublayer `ready`. What is `real` has an error in each column, `noise`, which is
    set when the writing of it is checked.
    """

    subject: Term | None
    columns: tuple[int, ...]
    values: Floats
    slope: tuple[Fraction, Fraction] | None
    real: bool
    ready: int
    noise: float = 0.0

    @property
    def bound(self) -> float:
        """The largest magnitude of the sum, and of each column in it."""
        return float(np.abs(self.values).max(initial=0.0)) + self.noise

    @property
    def whole(self) -> bool:
        """Whether all values are integers, which the columns then hold exactly."""
        return not self.real and bool((self.values == np.round(self.values)).all())


class Stream:
    """All columns with their claims, and what BOS holds, which is the same for every input."""

    def __init__(
        self, config: Config, weights: Weights, domains: Claimed, terms: Sequence[Term], claims: Claims
    ) -> None:
        self.config = config
        self.precision = precision = PRECISIONS[config.dtype]
        self.shown, self.rounding = precision.shown, precision.cautious
        self.snap, self.underflow = precision.snap, precision.underflow
        self.weights = weights
        self.domains = domains
        self.occurring = Occurring(domains)
        self.terms = terms
        self.size = len(config.columns)
        self.needed = Needed()
        held = [self._held(claim) for claim in claims.features]
        self.owner: list[Held | None] = [None] * self.size
        for one in held:
            for column in one.columns:
                if self.owner[column] is not None:
                    raise Unproved(f"column {column} is claimed twice")
                self.owner[column] = one
        if None in self.owner:
            raise Unproved(f"nothing is claimed of column {self.owner.index(None)}")
        first = np.asarray(weights.token_embedding[0], dtype=np.float64)
        self.bos = first + np.asarray(weights.position_embedding[0], dtype=np.float64)
        self.lost = np.zeros(self.size, dtype=bool)
        """Columns of which it is not certain what BOS holds, but for a bound, which stands in `bos`."""

    def term(self, number: int | str) -> Term:
        """The s-op of a number ("token": the rank in the vocabulary; "position": the index in a program that
        has no number for it).
        """
        if number == "token":
            return TOKEN
        if number == "position" and self.domains.positions is INDEX:
            return INDEX
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < len(self.terms):
            reason = f"the certificate speaks of an s-op number {number}"
            raise Unproved(f"{reason}, which this program does not have: it is another program's")
        if self.terms[number].is_selector:
            raise Unproved(f"number {number} is a selector")
        return self.terms[number]

    def _held(self, claim: FeatureClaim) -> Held:
        when = max((self.written(c) for c in claim.columns), default=0)
        if claim.of == "bos":
            return Held(None, claim.columns, np.zeros(1), None, False, when)
        subject = self.term(claim.of)
        if claim.slope is not None:
            a, b = claim.slope
            values = self._on_line(subject, a, b)
        elif claim.values is not None:
            try:
                values = unfold(claim.values, self._count(subject)).astype(np.float64)
            except ValueError as error:
                raise Unproved(f"the claim about column {claim.columns[0]}: {error}") from None
        else:
            raise Unproved(f"nothing is claimed of column {claim.columns[0]}")
        if len(claim.columns) > 1 and subject.kind not in READS:
            raise Unproved(f"{subject.title} cannot be spread over several columns")
        return Held(subject, claim.columns, values, claim.slope, claim.real, when)

    def _on_line(self, subject: Term, a: Fraction, b: Fraction) -> Floats:
        """A multiple of each code and a number; all at once where whole numbers are so small that floats hold
        them, as there may be a million.
        """
        domain = None if subject is TOKEN else self.domains.get(subject)
        if isinstance(domain, Numbers) and a.denominator == b.denominator == 1:
            largest = int(np.abs(domain.codes).max(initial=0))
            if max(largest, 1) * abs(a) + abs(b) < 2**53:
                return (domain.codes * int(a) + int(b)).astype(np.float64)
        return np.array([float(a * code + b) for code in self._codes(subject)])

    def _codes(self, subject: Term) -> list[Fraction]:
        """The codes of a subject's values in their order."""
        if subject is TOKEN:
            return [Fraction(i) for i in range(self._count(subject))]
        domain = self.domains.get(subject)
        if isinstance(domain, Listed):
            return [Fraction(int(c)) for c in domain.codes]
        return [Fraction(v) / domain.scale for v in sample(domain)]

    def _count(self, subject: Term) -> int:
        """How many values a subject has."""
        if subject is TOKEN:
            return len(self.domains.asked.vocab)
        domain = self.domains.get(subject)
        return domain.size if isinstance(domain, Listed) else len(domain.values or ())

    def written(self, column: int) -> int:
        """The sublayer that writes the column."""
        if not 0 <= column < self.size:
            raise Unproved(f"there is no column {column}")
        return self.config.columns[column].written

    def writes(self, now: int) -> dict[int, Held]:
        """The columns that a sublayer writes, with what they are part of."""
        found = {c: self.owner[c] for c in range(self.size) if self.written(c) == now}
        return {c: held for c, held in found.items() if held is not None}

    def name(self, column: int) -> str:
        """The column's name."""
        return self.config.columns[column].name

    def read(self, weight: Floats, bias: Floats, now: int) -> Reading:
        """What [d, m] weights and m biases read before sublayer `now`."""
        used = np.flatnonzero((weight != 0).any(axis=1))
        held: dict[int, tuple[Held, Floats]] = {}
        for column in used.tolist():
            owner = self.owner[column]
            assert owner is not None
            if owner.ready >= now:
                raise Unproved(f"column {self.name(column)} is read before it is written")
            known = held.setdefault(id(owner), (owner, weight[owner.columns[0]]))
            if not all(np.array_equal(weight[c], known[1]) for c in owner.columns):
                raise Unproved(f"the columns of {self.name(owner.columns[0])} are not read alike")
        bounds = np.array([self._bound(c) for c in used.tolist()])
        total = np.abs(bias) + np.abs(weight[used]).T @ bounds
        bits = np.minimum(lowest_bit(bias), lowest_bit(weight[used]).min(axis=0, initial=NO_BIT))
        noise = np.abs(weight[used]).T @ np.array([self._noise(c) for c in used.tolist()])
        whole = all(f.whole for f, _ in held.values())
        exact = (total < self.shown * np.exp2(np.minimum(bits, 60))) & whole
        if not (total < OVERFLOW[self.config.dtype]).all():
            raise Unproved(f"the weights are so large that {self.config.dtype} may overflow")
        error = np.where(exact, 0.0, noise + (len(used) + 2) * self.rounding * total)
        return Reading(self, list(held.values()), bias, total, bits, noise, error)

    def at_bos(self, weight: Floats, bias: Floats) -> Floats:
        """What [d, m] weights and m biases read at BOS now, which need not hold whole numbers.

        Raises Unproved unless it is certain.
        """
        read, _, certain = self.guess_at_bos(weight, bias)
        if not certain.all():
            raise Unproved(f"what is read at BOS is not exact in {self.config.dtype}")
        return read

    def guess_at_bos(self, weight: Floats, bias: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """The same as far as is known, with bounds on the sums of magnitudes, and which are certain: computed
        exactly in any order, or a sum of two by one addition, if both and what comes out are numbers of the
        format.
        """
        read = self.bos @ weight + bias
        products = lowest_bit(self.bos)[:, None] + lowest_bit(weight)
        bits = np.minimum(lowest_bit(bias), products.min(axis=0, initial=NO_BIT))
        total = np.abs(self.bos) @ np.abs(weight) + np.abs(bias)
        short = self._short(products, np.abs(self.bos[:, None] * weight)).all(axis=0)
        few = ((self.bos[:, None] * weight) != 0).sum(axis=0) + (bias != 0) <= 2
        exact = self._short(bits, total) | (few & short & self._short(bits, np.abs(read)))
        return read, total, exact & ~(weight[self.lost] != 0).any(axis=0)

    def lose(self, column: int, size: float) -> None:
        """From now on it is not certain what BOS holds in a column, no more than about `size`: nothing that
        tokens read may depend on it.
        """
        if not 2 * size < OVERFLOW[self.config.dtype]:
            raise Unproved(f"what BOS holds in {self.name(column)} may overflow")
        self.lost[column], self.bos[column] = True, 2 * size  # which rounding does not reach

    def _short(self, bits: NDArray[np.int64], sizes: Floats) -> NDArray[np.bool_]:
        """Whether multiples of powers of two are so small that the format holds them."""
        return sizes < self.precision.exact * np.exp2(np.minimum(bits, 60))

    def bounds(self) -> Floats:
        """The largest magnitude of every column at any token or at BOS."""
        return np.maximum([self._bound(column) for column in range(self.size)], np.abs(self.bos))

    def _bound(self, column: int) -> float:
        held = self.owner[column]
        assert held is not None
        return max(held.bound, 0.0 if self.lost[column] else abs(float(self.bos[column])))

    def _noise(self, column: int) -> float:
        held = self.owner[column]
        assert held is not None
        rounding = 0.0 if held.whole or held.real else held.bound * self.rounding
        return held.noise + rounding


@dataclass(frozen=True, eq=False)
class Reading:
    """m linear forms over the stream: what they read with their m weights each, the constants, a bound on the
    sum of magnitudes, the lowest bits, the columns' own `noise`, and the whole `error` (0: exact).
    """

    stream: Stream
    held: list[tuple[Held, Floats]]
    bias: Floats
    total: Floats
    bits: NDArray[np.int64]
    noise: Floats
    error: Floats

    def require_exact(self, what: str) -> None:
        """Raise Unproved unless all forms are computed exactly."""
        if self.error.any():
            raise Unproved(
                f"{what} is not exact in {self.stream.config.dtype}: off by up to {self.error.max():.3g}"
            )

    @property
    def highest(self) -> Floats:
        """What no form exceeds at any token, BOS apart."""
        highest = self.bias.copy()
        for whole in self.by_subject().values():
            highest += whole.max(axis=0, initial=-np.inf)
        return highest

    @property
    def of_means(self) -> bool:
        """Whether a mean is read, which is not exact."""
        return any(held.real for held, _ in self.held)

    def by_subject(self) -> dict[Term, Floats]:
        """What is read of each subject: [its values, m]."""
        mine: dict[Term, list[tuple[Held, Floats]]] = {}
        for held, weights in self.held:
            if held.subject is not None:
                mine.setdefault(held.subject, []).append((held, weights))
        return {
            subject: np.stack([f.values for f, _ in pairs], axis=1) @ np.stack([w for _, w in pairs])
            for subject, pairs in mine.items()
        }

    def axis(self, term: Term) -> Axis:
        """The axis along which to look at a reading that should depend on one s-op only: the variable that is
        read where that decides the s-op, else the s-op's own values.
        """
        occurring = self.stream.occurring
        subjects = list(self.by_subject())
        if len(subjects) == 1 and subjects[0] is not term:
            axis = occurring.term_axis(subjects[0]) if occurring.listable(subjects[0]) else None
            if axis is not None and Points(occurring, [axis]).determines(term):
                return axis
        return occurring.value_axis(term)

    def along(self, axes: Sequence[Axis]) -> Spread:
        """The forms as a constant plus functions of the axes. Raises Unproved if they depend on more."""
        read = self.by_subject()
        lines = [np.zeros((axis.size, len(self.bias))) for axis in axes]
        constant, error = self.bias.copy(), self.error.copy()
        forms = [
            (number, axis)
            for number, axis in enumerate(axes)
            if axis.form is not None and not (axis.term in read and axis.term in axis.form.coefficients)
        ]
        if forms:
            own = {axis.term for axis in axes if axis.term is not None}
            factors, rest, more = self._explain([axis for _, axis in forms], own, read)
            constant, error = constant + rest, error + more
            for (number, axis), factor in zip(forms, factors, strict=True):
                steps = np.array([float(v / axis.unit) for v in axis.values])
                lines[number] = steps[:, None] * factor
        for number, axis in enumerate(axes):
            if axis.term is not None and axis.term in read:
                lines[number] = lines[number] + read.pop(axis.term)
        for subject in [s for s in read if s not in {axis.term for axis in axes}]:
            if (found := self._decided(axes, subject)) is not None:
                number, ranks = found
                whole = read.pop(subject)
                lines[number] = lines[number] + np.where(ranks[:, None] < 0, 0.0, whole[ranks])
        for subject, whole in read.items():
            values = whole[self.stream.occurring.which(subject)]
            if not len(values):
                raise Unproved(f"{subject.title} has no value")
            if (values != values[:1]).any():
                raise Unproved(f"what is read depends on {subject.title} in a way that it should not")
            constant = constant + values[0]
        return Spread(constant, lines, error)

    def _decided(self, axes: Sequence[Axis], subject: Term) -> tuple[int, NDArray[np.int64]] | None:
        """The axis that alone decides a subject, and the rank of that at each point: -1 at those that never
        occur.
        """
        occurring = self.stream.occurring
        if subject is TOKEN or not occurring.listable(subject):
            return None
        for number, axis in enumerate(axes):
            points = Points(occurring, [axis])
            if points.determines(subject):
                return number, np.broadcast_to(points.ranks(subject), (axis.size,))
        return None

    def _explain(
        self, axes: Sequence[Axis], own: set[Term], read: dict[Term, Floats]
    ) -> tuple[Floats, Floats, Floats]:
        """What is read of sums along axes: for each axis [m] factors, by which all terms of its sum are read
        alike; then a constant and a rounding error. Takes what is explained off what is read.
        """
        shares: list[dict[Term, Floats]] = []
        width = len(self.bias)
        constant, error = np.zeros(width), np.zeros(width)
        fixed: list[float] = []
        for axis in axes:
            mine, constants = self._shares(axis, read)
            shares.append(mine)
            assert axis.form is not None
            fixed.append(float((axis.form.constant + constants) / axis.unit))
        subjects = {s: None for share in shares for s in share}
        rows, wanted = [], []
        for subject in subjects:
            columns = [share.get(subject) for share in shares]
            known = np.logical_and.reduce([~np.isnan(c) for c in columns if c is not None])
            if not known.any():
                raise Unproved(f"{subject.title} has no value")
            matrix = np.stack([np.zeros(len(known)) if c is None else c for c in columns], axis=1)[known]
            values = read.get(subject, np.zeros((len(known), width)))[known]
            if subject not in own:
                rows.append(matrix - matrix[:1])
                wanted.append(values - values[:1])
        factors = _solve(rows, wanted, len(axes), width)
        constant -= np.array(fixed) @ factors
        for subject in subjects:
            total = np.zeros((1, width))
            for share, factor in zip(shares, factors, strict=True):
                if subject in share:
                    total = total + np.nan_to_num(share[subject])[:, None] * factor
            rest = read.pop(subject, np.zeros((1, width))) - total
            if subject in own:
                read[subject] = rest
                continue
            known = np.logical_and.reduce([~np.isnan(share[subject]) for share in shares if subject in share])
            middle = rest[known][0]
            off = np.abs(rest[known] - middle).max(axis=0)
            if (off[self.error == 0] > 0).any() or (off > ROUNDED * (1 + self.total)).any():
                raise Unproved(f"what is read depends on {subject.title} in a way that it should not")
            constant, error = constant + middle, error + off
        return factors, constant, error

    def _shares(self, axis: Axis, read: dict[Term, Floats]) -> tuple[dict[Term, Floats], Fraction]:
        """What each subject contributes to the axis's form, in its unit (nan where it has no value), and what
        is fixed. A term of the form that no subject decides stands for itself.
        """
        assert axis.form is not None
        occurring, fixed = self.stream.occurring, Fraction(0)
        shares: dict[Term, Floats] = {}
        for leaf, coefficient in axis.form.coefficients.items():
            values, occurs = sample(occurring.domains.get(leaf)), occurring.which(leaf)
            numbers = np.array([float(coefficient * Fraction(v) / axis.unit) for v in values])
            numbers[~occurs] = np.nan
            owner = leaf
            for subject in [] if leaf in read else read:
                if occurring.listable(subject) and Points(
                    occurring, [occurring.term_axis(subject)]
                ).determines(leaf):
                    owner = subject
            if owner not in read and occurs.sum() == 1:
                fixed += coefficient * Fraction(values[int(occurs.argmax())])
                continue
            if owner is not leaf:
                found = Points(occurring, [occurring.term_axis(owner)]).ranks(leaf)
                ranks = np.broadcast_to(found, (occurring.size(owner),))
                numbers = np.where(ranks < 0, np.nan, numbers[ranks])
            shares[owner] = shares.get(owner, 0.0) + numbers
        return shares, fixed


def _solve(rows: list[Floats], wanted: list[Floats], count: int, width: int) -> Floats:
    """[count, width] factors such that rows @ factors = wanted as nearly as there are any; where they are
    multiples of a small power of two, exactly those.
    """
    if not rows:
        return np.zeros((count, width))
    a, b = np.concatenate(rows), np.concatenate(wanted)
    if count == 1:
        largest = int(np.abs(a[:, 0]).argmax())
        found = b[[largest]] / a[largest, 0] if a[largest, 0] else np.zeros((1, width))
    else:
        found = np.linalg.lstsq(a, b, rcond=None)[0]
    near = np.round(found * 2.0**20) / 2.0**20
    return np.where(np.abs(near - found) < 1e-9 * (1 + np.abs(found)), near, found)


@dataclass(frozen=True, eq=False)
class Spread:
    """m numbers as a constant plus, for each axis, m more at each of its points
    [its size, m]; and their errors."""

    constant: Floats
    lines: list[Floats]
    error: Floats

    @property
    def line(self) -> Floats:
        """[size, m], where there is one axis."""
        (line,) = self.lines
        return self.constant + line

    def grid(self, shape: Sequence[int]) -> Floats:
        """[points, m], for all combinations along the axes."""
        total = np.zeros((*shape, len(self.constant))) + self.constant
        for number, line in enumerate(self.lines):
            shaped = [1] * len(shape) + [line.shape[1]]
            shaped[number] = line.shape[0]
            total = total + line.reshape(shaped)
        return total.reshape(math.prod(shape), len(self.constant))
