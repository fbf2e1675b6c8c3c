"""Quotients as fractions: a neuron for each value of the divisor, however many values what is divided has.

x/y is the sum, over the values v of y, of x where y is v, over v. For whole numbers and K no less than |x|,
x where y is v is relu(x - K (y - v)^2), less the same of -x where x may be negative: where y is v, nothing is
taken off, and elsewhere at least K. All that is read are whole numbers, and only one neuron is ever on, so
the fraction is as exact as one product is. The square takes a feature of y: (y - v)^2 is one of y, its square
and 1. Where y is 0 no neuron is on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from compiler.graph.terms import Term
from compiler.lowering.columns import Column, Reading, vanishing_at_bos
from compiler.lowering.coordinates import Coordinate, VariableCoordinate
from compiler.lowering.grids import form_coordinate
from compiler.lowering.operations import Gate
from compiler.lowering.plan import Plan, Quotient
from compiler.ranges.domains import Means, Numbers
from rasp.errors import TooLargeError

MOST_DIVISORS = 1 << 12
"""Of how many values there may be a neuron each."""


def find_quotient(plan: Plan, term: Term) -> Quotient:
    """The fraction in the earliest layer that can hold it.

    Raises:
        CompileError: the numbers are too large to be told apart by their squares.
    """
    number, divisor = (plan.domains.numbers(a) for a in term.args)
    middle = (divisor.lowest + divisor.highest) // 2
    squares = (divisor.codes - middle) ** 2
    largest = 4 * _reach(number) * (int(squares.max()) + 1)
    if divisor.size > MOST_DIVISORS or largest >= plan.domains.asked.precision.exact // 2:
        raise TooLargeError(
            f"{term.title} divides {number.text} by {divisor.text}: too many, or too large",
            reason="a quotient of too large numbers",
            span=term.span,
        )
    layer = max(1, plan.inputs_ready(term.args[0]), _divisor_ready(plan, term.args[1]))
    return Quotient(term, layer, squares, middle)


def _step(number: Numbers) -> int:
    """What divides all codes."""
    return math.gcd(*number.codes.tolist()) or 1


def _signs(number: Numbers) -> list[int]:
    """Of which signs there are codes."""
    return [sign for sign, there in ((1, number.highest > 0), (-1, number.lowest < 0)) if there]


def _reach(number: Numbers) -> int:
    """How large the codes are in steps, 1 at least."""
    return max(-number.lowest, number.highest, 1) // _step(number)


def _divisor_ready(plan: Plan, divisor: Term) -> int:
    """The first layer whose MLP can read the square of the divisor."""
    if plan.variable(divisor) is not None:
        return plan.inputs_ready(divisor)
    return max(plan.inputs_ready(divisor), plan.mlp_layer(divisor) + 1)


def gate(plan: Plan, quotient: Quotient, readings: Sequence[Reading], bos: Column, name: str) -> Gate:
    """The neurons, given readings of the codes of both numbers and of the squares, and the column's name."""
    term, domain = quotient.term, plan.domains.get(quotient.term)
    assert isinstance(domain, Means)
    largest = max(abs(domain.low), abs(domain.high))
    noise = 4 * plan.domains.asked.precision.rounding * largest  # of a weight, a product and a sum with zeros
    column = Column(name, term.title, domain.low, domain.high, noise=noise, scale=domain.scale, of=term)
    made = tuple(_units(plan, quotient, readings, bos))
    return Gate(term.title, quotient.layer, column, Fraction(0), made, term, _coordinates(plan, term))


def _units(
    plan: Plan, quotient: Quotient, readings: Sequence[Reading], bos: Column
) -> Iterator[tuple[Reading, Fraction]]:
    """What each neuron reads and its weight. At BOS all read nothing."""
    number, divisor = (plan.domains.numbers(a) for a in quotient.term.args)
    divided, code, squares = readings
    step, code = _step(number), code.shifted(-quotient.middle)
    for value in divisor.codes.tolist():
        middle = value - quotient.middle
        apart = squares.plus(code, -2 * middle).shifted(middle * middle).times(-_reach(number))
        for sign in _signs(number) if value else ():
            read = apart.plus(divided, Fraction(sign, step))
            yield vanishing_at_bos(read, bos), Fraction(sign * step, value)


def _coordinates(plan: Plan, term: Term) -> tuple[Coordinate, ...]:
    """Of what it is a function: of what is divided and of the divisor, or of what each is a function of."""
    sides = (_coordinate(plan, side) for side in term.args)
    return tuple({side.key: side for side in sides if side is not None}.values())


def _coordinate(plan: Plan, side: Term) -> Coordinate | None:
    """What a side is a function of; None of a constant."""
    variable = side if plan.is_raw(side) else plan.variable(side)
    if variable is not None:
        return VariableCoordinate(variable, plan.size(variable))
    return form_coordinate(plan, plan.domains.forms[side.index])
