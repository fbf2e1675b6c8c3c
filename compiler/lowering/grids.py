"""Elementwise expressions as tables over a few coordinates.

A hidden layer can compute any function of finitely many points, but pays by the point. So the question for
an elementwise s-op is: of what does it really depend? A coordinate is either a variable (a token, a
position, a copied value) or an affine form of several (`opens - closes`). The candidates are the affine
forms as they appear in the expression, or their leaves one by one; the smaller grid is taken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

import numpy as np

from compiler.graph.terms import Kind, Term
from compiler.lowering.coordinates import Coordinate, FormCoordinate, Grid, Multiples, VariableCoordinate
from compiler.lowering.plan import Plan
from compiler.ranges.affine import AffineForm
from compiler.ranges.domains import Domain, Labels, Listed, Numbers, all_sums, in_units
from rasp.errors import TooLargeError
from rasp.words import COMPARISONS

MAX_POINTS = 120_000
"""How many points a table may be evaluated on."""

MAX_COORDINATES = 32
"""On how many coordinates a table may depend; some have a single value, and arrays 64 dimensions at most."""


def find_grid(plan: Plan, term: Term) -> Grid:
    """The grid of an elementwise term, in the earliest layer that can hold it.

    What is computed in an earlier layer is taken from there; what would be computed by the same MLP is
    expanded into its own coordinates. If that makes too many points, the operands are computed first,
    one layer earlier.

    Raises:
        CompileError: the operands, each computed beforehand, still have too many combinations.
    """
    layer = max([1, *(earliest(plan, a) for a in term.args)])
    tabled = isinstance(plan.domains.get(term), Listed)
    found = [g for candidate in (layer, layer + 1) for g in _candidates(plan, term, candidate) if tabled]
    for candidate in (layer, layer + 1):
        grids = [g for g in found if g.layer == candidate]
        if grids:
            best = min(grids, key=lambda g: (g.points, len(g.coordinates)))
            if best.fits(plan.way.comfortable) or best.points <= min(g.points for g in found):
                return best
    described = "; ".join(f"{a.title}: {plan.domains.get(a).text}" for a in term.args)
    raise TooLargeError(
        f"{term.title} depends on too many combinations of values to tabulate, more than {MAX_POINTS:,}: "
        f"{described}",
        reason="too many combinations of values",
        span=term.span,
        hint="an intermediate result with fewer values helps",
    )


def own_grid(plan: Plan, term: Term) -> Grid:
    """The grid of features of an affine or raw term: its own number."""
    form = plan.domains.forms[term.index]
    coordinate = form_coordinate(plan, form)
    if coordinate is None:
        raise _too_wide(plan, term)
    return Grid(term, (coordinate,), plan.mlp_layer(term))


def _too_wide(plan: Plan, term: Term) -> TooLargeError:
    return TooLargeError(
        f"{term.title} takes too many values to tabulate: {plan.domains.get(term).text}",
        reason="a table over too many values",
        span=term.span,
    )


def earliest(plan: Plan, term: Term) -> int:
    """The first layer whose MLP could compute with the term, expanding what that MLP computes itself."""
    variable = plan.variable(term)
    if variable is not None:
        if variable.is_kept:
            return plan.inputs_ready(variable)
        if variable.kind is Kind.MAP:
            return plan.grids[variable.index].layer
        return plan.inputs_ready(variable)
    form = plan.domains.forms[term.index]
    if term.index in plan.gates:
        return plan.gates[term.index].layer
    if set(form.coefficients) == {term}:
        return plan.inputs_ready(term)
    return max((earliest(plan, leaf) for leaf in form.coefficients), default=1)


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
            if grid.points <= MAX_POINTS and len(coordinates) <= MAX_COORDINATES:
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
    gate = plan.gates.get(term.index)
    if gate is not None and gate.real and not top:
        return plan.inputs_ready(term) <= layer and _collect_leaf(plan, term, layer, sums, coordinates)
    form = compared(plan, term) or plan.domains.forms[term.index]
    if set(form.coefficients) != {term} or not top:
        ready = all(plan.inputs_ready(leaf) <= layer for leaf in form.coefficients)
        if ready and sums != "leaves" and not isinstance(plan.domains.get(term), Labels):
            added = form_coordinate(plan, form)
            if added is not None:
                coordinates.setdefault(added.key, added)
                return True
        if set(form.coefficients) != {term}:
            return _collect_sum(plan, form, layer, sums, coordinates)
        if ready or term.index not in plan.gates:
            return ready and _collect_leaf(plan, term, layer, sums, coordinates)
    return all(_collect(plan, a, layer, sums, coordinates) for a in term.args)


def _collect_sum(
    plan: Plan, form: AffineForm, layer: int, sums: Sums, coordinates: dict[object, Coordinate]
) -> bool:
    """Add the coordinates of a sum that is not computed before the MLP of this layer."""
    leaves = dict(form.coefficients)
    if sums == "ready parts":
        ready = {leaf: c for leaf, c in leaves.items() if plan.inputs_ready(leaf) <= layer}
        added = form_coordinate(plan, AffineForm(Fraction(0), ready)) if len(ready) > 1 else None
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
        return leaf.index in plan.gates and _collect(plan, leaf, layer, sums, coordinates)
    coordinate = form_coordinate(plan, AffineForm(Fraction(0), {leaf: Fraction(1)}))
    if coordinate is None:
        return False
    coordinates.setdefault(coordinate.key, coordinate)
    return True


def compared(plan: Plan, term: Term) -> AffineForm | None:
    """For a comparison of numbers: left - right, on which alone it depends."""
    if term.operator not in COMPARISONS or any(isinstance(plan.domains.get(a), Labels) for a in term.args):
        return None
    left, right = (plan.domains.forms[a.index] for a in term.args)
    return left.plus(right, Fraction(-1))


def normalised(form: AffineForm) -> tuple[AffineForm, Fraction]:
    """The form's direction: no constant, first coefficient 1, and the factor that was taken out."""
    factor = next(iter(form.coefficients.values()))
    direction = AffineForm(Fraction(0), dict(form.coefficients)).times(1 / factor)
    return direction, factor


