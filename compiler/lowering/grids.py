"""Elementwise expressions as tables over a few coordinates.

A hidden layer can compute any function of finitely many points, but pays by the point. So the question for
an elementwise s-op is: of what does it really depend? A coordinate is either a variable (a token, a
position, a copied value) or an affine form of several (`opens - closes`). The candidates are the affine
forms as they appear in the expression, or their leaves one by one; the smaller grid is taken.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from compiler.graph.terms import Kind, Term
from compiler.lowering.features import Feature
from compiler.values.affine import Affine
from compiler.values.domains import AnyDomain, Domain, call
from rasp.errors import CompileError
from rasp.words import Atom, Operator

if TYPE_CHECKING:
    from compiler.lowering.plan import Plan

MAX_POINTS = 120_000
"""How many points a table may be evaluated on."""

COMFORTABLE_POINTS = 1 << 10
"""Larger tables are built only if computing the operands one layer earlier does not make them smaller. The
values of a sum count half: tables follow them in straight lines, so there are fewer neurons than points.
"""

Places = NDArray[np.int64]
"""For every point of a grid, the place of a value in its domain; -1 where there is none."""


@dataclass(frozen=True, eq=False)
class VariableCoordinate:
    """A variable; any feature of it can be had."""

    variable: Term
    size: int

    @property
    def key(self) -> object:
        return ("variable", self.variable.index)

    @property
    def title(self) -> str:
        return self.variable.title


@dataclass(frozen=True, eq=False)
class FormCoordinate:
    """A number that is an affine form (without constant) of s-ops' values: `values` in ascending order,
    all multiples of `unit` unless they are real.
    """

    form: Affine
    values: tuple[Fraction, ...]
    unit: Fraction
    real: bool

    @property
    def size(self) -> int:
        return len(self.values)

    @property
    def key(self) -> object:
        return ("form", self.form.key)

    @property
    def title(self) -> str:
        return " + ".join(t.title if c == 1 else f"{c}*{t.title}" for t, c in self.form.parts.items())


Coordinate = VariableCoordinate | FormCoordinate


@dataclass(frozen=True, eq=False)
class Grid:
    """The coordinates of one table, and the layer whose MLP holds it."""

    term: Term
    coordinates: tuple[Coordinate, ...]
    layer: int

    @property
    def points(self) -> int:
        return math.prod(c.size for c in self.coordinates)

    @property
    def comfortable(self) -> bool:
        """Whether the table may be built at once."""
        sizes = ((c.size + 1) // 2 if isinstance(c, FormCoordinate) else c.size for c in self.coordinates)
        return math.prod(sizes) <= COMFORTABLE_POINTS


def find_grid(plan: Plan, term: Term) -> Grid:
    """The grid of an elementwise term, in the earliest layer that can hold it.

    What is computed in an earlier layer is taken from there; what would be computed by the same MLP is
    expanded into its own coordinates. If that makes too many points, the operands are computed first,
    one layer earlier.

    Raises:
        CompileError: the operands, each computed beforehand, still have too many combinations.
    """
    layer = max([1, *(_earliest(plan, a) for a in term.args)])
    found = [g for candidate in (layer, layer + 1) for g in _candidates(plan, term, candidate)]
    for candidate in (layer, layer + 1):
        grids = [g for g in found if g.layer == candidate]
        if grids:
            best = min(grids, key=lambda g: (g.points, len(g.coordinates)))
            if best.comfortable or best.points <= min(g.points for g in found):
                return best
    described = "; ".join(f"{a.title}: {plan.domains.get(a).text}" for a in term.args)
    raise CompileError(
        f"{term.title} depends on too many combinations of values to tabulate: {described}",
        span=term.span,
        hint="a smaller maximum length or vocabulary, or an intermediate result with fewer values, helps",
    )


def own_grid(plan: Plan, term: Term) -> Grid:
    """The grid of features of an affine or raw term: its own number."""
    form = plan.domains.relations.affine.get(term)
    coordinate = _form_coordinate(plan, form)
    if coordinate is None:
        raise _too_wide(plan, term)
    return Grid(term, (coordinate,), plan.table_layer(term))


def _too_wide(plan: Plan, term: Term) -> CompileError:
    return CompileError(
        f"{term.title} takes too many values to tabulate: {plan.domains.get(term).text}",
        span=term.span,
        hint="a smaller maximum length or vocabulary would help",
    )


def _earliest(plan: Plan, term: Term) -> int:
    """The first layer whose MLP could compute with the term, expanding what that MLP computes itself."""
    variable = plan.variable(term)
    if variable is not None:
        if variable.is_kept:
            return plan.inputs_ready(variable)
        if variable.kind is Kind.MAP:
            return plan.grids[variable.index].layer
        return plan.inputs_ready(variable)
    form = plan.domains.relations.affine.get(term)
    if set(form.parts) == {term}:
        return plan.inputs_ready(term)
    return max((_earliest(plan, leaf) for leaf in form.parts), default=1)


Sums = Literal["whole", "ready parts", "leaves"]
"""What of a sum becomes one coordinate: all of it, where all of it is there before the MLP; also what is
there of it, while the rest is computed in that MLP; or each leaf on its own."""

SUMS: tuple[Sums, ...] = ("whole", "ready parts", "leaves")


def _candidates(plan: Plan, term: Term, layer: int) -> list[Grid]:
    """The grids over forms and over their leaves that the MLP of this layer can hold."""
    found: list[Grid] = []
    for sums in SUMS:
        coordinates: dict[object, Coordinate] = {}
        if _collect(plan, term, layer, sums, coordinates, top=True):
            grid = Grid(term, tuple(coordinates.values()), layer)
            if grid.points <= MAX_POINTS:
                found.append(grid)
    return found


def _collect(
    plan: Plan,
    term: Term,
    layer: int,
    sums: Sums,
    coordinates: dict[object, Coordinate],
    top: bool = False,
) -> bool:
    """Add the coordinates that the term depends on; False if there are too many to be worth it."""
    if term.kind is Kind.CONST:
        return True
    if len(coordinates) > 16:
        return False
    variable = plan.variable(term)
    if variable is not None and not top:
        if plan.inputs_ready(variable) <= layer:
            coordinate = VariableCoordinate(variable, plan.size(variable))
            coordinates.setdefault(coordinate.key, coordinate)
            return True
        inner = plan.grids[variable.index]
        if inner.layer > layer or variable.is_kept:
            return False
        for c in inner.coordinates:
            coordinates.setdefault(c.key, c)
        return True
    form = _compared(plan, term) or plan.domains.relations.affine.get(term)
    if set(form.parts) != {term} or not top:
        ready = all(plan.inputs_ready(leaf) <= layer for leaf in form.parts)
        if ready and sums != "leaves" and plan.domains.get(term).numeric:
            added = _form_coordinate(plan, form)
            if added is not None:
                coordinates.setdefault(added.key, added)
                return True
        if set(form.parts) != {term}:
            return _collect_sum(plan, form, layer, sums, coordinates)
        return ready and _collect_leaf(plan, term, layer, sums, coordinates)
    return all(_collect(plan, a, layer, sums, coordinates) for a in term.args)


def _collect_sum(
    plan: Plan, form: Affine, layer: int, sums: Sums, coordinates: dict[object, Coordinate]
) -> bool:
    """Add the coordinates of a sum that is not computed before the MLP of this layer."""
    leaves = dict(form.parts)
    if sums == "ready parts":
        ready = {leaf: c for leaf, c in leaves.items() if plan.inputs_ready(leaf) <= layer}
        added = _form_coordinate(plan, Affine(Fraction(0), ready)) if len(ready) > 1 else None
        if added is not None and not added.real:  # to add up, numbers must lie on a lattice
            coordinates.setdefault(added.key, added)
            leaves = {leaf: c for leaf, c in leaves.items() if leaf not in ready}
    return all(_collect_leaf(plan, leaf, layer, sums, coordinates) for leaf in leaves)


def _collect_leaf(
    plan: Plan, leaf: Term, layer: int, sums: Sums, coordinates: dict[object, Coordinate]
) -> bool:
    if plan.variable(leaf) is not None:
        return _collect(plan, leaf, layer, sums, coordinates)
    if plan.inputs_ready(leaf) > layer:
        return False
    coordinate = _form_coordinate(plan, Affine(Fraction(0), {leaf: Fraction(1)}))
    if coordinate is None:
        return False
    coordinates.setdefault(coordinate.key, coordinate)
    return True


_COMPARISONS = {Operator.EQ, Operator.NE, Operator.LT, Operator.LE, Operator.GT, Operator.GE}


def _compared(plan: Plan, term: Term) -> Affine | None:
    """For a comparison of numbers: left - right, on which alone it depends."""
    if term.operator not in _COMPARISONS or not all(plan.domains.get(a).numeric for a in term.args):
        return None
    left, right = (plan.domains.relations.affine.get(a) for a in term.args)
    return left.plus(right, Fraction(-1))


def _normalised(form: Affine) -> tuple[Affine, Fraction]:
    """The form's direction: no constant, first coefficient 1, and the factor that was taken out."""
    factor = next(iter(form.parts.values()))
    direction = Affine(Fraction(0), dict(form.parts)).times(1 / factor)
    return direction, factor


