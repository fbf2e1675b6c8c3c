"""What an s-op is, case by case: an affine form wherever some other forms lie within bounds.

`c if r <= 0 else pc + 3` is c where r <= 0 and pc + 3 where r >= 1. So the values of choices, comparisons and
of what is added up from them are known without trying all combinations, and what cancels in every case
(`tokens + write - old`, where `write` is `old` or something else) is seen to cancel.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from weakref import WeakKeyDictionary

import numpy as np

from compiler.graph.terms import Kind, Term
from compiler.ranges.affine import COMBINED, AffineForm, combine, constant
from compiler.ranges.domains import (
    MAX_VALUES,
    Codes,
    Domain,
    Labels,
    Means,
    Numbers,
    all_sums,
    common_unit,
    in_units,
)
from rasp.words import COMPARISONS, Operator

MAX_CASES = 24
"""More cases than this of one s-op are not told apart: it stands for itself then."""

MAX_LEAVES = 8
"""The values of a form of more s-ops than this are not listed."""

_SIGNS = {
    Operator.EQ: (0,),
    Operator.NE: (-1, 1),
    Operator.LT: (-1,),
    Operator.LE: (-1, 0),
    Operator.GT: (1,),
    Operator.GE: (0, 1),
}
"""For which signs of left - right a comparison holds."""

Direction = frozenset[tuple[Term, Fraction]]
"""What forms have in common that are multiples of one another, constants apart."""


@dataclass(frozen=True, eq=False)
class Bound:
    """A form without constant lies between two numbers, both included."""

    form: AffineForm
    low: Fraction
    high: Fraction


@dataclass(frozen=True, eq=False)
class Case:
    """Where all bounds are kept, an s-op is `value`."""

    bounds: Mapping[Direction, Bound]
    value: AffineForm


def direction_of(form: AffineForm) -> tuple[AffineForm, Fraction]:
    """The form without constant, its first s-op (by number) once, and the factor that was taken out."""
    first = min(form.coefficients, key=lambda leaf: leaf.index)
    factor = form.coefficients[first]
    return AffineForm(Fraction(0), {leaf: c / factor for leaf, c in form.coefficients.items()}), factor


class Ranges:
    """Between what forms lie, and on what lattice, from the values of their s-ops."""

    def __init__(
        self,
        domains: Mapping[int, Domain],
        positions: Callable[[AffineForm], Sequence[Fraction] | None],
    ) -> None:
        self._domains = domains
        self._positions = positions
        self._ends: WeakKeyDictionary[AffineForm, tuple[Fraction, Fraction]] = WeakKeyDictionary()

    def domain(self, term: Term) -> Domain:
        """What a term can be."""
        return self._domains[term.index]

    def whole(self, form: AffineForm) -> bool:
        """Whether all its s-ops are numbers on a lattice."""
        domains = [self.domain(leaf) for leaf in form.coefficients]
        return all(isinstance(d, Numbers) and d.size for d in domains)

    def ends(self, form: AffineForm) -> tuple[Fraction, Fraction]:
        """The least and the largest value, as far as the values of the single s-ops tell, and which positions
        there are.
        """
        found = self._ends.get(form)
        if found is None:
            found = self._ends[form] = self._found_ends(form)
        return found

    def _found_ends(self, form: AffineForm) -> tuple[Fraction, Fraction]:
        low = high = form.constant
        for leaf, coefficient in form.coefficients.items():
            ends = [coefficient * end for end in self.measured(leaf).ends]
            low, high = low + min(ends), high + max(ends)
        corners = self._positions(form)
        return (low, high) if corners is None else (max(low, min(corners)), min(high, max(corners)))

    def unit(self, form: AffineForm) -> Fraction:
        """What divides all differences of the form's values."""
        steps = [c * self.measured(leaf).scale for leaf, c in form.coefficients.items()]
        return Fraction(math.gcd(*(s.numerator for s in steps)), math.lcm(*(s.denominator for s in steps)))

    def real(self, form: AffineForm) -> bool:
        """Whether there is a mean in it, so that its values lie on no lattice."""
        return any(isinstance(self.domain(leaf), Means) for leaf in form.coefficients)

    def gap(self, form: AffineForm) -> Fraction:
        """No value of a form lies nearer to 0 than this, 0 apart: it is a fraction of one unit whose
        denominator is at most the product of those of its means.
        """
        means = [domain for leaf in form.coefficients if isinstance(domain := self.domain(leaf), Means)]
        unit = common_unit(self.unit(form), form.constant) if form.constant else self.unit(form)
        return unit / math.prod(mean.max_denominator for mean in means)

    def values(self, case: Case) -> Sequence[int | Fraction] | None:
        """All that a case can give, and perhaps more; None if that is too much to list."""
        form = case.value
        if not form.coefficients:
            return [form.constant]
        if len(form.coefficients) > MAX_LEAVES:
            return None
        unit = self.unit(form)
        codes: Codes = np.zeros(1, dtype=np.int64)
        for leaf, coefficient in form.coefficients.items():
            more = in_units(self._codes(leaf, case.bounds), coefficient * self.numbers(leaf).scale / unit)
            if more is None:
                return None
            if not more.size:
                return []
            if codes.size * more.size > 1_000_000:
                codes = np.arange(codes.min() + more.min(), codes.max() + more.max() + 1)
            else:
                codes = all_sums(codes, more)
            if codes.size > 4 * MAX_VALUES:
                return None
        low, high = self._within(form, case.bounds)
        kept = codes[
            (codes >= math.ceil((low - form.constant) / unit))
            & (codes <= math.floor((high - form.constant) / unit))
        ]
        if form.constant.denominator == unit.denominator == 1:
            step, rest = int(unit), int(form.constant)
            return [rest + code * step for code in kept.tolist()]  # millions of fractions take seconds
        return [form.constant + code * unit for code in kept.tolist()]

    def _within(self, form: AffineForm, bounds: Mapping[Direction, Bound]) -> tuple[Fraction, Fraction]:
        """Between what the form lies where the bounds are kept."""
        low, high = self.ends(form)
        direction, factor = direction_of(form)
        bound = bounds.get(direction.key[1])
        if bound is not None:
            ends = sorted(factor * end + form.constant for end in (bound.low, bound.high))
            low, high = max(low, ends[0]), min(high, ends[1])
        return low, high

    def _codes(self, leaf: Term, bounds: Mapping[Direction, Bound]) -> Codes:
        """The codes of an s-op's values where the bounds are kept."""
        domain = self.numbers(leaf)
        bound = bounds.get(frozenset({(leaf, Fraction(1))}))
        if bound is None:
            return domain.codes
        low, high = math.ceil(bound.low / domain.scale), math.floor(bound.high / domain.scale)
        kept: Codes = domain.codes[(domain.codes >= low) & (domain.codes <= high)]
        return kept

    def measured(self, leaf: Term) -> Numbers | Means:
        """What a term can be that must be a number."""
        domain = self.domain(leaf)
        assert not isinstance(domain, Labels), leaf.title
        return domain

    def numbers(self, leaf: Term) -> Numbers:
        """What a term can be that must be a number on a lattice."""
        domain = self.domain(leaf)
        assert isinstance(domain, Numbers), leaf.title
        return domain


