"""Gates re-checked: wherever each case of an s-op holds, its neurons add up to what is claimed.

Of a mean only the two ends are looked at, between which sums are straight: values between them are never told
apart, neither by what bounds leave of them nor by cutting a case in two.

An s-op made of choices and comparisons is affine in each of its cases, and a case is where some other forms
lie within bounds. There every neuron must be known to be on or off, and what the neurons that are on add up
to must be the s-op. Both are questions about the least value of a sum of functions of single s-ops where
other such sums are not negative: it is at least the least value of the sum less any positive multiples of the
others, which is found s-op by s-op however many combinations there are.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compiler.graph.terms import TOKEN, Kind, Term
from compiler.ranges.affine import AffineForm
from compiler.ranges.cases import Case, CaseAnalysis
from compiler.ranges.domains import Means
from compiler.rechecking.points import Axis, Occurring, Points, sample
from compiler.rechecking.report import Unproved
from compiler.rechecking.stream import Floats, Reading

MAX_PAIRS = 20_000
"""How many pairs of planes are tried for one question at most."""


MAX_PARTS = 300
"""Into how many parts one case is cut at most."""

TOLERANCE = 1e-6
"""A bound that is always below minus this is never kept, whatever rounding did."""


@dataclass(frozen=True, eq=False)
class Sum:
    """A constant plus, for each subject, a number for each of its values."""

    constant: float
    parts: Mapping[Term, Floats]

    def plus(self, other: Sum, factor: float = 1.0) -> Sum:
        """self + factor * other."""
        parts = dict(self.parts)
        for subject, numbers in other.parts.items():
            parts[subject] = parts.get(subject, np.zeros(len(numbers))) + factor * numbers
        return Sum(self.constant + factor * other.constant, parts)

    def times(self, factor: float) -> Sum:
        return Sum(0.0, {}).plus(self, factor)

    def shifted(self, amount: float) -> Sum:
        return Sum(self.constant + amount, self.parts)

    @property
    def least(self) -> float:
        return self.constant + sum(float(numbers.min()) for numbers in self.parts.values())


@dataclass(frozen=True, eq=False)
class Branch:
    """Where none of `bounds` is negative, the s-op is `value`."""

    bounds: tuple[Sum, ...]
    value: Sum


class Branches:
    """The cases of an s-op, over the values of the subjects that neurons read. A subject that another one
    decides is taken as a function of that.
    """

    def __init__(self, occurring: Occurring, subjects: Sequence[Term]) -> None:
        self._occurring = occurring
        self._subjects: dict[Term, Axis] = {}
        self._kept: dict[Term, NDArray[np.bool_]] = {}
        self._owners: dict[int, tuple[Term, NDArray[np.int64]] | None] = {}
        for subject in sorted(subjects, key=lambda s: (s.kind is Kind.MAP, s.index)):
            if not occurring.listable(subject) and not self._real(subject):
                raise Unproved(f"{subject.title} takes too many values to list")
            if subject is TOKEN or self._owner(subject) is None:
                self._add(subject)

    def _real(self, subject: Term) -> bool:
        """Whether a subject is a mean, of which there are but the two ends here."""
        return subject is not TOKEN and isinstance(self._occurring.domains.get(subject), Means)

    def _add(self, subject: Term) -> tuple[Term, NDArray[np.int64]]:
        ends = Axis(2, np.ones(2, dtype=bool), subject)
        axis = ends if self._real(subject) else self._occurring.term_axis(subject)
        self._subjects[subject], self._kept[subject] = axis, axis.occurs.copy()
        found = self._owners[subject.index] = (subject, np.arange(axis.size))
        return found

    def of(self, term: Term, constants: bool) -> list[Branch]:
        """Its cases. `constants`: what has one value only is not told apart into cases of its own."""

        def stop(inner: Term) -> bool:
            only = constants and inner is not term and self._only(inner) is not None
            return inner.kind is not Kind.CONST and (only or self._owner(inner) is not None)

        found = CaseAnalysis(self._occurring.domains.ranges, stop, real=True).get(term)
        return [self._branch(case) for case in found]

    def reading(self, reading: Reading) -> list[Sum]:
        """Each form that is read."""
        sums = [Sum(float(bias), {}) for bias in reading.bias]
        for subject, whole in reading.by_subject().items():
            owner = self._owner(subject)
            assert owner is not None
            by, ranks = owner
            self._kept[by] &= ranks >= 0
            whole = whole[[0, -1]] if self._real(subject) else whole
            sums = [each.plus(Sum(0.0, {by: whole[ranks, n]})) for n, each in enumerate(sums)]
        return sums

    @property
    def region(self) -> Region:
        """The values that occur and at which all that was asked about has a value."""
        return Region(self._kept, real=frozenset(filter(self._real, self._subjects)))

    def _branch(self, case: Case) -> Branch:
        bounds = []
        for bound in case.bounds.values():
            form = self._sum(bound.form)
            bounds += [form.shifted(-float(bound.low)), form.times(-1).shifted(float(bound.high))]
        return Branch(tuple(bounds), self._sum(case.value))

    def _only(self, term: Term) -> float | None:
        """The one value of a term that has no other, or turned out to have none."""
        listing = self._occurring.domains.get(term).values
        if listing is None or (len(listing) > 1 and term.index not in self._occurring.learned):
            return None
        values = [v for v, occurs in zip(listing, self._occurring.which(term), strict=True) if occurs]
        return None if len(values) != 1 or isinstance(values[0], str) else float(values[0])

    def _owner(self, term: Term) -> tuple[Term, NDArray[np.int64]] | None:
        """The subject that decides the term, and the term's rank at each of its values."""
        if term.index not in self._owners:
            self._owners[term.index] = next(
                ((s, r) for s, axis in self._subjects.items() if (r := self._along(axis, term)) is not None),
                None,
            )
        return self._owners[term.index]

    def _along(self, axis: Axis, term: Term) -> NDArray[np.int64] | None:
        whole = term.is_selector or self._real(term) or (axis.term is not None and self._real(axis.term))
        if whole or self._occurring.domains.get(term).values is None:
            return None
        points = Points(self._occurring, [axis])
        return np.broadcast_to(points.ranks(term), (axis.size,)) if points.determines(term) else None

    def _sum(self, form: AffineForm) -> Sum:
        """A form as a sum over subjects."""
        total = Sum(float(form.constant), {})
        for leaf, coefficient in form.coefficients.items():
            owner = self._owner(leaf)
            only = self._only(leaf) if owner is None else None
            if only is not None:
                total = total.shifted(float(coefficient) * only)
                continue
            domain = self._occurring.domains.get(leaf)
            values = domain.values if not self._real(leaf) else [sample(domain)[0], sample(domain)[-1]]
            if values is None:
                raise Unproved(f"{leaf.title} takes too many values to list")
            subject, ranks = owner or self._add(leaf)  # what is not read must cancel
            numbers = np.array([float(coefficient * v) for v in values if not isinstance(v, str)])
            self._kept[subject] &= ranks >= 0
            total = total.plus(Sum(0.0, {subject: numbers[ranks]}))
        return total


