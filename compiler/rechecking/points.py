"""The value of an s-op at given values of others: the tables that a certificate is checked against.

It knows what an s-op means (through the reference interpreter's `apply`) and nothing of how it is computed
by a model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compiler.graph.meaning import call
from compiler.graph.terms import TOKEN, Kind, Term
from compiler.ranges.affine import AffineForm
from compiler.ranges.domains import MAX_UNITS, Domain, Labels, Numbers, in_units
from compiler.rechecking.claimed import Claimed
from compiler.rechecking.report import Unproved
from rasp.words import COMPARISONS, Atom

Ranks = NDArray[np.int64]
"""The rank of a value in its s-op's domain at every point; -1 where it has none."""

MAX_POINTS = 4_000_000
"""How many points are enumerated at most."""

MAX_TRIED = 50_000
"""How many combinations are tried to find out which values occur."""


@dataclass(frozen=True, eq=False)
class Axis:
    """One thing that may vary: the value of an s-op (`term`, in the order of its domain), of an affine form,
    or both where the form is that of the s-op. `values` are the form's; `unit` is what divides them all.
    `occurs`: which of the points there are any inputs for.
    """

    size: int
    occurs: NDArray[np.bool_]
    term: Term | None = None
    form: AffineForm | None = None
    values: tuple[Fraction, ...] = ()
    unit: Fraction = Fraction(1)


def sample(domain: Domain) -> Sequence[Atom]:
    """All values; of a mean with too many, the two ends, which decide what is affine in it."""
    return domain.ends if domain.values is None else domain.values


class Occurring:
    """What is known of the values that s-ops take."""

    def __init__(self, domains: Claimed) -> None:
        self.domains = domains
        self._occurring: dict[int, NDArray[np.bool_]] = {}
        self.learned: set[int] = set()

    def size(self, term: Term) -> int:
        """How many values there are (in the sample of too many)."""
        return len(self.domains.asked.vocab) if term is TOKEN else len(sample(self.domains.get(term)))

    def listable(self, term: Term) -> bool:
        """Whether all values are listed."""
        return term is TOKEN or self.domains.get(term).values is not None

    def term_axis(self, term: Term) -> Axis:
        """The axis of all values of an s-op (of all tokens for TOKEN)."""
        if not self.listable(term):
            raise Unproved(f"{term.title} takes too many values to list")
        return Axis(self.size(term), self.which(term), term)

    def value_axis(self, term: Term) -> Axis:
        """The axis of an s-op's values that also knows them as values of its affine form."""
        domain = self.domains.get(term)
        values = sample(domain)
        if isinstance(domain, Labels):
            return Axis(len(values), self.which(term), term)
        form = self.domains.forms[term.index]
        numbers, unit = tuple(Fraction(v) for v in values), domain.scale
        return Axis(len(values), self.which(term), term, form, numbers, unit)

    def form_axis(self, form: AffineForm) -> Axis:
        """The axis of all sums that an affine form can take."""
        domains = [self.domains.get(leaf) for leaf in form.coefficients]
        if any(isinstance(d, Labels) or d.values is None for d in domains) or not domains:
            raise Unproved("a form of s-ops that are not numbers, or too many to list")
        possible = [self.which(leaf) for leaf in form.coefficients]
        sums: tuple[Fraction, ...]
        lattices = [d for d in domains if isinstance(d, Numbers)]
        if len(lattices) == len(domains):
            steps = [c * d.scale for c, d in zip(form.coefficients.values(), lattices, strict=True)]
            unit = Fraction(
                math.gcd(*(s.numerator for s in steps)), math.lcm(*(s.denominator for s in steps))
            )
            codes = np.zeros(1, dtype=np.int64)
            for step, lattice, occurs in zip(steps, lattices, possible, strict=True):
                more = in_units(lattice.codes[occurs], step / unit)
                if more is None:
                    raise Unproved("a form of s-ops whose numbers are too large")
                codes = _all_sums(codes, more)
            sums = tuple(form.constant + int(c) * unit for c in codes)
        else:
            unit, found = Fraction(1), {form.constant}
            for coefficient, domain, occurs in zip(
                form.coefficients.values(), domains, possible, strict=True
            ):
                values = [coefficient * Fraction(v) for v, o in zip(sample(domain), occurs, strict=True) if o]
                if len(found) * len(values) > MAX_POINTS // 10:
                    raise Unproved("a form of means that takes too many values to list")
                found = {total + value for total in found for value in values}
            sums = tuple(sorted(found))
        return Axis(len(sums), np.ones(len(sums), dtype=bool), None, form, sums, unit)

    def which(self, term: Term) -> NDArray[np.bool_]:
        """Which of the s-op's values occur for some values of the tokens, positions and reads that it is
        computed from: its domain may hold more than that. All, where those are too many to try.
        """
        inner: dict[int, Term] = {}
        stack = [term]
        while stack:
            top = stack.pop()
            if top.index in self._occurring or top.index in inner:
                continue
            found = self._found_from(top, bases_of(top))
            if found is None:
                inner[top.index] = top
                stack.extend(top.args)
            else:
                self._occurring[top.index] = found
        for index in sorted(inner):
            top = inner[index]
            found = self._found_from(
                top, list(dict.fromkeys(a for a in top.args if a.kind is not Kind.CONST))
            )
            self._occurring[index] = np.ones(self.size(top), dtype=bool) if found is None else found
        return self._occurring[term.index]

    def learn(self, term: Term, axes: Sequence[Axis]) -> None:
        """Take note of the values that an s-op has along axes that determine it."""
        self._occurring[term.index] = Points(self, axes).seen(term)
        self.learned.add(term.index)

    def _found_from(self, term: Term, bases: Sequence[Term]) -> NDArray[np.bool_] | None:
        """Which values occur for some values of the bases; None where those are too many to try."""
        if term.kind is not Kind.MAP or not self.listable(term):
            return np.ones(self.size(term), dtype=bool)
        if math.prod(self.size(base) for base in bases) > MAX_TRIED or not all(map(self.listable, bases)):
            return None
        points = Points(self, [Axis(self.size(b), self._known(b), b) for b in bases])
        if not points.determines(term):
            return None
        return points.seen(term)

    def _known(self, term: Term) -> NDArray[np.bool_]:
        """Which values occur, as far as that is known already."""
        known = self._occurring.get(term.index)
        return np.ones(self.size(term), dtype=bool) if known is None else known