class CaseAnalysis:
    """The cases of s-ops, each worked out once. `stop`: which of them stand for themselves. `real`: what is
    made of means has cases, too.
    """

    def __init__(
        self, ranges: Ranges, stop: Callable[[Term], bool] = lambda term: False, real: bool = False
    ) -> None:
        self._ranges = ranges
        self._stop = stop
        self._real = real
        self._known: dict[int, tuple[Case, ...]] = {}

    def get(self, term: Term) -> tuple[Case, ...]:
        """Cases of which at every position one holds, where the s-op has a value."""
        stack = [term]
        while stack:
            top = stack[-1]
            if top.index in self._known:
                stack.pop()
                continue
            missing = [a for a in self._parts(top) if a.index not in self._known]
            if missing:
                stack.extend(missing)
                continue
            found = self._cases(top)
            few = found is not None and 0 < len(found) <= MAX_CASES
            self._known[top.index] = tuple(found) if found is not None and few else (_itself(top),)
        return self._known[term.index]

    def _parts(self, term: Term) -> tuple[Term, ...]:
        """The operands of whose cases a term's are made."""
        known = term.operator in COMPARISONS or term.operator in COMBINED or term.operator in _MORE
        numeric = known and not self._stop(term) and all(self._is_number(term, a) for a in term.args)
        return term.args if numeric else ()

    def _is_number(self, term: Term, operand: Term) -> bool:
        """Whether an operand is a number of which the term may be made."""
        domain = self._ranges.domain(operand)
        mean = self._real and isinstance(domain, Means) and term.operator is not Operator.MOD
        return mean or isinstance(domain, Numbers)

    def _cases(self, term: Term) -> list[Case] | None:
        """The cases of a term, those of its operands being known; None if it stands for itself."""
        if term.kind is Kind.CONST and not isinstance(term.value, str) and not self._stop(term):
            return [Case({}, constant(Fraction(term.value)))]
        parts = self._parts(term)
        if not parts:
            return None
        every = [self._known[a.index] for a in parts]
        if term.operator is Operator.CHOOSE:
            return self._branches(parts[0], every[1], every[2])
        if term.operator in (Operator.AND, Operator.OR) and all(map(self._binary, parts)):
            known = Case({}, constant(int(term.operator is Operator.OR)))
            more = self._truths(parts[1])
            return self._branches(
                parts[0], *((more, [known]) if not known.value.constant else ([known], more))
            )
        found: list[Case] = []
        for chosen in self._combinations(every):
            values = [case.value for case in chosen]
            bounds = self._met([case.bounds for case in chosen])
            if bounds is None:
                continue
            if term.operator in COMPARISONS:
                found += self._compared(term.operator, values[0].plus(values[1], -1), bounds)
                continue
            if term.operator is Operator.MOD:
                wrapped = self._wrapped(values[0], values[1], bounds)
                if wrapped is None:
                    return None
                found += wrapped
                continue
            value = combine(term, values, self._ranges.domain)
            if value is None:
                return self._products(term)
            found.append(Case(bounds, value))
        return found

    def _combinations(self, every: Sequence[Sequence[Case]]) -> Iterable[Sequence[Case]]:
        few = math.prod(map(len, every)) <= MAX_CASES**2
        return itertools.product(*every) if few else ()

    def _products(self, term: Term) -> list[Case] | None:
        """A truth value times a number is that number or 0."""
        if term.operator is not Operator.MUL:
            return None
        for truth, number in (term.args, term.args[::-1]):
            if self._binary(truth):
                return self._branches(truth, self._known[number.index], [Case({}, constant(0))])
        return None

    def _wrapped(
        self, form: AffineForm, divisor: AffineForm, bounds: Mapping[Direction, Bound]
    ) -> list[Case] | None:
        """What a divisor leaves of a form: the form less the divisor as many times as it goes in."""
        times = quotients(self._ranges, form, divisor)
        if times is None:
            return None
        found = []
        for number in times:
            value = form.plus(divisor, -number)
            for least in self._where(Operator.GE, value, bounds):
                for both in self._where(Operator.LT, value.plus(divisor, -1), least):
                    found.append(Case(both, value))
        return found

    def _where(
        self, operator: Operator, difference: AffineForm, bounds: Mapping[Direction, Bound]
    ) -> list[Mapping[Direction, Bound]]:
        """The bounds of where a form compares so with 0."""
        cases = self._compared(operator, difference, bounds)
        return [case.bounds for case in cases if case.value.constant]

    def _branches(self, condition: Term, yes: Sequence[Case], no: Sequence[Case]) -> list[Case] | None:
        if not self._binary(condition):
            return None
        found = []
        for truth in self._truths(condition):
            for branch in yes if truth.value.constant else no:
                bounds = self._met([truth.bounds, branch.bounds])
                if bounds is not None:
                    found.append(Case(bounds, branch.value))
        return found

    def _truths(self, term: Term) -> list[Case]:
        """The cases of what is 0 or 1, each with one of the two."""
        found: list[Case] = []
        for case in self._known[term.index]:
            if case.value.coefficients:
                found += self._compared(Operator.GE, case.value.shifted(-1), case.bounds)
            else:
                found.append(case)
        return found

    def _binary(self, term: Term) -> bool:
        return self._ranges.domain(term).binary

    def _compared(
        self, operator: Operator, difference: AffineForm, bounds: Mapping[Direction, Bound]
    ) -> list[Case]:
        """Truth by the sign of a form."""
        if not difference.coefficients:
            sign = (difference.constant > 0) - (difference.constant < 0)
            return [Case(bounds, constant(int(sign in _SIGNS[operator])))]
        direction, factor = direction_of(difference)
        low, high = self._ranges.ends(difference)
        if self._ranges.real(difference):
            step, above = self._ranges.gap(difference), Fraction(0)
        else:  # the values are constant + k * step for whole numbers k
            step = self._ranges.unit(difference)
            above = difference.constant - math.floor(difference.constant / step) * step
        sides = {-1: (low, above - step), 1: (above or step, high)}
        sides |= {} if above else {0: (Fraction(0), Fraction(0))}
        found = []
        for truth, wanted in ((1, _SIGNS[operator]), (0, tuple({-1, 0, 1} - set(_SIGNS[operator])))):
            for least, most in _joined({sign: ends for sign, ends in sides.items() if sign in wanted}):
                ends = sorted((end - difference.constant) / factor for end in (least, most))
                if least <= most:
                    bound = {direction.key[1]: Bound(direction, ends[0], ends[1])}
                    both = self._met([bounds, bound])
                    if both is not None:
                        found.append(Case(both, constant(truth)))
        return found

    def _met(self, every: Sequence[Mapping[Direction, Bound]]) -> dict[Direction, Bound] | None:
        """All bounds together; None where no value keeps them."""
        met: dict[Direction, Bound] = {}
        for bounds in every:
            for key, bound in bounds.items():
                known = met.get(key, bound)
                low, high = max(known.low, bound.low), min(known.high, bound.high)
                least, most = self._ranges.ends(bound.form)
                if max(low, least) > min(high, most):
                    return None
                met[key] = Bound(bound.form, low, high)
        return met