def _form_coordinate(plan: Plan, form: Affine) -> FormCoordinate | None:
    """The coordinate of an affine form's direction; None if its values cannot be listed."""
    if not form.parts:
        return None
    direction, _ = _normalised(form)
    domains = [plan.domains.get(leaf) for leaf in direction.parts]
    if not all(d.numeric for d in domains):
        return None
    if all(isinstance(d, Domain) for d in domains):
        steps = [c * d.scale for c, d in zip(direction.parts.values(), domains, strict=True) if d.scale]
        unit = Fraction(math.gcd(*(s.numerator for s in steps)), math.lcm(*(s.denominator for s in steps)))
        values = _lattice([d for d in domains if isinstance(d, Domain)], steps, unit)
        return None if values is None else FormCoordinate(direction, values, unit, False)
    values = _real_values(direction, domains)
    return None if values is None else FormCoordinate(direction, values, Fraction(1), True)


def _lattice(
    domains: Sequence[Domain], steps: Sequence[Fraction], unit: Fraction
) -> tuple[Fraction, ...] | None:
    """The values of a form over integers: all sums where they are few, else every unit between its ends."""
    codes = np.zeros(1, dtype=np.int64)
    for step, domain in zip(steps, domains, strict=True):
        more = domain.codes * int(step / unit)
        if codes.size * more.size > 4_000_000:
            codes = np.arange(codes.min() + more.min(), codes.max() + more.max() + 1)
        else:
            codes = np.unique(codes[:, None] + more[None, :])
        if codes.size > MAX_POINTS:
            return None
    return tuple(int(c) * unit for c in codes)


