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
        d = arguments[0]
        return RealDomain(-d.high, -d.low, d.max_denominator, d.scale)
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
    if isinstance(left, RealDomain) and isinstance(right, Domain) and right.size == 1:
        shift = sign * Fraction(right.values[0]) / left.scale
        return _shifted(left, shift)
    if isinstance(right, RealDomain) and isinstance(left, Domain):
        flipped = RealDomain(-right.high, -right.low, right.max_denominator, right.scale)
        return _real_sum(flipped if sign < 0 else right, left, 1)
    if isinstance(left, RealDomain) and isinstance(right, Domain):
        return _with_whole(left, right, sign)
    return None


def _with_whole(mean: RealDomain, numbers: Domain, sign: int) -> RealDomain:
    """A mean plus or minus whole numbers of some unit: the same denominators, in a unit that divides both."""
    assert numbers.scale is not None
    scale = common_unit(mean.scale, numbers.scale)
    ends = sorted(sign * code * numbers.scale / scale for code in (numbers.lowest, numbers.highest))
    times = mean.scale / scale
    return RealDomain(mean.low * times + ends[0], mean.high * times + ends[1], mean.max_denominator, scale)


def sum_of_means(term: Term, arguments: Sequence[AnyDomain]) -> AnyDomain | None:
    """Two means added or taken from one another, whose values need not be listed for it."""
    left, right = arguments if len(arguments) == 2 else (None, None)
    if term.operator not in (Operator.ADD, Operator.SUB):
        return None
    if not (isinstance(left, RealDomain) and isinstance(right, RealDomain)):
        return None
    scale = common_unit(left.scale, right.scale)
    sign = 1 if term.operator is Operator.ADD else -1
    ends = sorted(sign * end * right.scale / scale for end in (right.low, right.high))
    times, most = left.scale / scale, (left.max_denominator, right.max_denominator)
    denominator = math.prod(most) - (most[0] if most[0] == most[1] else 0)  # no two numbers twice
    low, high = left.low * times + ends[0], left.high * times + ends[1]
    return RealDomain(low, high, max(denominator, *most), scale)


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