def bases_of(term: Term, known: Sequence[Term] = ()) -> list[Term]:
    """The tokens, the position and the reads that an elementwise s-op is computed from, but what is known."""
    bases: dict[int, Term] = {}
    seen: set[int] = set()
    stack = [term]
    while stack:
        top = stack.pop()
        if top in known:
            bases[top.index] = top
        elif top.kind is Kind.MAP:
            stack.extend(a for a in top.args if a.index not in seen)
            seen.update(a.index for a in top.args)
        elif top.kind is not Kind.CONST:
            base = TOKEN if top.kind is Kind.TOKENS else top
            bases[base.index] = base
    return list(bases.values())


def _all_sums(left: Ranks, right: Ranks) -> Ranks:
    if left.size * right.size > MAX_POINTS:
        low, high = int(left.min() + right.min()), int(left.max() + right.max())
        if high - low > MAX_POINTS:
            raise Unproved("a form of s-ops that takes too many values to list")
        return np.arange(low, high + 1)
    return np.unique(left[:, None] + right[None, :])


@dataclass(frozen=True, eq=False)
class Measured:
    """A number at every point, as an index into values (-1 where it has none)."""

    values: Sequence[Fraction]
    index: Ranks

    def translated(self, ranks: Sequence[int]) -> Ranks:
        """What the numbers become when each value becomes a rank."""
        return np.where(self.index < 0, -1, np.array(ranks, dtype=np.int64)[self.index])


