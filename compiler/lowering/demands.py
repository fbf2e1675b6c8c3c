"""Which features of which s-ops are needed, handed down from the output to the tokens.

Readers ask before what they read is decided; only what is asked for is ever computed.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from compiler.graph.terms import TOKEN, Kind, Term
from compiler.lowering.coordinates import FormCoordinate, Grid, VariableCoordinate
from compiler.lowering.evaluation import Evaluator
from compiler.lowering.fans import Fan, find_fan
from compiler.lowering.features import (
    Basis,
    Combination,
    Feature,
    affine_in,
    choose_basis,
    is_dyadic,
    key,
    smaller,
)
from compiler.lowering.grids import own_grid
from compiler.lowering.lines import Line, TooManyUnits, tabulate
from compiler.lowering.plan import Gate, Plan, Quotient, Read
from compiler.ranges.domains import Domain, Labels, Listed, Means, Numbers
from compiler.values.unproved import naming_means
from rasp.errors import TooLargeError
from rasp.words import Atom

MAX_SPREAD = 1 << 12
"""Output codes closer together than this are read by argmax over their labels: the logits 2vx - v^2 are
then integers below 2**24. Numbers farther apart are read as numbers.
"""


FEW_NEURONS = 32
"""A table of fewer is not worth trying to split."""


class Demands:
    """Which features of each variable, own tables and raw numbers are needed; `branching`: whether some large
    table could be built of its branches.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.raw: set[int] = set()
        self.variables: dict[int, dict[bytes, Feature]] = {}
        self.own: dict[int, dict[bytes, Feature]] = {}
        self.bases: dict[int, Basis] = {}
        self.lines: dict[tuple[str, int], tuple[Grid, Line]] = {}
        self.own_bases: dict[int, Basis] = {}
        self.gated: dict[int, Gate] = {}
        self.fans: dict[int, Fan] = {}
        self.branching = False
        self._evaluators: dict[tuple[object, ...], Evaluator] = {}

    def add(self, term: Term, feature: Feature | None) -> None:
        """Ask for a feature of a term (None: its code)."""
        if term.kind is Kind.CONST:
            return
        domain = self.plan.domains.get(term)
        variable = self.plan.variable(term)
        if feature is None and isinstance(domain, Listed):
            feature = domain.codes
        if variable is not None and feature is not None:
            pulled = pull_back(self.plan, term, feature)
            self.variables.setdefault(variable.index, {})[key(pulled)] = pulled
        elif feature is None or self.plan.reads_code(term, feature):
            self._add_code(term)
        else:
            self.own.setdefault(term.index, {})[key(feature)] = feature

    def _add_code(self, term: Term) -> None:
        if self.plan.is_raw(term):
            self.raw.add(term.index)
            return
        form = self.plan.code_form(term)
        assert form is not None
        for leaf in form.coefficients:
            self.add(leaf, None)

    def resolve(self) -> None:
        """Hand all demands down, readers before what they read."""
        for term in reversed(self.plan.terms):
            with naming_means(term, self.plan.domains):
                self._resolve_term(term)
        if TOKEN.index in self.variables:
            self.bases[TOKEN.index] = choose_basis(list(self.variables[TOKEN.index].values()))

    def _resolve_term(self, term: Term) -> None:
        if term.index in self.own:
            self.own_bases[term.index] = self._basis("own", own_grid(self.plan, term), self.own[term.index])
        if term.index in self.variables:
            self._resolve_variable(term)
        if term.index in self.raw:
            self._resolve_raw(term)

    def _resolve_raw(self, term: Term) -> None:
        gate = self.plan.gates.get(term.index)
        if isinstance(gate, Quotient):
            number, divisor = term.args
            self.add(number, None)
            self.add(divisor, None)
            self.add(divisor, gate.squares)
        elif gate is not None:
            self._add_leaves(gate)
        else:
            self._resolve_read(self.plan.reads[term.index], None)

    def _add_leaves(self, gate: Gate) -> None:
        for leaf in gate.leaves:
            self.add(leaf, None)

    def _resolve_variable(self, term: Term) -> None:
        features = self.variables[term.index]
        if term.kind is Kind.MAP:
            self.bases[term.index] = (
                self._gate_basis(term, features)
                or self._fan_basis(term, features)
                or self._table_basis(term, features)
            )
            return
        self.bases[term.index] = choose_basis(list(features.values()))
        if term.index in self.plan.reads and self.bases[term.index].columns:
            self._resolve_read(self.plan.reads[term.index], self.bases[term.index])

    def _gate_basis(self, term: Term, features: dict[bytes, Feature]) -> Basis | None:
        """The term's code alone, if all that is asked for is read off it and the gate that computes it takes
        fewer neurons than the table (which has one for each bend of the feature, or more).
        """
        gate = self.plan.alternatives.get(term.index)
        codes = self.plan.domains.finite(term).codes
        found = {name: affine_in(feature, codes) for name, feature in features.items()}
        if gate is None or not all(f and is_dyadic(f[0]) and is_dyadic(f[1]) for f in found.values()):
            return None
        table = choose_basis(list(features.values()))
        if not table.columns or self._table_units(term, table) <= len(gate.units):
            return None
        self.gated[term.index] = gate
        self._add_leaves(gate)
        combinations = {name: Combination(f[1], ((0, f[0]),)) for name, f in found.items() if f}
        reason = "its code is all that is asked for"
        return Basis((codes,), combinations, "number", reason)

    def _fan_basis(self, term: Term, features: dict[bytes, Feature]) -> Basis | None:
        """What is asked for as branches along one coordinate, where that is wanted and takes fewer neurons
        than a table.
        """
        basis = choose_basis(list(features.values()))
        fan = self._fan(term, basis) if self.plan.way.branches and basis.columns else None
        if fan is None or fan.units >= self._table_units(term, basis):
            return None
        self.fans[term.index] = fan
        for variable, feature in fan.features:
            self.variables.setdefault(variable.index, {})[key(feature)] = feature
        if isinstance(fan.along, FormCoordinate):
            for leaf in fan.along.form.coefficients:
                self.add(leaf, None)
        return basis

    def _table_basis(self, term: Term, features: dict[bytes, Feature]) -> Basis:
        """What is asked for as a table; if it is large, it is noted whether branches take fewer neurons."""
        basis = self._basis("variable", self.plan.grids[term.index], features)
        if basis.columns and not self.branching:
            units = len(self.lines["variable", term.index][1].thresholds)
            fan = self._fan(term, basis) if units > FEW_NEURONS else None
            self.branching = fan is not None and fan.units < units
        return basis

    def _fan(self, term: Term, basis: Basis) -> Fan | None:
        grid = self.plan.grids[term.index]
        ranks = self._evaluator(grid).on_grid(term)
        return find_fan(grid, ranks, basis.columns, self.plan.domains.asked.precision)

    def _table_units(self, term: Term, basis: Basis) -> float:
        """How many neurons the term's table would take."""
        grid = self.plan.grids[term.index]
        try:
            return len(self._line(grid, basis).thresholds)
        except TooManyUnits:
            return math.inf

    def _line(self, grid: Grid, basis: Basis) -> Line:
        """The cheaper of two: a table that is right at all points, or only at those that may occur."""
        evaluator = self._evaluator(grid)
        on_grid, occurs = evaluator.on_grid(grid.term), evaluator.occurs()
        tables = [on_grid] if occurs.all() else [on_grid, np.where(occurs, on_grid, -1)]
        found, refused = list[Line](), list[TooManyUnits]()
        for table in tables:
            try:
                found.append(tabulate(grid, table, basis.columns, self.plan.domains.asked.precision))
            except TooManyUnits as error:
                refused.append(error)
        if not found:
            raise refused[-1]
        return min(found, key=lambda line: len(line.thresholds))

    def _basis(self, kind: str, grid: Grid, features: dict[bytes, Feature]) -> Basis:
        basis = choose_basis(list(features.values()))
        if not basis.columns:
            return basis
        basis, line = self._exact_line(grid, basis, list(features.values()))
        self.lines[kind, grid.term.index] = (grid, line)
        for axis in line.axes:
            if isinstance(axis.coordinate, VariableCoordinate):
                assert axis.classes is not None
                variable = axis.coordinate.variable
                self.variables.setdefault(variable.index, {})[key(axis.classes)] = axis.classes
            else:
                for leaf in axis.coordinate.form.coefficients:
                    self.add(leaf, None)
        return basis

    def _exact_line(self, grid: Grid, basis: Basis, features: list[Feature]) -> tuple[Basis, Line]:
        """A table of features; of smaller ones, if they are too large to be added up exactly."""
        refused = None
        for divided in itertools.chain([basis], smaller(basis, features)):
            try:
                return divided, self._line(grid, divided)
            except TooManyUnits as error:
                refused = refused or error
                if error.units is not None:
                    break
        assert refused is not None
        raise units_refused(self.plan, refused) from None

    def _evaluator(self, grid: Grid) -> Evaluator:
        """The evaluator of the grid's coordinates, shared by all tables over the same ones."""
        key = tuple(c.key for c in grid.coordinates)
        return self._evaluators.setdefault(key, Evaluator(self.plan, grid))

    def _resolve_read(self, read: Read, basis: Basis | None) -> None:
        for scored in read.conjunctions:
            for dim in scored.dims:
                if dim.queries is not None and dim.query is not None:
                    self.add(dim.queries, dim.query)
                if dim.keys is not None and dim.key is not None:
                    self.add(dim.keys, dim.key)
        if len(read.term.args) < 2:
            return
        source = read.term.args[1]
        if basis is not None:
            for column in basis.columns:
                self.add(source, copied_feature(self.plan, read, column)[0])
        else:
            self.add(source, raw_feature(self.plan, read))


