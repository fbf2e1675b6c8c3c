"""The domain of an elementwise operation from the domains of its operands, where that needs no table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from compiler.graph.conjunctions import RELATION
from compiler.graph.terms import Term
from compiler.ranges.domains import (
    MAX_CODE,
    MAX_VALUES,
    Domain,
    Labels,
    Listed,
    Means,
    Numbers,
    all_sums,
    common_unit,
    in_units,
    make_domain,
    multiples,
)
from rasp.words import COMPARISONS, Atom, Comparison, Operator

_LOGIC = {Operator.AND, Operator.OR}

MAX_QUOTIENTS = 100_000
"""How many quotients are worked out one by one to carry them as fractions."""


def special_domain(term: Term, arguments: list[Domain]) -> Domain | None:
    """Domains that follow without trying every combination; None where there is no short cut."""
    operator = term.operator
    if operator is Operator.CHOOSE and not any(isinstance(a, Means) for a in arguments[1:]):
        return make_domain([v for branch in arguments[1:] for v in branch.values or ()])
    if operator in COMPARISONS and not any(isinstance(a, Labels) for a in arguments):
        return make_domain(_truths(Comparison(operator.value), arguments[0], arguments[1]))
    if operator in _LOGIC:
        return make_domain([False, True])
    if operator in (Operator.ADD, Operator.SUB):
        return _sum_domain(arguments[0], arguments[1], 1 if operator is Operator.ADD else -1)
    if operator in (Operator.MUL, Operator.DIV):
        return _scaled_domain(operator, arguments)
    listed = isinstance(arguments[0], Listed)
    if operator is Operator.ROUND and listed and all(type(v) is int for v in arguments[0].values or ("",)):
        return arguments[0]
    if operator is Operator.POS and isinstance(arguments[0], Means):
        return arguments[0]
    if operator is Operator.NEG and isinstance(arguments[0], Means):
        return _negated(arguments[0])
    return None


def _truths(comparison: Comparison, left: Domain, right: Domain) -> list[Atom]:
    """Which truth values a comparison of numbers can have, by their ends."""
    assert not isinstance(left, Labels)
    assert not isinstance(right, Labels)
    orders = {"<"} if left.ends[0] < right.ends[1] else set()
    orders |= {">"} if left.ends[1] > right.ends[0] else set()
    orders |= {"="} if left.ends[0] <= right.ends[1] and right.ends[0] <= left.ends[1] else set()
    wanted = RELATION[comparison]
    return [truth for truth, some in ((False, orders - wanted), (True, orders & wanted)) if some]


def remainders(term: Term, arguments: Sequence[Domain]) -> Numbers | None:
    """What positive divisors leave, if all are numbers of one unit: less than the largest of them."""
    numbers = [each for each in arguments if isinstance(each, Numbers)]
    if term.operator is not Operator.MOD or len(numbers) < 2 or numbers[1].lowest <= 0:
        return None
    unit = common_unit(numbers[0].scale, numbers[1].scale)
    size = int(numbers[1].ends[1] / unit)
    return multiples(np.arange(size, dtype=np.int64), unit) if size <= MAX_VALUES else None


def _sum_domain(left: Domain, right: Domain, sign: int) -> Domain | None:
    """left + sign * right: numbers of one unit, or a mean plus or minus such."""
    if isinstance(left, Labels) or isinstance(right, Labels):
        return None
    if isinstance(left, Numbers) and isinstance(right, Numbers):
        scale = common_unit(left.scale, right.scale)
        one, other = in_units(left.codes, left.scale / scale), in_units(right.codes, right.scale / scale)
        if one is None or other is None:
            return None
        codes = all_sums(one, sign * other)
        if max(abs(codes[0]), abs(codes[-1])) > MAX_CODE or codes.size > 4 * MAX_VALUES:
            return None
        return multiples(codes, scale)
    match left, right:
        case Means(), Means():
            return None
        case Means(), Numbers() if right.size == 1:
            return _shifted(left, sign * right.ends[0] / left.scale)
        case Numbers(), Means() if left.size == 1:
            return _shifted(as_mean(right if sign > 0 else _negated(right)), left.ends[0] / right.scale)
    return summed_up(left, right, sign)


def sum_of_means(term: Term, arguments: Sequence[Domain]) -> Means | None:
    """Numbers of any kind added or taken from one another, whose values need not be listed for it."""
    if term.operator not in (Operator.ADD, Operator.SUB):
        return None
    left, right = arguments
    if isinstance(left, Labels) or isinstance(right, Labels):
        return None
    return summed_up(left, right, 1 if term.operator is Operator.ADD else -1)


def sum_among(term: Term, arguments: Sequence[Domain], listed: Numbers) -> Means | None:
    """A sum with a mean in it, all of whose values are known: it is a fraction, as the mean is."""
    found = sum_of_means(term, arguments) if any(isinstance(each, Means) for each in arguments) else None
    if found is None:
        return None
    return replace(found, listed=tuple(Fraction(value) / found.scale for value in listed.values))


def summed_up(left: Numbers | Means, right: Numbers | Means, sign: int) -> Means:
    """left + sign * right as fractions.

    One of the two may be on a lattice, then the sum has the denominators of the other one, in a unit that
    divides both; else any two denominators may meet. Of these the one that keeps the fractions farthest
    apart.
    """
    signed = right if sign > 0 else _negated(right)
    found = [_sum_of_two(as_mean(left), as_mean(signed))]
    found += [_with_lattice(as_mean(left), signed)] if isinstance(signed, Numbers) else []
    found += [_with_lattice(as_mean(signed), left)] if isinstance(left, Numbers) else []
    return max(found, key=lambda d: d.scale / d.max_denominator**2)


def as_mean(domain: Numbers | Means) -> Means:
    """Numbers on a lattice as fractions, which may be far fewer than the lattice has points."""
    if isinstance(domain, Means):
        return domain
    values = [Fraction(v) for v in domain.values]
    return Means(values[0], values[-1], max(v.denominator for v in values), Fraction(1))


def chosen_mean(term: Term, arguments: Sequence[Domain]) -> Means | None:
    """A choice between means and other numbers, or a mean where something holds and else 0."""
    if term.operator is Operator.CHOOSE:
        values = list(arguments[1:])
    elif term.operator is Operator.MUL and any(each.binary for each in arguments):
        values = [*(each for each in arguments if not each.binary), make_domain([0])]
    else:
        return None
    numbers = [each for each in values if not isinstance(each, Labels)]
    if len(numbers) < len(values) or len(values) != 2 or not any(isinstance(each, Means) for each in values):
        return None
    scale = common_unit(*(each.scale for each in numbers))
    ends = [end / scale for each in numbers for end in each.ends]
    known = [[Fraction(v) for v in each.values or ()] for each in numbers]
    few = all(known) and sum(map(len, known)) <= MAX_VALUES
    listed = tuple(sorted({value / scale for each in known for value in each})) if few else None
    largest = max(each.max_denominator for each in numbers if isinstance(each, Means))
    return Means(min(ends), max(ends), largest, scale, listed)


def can_be_fraction(arguments: Sequence[Domain]) -> bool:
    """Whether a quotient of such numbers can be carried as a fraction: of whole multiples of two units, not
    too many.
    """
    numbers = [each for each in arguments if isinstance(each, Numbers)]
    few = len(numbers) == 2 and numbers[0].size * numbers[1].size <= MAX_QUOTIENTS
    return few and numbers[1].codes.any().item()


def fraction_domain(arguments: Sequence[Domain]) -> Means:
    """All quotients of two numbers, in units of the quotient of their units."""
    counts, divisors = (each for each in arguments if isinstance(each, Numbers))
    codes = divisors.codes[divisors.codes != 0].tolist()
    found = {Fraction(a, b) for b in codes for a in counts.codes.tolist()}
    listed = tuple(sorted(found)) if len(found) <= MAX_VALUES else None
    most = max(fraction.denominator for fraction in found)
    return Means(min(found), max(found), most, counts.scale / divisors.scale, listed)


def multiple_of(mean: Means, factor: Fraction, shift: Fraction) -> Means:
    """One mean as many times, plus a number; a mean plus itself is no sum of two that differ."""
    scaled = _scaled_by(mean, factor)
    if not shift:
        return scaled
    number = multiples(np.array([shift.numerator], dtype=np.int64), Fraction(1, shift.denominator))
    found = [_shifted(scaled, shift / scaled.scale), _with_lattice(scaled, number)]
    return max(found, key=lambda each: each.scale / each.max_denominator**2)


def _negated(domain: Numbers | Means) -> Numbers | Means:
    """The numbers with the other sign."""
    if isinstance(domain, Means):
        return Means(-domain.high, -domain.low, domain.max_denominator, domain.scale)
    return multiples(-domain.codes[::-1], domain.scale)


def _with_lattice(mean: Means, numbers: Numbers) -> Means:
    """A mean plus numbers on a lattice."""
    scale = common_unit(mean.scale, numbers.scale)
    times, unit = mean.scale / scale, numbers.scale / scale
    low, high = mean.low * times + numbers.lowest * unit, mean.high * times + numbers.highest * unit
    return Means(low, high, mean.max_denominator, scale)


def _sum_of_two(left: Means, right: Means) -> Means:
    """The sum of two means."""
    scale = common_unit(left.scale, right.scale)
    a, b = left.scale / scale, right.scale / scale
    same = left.max_denominator == right.max_denominator
    denominator = left.max_denominator * (right.max_denominator - same)  # no two numbers are both the largest
    most = max(denominator, left.max_denominator, right.max_denominator)
    return Means(left.low * a + right.low * b, left.high * a + right.high * b, most, scale)


def _shifted(domain: Means, shift: Fraction) -> Means:
    denominator = domain.max_denominator * shift.denominator
    return Means(domain.low + shift, domain.high + shift, denominator, domain.scale)


def _scaled_domain(operator: Operator, arguments: list[Domain]) -> Domain | None:
    """A mean times or over one number: only the scale changes."""
    left, right = arguments
    if isinstance(right, Means) and operator is Operator.MUL:
        left, right = right, left
    if not (isinstance(left, Means) and isinstance(right, Numbers) and right.size == 1 and right.ends[0]):
        return None
    factor = right.ends[0]
    return _scaled_by(left, factor if operator is Operator.MUL else 1 / factor)


def _scaled_by(mean: Means, factor: Fraction) -> Means:
    if factor < 0:
        return Means(-mean.high, -mean.low, mean.max_denominator, -mean.scale * factor)
    return Means(mean.low, mean.high, mean.max_denominator, mean.scale * factor)