def form_coordinate(plan: Plan, form: AffineForm) -> FormCoordinate | None:
    """The coordinate of an affine form's direction, or of the opposite one if that is one already: a - b and
    b - a are one coordinate. None if its values cannot be listed.
    """
    if not form.coefficients:
        return None
    direction, _ = normalised(form)
    opposite = plan.coordinates.get(direction.times(Fraction(-1)).key)
    if opposite is not None:
        return opposite
    if direction.key not in plan.coordinates:
        plan.coordinates[direction.key] = _coordinate(plan, direction)
    return plan.coordinates[direction.key]


def _coordinate(plan: Plan, direction: AffineForm) -> FormCoordinate | None:
    domains = [plan.domains.get(leaf) for leaf in direction.coefficients]
    if any(isinstance(d, Labels) for d in domains):
        return None
    numbers = [d for d in domains if isinstance(d, Numbers)]
    if len(numbers) == len(domains):
        steps = [c * d.scale for c, d in zip(direction.coefficients.values(), numbers, strict=True)]
        unit = Fraction(math.gcd(*(s.numerator for s in steps)), math.lcm(*(s.denominator for s in steps)))
        multiples = _lattice(numbers, steps, unit)
        return None if multiples is None else FormCoordinate(direction, multiples, unit, False)
    values = _real_values(direction, domains)
    return None if values is None else FormCoordinate(direction, values, Fraction(1), True)


def _lattice(domains: Sequence[Numbers], steps: Sequence[Fraction], unit: Fraction) -> Multiples | None:
    """The values of a form over integers: all sums where they are few, else every unit between its ends."""
    codes = np.zeros(1, dtype=np.int64)
    for step, domain in zip(steps, domains, strict=True):
        more = in_units(domain.codes, step / unit)
        if more is None:
            return None
        codes = all_sums(codes, more)
        if codes.size > MAX_POINTS:
            return None
    return Multiples(codes, unit)


def _real_values(form: AffineForm, domains: Sequence[Domain]) -> tuple[Fraction, ...] | None:
    listings = [d.values for d in domains]
    if any(v is None for v in listings):
        return None
    lists = [[Fraction(v) for v in values] for values in listings if values is not None]
    if math.prod(len(v) for v in lists) > MAX_POINTS:
        return None
    terms = [[c * v for v in each] for c, each in zip(form.coefficients.values(), lists, strict=True)]
    common = math.lcm(*(v.denominator for each in terms for v in each))
    sums = {0}
    for each in terms:  # as integers, which are added up far faster than fractions
        numbers = [v.numerator * (common // v.denominator) for v in each]
        sums = {before + number for before in sums for number in numbers}
    return tuple(Fraction(number, common) for number in sorted(sums))
