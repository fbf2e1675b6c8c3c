"""An s-op on every point of a grid."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compiler.graph.terms import TOKEN, Kind, Term
from compiler.lowering.coordinates import FormCoordinate, Grid, Multiples, Ranks
from compiler.lowering.grids import compared, normalised
from compiler.lowering.plan import Plan, applied
from compiler.ranges.affine import AffineForm
from compiler.ranges.domains import MAX_UNITS, Labels, Means, Numbers, in_units, places
from compiler.underway import go_on
from rasp.errors import TooLargeError
from rasp.graph.interpreter import apply


@dataclass(frozen=True, eq=False)
class Measured:
    """A number on every point of a grid, as an index into some values (-1 where undefined)."""

    values: Sequence[Fraction]
    index: Ranks

    @property
    def signs(self) -> Sequence[int]:
        """-1, 0 or 1 for each value."""
        if isinstance(self.values, Multiples):
            signs: list[int] = (np.sign(self.values.codes) * _sign(self.values.unit)).tolist()
            return signs
        return [_sign(value) for value in self.values]

    def ranks(self, domain: Numbers | Means) -> Sequence[int]:
        """The rank of each value in a domain, -1 where it is not in it."""
        if isinstance(self.values, Multiples) and isinstance(domain, Numbers):
            factor = self.values.unit / domain.scale
            codes = in_units(self.values.codes, Fraction(factor.numerator))
            if codes is not None:
                ranks = places(codes // factor.denominator, domain.codes)
                found: list[int] = np.where(codes % factor.denominator == 0, ranks, -1).tolist()
                return found
        return [domain.ranks.get(value, -1) for value in self.values]

    def mapped(self, ranks: Sequence[int]) -> Ranks:
        """What the numbers become if each value becomes a rank."""
        return np.where(self.index < 0, -1, np.array(ranks, dtype=np.int64)[self.index])


Measure = Callable[[AffineForm], Measured | None]


class Evaluator:
    """Values of terms on every point of a grid."""

    def __init__(self, plan: Plan, grid: Grid) -> None:
        self._plan = plan
        self._grid = grid
        self._known: dict[int, Ranks] = {}
        self._by_key = {c.key: axis for axis, c in enumerate(grid.coordinates)}

    def ranks(self, term: Term) -> Ranks:
        """The term's value on every point, broadcastable to the grid's shape."""
        known = self._known.get(term.index)
        if known is None:
            known = self._known[term.index] = self._compute(term)
        return known

    def on_grid(self, term: Term) -> Ranks:
        """The rank of a table's value in its domain, on every point."""
        self._prepare(term)
        return np.broadcast_to(self.ranks(term), tuple(c.size for c in self._grid.coordinates))

    def occurs(self) -> NDArray[np.bool_]:
        """Which points may occur: an index is below the length, and a count no more than it (causally no more
        than the positions up to mine).
        """
        domains = self._plan.domains
        causal = domains.asked.causal
        numbers = [self._numbers(axis) for axis in range(len(self._grid.coordinates))]
        found: NDArray[np.bool_] = np.ones([1] * len(numbers), dtype=bool)
        for counted, mine in filter(None, numbers):
            room = domains.room(counted)
            for other, seen in filter(None, numbers):
                tells = other.kind is Kind.INDICES if causal else domains.is_length(other)
                if tells and room is not None:
                    found = found & (mine + room <= seen + causal)
        return found

    def _numbers(self, axis: int) -> tuple[Term, Ranks] | None:
        """The s-op that a coordinate is (a multiple of), if it is one of whole numbers, and these."""
        coordinate = self._grid.coordinates[axis]
        if isinstance(coordinate, FormCoordinate):
            if len(coordinate.form.coefficients) > 1:
                return None
            ((leaf, factor),) = coordinate.form.coefficients.items()
            values = [value / factor for value in coordinate.values]
        else:
            leaf = coordinate.variable
            if leaf is TOKEN or not self._plan.domains.get(leaf).whole:
                return None
            values = [Fraction(value) for value in self._plan.domains.finite(leaf).values]
        if any(value.denominator > 1 for value in values):
            return None
        return leaf, self._along(axis, np.array([int(value) for value in values], dtype=np.int64))

    def _prepare(self, term: Term) -> None:
        """Evaluate what the term is made of first, so that long chains need no deep recursion."""
        found: dict[int, Term] = {}
        stack = [term]
        while stack:
            top = stack.pop()
            variable = self._plan.variable(top)
            inside = variable is top and top.kind is Kind.MAP and self._covers(top)
            if top.index in found or top.index in self._known or (variable is not None and not inside):
                if variable is not None and variable is not top and variable.index not in found:
                    stack.append(variable)
                continue
            if top.kind is Kind.MAP and not self._is_coordinate(top):
                if inside:
                    found[top.index] = top
                stack.extend(top.args)
        for index in sorted(found):
            self.ranks(found[index])

    def _covers(self, table: Term) -> bool:
        """Whether the table is computed here from this grid's coordinates, as one of the steps to a larger
        one, and is not a coordinate itself.
        """
        keys = {c.key for c in self._plan.grids[table.index].coordinates}
        return ("variable", table.index) not in self._by_key and keys <= self._by_key.keys()

    def _is_coordinate(self, term: Term) -> bool:
        """Whether one coordinate determines the term, so that what it is made of need not be known."""
        form = compared(self._plan, term)
        if form is None and not isinstance(self._plan.domains.get(term), Labels):
            form = self._plan.domains.forms[term.index]
        return form is not None and (not form.coefficients or self._values(form) is not None)

    def _along(self, axis: int, line: Ranks) -> Ranks:
        shape = [1] * len(self._grid.coordinates)
        shape[axis] = line.size
        return line.reshape(shape)

    def _compute(self, term: Term) -> Ranks:
        go_on()
        if term.kind is Kind.CONST:
            return self._constant(0)
        variable = self._plan.variable(term)
        axis = None if variable is None else self._by_key.get(("variable", variable.index))
        if axis is not None:
            return self._along(axis, self._plan.ranks(term))
        direct = self._either(term, self._from_one)
        if direct is not None:
            return direct
        if variable is not None and variable is not term:
            inner = self.ranks(variable)
            return np.where(inner < 0, -1, self._plan.ranks(term)[inner])
        summed = self._either(term, self._from_many)
        return self._apply(term) if summed is None else summed

    def _either(self, term: Term, numbers: Measure) -> Ranks | None:
        """As a comparison or as a number, whichever it is."""
        compared = self._compare(term, numbers)
        return self._count(term, numbers) if compared is None else compared

    def _constant(self, rank: int) -> Ranks:
        return np.full([1] * len(self._grid.coordinates), rank, dtype=np.int64)

    def _compare(self, term: Term, numbers: Measure) -> Ranks | None:
        """A comparison of numbers, from the sign of their difference."""
        form = compared(self._plan, term)
        found = None if form is None else numbers(form)
        if found is None:
            return None
        assert term.function is not None
        ranks = self._plan.domains.get(term).ranks
        truths = {sign: ranks.get(apply(term.function, (sign, 0)), -1) for sign in (-1, 0, 1)}
        return found.mapped([truths[sign] for sign in found.signs])

    def _count(self, term: Term, numbers: Measure) -> Ranks | None:
        """A numeric term, from its affine form: where that is among the values of its domain."""
        domain = self._plan.domains.get(term)
        form = self._plan.domains.forms[term.index]
        own = set(form.coefficients) == {term}
        if isinstance(domain, Labels) or (own and self._values(form) is None):
            return None
        found = numbers(form)
        return None if found is None else found.mapped(found.ranks(domain))

    def _from_one(self, form: AffineForm) -> Measured | None:
        """The form's values where it is constant or one coordinate determines it."""
        if not form.coefficients:
            return Measured([form.constant], self._constant(0))
        values = self._values(form)
        if values is None:
            return None
        axis, line = values
        return Measured(line, self._along(axis, np.arange(len(line))))

    def _from_many(self, form: AffineForm) -> Measured | None:
        """The form's values added up from parts of it that are coordinates and from its other leaves, where
        all of those are known and on a lattice.
        """
        leaves, shares = dict(form.coefficients), list[tuple[Multiples, Ranks]]()
        sums = [c for c in self._grid.coordinates if isinstance(c, FormCoordinate) and not c.real]
        # The largest first: a smaller one could leave over what only the larger one knows.
        for coordinate in sorted(sums, key=lambda c: -len(c.form.coefficients)):
            if coordinate.form.coefficients.keys() <= leaves.keys():
                part = AffineForm(Fraction(0), {leaf: leaves[leaf] for leaf in coordinate.form.coefficients})
                found = self._from_one(part)
                if found is not None and isinstance(found.values, Multiples):
                    leaves = {leaf: c for leaf, c in leaves.items() if leaf not in part.coefficients}
                    shares.append((found.values, found.index))
        for leaf, coefficient in leaves.items():
            domain = self._plan.domains.get(leaf)
            known = self._plan.variable(leaf) is not None or leaf.index in self._plan.gates
            if not known or not isinstance(domain, Numbers):
                return None
            shares.append((Multiples(domain.codes, coefficient * domain.scale), self.ranks(leaf)))
        return self._added(form.constant, shares) if shares else None

    def _added(self, constant: Fraction, shares: Sequence[tuple[Multiples, Ranks]]) -> Measured | None:
        """A constant plus numbers of a common unit, each known on every point; None if they are too large."""
        units = [values.unit for values, _ in shares]
        unit = Fraction(1, math.lcm(constant.denominator, *(each.denominator for each in units)))
        codes = [in_units(values.codes, values.unit / unit) for values, _ in shares]
        whole = [each for each in codes if each is not None]
        if abs(constant / unit) >= MAX_UNITS or len(whole) < len(codes):
            return None
        total = self._constant(int(constant / unit))
        valid: NDArray[np.bool_] = np.ones_like(total, dtype=bool)
        for each, (_, ranks) in zip(whole, shares, strict=True):
            total = total + each[ranks]
            valid = valid & (ranks >= 0)
        distinct, inverse = np.unique(total, return_inverse=True)
        index = np.where(valid, inverse.reshape(total.shape), -1)
        return Measured(Multiples(distinct, unit), index)

    def _values(self, form: AffineForm) -> tuple[int, Sequence[Fraction]] | None:
        """(axis, value of the form at each rank of it) if one coordinate determines the form."""
        if not form.coefficients:
            return None
        direction, factor = normalised(form)
        axis = self._by_key.get(("form", direction.key))
        if axis is None:
            axis, factor = self._by_key.get(("form", direction.times(Fraction(-1)).key)), -factor
        if axis is None:
            return None
        coordinate = self._grid.coordinates[axis]
        assert isinstance(coordinate, FormCoordinate)
        values = coordinate.values
        if isinstance(values, Multiples) and not form.constant:
            return axis, Multiples(values.codes, factor * values.unit)
        return axis, [form.constant + factor * v for v in values]

    def _apply(self, term: Term) -> Ranks:
        """An elementwise function of operands: once for every combination of their values. What is read is
        none: it would have to be a coordinate, and takes too many values to be one; or an operand does.
        """
        if term.kind is not Kind.MAP or any(self._plan.domains.get(a).values is None for a in term.args):
            raise TooLargeError(
                f"{term.title} takes too many values for a table of what is made of it",
                reason="a table over too many means",
                span=term.span,
                hint="compare counts instead of means",
            )
        shape = tuple(c.size for c in self._grid.coordinates)
        operands = [np.broadcast_to(self.ranks(a), shape).reshape(-1) for a in term.args]
        points, inverse = np.unique(np.stack(operands), axis=1, return_inverse=True)
        return applied(self._plan.domains, term, points)[inverse.reshape(-1)].reshape(shape)


def _sign(value: Fraction) -> int:
    return (value > 0) - (value < 0)