def quotients(ranges: Ranges, form: AffineForm, divisor: AffineForm) -> range | None:
    """How many times a divisor may go into a form at all; None if that can be too many numbers, or if the
    divisor need not be positive.
    """
    if ranges.ends(divisor)[0] <= 0:
        return None

    def rest(times: int) -> tuple[Fraction, Fraction]:
        return ranges.ends(form.plus(divisor, -times))

    first = math.floor(ranges.ends(form)[1] / ranges.ends(divisor)[1])
    above = itertools.takewhile(lambda times: rest(times)[1] >= 0, range(first + 1, first + MAX_CASES + 1))
    most = max(above, default=first)
    below = itertools.takewhile(lambda times: rest(times + 1)[0] < 0, range(most - 1, most - MAX_CASES, -1))
    least = min(below, default=most)
    few = most < first + MAX_CASES and least > most - MAX_CASES + 1
    return range(least, most + 1) if few else None


def _joined(sides: Mapping[int, tuple[Fraction, Fraction]]) -> list[tuple[Fraction, Fraction]]:
    """The intervals of some signs, 0 together with its neighbour."""
    if 0 not in sides:
        return list(sides.values())
    return [(min(low for low, _ in sides.values()), max(high for _, high in sides.values()))]


_MORE = {Operator.AND, Operator.OR, Operator.MOD}


def _itself(term: Term) -> Case:
    return Case({}, AffineForm(Fraction(0), {term: Fraction(1)}))
