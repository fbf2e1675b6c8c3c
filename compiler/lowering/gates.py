"""Choices, comparisons and products with a truth value as a few neurons, without a table.

[f >= 0] of a form f of whole numbers is relu(f + 1) - relu(f). A number x where f >= 0, and 0 elsewhere, is
relu(K f + x - low) - relu(K f - low) for K no less than what x spans, 0 included: where f < 0 both are 0, and
elsewhere both are what is in the brackets. So what is affine wherever some switches are on takes two neurons
a switch, however many values there are. Means need not lie on any lattice for that: an error in x is no
larger in what comes out, and of what is compared it is rounded away.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from compiler.graph.terms import Kind, Term
from compiler.lowering.columns import Reading
from compiler.lowering.features import is_dyadic
from compiler.lowering.grids import earliest
from compiler.lowering.plan import Gate, Plan
from compiler.lowering.switches import MAX_PARTS, Condition, Gated, NoGate, Switch, Switches, multiple, plus
from compiler.ranges.affine import AffineForm, constant
from compiler.ranges.cases import Ranges, quotients
from compiler.ranges.domains import Means, Numbers
from rasp.errors import TooLargeError
from rasp.words import COMPARISONS, Operator

MAX_COMPARED = 3
"""A sum with more switches than this is not compared with anything."""

ONE = Gated(constant(1))


def find_gate(plan: Plan, term: Term, real: bool = False) -> Gate | None:
    """The term as neurons that read forms of what is there before them, in the earliest layer that can hold
    it; None if there is no such way. If its operands are not there yet and are no gates that can be part of
    this one, they are computed one layer earlier. `real`: there may be means in it.
    """
    if not _is_number(plan, term, real):
        return None
    layer = max([1, *(earliest(plan, a) for a in term.args)])
    for candidate in (layer, layer + 1):
        ready = partial(_readable, plan, candidate, real)
        gated = Expander(plan.domains.ranges, ready, real).expand(term)
        gate = None if gated is None else _in_codes(plan, term, candidate, gated)
        if gate is not None:
            return gate
    return None


def _readable(plan: Plan, layer: int, real: bool, term: Term) -> AffineForm | None:
    """The term over numbers that the MLP of a layer can read, if it is a form of such."""
    if not _is_number(plan, term, real):
        return None
    if term.kind is Kind.CONST:
        return constant(Fraction(term.value))
    form = plan.domains.forms[term.index]
    if all(_is_number(plan, leaf, real) and plan.inputs_ready(leaf) <= layer for leaf in form.coefficients):
        return form
    variable = plan.variable(term)
    ready = variable is not None and plan.inputs_ready(variable) <= layer
    return AffineForm(Fraction(0), {term: Fraction(1)}) if ready else None


def _is_number(plan: Plan, term: Term, real: bool) -> bool:
    return isinstance(plan.domains.get(term), (Numbers, Means) if real else Numbers)


def _in_codes(plan: Plan, term: Term, layer: int, gated: Gated) -> Gate | None:
    """The gate that computes the term's code from the codes of others, if float32 does so exactly."""
    ranges, exact = plan.domains.ranges, plan.domains.asked.precision.exact
    switches = Switches(ranges)
    scale = plan.domains.scale(term)
    if isinstance(plan.domains.get(term), Means) and not all(_smooth(ranges, *part) for part in gated.parts):
        return None
    found = relus(gated, switches)
    start, units, total = found.start / scale, list[tuple[AffineForm, Fraction]](), abs(found.start / scale)
    for form, weight in found.units:
        unit = _divisor(ranges, form)
        read = AffineForm(
            form.constant / unit,
            {leaf: c * plan.domains.scale(leaf) / unit for leaf, c in form.coefficients.items()},
        )
        sizes = (max(map(abs, _ends(plan, leaf))) * abs(c) for leaf, c in read.coefficients.items())
        size = abs(read.constant) + sum(sizes, Fraction(0))
        scaled = weight * unit / scale
        total += switches.ends(form)[1] / unit * abs(scaled)
        numbers = (scaled, read.constant, *read.coefficients.values())
        if size >= exact // 2 or not all(map(is_dyadic, numbers)):
            return None
        units.append((read, scaled))
    real = any(ranges.real(form) for form, _ in found.units)
    rounded = real and isinstance(plan.domains.get(term), Numbers)
    if not is_dyadic(start) or (rounded and start.denominator > 1):
        return None
    if total * math.lcm(*(w.denominator for _, w in units)) >= exact:
        return None
    return Gate(term, layer, start, tuple(units), real) if units else None