@dataclass(frozen=True, eq=False)
class Region:
    """Some of the values of each subject, at which none of the bounds is negative. `real`: of these subjects
    there are the two ends, and all that lies between them.
    """

    kept: Mapping[Term, NDArray[np.bool_]]
    bounds: tuple[Sum, ...] = ()
    real: frozenset[Term] = frozenset()

    def within(self, more: Sequence[Sum]) -> Region | None:
        """The part of it where none of more bounds is negative; None if there is nothing."""
        kept, bounds = dict(self.kept), (*self.bounds, *more)
        changed = True
        while changed:
            changed = False
            for bound in bounds:
                most = {s: float(numbers[kept[s]].max()) for s, numbers in bound.parts.items()}
                total = bound.constant + sum(most.values())
                if total < -TOLERANCE:
                    return None
                for subject, numbers in bound.parts.items():
                    if subject in self.real:
                        continue
                    possible = kept[subject] & (numbers + (total - most[subject]) > -TOLERANCE)
                    if not possible.any():
                        return None
                    changed = changed or bool((possible != kept[subject]).any())
                    kept[subject] = possible
                if not bound.parts and bound.constant < -TOLERANCE:
                    return None
        return Region(kept, tuple(_open(bounds, kept)), self.real)

    def halves(self, sums: Sequence[Sum]) -> list[Region] | None:
        """What there is of two parts of it, which differ in the values of the subject that makes most
        difference; None if no subject has two values.
        """
        spread: dict[Term, float] = {}
        for each in (*sums, *self.bounds):
            for subject, numbers in each.parts.items():
                mine = numbers[self.kept[subject]]
                spread[subject] = max(spread.get(subject, 0.0), float(mine.max() - mine.min()))
        several = [s for s in spread if self.kept[s].sum() > 1 and s not in self.real]
        if not several:
            return None
        subject = max(several, key=lambda s: spread[s])
        values = np.flatnonzero(self.kept[subject])
        parts = []
        for some in (values[: len(values) // 2], values[len(values) // 2 :]):
            mask = np.zeros(len(self.kept[subject]), dtype=bool)
            mask[some] = True
            part = Region({**self.kept, subject: mask}, self.bounds, self.real).within(())
            parts += [] if part is None else [part]
        return parts

    def least(self, total: Sum, enough: float) -> float:
        """A number that the sum does not fall below here; no better one is sought once it is more than
        `enough`.
        """
        here = self._of(total)
        best = here.least
        bounds = [self._of(bound) for bound in self.bounds]
        for count in (1, 2):
            for some in itertools.combinations(bounds, count):
                if best > enough:
                    return best
                best = max(best, _relaxed(here, some))
        return best

    def _of(self, total: Sum) -> Sum:
        return Sum(total.constant, {s: numbers[self.kept[s]] for s, numbers in total.parts.items()})


def _open(bounds: Sequence[Sum], kept: Mapping[Term, NDArray[np.bool_]]) -> Iterator[Sum]:
    """Each bound once that may be negative at what is kept: the others say nothing more."""
    known = set()
    for bound in bounds:
        least = bound.constant + sum(float(n[kept[s]].min()) for s, n in bound.parts.items())
        same = bound.constant, frozenset((s.index, n.tobytes()) for s, n in bound.parts.items())
        if least < 0 and same not in known:
            known.add(same)
            yield bound


def largest_error(
    claimed: Sum, units: Sequence[tuple[Sum, float, float]], region: Region, fine: float
) -> float:
    """How far relu(units), each times its weight, and what is claimed are from adding up to 0, as far as can
    be shown: the units are given with their weights and with what they are multiples of, and less than half
    of `fine` is nothing.

    Where a unit is not on or off everywhere, the parts are looked at on which it is (which meet where there
    are means, and are one unit apart else); what is not shown then, for halves of the values of a subject,
    until there is but one.
    """
    worst, stack = 0.0, [region]
    for count in itertools.count():
        if not stack:
            return worst
        if count > MAX_PARTS:
            raise Unproved("neurons may be on or off in too many ways")
        here = stack.pop()
        off, split = claimed, None
        for unit, weight, bit in units:
            if here.least(unit, -bit / 2) > -bit / 2:
                off = off.plus(unit, weight)
            elif not here.least(unit.times(-1), -bit / 2) > -bit / 2:
                apart = 0.0 if here.real else bit
                split = [here.within([unit]), here.within([unit.times(-1).shifted(-apart)])]
                break
        if split is not None:
            stack += [part for part in split if part is not None]
            continue
        error = -min(here.least(off, -fine / 2), here.least(off.times(-1), -fine / 2))
        if error >= fine / 2:
            smaller = here.halves([off])
            stack += smaller or []
            worst = max(worst, error) if smaller is None else worst
    return worst


def _relaxed(total: Sum, bounds: Sequence[Sum]) -> float:
    """The largest of the least values of the sum less multiples of the bounds, over likely multiples."""
    subjects = list(dict.fromkeys(s for each in (total, *bounds) for s in each.parts))
    rows = [_rows([total, *bounds], subject) for subject in subjects]
    constants = np.array([each.constant for each in (total, *bounds)])
    multiples = _multiples(rows, len(bounds))
    weights = np.concatenate([np.ones((len(multiples), 1)), -multiples], axis=1)
    values, size = weights @ constants, np.abs(constants)
    for each in rows:
        values = values + (weights @ each.T).min(axis=1)
        size = size + np.abs(each).max(axis=0)
    slack = np.abs(weights) @ size * (len(rows) + len(bounds) + 2) * 2.0**-50  # what float64 may be off by
    return float((values - slack).max(initial=-np.inf))


def _rows(sums: Sequence[Sum], subject: Term) -> Floats:
    """What each sum has of one subject: [different values, sums]."""
    size = next(len(each.parts[subject]) for each in sums if subject in each.parts)
    columns = [each.parts.get(subject, np.zeros(size)) for each in sums]
    return _corners(np.unique(np.stack(columns, axis=1), axis=0))


def _corners(rows: Floats) -> Floats:
    """The two ends of rows that lie on one line; else all."""
    if len(rows) <= 2:
        return rows
    along = rows[-1] - rows[0]
    where = (rows - rows[0]) @ along / (along @ along)
    if not np.array_equal(rows[0] + np.outer(where, along), rows):
        return rows
    return rows[[where.argmin(), where.argmax()]]


def _multiples(rows: Sequence[Floats], count: int) -> Floats:
    """Multiples of the bounds at which the least value over some subject moves from one of its values to
    another one, for as many subjects as there are bounds: at such the best bound lies. [multiples, count]
    """
    planes = [np.eye(count + 1)[1:]]
    for each in rows:
        few = each[_extremes(each)]
        differences = (few[:, None] - few[None, :]).reshape(-1, count + 1)
        planes.append(differences[(differences[:, 1:] != 0).any(axis=1)])
    every = np.unique(np.concatenate(planes), axis=0)
    if count == 1:
        found = every[:, :1] / every[:, 1:]
    else:
        pairs = np.array(list(itertools.islice(itertools.combinations(range(len(every)), 2), MAX_PAIRS)))
        left = every[pairs][:, :, 1:]
        solvable = np.abs(np.linalg.det(left)) > 1e-9
        found = np.linalg.solve(left[solvable], every[pairs[solvable]][:, :, :1])[:, :, 0]
    return np.unique(found[(found >= 0).all(axis=1)], axis=0)


def _extremes(rows: Floats) -> NDArray[np.int64]:
    """The rows that are least or largest in some direction, of a few."""
    directions = np.array(list(itertools.product((-1.0, 0.0, 1.0), repeat=rows.shape[1])))
    return np.unique((rows @ directions.T).argmin(axis=0))