def pull_back(plan: Plan, term: Term, feature: Feature) -> Feature:
    """A feature of a term as a feature of its variable (0 where the term has no value)."""
    ranks = plan.ranks(term)
    return np.where(ranks < 0, 0, feature[ranks]).astype(np.int64)


def default_of(plan: Plan, read: Read) -> Atom | None:
    """What an aggregate yields where nothing is selected; None where that cannot matter."""
    if read.mode == "none":
        return None
    default = 0 if read.term.default is None else read.term.default
    return default if default in plan.domains.get(read.term).ranks else None


def copied_feature(plan: Plan, read: Read, column: Feature) -> tuple[Feature, int]:
    """For a column of a copied value: what the source must hold, and what BOS stands for (the column's
    value at the default), which is taken off the source and added again by the reader.
    """
    domain, source = plan.domains.finite(read.term), plan.domains.finite(read.term.args[1])
    default = default_of(plan, read)
    rest = 0 if default is None else int(column[domain.ranks[default]])
    values = [int(column[domain.ranks[v]]) - rest for v in source.values]
    return np.array(values, dtype=np.int64), rest


def raw_feature(plan: Plan, read: Read) -> Feature | None:
    """What the source of a sum, a mean or a raw copy must hold."""
    source, domain = plan.domains.get(read.term.args[1]), plan.domains.get(read.term)
    if read.picks and isinstance(domain, Listed) and isinstance(source, Listed):
        return copied_feature(plan, read, domain.codes)[0]
    return None