def gate_noise(plan: Plan, gate: Gate, units: Sequence[tuple[Reading, Fraction]]) -> Fraction:
    """The error of a gate that reads means: what it reads may be off, and all sums are rounded."""
    if not any(reading.noise for reading, _ in units):
        return Fraction(0)
    rounding, total, noise = plan.domains.asked.precision.rounding, abs(gate.start), Fraction(0)
    for reading, weight in units:
        off = reading.noise + (len(reading.coefficients) + 2) * rounding * reading.bound
        noise += abs(weight) * off
        total += abs(weight) * (max(reading.high, reading.at_bos, Fraction(0)) + off)
    noise += (len(units) + 2) * rounding * total
    if noise >= Fraction(1, 4) and not isinstance(plan.domains.get(gate.term), Means):
        raise TooLargeError(
            f"{gate.term.title} depends on means that lie too close to one another to be told apart in "
            f"{plan.domains.asked.dtype}",
            reason="means too close to one another",
            span=gate.term.span,
            hint="compare counts instead of means",
        )
    return noise


def _smooth(ranges: Ranges, switch: Switch, form: AffineForm) -> bool:
    """Whether what a switch adds does not jump where a mean turns it on, so that no error of that grows."""
    if not ranges.real(switch.form):
        return True
    along = multiple(switch.form, form) if form.coefficients else None
    return along is not None and along[1] == 0 and not switch.equal


def _divisor(ranges: Ranges, form: AffineForm) -> Fraction:
    """The largest number of which all of the form's values are multiples."""
    unit = ranges.unit(form)
    numerator = math.gcd(
        unit.numerator * form.constant.denominator, form.constant.numerator * unit.denominator
    )
    return Fraction(numerator, unit.denominator * form.constant.denominator)


def _ends(plan: Plan, leaf: Term) -> tuple[Fraction, Fraction]:
    domain = plan.domains.ranges.measured(leaf)
    return domain.ends[0] / domain.scale, domain.ends[1] / domain.scale


