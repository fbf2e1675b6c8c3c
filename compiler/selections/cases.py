"""What is known of a few positions of one unknown input: equations, orders, and what follows from them.

A case only ever learns what is true wherever what it was told is true. It is impossible once that contradicts
itself: then no input has such positions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from compiler.graph.conjunctions import ANYTHING, Conjunction, Literal, Relation
from compiler.graph.terms import INDEX, READS, Kind, Term
from compiler.selections.points import EVERYWHERE, Form, Point, Position, Subject
from rasp.words import Operator

ZERO = Fraction(0)

MOST_STEPS = 3
"""How many known orders are added up at most to show another."""

ORDERS: dict[Operator | None, Relation] = {
    Operator.EQ: frozenset("="),
    Operator.NE: frozenset("<>"),
    Operator.LT: frozenset("<"),
    Operator.LE: frozenset("<="),
    Operator.GT: frozenset(">"),
    Operator.GE: frozenset(">="),
}


class TooLong(Exception):
    """A proof takes more steps than are worth it."""


class Patience:
    """How many steps a proof may still take, its sub-proofs included: of its own, and of all proofs that
    belong `within` one question.
    """

    def __init__(self, steps: int, within: Patience | None = None) -> None:
        self.steps = steps
        self._within = within

    def step(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise TooLong
        if self._within is not None:
            self._within.step()


class Case:
    """Some positions and what is known of s-ops there."""

    def __init__(self, subject: Subject, patience: Patience) -> None:
        self.subject = subject
        self.patience = patience
        self.positions: tuple[Position, ...] = ()
        self.impossible = False
        self.done: frozenset[tuple[object, ...]] = frozenset()
        self.mentioned: dict[Point, None] = {}
        self._values: dict[Point, Form] = {}
        self._orders: tuple[tuple[Form, bool], ...] = ()
        self._unequal: tuple[Form, ...] = ()
        self._truths: dict[tuple[int, Position], tuple[object, bool | None]] = {}

    def copy(self) -> Case:
        """The same knowledge, to be added to on its own."""
        copy = Case(self.subject, self.patience)
        copy.positions, copy.impossible, copy.done = self.positions, self.impossible, self.done
        copy.mentioned, copy._values = dict(self.mentioned), dict(self._values)
        copy._orders, copy._unequal, copy._truths = self._orders, self._unequal, dict(self._truths)
        return copy

    def new_position(self) -> Position:
        """One more position, of which nothing is known."""
        position = len(self.positions)
        self.positions = (*self.positions, position)
        return position

    def once(self, *what: object) -> bool:
        """Whether this is done for the first time."""
        if what in self.done:
            return False
        self.done |= {what}
        return True

    @property
    def size(self) -> tuple[object, ...]:
        """Changes whenever something is learnt."""
        known = len(self._values), len(self._orders), len(self._unequal)
        return (self.impossible, len(self.positions), len(self.mentioned), *known)

    # what is told

    def at(self, term: Term, position: Position) -> Form:
        """An s-op at a position."""
        return self.subject.at(term, position)

    def mention(self, form: Form) -> None:
        """Let lemmas look at these points."""
        self.mentioned.update(dict.fromkeys(form.coefficients))

    def select(self, conjunction: Conjunction, key: Position, query: Position) -> None:
        """The query selects the key."""
        for literal in conjunction:
            self.relate(self.between(literal, key, query), literal.relation)

    def between(self, literal: Literal, key: Position, query: Position) -> Form:
        """The key's side of a literal less the query's."""
        return self.at(literal.keys, key).plus(self.at(literal.queries, query), -1)

    def relate(self, difference: Form, relation: Relation) -> None:
        """How a difference compares with 0."""
        self.mention(difference)
        match "".join(sorted(relation)):
            case "=":
                self.equate(difference)
            case "<":
                self.order(difference.times(-1), strict=True)
            case "<=":
                self.order(difference.times(-1), strict=False)
            case ">":
                self.order(difference, strict=True)
            case "=>":
                self.order(difference, strict=False)
            case "<>":
                if self.is_zero(difference):
                    self.impossible = True
                elif not self.is_unequal(difference):
                    self._unequal = (*self._unequal, difference)
            case "":
                self.impossible = True

    def equate(self, form: Form) -> None:
        """The form is 0."""
        self.patience.step()
        rest = self.reduce(form)
        free = [p for p in rest.coefficients if p.leaf.kind is not Kind.CONST]
        if not free:
            if rest.coefficients or rest.constant:
                self.impossible = True  # of two constants, or of a string and a number
            return
        pivot = max(free, key=lambda p: (p.leaf.index, p.position))
        value = rest.plus(Form(ZERO, {pivot: rest.coefficients[pivot]}), -1)
        value = value.times(-1 / rest.coefficients[pivot])
        changed = {pivot: value}
        for point, known in self._values.items():
            factor = known.coefficients.get(pivot)
            if factor:
                changed[point] = known.plus(value.plus(Form(ZERO, {pivot: Fraction(1)}), -1), factor)
        self._values.update(changed)
        self.mention(rest)
        self._orders = tuple((self.reduce(each), strict) for each, strict in self._orders)
        if self._contradicted(changed):
            self.impossible = True

    def _contradicted(self, changed: Mapping[Point, Form]) -> bool:
        """Whether what was known does not fit what is known now."""
        return (
            any(self.is_zero(each) for each in self._unequal)
            or any(self._outside(point, known) for point, known in changed.items())
            or any(self.is_positive(each.times(-1), not strict) for each, strict in self._orders)
        )

    def _outside(self, point: Point, value: Form) -> bool:
        """Whether a point is said to equal what lies outside of its bounds."""
        ends = self.subject.ends(point.leaf)
        if ends is None:
            return False
        return self._low(value.shifted(-ends[1]), True) or self._low(value.times(-1).shifted(ends[0]), True)

    def order(self, form: Form, strict: bool) -> None:
        """The form is at least 0, or above it."""
        self.patience.step()
        rest = self.reduce(form)
        if strict and self._whole(rest):
            rest, strict = rest.shifted(-1), False
        if self.is_positive(rest, strict):
            return
        if self.is_positive(rest.times(-1), strict=not strict):
            self.impossible = True
            return
        self.mention(rest)
        if not strict and self.is_positive(rest.times(-1), strict=False):
            self.equate(rest)
        else:
            self._orders = (*self._orders, (rest, strict))

    def _whole(self, form: Form) -> bool:
        """Whether a form only takes whole numbers."""
        numbers = [form.constant, *form.coefficients.values()]
        return all(n.denominator == 1 for n in numbers) and all(
            self.subject.whole(p.leaf) for p in form.coefficients
        )

    # what follows

    def reduce(self, form: Form) -> Form:
        """The form with every point replaced by what it is known to equal."""
        for point in [p for p in form.coefficients if p in self._values]:
            factor = form.coefficients[point]
            form = form.plus(Form(ZERO, {point: factor}), -1).plus(self._values[point], factor)
        return form

    def is_zero(self, form: Form) -> bool:
        """Whether the form is known to be 0."""
        rest = self.reduce(form)
        return not rest.coefficients and not rest.constant

    def is_positive(self, form: Form, strict: bool) -> bool:
        """Whether the form is known to be above 0, or at least 0: a known order, a sum of some, or bounds."""
        return self._follows(self.reduce(form), strict, MOST_STEPS)

    def _follows(self, form: Form, strict: bool, steps: int) -> bool:
        self.patience.step()
        if self._low(form, strict):
            return True
        if not steps or not form.coefficients:
            return False
        point = next(iter(form.coefficients))
        wanted = form.coefficients[point]
        for order, is_strict in self._orders:
            factor = order.coefficients.get(point, ZERO)
            if factor * wanted <= 0:
                continue
            rest = form.plus(order, -wanted / factor)
            if self._follows(rest, strict and not is_strict, steps - 1):
                return True
        return False

    def _low(self, form: Form, strict: bool) -> bool:
        """Whether the bounds of its points alone keep a form above 0, or at least there."""
        lowest = form.constant
        for point, factor in form.coefficients.items():
            ends = self.subject.ends(point.leaf)
            if ends is None:
                return False
            lowest += factor * (ends[0] if factor > 0 else ends[1])
        return lowest > 0 if strict else lowest >= 0

    def is_unequal(self, form: Form) -> bool:
        """Whether the form is known not to be 0."""
        rest = self.reduce(form)
        if all(p.leaf.kind is Kind.CONST for p in rest.coefficients):
            return bool(rest.coefficients or rest.constant)
        if self.is_positive(rest, strict=True) or self.is_positive(rest.times(-1), strict=True):
            return True
        keys = {rest.key, rest.times(-1).key}
        return any(self.reduce(each).key in keys for each in self._unequal)

    def _is_above(self, form: Form) -> bool:
        """Whether the form is known to be above 0, also because it is at least 0 and not 0."""
        if self.is_positive(form, strict=True):
            return True
        return bool(self._unequal) and self.is_positive(form, strict=False) and self.is_unequal(form)

    def compares(self, form: Form, relation: Relation) -> bool:
        """Whether the form is known to compare so with 0."""
        form = self.resolved(form)
        match "".join(sorted(relation)):
            case "=":
                return self.is_zero(form)
            case "<":
                return self._is_above(form.times(-1))
            case "<=":
                return self.is_positive(form.times(-1), strict=False)
            case ">":
                return self._is_above(form)
            case "=>":
                return self.is_positive(form, strict=False)
            case "<>":
                return self.is_unequal(form)
        return False

    def selects(self, read: tuple[Conjunction, ...], key: Position, query: Position) -> bool:
        """Whether the query is known to select the key."""
        return any(
            all(self.compares(self.between(x, key, query), x.relation) for x in conjunction)
            for conjunction in read
        )

    def omits(self, read: tuple[Conjunction, ...], key: Position, query: Position) -> bool:
        """Whether the query is known not to select the key."""
        return all(
            any(self.compares(self.between(x, key, query), ANYTHING - x.relation) for x in conjunction)
            for conjunction in read
        )

    def before(self, first: Position, second: Position) -> bool:
        """Whether one position is known to come before another."""
        return self.is_positive(self.apart(second, first), strict=True)

    def apart(self, first: Position, second: Position) -> Form:
        """How far the first position lies behind the second."""
        return self.at(INDEX, first).plus(self.at(INDEX, second), -1)

    def different(self, first: Position, second: Position) -> bool:
        """Whether two positions are known to be different."""
        return self.is_unequal(self.apart(first, second))

    # truth values

    def tell(self, term: Term, position: Position, value: bool) -> None:
        """An s-op is true, or false, at a position."""
        form = self.at(term, position)
        if self.subject.binary(term):
            self.mention(form)
            self.equate(form.shifted(-int(value)))
        elif self.subject.ends(term) is not None:
            self.relate(form, frozenset("<>" if value else "="))

    def truth(self, term: Term, position: Position) -> bool | None:
        """Whether an s-op is known to be true, or false, at a position. What is known stays so; what is
        not is asked again once more has been learnt.
        """
        size, what = self.size, (term.index, position)
        asked_at, value = self._truths.get(what, (None, None))
        if value is None and asked_at != size:
            value = self._truth(term, position)
            self._truths[what] = size, value
        return value

    def _truth(self, term: Term, position: Position) -> bool | None:
        self.patience.step()
        form = self.reduce(self.at(term, position))
        if not form.coefficients:
            return bool(form.constant)
        if term.kind is Kind.EXISTS:
            read = self.subject.read(term)
            return True if any(self.selects(read, key, position) for key in self.positions) else None
        if term.kind is Kind.MAP and term.operator is not None and not term.is_kept:
            return self._truth_of_operation(term, position)
        return None

    def _truth_of_operation(self, term: Term, position: Position) -> bool | None:
        match term.operator:
            case Operator.AND | Operator.OR:
                decisive = term.operator is Operator.OR
                parts = [self.truth(a, position) for a in term.args]
                return decisive if decisive in parts else None if None in parts else not decisive
            case Operator.NOT:
                inner = self.truth(term.args[0], position)
                return None if inner is None else not inner
            case Operator.INDICATOR:
                return self.truth(term.args[0], position)
        relation = ORDERS.get(term.operator)
        if relation is None:
            return None
        difference = self.at(term.args[0], position).plus(self.at(term.args[1], position), -1)
        if self.compares(difference, relation):
            return True
        return False if self.compares(difference, ANYTHING - relation) else None

    def resolved(self, form: Form) -> Form:
        """The form with the truth values put in that follow from what is known."""
        rest = self.reduce(form)
        for point in list(rest.coefficients):
            if point.position != EVERYWHERE and is_truth(point.leaf) and self.subject.binary(point.leaf):
                value = self.truth(point.leaf, point.position)
                if value is not None:
                    self.equate(Form(Fraction(-int(value)), {point: Fraction(1)}))
        return self.reduce(rest)

    def reads(self) -> Iterator[Point]:
        """The reads that are spoken of."""
        return (p for p in tuple(self.mentioned) if p.leaf.kind in READS and p.position != EVERYWHERE)


def is_truth(term: Term) -> bool:
    """Whether an s-op answers a question."""
    return term.kind is Kind.EXISTS or (
        term.kind is Kind.MAP
        and (
            term.operator in ORDERS
            or term.operator in (Operator.AND, Operator.OR, Operator.NOT, Operator.INDICATOR)
        )
        and term.operator is not None
    )