def units_refused(plan: Plan, error: TooManyUnits) -> TooLargeError:
    """The refusal that names the expression, its coordinates and how many neurons it would take."""
    grid = error.grid
    coordinates = "; ".join(f"{c.title} ({c.size} values)" for c in grid.coordinates)
    needed = "more than float32 adds up exactly" if error.units is None else f"{error.units:,} neurons"
    return TooLargeError(
        f"the table of {grid.term.title} over {coordinates} would take {needed}",
        reason="a table of too many neurons",
        span=grid.term.span,
        hint="an intermediate result with fewer values helps",
    )


def output_feature(plan: Plan, root: Term) -> Feature | None:
    """What the unembedding reads: the output's code, or its rank among the labels where that was chosen.

    Raises:
        CompileError: there are more labels than can be told apart, and they are no numbers.
    """
    domain = plan.domains.get(root)
    if isinstance(domain, Means):
        return None
    if (plan.way.ranked and can_be_ranked(domain)) or must_be_ranked(domain):
        return np.arange(domain.size, dtype=np.int64)
    if domain.size > MAX_SPREAD and (isinstance(domain, Labels) or has_truths(domain)):
        raise TooLargeError(
            f"the output has {domain.size:,} labels, and at most {MAX_SPREAD - 1:,} can be told apart",
            reason="an output of too many labels",
            span=root.span,
        )
    return domain.codes


def has_truths(domain: Listed) -> bool:
    """Whether truth values are among the answers, which no number tells: they are read by labels, however far
    apart their codes lie.
    """
    return any(isinstance(value, bool) for value in domain.values)


def must_be_ranked(domain: Listed) -> bool:
    """Whether answers with truth values among them lie so far apart that logits by their codes come near what
    is exact.
    """
    far = isinstance(domain, Numbers) and domain.highest - domain.lowest >= MAX_SPREAD // 4
    return far and domain.size < MAX_SPREAD and has_truths(domain)


def can_be_ranked(domain: Domain) -> bool:
    """Whether an output may be read by its rank among the labels: these are few, and yet its codes lie far
    apart.
    """
    return isinstance(domain, Numbers) and domain.size < MAX_SPREAD <= domain.highest - domain.lowest