class Expander:
    """S-ops as gated forms of what is there before one hidden layer."""

    def __init__(
        self, ranges: Ranges, ready: Callable[[Term], AffineForm | None], real: bool = False
    ) -> None:
        """`ready`: the form of an s-op over numbers that can be read, if it is one. `real`: these may be
        means.
        """
        self._ranges = ranges
        self._real = real
        self._switches = Switches(ranges)
        self._domain = ranges.domain
        self._ready = ready
        self._known: dict[int, Gated | None] = {}
        self._conditions: dict[int, Condition | None] = {}

    def expand(self, term: Term) -> Gated | None:
        """The term as a gated form; None if it is none in one hidden layer."""
        if not self._number(term) or not _is_gate(term):
            return None
        try:
            return self._made(term)
        except (NoGate, RecursionError):
            return None

    def _value(self, term: Term) -> Gated:
        if term.index not in self._known:
            form = self._ready(term)
            try:
                self._known[term.index] = self._made(term) if form is None else Gated(form)
            except NoGate:
                self._known[term.index] = None
        found = self._known[term.index]
        if found is None:
            raise NoGate
        return found

    def _made(self, term: Term) -> Gated:
        """The term from its operands."""
        if term.kind is not Kind.MAP or not all(map(self._number, term.args)):
            raise NoGate
        if term.operator in COMPARISONS or term.operator in (Operator.AND, Operator.OR):
            return self._told(term, inside=True).gated
        values = term.args
        match term.operator:
            case Operator.ADD:
                return self._value(values[0]).plus(self._value(values[1]))
            case Operator.SUB:
                return self._value(values[0]).plus(self._value(values[1]), -1)
            case Operator.NEG:
                return self._value(values[0]).times(-1)
            case Operator.POS:
                return self._value(values[0])
            case Operator.INDICATOR | Operator.ROUND if self._whole(values[0]):
                if term.operator is Operator.ROUND or self._binary(values[0]):
                    return self._value(values[0])
            case Operator.NOT if self._binary(values[0]):
                return ONE.plus(self._value(values[0]), -1)
            case Operator.DIV if values[1].kind is Kind.CONST and values[1].value:
                return self._value(values[0]).times(1 / Fraction(values[1].value))
            case Operator.MUL:
                return self._multiplied(*values)
            case Operator.MOD:
                return self._wrapped(self._value(values[0]), self._value(values[1]))
            case Operator.CHOOSE:
                yes, no = self._value(values[1]), self._value(values[2])
                return no.plus(self._switches.gate(self._condition(values[0]), yes.plus(no, -1)))
        raise NoGate

    def _multiplied(self, left: Term, right: Term) -> Gated:
        for one, other in ((left, right), (right, left)):
            if one.kind is Kind.CONST:
                return self._value(other).times(Fraction(one.value))
        for one, other in ((left, right), (right, left)):
            if self._binary(one):
                return self._switches.gate(self._condition(one), self._value(other))
        raise NoGate

    def _wrapped(self, value: Gated, divisor: Gated) -> Gated:
        """What a divisor leaves of a form: less the divisor at each multiple of it that is reached."""
        if value.parts or divisor.parts or any(map(self._ranges.real, (value.base, divisor.base))):
            raise NoGate
        times = quotients(self._ranges, value.base, divisor.base)
        if times is None or len(times) > MAX_PARTS:
            raise NoGate
        rest = Gated(value.base.plus(divisor.base, -times[0]))
        for number in times[1:]:
            reached = self._switches.holds(value.base.plus(divisor.base, -number))
            rest = rest.plus(self._switches.gate(reached, divisor), -1)
        return rest

    def _condition(self, term: Term) -> Condition:
        """What is 0 or 1, as a condition."""
        if term.index not in self._conditions:
            try:
                self._conditions[term.index] = self._told(term)
            except NoGate:
                self._conditions[term.index] = None
        found = self._conditions[term.index]
        if found is None:
            raise NoGate
        return found

    def _told(self, term: Term, inside: bool = False) -> Condition:
        """What is 0 or 1, as a condition. `inside`: the term itself is to be made from its operands."""
        if not self._binary(term):
            raise NoGate
        form = None if inside else self._ready(term)
        if form is not None:
            return self._switches.holds(form.shifted(-1))
        if not all(map(self._number, term.args)):
            raise NoGate
        match term.operator, term.args:
            case Operator.AND, (a, b):
                return self._switches.both(self._condition(a), self._condition(b))
            case Operator.OR, (a, b):
                left, right = self._condition(a), self._condition(b)
                return plus(plus(left, right), self._switches.both(left, right), -1)
            case (operator, (a, b)) if operator in COMPARISONS:
                return self.compared(operator, self._value(a).plus(self._value(b), -1))
        gated = self._value(term)
        if not gated.parts or gated.base.coefficients:
            return self.compared(Operator.GE, gated.plus(ONE, -1))
        return Condition(gated.base.constant, tuple(_constants(gated.parts)))

    def compared(self, operator: Operator, difference: Gated) -> Condition:
        """The sign of a gated form, from its sign with and without the part that one switch adds."""
        if not difference.parts:
            return self._sign(operator, difference.base)
        if len(difference.parts) > MAX_COMPARED:
            raise NoGate
        (switch, form), rest = difference.parts[0], difference.parts[1:]
        mine = Condition(Fraction(0), ((switch, Fraction(1)),))
        without = self.compared(operator, Gated(difference.base, rest))
        with_it = self.compared(operator, Gated(difference.base.plus(form), rest))
        return plus(without, self._switches.both(mine, plus(with_it, without, -1)))

    def _sign(self, operator: Operator, form: AffineForm) -> Condition:
        match operator:
            case Operator.EQ:
                return self._switches.holds(form, equal=True)
            case Operator.NE:
                return plus(Condition(Fraction(1)), self._switches.holds(form, equal=True), -1)
            case Operator.GE:
                return self._switches.holds(form)
            case Operator.LE:
                return self._switches.holds(form.times(-1))
            case Operator.LT:
                return self._switches.positive(form.times(-1))
        return self._switches.positive(form)

    def _number(self, term: Term) -> bool:
        return isinstance(self._domain(term), (Numbers, Means) if self._real else Numbers)

    def _whole(self, term: Term) -> bool:
        return self._domain(term).whole

    def _binary(self, term: Term) -> bool:
        return self._domain(term).binary


