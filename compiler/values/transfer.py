"""The domain of an elementwise operation from the domains of its operands, where that needs no table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from compiler.graph.terms import Term
from compiler.values.domains import (
    MAX_CODE,
    MAX_VALUES,
    AnyDomain,
    Domain,
    RealDomain,
    all_sums,
    exact,
    make_domain,
)
from rasp.words import COMPARISONS, Operator

_LOGIC = {Operator.AND, Operator.OR}


def special_domain(term: Term, arguments: list[AnyDomain]) -> AnyDomain | None:
    """Domains that follow without trying every combination; None where there is no short cut."""
    operator = term.operator
    if operator is Operator.CHOOSE and all(isinstance(a, Domain) for a in arguments):
        branches = [a for a in arguments[1:] if isinstance(a, Domain)]
        return make_domain([v for b in branches for v in b.values])
    if operator in COMPARISONS and all(a.numeric for a in arguments):
        return make_domain([False, True])
    if operator in _LOGIC:
        return make_domain([False, True])
    if operator in (Operator.ADD, Operator.SUB) and all(a.numeric for a in arguments):
        return _sum_domain(arguments[0], arguments[1], 1 if operator is Operator.ADD else -1)
    if operator in (Operator.MUL, Operator.DIV):
        return _scaled_domain(operator, arguments)
    if operator is Operator.ROUND and all(type(v) is int for v in arguments[0].listing or ("",)):
        return arguments[0]
    if operator is Operator.NEG and isinstance(arguments[0], RealDomain):
        return _negated(arguments[0])
    return None


def _sum_domain(left: AnyDomain, right: AnyDomain, sign: int) -> AnyDomain | None:
    if isinstance(left, Domain) and isinstance(right, Domain):
        assert left.scale is not None
        assert right.scale is not None
        scale = common_unit(left.scale, right.scale)
        codes = all_sums(left.codes * int(left.scale / scale), sign * right.codes * int(right.scale / scale))
        if max(abs(codes[0]), abs(codes[-1])) > MAX_CODE or codes.size > 4 * MAX_VALUES:
            return None
        return Domain(tuple(exact(int(c) * scale) for c in codes), scale, codes)
    return _real_sum(left, right, sign)


def _real_sum(left: AnyDomain, right: AnyDomain, sign: int) -> AnyDomain | None:
    """A mean plus or minus numbers on a lattice."""
    if isinstance(right, RealDomain):
        left, right, sign = (_negated(right) if sign < 0 else right), left, 1
    if not (isinstance(left, RealDomain) and isinstance(right, Domain)):
        return None
    if right.size == 1:
        return _shifted(left, sign * Fraction(right.values[0]) / left.scale)
    return summed_up(left, right, sign)


def sum_of_means(term: Term, arguments: Sequence[AnyDomain]) -> RealDomain | None:
    """Numbers of any kind added or taken from one another, whose values need not be listed for it."""
    if term.operator not in (Operator.ADD, Operator.SUB) or not all(a.numeric for a in arguments):
        return None
    left, right = arguments
    return summed_up(left, right, 1 if term.operator is Operator.ADD else -1)


def summed_up(left: AnyDomain, right: AnyDomain, sign: int) -> RealDomain:
    """left + sign * right as fractions.

    One of the two may be on a lattice, then the sum has the denominators of the other one, in a unit that
    divides both; else any two denominators may meet. Of these the one that keeps the fractions farthest
    apart.
    """
    signed = right if sign > 0 else _negated(right)
    found = [_sum_of_two(as_mean(left), as_mean(signed))]
    found += [_with_lattice(as_mean(left), signed)] if isinstance(signed, Domain) else []
    found += [_with_lattice(as_mean(signed), left)] if isinstance(left, Domain) else []
    return max(found, key=lambda d: d.scale / d.max_denominator**2)


def as_mean(domain: AnyDomain) -> RealDomain:
    """Numbers on a lattice as fractions, which may be far fewer than the lattice has points."""
    if isinstance(domain, RealDomain):
        return domain
    values = [Fraction(v) for v in domain.values]
    return RealDomain(values[0], values[-1], max(v.denominator for v in values), Fraction(1))


def _negated(domain: AnyDomain) -> AnyDomain:
    """The numbers with the other sign."""
    if isinstance(domain, RealDomain):
        return RealDomain(-domain.high, -domain.low, domain.max_denominator, domain.scale)
    values = tuple(-v for v in reversed(domain.values) if not isinstance(v, str))
    return Domain(values, domain.scale, -domain.codes[::-1])


def _with_lattice(mean: RealDomain, numbers: Domain) -> RealDomain:
    """A mean plus numbers on a lattice."""
    assert numbers.scale is not None
    scale = common_unit(mean.scale, numbers.scale)
    times, unit = mean.scale / scale, numbers.scale / scale
    low, high = mean.low * times + numbers.lowest * unit, mean.high * times + numbers.highest * unit
    return RealDomain(low, high, mean.max_denominator, scale)


def _sum_of_two(left: RealDomain, right: RealDomain) -> RealDomain:
    """The sum of two means."""
    scale = common_unit(left.scale, right.scale)
    a, b = left.scale / scale, right.scale / scale
    same = left.max_denominator == right.max_denominator
    denominator = left.max_denominator * (right.max_denominator - same)  # no two numbers are both the largest
    most = max(denominator, left.max_denominator, right.max_denominator)
    return RealDomain(left.low * a + right.low * b, left.high * a + right.high * b, most, scale)


def common_unit(one: Fraction, other: Fraction) -> Fraction:
    """The largest number of which both are multiples."""
    return Fraction(math.gcd(one.numerator, other.numerator), math.lcm(one.denominator, other.denominator))


def _shifted(domain: RealDomain, shift: Fraction) -> RealDomain:
    denominator = domain.max_denominator * shift.denominator
    return RealDomain(domain.low + shift, domain.high + shift, denominator, domain.scale)


def _scaled_domain(operator: Operator, arguments: list[AnyDomain]) -> AnyDomain | None:
    """A mean times or over one number: only the scale changes."""
    left, right = arguments
    if isinstance(left, Domain) and isinstance(right, RealDomain) and operator is Operator.MUL:
        left, right = right, left
    if not (isinstance(left, RealDomain) and isinstance(right, Domain) and right.size == 1):
        return None
    if not right.numeric or right.values[0] == 0:
        return None
    factor = Fraction(right.values[0])
    factor = factor if operator is Operator.MUL else 1 / factor
    if factor < 0:
        return RealDomain(-left.high, -left.low, left.max_denominator, -left.scale * factor)
    return RealDomain(left.low, left.high, left.max_denominator, left.scale * factor)