class Points:
    """All combinations of the values along some axes, and what s-ops are there.

    Arrays have one dimension per axis, of length 1 where that axis makes no difference.
    """

    def __init__(self, occurring: Occurring, axes: Sequence[Axis]) -> None:
        self.domains = occurring.domains
        self.axes = tuple(axes)
        self.shape = tuple(axis.size for axis in axes)
        if math.prod(self.shape) > MAX_POINTS:
            raise Unproved(f"more than {MAX_POINTS:,} combinations of values")
        self._known: dict[int, Ranks | None] = {}

    def ranks(self, term: Term) -> Ranks:
        """Where the s-op's value is in its domain. Raises Unproved if the axes do not determine it."""
        self._prepare(term)
        found = self._known[term.index]
        if found is None:
            raise Unproved(f"{term.title} depends on more than it is computed from")
        return found

    def seen(self, term: Term) -> NDArray[np.bool_]:
        """Which of the s-op's values are there at some point that occurs."""
        ranks = np.where(self.at_positions(), self.ranks(term), -1)
        return np.isin(np.arange(len(sample(self.domains.get(term)))), ranks)

    def at_positions(self) -> NDArray[np.bool_]:
        """Only at points where an index is below the length, and a count at most the length (causally the
        number of positions up to mine), less one if it leaves out its own position, there is any input.
        """
        occurs = np.ones([1] * len(self.axes), dtype=bool)
        numbers = [self._number_along(axis) for axis in range(len(self.axes))]
        for leaf, counted in filter(None, numbers):
            room = self.domains.room(leaf)
            for other, seen in filter(None, numbers):
                if room is not None and self._tells_seen(other):
                    occurs = occurs & (counted + room <= seen + self.domains.asked.causal)
        return occurs

    def _tells_seen(self, leaf: Term) -> bool:
        """Whether a leaf tells how many positions are seen: the length, causally the index."""
        return leaf.kind is Kind.INDICES if self.domains.asked.causal else self.domains.is_length(leaf)

    def _number_along(self, number: int) -> tuple[Term, Ranks] | None:
        """The s-op that an axis is of, if it is of one of whole numbers, and these."""
        axis = self.axes[number]
        if axis.form is not None and len(axis.form.coefficients) == 1:
            ((leaf, factor),) = axis.form.coefficients.items()
            if self.domains.get(leaf).whole:
                values = [int((value - axis.form.constant) / factor) for value in axis.values]
                return leaf, self._along(number, np.array(values, dtype=np.int64))
        if axis.term is None or axis.term is TOKEN or not self.domains.get(axis.term).whole:
            return None
        numbers = self.domains.numbers(axis.term)
        return axis.term, self._along(number, numbers.codes * int(numbers.scale))

    def determines(self, term: Term) -> bool:
        """Whether the axes determine the s-op."""
        self._prepare(term)
        return self._known[term.index] is not None

    def _prepare(self, term: Term) -> None:
        """Work out everything that the s-op is made of, as far as the axes, operands first."""
        stack, inner = [term], {}
        while stack:
            top = stack.pop()
            if top.index in self._known or top.index in inner:
                continue
            direct = self._direct(top)
            if direct is not None or top.kind is not Kind.MAP or self.domains.get(top).values is None:
                self._known[top.index] = direct
            else:
                inner[top.index] = top
                stack.extend(top.args)
        for index in sorted(inner):
            top = inner[index]
            summed = self._numeric(top, self._summed)
            self._known[index] = self._applied(top) if summed is None else summed

    def _along(self, axis: int, line: Ranks) -> Ranks:
        shape = [1] * len(self.axes)
        shape[axis] = len(line)
        return line.reshape(shape)

    def _constant(self, rank: int) -> Ranks:
        return np.full([1] * len(self.axes), rank, dtype=np.int64)

    def _direct(self, term: Term) -> Ranks | None:
        """What one axis alone says of the term."""
        if term.kind is Kind.CONST:
            return self._constant(0)
        if self.domains.get(term).values is None:
            return None
        for number, axis in enumerate(self.axes):
            if axis.term is term:
                return self._along(number, np.where(axis.occurs, np.arange(axis.size), -1))
            if axis.term is TOKEN and term.kind is Kind.TOKENS:
                ranks = self.domains.finite(term).ranks
                values = self.domains.tokens[term.index]
                return self._along(number, np.array([-1 if v is None else ranks[v] for v in values]))
        return self._numeric(term, self._from_one)

    def _numeric(self, term: Term, numbers: Callable[[AffineForm], Measured | None]) -> Ranks | None:
        """A comparison by the sign of a difference, any other number by its affine form."""
        if term.operator in COMPARISONS and not any(
            isinstance(self.domains.get(a), Labels) for a in term.args
        ):
            left, right = (self.domains.forms[a.index] for a in term.args)
            found = numbers(left.plus(right, Fraction(-1)))
            if found is None:
                return None
            truths = {sign: self._rank(term, [sign, 0]) for sign in (-1, 0, 1)}
            return found.translated([truths[(v > 0) - (v < 0)] for v in found.values])
        found = numbers(self.domains.forms[term.index])
        if found is None:
            return None
        ranks = self.domains.get(term).ranks
        return found.translated([ranks.get(v, -1) for v in found.values])

    def _from_one(self, form: AffineForm) -> Measured | None:
        """The form, where it is constant or a multiple of one axis's form."""
        if not form.coefficients:
            return Measured([form.constant], self._constant(0))
        for number, axis in enumerate(self.axes):
            if axis.form is None or axis.form.coefficients.keys() != form.coefficients.keys():
                continue
            factors = {c / axis.form.coefficients[leaf] for leaf, c in form.coefficients.items()}
            if len(factors) == 1:
                factor = factors.pop()
                rest = form.constant - factor * axis.form.constant
                return Measured(
                    [factor * v + rest for v in axis.values], self._along(number, np.arange(axis.size))
                )
        return None

    def _summed(self, form: AffineForm) -> Measured | None:
        """The form added up from its leaves, where all of those are known and not too large integers of some
        unit.
        """
        leaves: list[tuple[Ranks, Numbers, Fraction]] = []
        for leaf, coefficient in form.coefficients.items():
            known = self._known[leaf.index] if leaf.index in self._known else self._direct(leaf)
            domain = self.domains.get(leaf)
            if known is None or not isinstance(domain, Numbers):
                return None
            leaves.append((known, domain, coefficient * domain.scale))
        unit = Fraction(1, math.lcm(form.constant.denominator, *(s.denominator for _, _, s in leaves)))
        if abs(form.constant) >= MAX_UNITS * unit:
            return None
        total = self._constant(int(form.constant / unit))
        valid = np.ones_like(total, dtype=bool)
        for ranks, domain, step in leaves:
            codes = in_units(domain.codes, step / unit)
            if codes is None:
                return None
            total = total + codes[ranks]
            valid = valid & (ranks >= 0)
        distinct, inverse = np.unique(total, return_inverse=True)
        index = np.where(valid, inverse.reshape(total.shape), -1)
        return Measured([int(v) * unit for v in distinct], index)

    def _applied(self, term: Term) -> Ranks | None:
        """The term's function of its operands, once for every combination of their values."""
        operands = [self._known.get(a.index) for a in term.args]
        listings = [self.domains.get(a).values for a in term.args]
        if any(o is None for o in operands) or any(v is None for v in listings):
            return None
        arrays = np.broadcast_arrays(*(o for o in operands if o is not None))
        keys = np.zeros(arrays[0].shape, dtype=np.int64)
        for array, listing in zip(arrays, listings, strict=True):
            keys = keys * (len(listing or ()) + 1) + (array + 1)
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        points = np.stack([array.reshape(-1)[first] for array in arrays], axis=1).tolist()
        results = [
            -1 if min(point) < 0 else self._rank(term, [v[p] for v, p in zip(listings, point, strict=True)])  # type: ignore[index]
            for point in points
        ]
        return np.array(results, dtype=np.int64)[inverse.reshape(arrays[0].shape)]

    def _rank(self, term: Term, point: Sequence[Atom]) -> int:
        assert term.function is not None
        value = call(term.function, point)
        return -1 if value is None else self.domains.get(term).ranks.get(value, -1)