def _is_gate(term: Term) -> bool:
    """Whether the term is made by an operator of which gates are made."""
    return term.kind is Kind.MAP and term.operator is not None and not term.is_kept


def _constants(parts: Sequence[tuple[Switch, AffineForm]]) -> Iterable[tuple[Switch, Fraction]]:
    """The parts of a condition, which are constants."""
    for switch, form in parts:
        if form.coefficients:
            raise NoGate
        yield switch, form.constant


@dataclass(frozen=True, eq=False)
class Relus:
    """start + the sum of weight * relu(form), for forms of s-ops' values."""

    start: Fraction
    units: tuple[tuple[AffineForm, Fraction], ...]


def relus(gated: Gated, switches: Switches) -> Relus:
    """A gated form as neurons."""
    gated = _turned(gated)
    base, weights = gated.base, dict[object, tuple[AffineForm, Fraction]]()

    def add(form: AffineForm, weight: Fraction) -> None:
        """Add weight * relu(form): nothing or the form itself where its sign is known."""
        nonlocal base
        low, high = switches.ends(form)
        if low >= 0:
            base = base.plus(form, weight)
        elif high > 0:
            known = weights.get(form.key, (form, Fraction(0)))
            weights[form.key] = (form, known[1] + weight)

    for switch, form in gated.parts:
        _add_gate(add, switch.form, form, switches)
        if switch.equal:
            _add_gate(add, switch.form.shifted(-1), form.times(-1), switches)
    if base.coefficients:
        low = switches.ends(base)[0]
        shifted = base.shifted(-low)
        known = weights.get(shifted.key, (shifted, Fraction(0)))
        weights[shifted.key] = (shifted, known[1] + 1)
        base = constant(low)
    return Relus(base.constant, tuple((form, weight) for form, weight in weights.values() if weight))


def _turned(gated: Gated) -> Gated:
    """The same with what is there where a switch is off as a part, if nothing else is left of the base then:
    x less x where f >= 0 is x where f < 0.
    """
    for number, (switch, form) in enumerate(gated.parts):
        rest = gated.base.plus(form)
        if gated.base.coefficients and not rest.coefficients and not switch.equal:
            off = Switch(switch.form.times(-1).shifted(-1), equal=False)
            others = gated.parts[:number] + gated.parts[number + 1 :]
            return Gated(rest, ((off, form.times(-1)), *others))
    return gated


def _add_gate(
    add: Callable[[AffineForm, Fraction], None], step: AffineForm, form: AffineForm, switches: Switches
) -> None:
    """Add the form where the step is at least 0."""
    along = (Fraction(0), form.constant) if not form.coefficients else multiple(step, form)
    if along is not None:
        slope, rest = along
        add(step, slope - rest)
        add(step.shifted(1), rest)
        return
    low, high = switches.ends(form)
    least, most = min(low, Fraction(0)), max(high, Fraction(0))
    wide = step.times(most - least)
    add(wide.plus(form).shifted(-least), Fraction(1))
    add(wide.shifted(-least), Fraction(-1))