def _real_values(form: Affine, domains: Sequence[AnyDomain]) -> tuple[Fraction, ...] | None:
    listings = [d.listing for d in domains]
    if any(v is None for v in listings):
        return None
    lists = [[Fraction(v) for v in values] for values in listings if values is not None]
    if math.prod(len(v) for v in lists) > MAX_POINTS:
        return None
    coefficients = list(form.parts.values())
    sums = {
        sum((c * v for c, v in zip(coefficients, point, strict=True)), Fraction(0))
        for point in itertools.product(*lists)
    }
    return tuple(sorted(sums))


# Evaluation -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Measured:
    """A number on every point of a grid, as an index into some values (-1 where undefined)."""

    values: list[Fraction]
    index: Places

    def mapped(self, places: Sequence[int]) -> Places:
        """What the numbers become if each value becomes a place."""
        return np.where(self.index < 0, -1, np.array(places, dtype=np.int64)[self.index])


Numbers = Callable[[Affine], Measured | None]


class Evaluator:
    """Values of terms on every point of a grid."""

    def __init__(self, plan: Plan, grid: Grid) -> None:
        self._plan = plan
        self._grid = grid
        self._known: dict[int, Places] = {}
        self._by_key = {c.key: axis for axis, c in enumerate(grid.coordinates)}

    def places(self, term: Term) -> Places:
        """The term's value on every point, broadcastable to the grid's shape."""
        known = self._known.get(term.index)
        if known is None:
            known = self._known[term.index] = self._compute(term)
        return known

    def prepare(self, term: Term) -> None:
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
            self.places(found[index])

    def _covers(self, table: Term) -> bool:
        """Whether the table is computed here from this grid's coordinates, as one of the steps to a larger
        one, and is not a coordinate itself.
        """
        keys = {c.key for c in self._plan.grids[table.index].coordinates}
        return ("variable", table.index) not in self._by_key and keys <= self._by_key.keys()

    def _is_coordinate(self, term: Term) -> bool:
        """Whether one coordinate determines the term, so that what it is made of need not be known."""
        form = _compared(self._plan, term)
        if form is None and self._plan.domains.get(term).numeric:
            form = self._plan.domains.relations.affine.get(term)
        return form is not None and (not form.parts or self._values(form) is not None)

    def _along(self, axis: int, line: Places) -> Places:
        shape = [1] * len(self._grid.coordinates)
        shape[axis] = line.size
        return line.reshape(shape)

    def _compute(self, term: Term) -> Places:
        if term.kind is Kind.CONST:
            return self._constant(0)
        variable = self._plan.variable(term)
        axis = None if variable is None else self._by_key.get(("variable", variable.index))
        if axis is not None:
            return self._along(axis, self._plan.places(term))
        direct = self._either(term, self._from_one)
        if direct is not None:
            return direct
        if variable is not None and variable is not term:
            inner = self.places(variable)
            return np.where(inner < 0, -1, self._plan.places(term)[inner])
        summed = self._either(term, self._from_many)
        return self._apply(term) if summed is None else summed

    def _either(self, term: Term, numbers: Numbers) -> Places | None:
        """As a comparison or as a number, whichever it is."""
        compared = self._compare(term, numbers)
        return self._count(term, numbers) if compared is None else compared

    def _constant(self, place: int) -> Places:
        return np.full([1] * len(self._grid.coordinates), place, dtype=np.int64)

    def _compare(self, term: Term, numbers: Numbers) -> Places | None:
        """A comparison of numbers, from the sign of their difference."""
        form = _compared(self._plan, term)
        found = None if form is None else numbers(form)
        if found is None:
            return None
        places = self._plan.domains.get(term).places
        truths = {sign: _place(places, call(_function(term), [sign, 0])) for sign in (-1, 0, 1)}
        return found.mapped([truths[_sign(v)] for v in found.values])

    def _count(self, term: Term, numbers: Numbers) -> Places | None:
        """A numeric term, from its affine form: where that is among the values of its domain."""
        domain = self._plan.domains.get(term)
        form = self._plan.domains.relations.affine.get(term)
        own = set(form.parts) == {term}
        if not domain.numeric or (own and self._values(form) is None):
            return None
        found = numbers(form)
        return None if found is None else found.mapped([domain.places.get(v, -1) for v in found.values])

    def _from_one(self, form: Affine) -> Measured | None:
        """The form's values where it is constant or one coordinate determines it."""
        if not form.parts:
            return Measured([form.constant], self._constant(0))
        values = self._values(form)
        if values is None:
            return None
        axis, line = values
        return Measured(line, self._along(axis, np.arange(len(line))))

    def _from_many(self, form: Affine) -> Measured | None:
        """The form's values added up from parts of it that are coordinates and from its other leaves, where
        all of those are known and on a lattice.
        """
        leaves, shares = dict(form.parts), list[tuple[list[Fraction], Places]]()
        sums = [c for c in self._grid.coordinates if isinstance(c, FormCoordinate) and not c.real]
        # The largest first: a smaller one could leave over what only the larger one knows.
        for coordinate in sorted(sums, key=lambda c: -len(c.form.parts)):
            if coordinate.form.parts.keys() <= leaves.keys():
                part = Affine(Fraction(0), {leaf: leaves[leaf] for leaf in coordinate.form.parts})
                found = self._from_one(part)
                if found is not None:
                    leaves = {leaf: c for leaf, c in leaves.items() if leaf not in part.parts}
                    shares.append((found.values, found.index))
        for leaf, coefficient in leaves.items():
            domain = self._plan.domains.get(leaf)
            if self._plan.variable(leaf) is None or not isinstance(domain, Domain) or not domain.numeric:
                return None
            shares.append(([coefficient * Fraction(v) for v in domain.values], self.places(leaf)))
        return self._added(form.constant, shares) if shares else None

    def _added(self, constant: Fraction, shares: Sequence[tuple[list[Fraction], Places]]) -> Measured:
        """A constant plus numbers of a common unit, each known on every point."""
        unit = Fraction(1, math.lcm(constant.denominator, *(v.denominator for vs, _ in shares for v in vs)))
        total = self._constant(int(constant / unit))
        valid: NDArray[np.bool_] = np.ones_like(total, dtype=bool)
        for values, places in shares:
            total = total + np.array([int(v / unit) for v in values], dtype=np.int64)[places]
            valid = valid & (places >= 0)
        distinct, inverse = np.unique(total, return_inverse=True)
        index = np.where(valid, inverse.reshape(total.shape), -1)
        return Measured([int(v) * unit for v in distinct], index)

    def _values(self, form: Affine) -> tuple[int, list[Fraction]] | None:
        """(axis, value of the form at each place of it) if one coordinate determines the form."""
        if not form.parts:
            return None
        direction, factor = _normalised(form)
        axis = self._by_key.get(("form", direction.key))
        if axis is None:
            return None
        coordinate = self._grid.coordinates[axis]
        assert isinstance(coordinate, FormCoordinate)
        return axis, [form.constant + factor * v for v in coordinate.values]

    def _apply(self, term: Term) -> Places:
        """An elementwise function of operands: once for every combination of their values."""
        function = _function(term)
        shape = tuple(c.size for c in self._grid.coordinates)
        operands = [np.broadcast_to(self.places(a), shape).reshape(-1) for a in term.args]
        listings = [self._plan.domains.get(a).listing or () for a in term.args]
        points, inverse = np.unique(np.stack(operands), axis=1, return_inverse=True)
        places = self._plan.domains.get(term).places
        results = np.full(points.shape[1], -1, dtype=np.int64)
        for i in range(points.shape[1]):
            point = points[:, i]
            if point.min() >= 0:
                value = call(function, [v[p] for v, p in zip(listings, point, strict=True)])
                results[i] = _place(places, value)
        return results[inverse.reshape(-1)].reshape(shape)


def _function(term: Term):  # type: ignore[no-untyped-def]
    assert term.function is not None, term.title
    return term.function


def _place(places: dict[Atom, int], value: Atom | None) -> int:
    return -1 if value is None else places.get(value, -1)


def _sign(value: Fraction) -> int:
    return (value > 0) - (value < 0)


def evaluate(plan: Plan, grid: Grid) -> Places:
    """The place of the grid's term in its domain, on every point."""
    shape = tuple(c.size for c in grid.coordinates)
    evaluator = plan.evaluator(grid)
    evaluator.prepare(grid.term)
    return np.broadcast_to(evaluator.places(grid.term), shape)


def features_on_grid(places: Places, feature: Feature) -> NDArray[np.int64]:
    """One feature on every point (0 where there is no value)."""
    return np.where(places < 0, 0, feature[places])
