"""From the plan and the demands to heads and neurons, operands first: every variable gets the fewest
columns that carry its features, every read becomes heads, every table becomes neurons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from compiler.graph.terms import TOKEN, Kind, Term
from compiler.lowering import fans, quotients
from compiler.lowering.columns import (
    Column,
    Reading,
    column_reading,
    constant,
    each_once,
    vanishing_at_bos,
    weighted_sum,
)
from compiler.lowering.coordinates import FormCoordinate, Grid, VariableCoordinate
from compiler.lowering.demands import Demands, copied_feature, output_feature, pull_back, raw_feature
from compiler.lowering.fans import Fan
from compiler.lowering.features import Basis, Feature, affine_in, key
from compiler.lowering.gates import gate_noise
from compiler.lowering.lines import Axis
from compiler.lowering.operations import (
    Embedded,
    Gate,
    Head,
    HeadRead,
    HeadValue,
    Held,
    HiddenLayer,
    Lowered,
    Neurons,
)
from compiler.lowering.parts import largest_addend, part_size
from compiler.lowering.plan import USUAL, Plan, Quotient, Read, Scored, Way
from compiler.lowering.plan import Gate as PlannedGate
from compiler.lowering.planning import make_plan
from compiler.lowering.scores import Dim
from compiler.lowering.sums import SNAP_TOLERANCE, bos_share, sum_off, sum_refused
from compiler.ranges.domains import Domain, Listed, Means, Numbers
from compiler.values.inference import Domains
from compiler.values.unproved import naming_means
from rasp.errors import CompileError, TooLargeError
from rasp.words import Atom


def lower(root: Term, domains: Domains, way: Way = USUAL) -> Lowered:
    """Heads, neurons and embedding columns that compute the root's code (or rank) at every position.

    Raises:
        CompileError: some part cannot be carried exactly at this vocabulary and length.
    """
    plan = make_plan(root, domains, way)
    demands = Demands(plan)
    with naming_means(root, domains):
        output = output_feature(plan, root)
        demands.add(root, output)
    for term in plan.terms:
        if term.is_kept:
            demands.add(term, check_kept(term, domains).codes)
    demands.resolve()
    builder = Builder(plan, demands)
    builder.build()
    answer = builder.reading(root, output)
    return Lowered(
        root,
        builder.bos,
        tuple(builder.embedded),
        tuple(builder.heads),
        tuple(builder.hidden),
        answer,
        domains.get(root),
        np.zeros(0, dtype=np.int64) if output is None else output,
        tuple(builder.choices),
        tuple(builder.held),
        tuple(builder.constants),
        {t: domains.finite(t).values for t in plan.terms if t.is_kept},
        demands.branching,
    )


def check_kept(term: Term, domains: Domains) -> Listed:
    """The domain of an s-op that is to be kept, which must have values to choose from."""
    domain = domains.get(term)
    if isinstance(domain, Listed) and domain.size > 1:
        return domain
    what = "always the same" if isinstance(domain, Listed) else "a mean with too many values"
    raise CompileError(f"{term.title} cannot be kept: it is {what}", span=term.span)


class Builder:
    """Columns and operations, operands first."""

    def __init__(self, plan: Plan, demands: Demands) -> None:
        self.plan = plan
        self.demands = demands
        self.precision = plan.domains.asked.precision
        self.bos = Column("bos", "1 at BOS, 0 at every token", Fraction(0), Fraction(0), Fraction(1))
        self.embedded: list[Embedded] = [
            Embedded("token", self.bos, np.zeros(len(plan.domains.asked.vocab), dtype=np.int64))
        ]
        self.heads: list[Head] = []
        self.hidden: list[Neurons] = []
        self.choices: list[str] = []
        self.held: list[Held] = []
        self.constants: list[Grid] = []
        self._readings: dict[tuple[int, bytes], Reading] = {}
        self._own: dict[tuple[int, bytes], Reading] = {}
        self._raw: dict[int, Reading] = {}
        self._names = {self.bos.name: 1}

    def build(self) -> None:
        if TOKEN.index in self.demands.bases:
            self._embed(TOKEN, "token")
        for term in self.plan.terms:
            with naming_means(term, self.plan.domains):
                self._build_term(term)

    def _build_term(self, term: Term) -> None:
        if term.index in self.demands.bases:
            if term.kind is Kind.INDICES:
                self._embed(term, "position")
            elif term.index in self.demands.gated:
                code = self._build_gate(self.demands.gated[term.index])
                self._combine(term.index, self.demands.bases[term.index], [code], self._readings)
            elif term.index in self.demands.fans:
                self._build_fan(term, self.demands.fans[term.index], self.demands.bases[term.index])
            elif term.kind is Kind.MAP:
                self._build_hidden("variable", term, self.demands.bases[term.index], self._readings)
            else:
                self._build_copy(self.plan.reads[term.index], self.demands.bases[term.index])
        if term.index in self.demands.raw:
            self._raw[term.index] = self._build_number(term)
        if term.index in self.demands.own_bases:
            self._build_hidden("own", term, self.demands.own_bases[term.index], self._own)

    # Reading ------------------------------------------------------------------------------------------

    def reading(self, term: Term, feature: Feature | None) -> Reading:
        """A feature of a term (None: its code) as a reading of columns that exist."""
        if term.kind is Kind.CONST:
            domain = self.plan.domains.finite(term)
            return constant(int((domain.codes if feature is None else feature)[0]))
        domain_ = self.plan.domains.get(term)
        variable = self.plan.variable(term)
        if feature is None and isinstance(domain_, Listed):
            feature = domain_.codes
        if variable is not None and feature is not None:
            return self._readings[variable.index, key(pull_back(self.plan, term, feature))]
        if feature is None:
            return self._code(term)
        if self.plan.reads_code(term, feature):
            assert isinstance(domain_, Listed)
            found = affine_in(feature, domain_.codes)
            assert found is not None
            return self._code(term).times(found[0]).shifted(found[1])
        return self._own[term.index, key(feature)]

    def _code(self, term: Term) -> Reading:
        if self.plan.is_raw(term):
            return self._raw[term.index]
        affine = self.plan.code_form(term)
        assert affine is not None
        result = constant(affine.constant)
        for leaf, coefficient in affine.coefficients.items():
            result = result.plus(self.reading(leaf, None), coefficient)
        return result

    def _variable_reading(self, variable: Term, feature: Feature) -> Reading:
        return self._readings[variable.index, key(feature)]

    # Columns ------------------------------------------------------------------------------------------

    def _name(self, title: str) -> str:
        """The title as the name of a column, numbered where another column has that name."""
        name = title
        while name in self._names:
            count = self._names[title] = self._names[title] + 1
            name = f"{title} #{count}"
        self._names[name] = 1
        return name

    def _column(
        self,
        term: Term,
        values: Feature,
        offset: int = 0,
        at_bos: Fraction = Fraction(0),
        noise: Fraction = Fraction(0),
    ) -> Column:
        """A column that carries an integer feature of a variable, less an offset."""
        domain: Domain | None = None if term is TOKEN else self.plan.domains.get(term)
        low, high = int(values.min()) - offset, int(values.max()) - offset
        known = self.plan.domains.asked.vocab if domain is None else domain.values
        assert known is not None, "only of listed values there are features"
        codes = domain.codes if isinstance(domain, Listed) else np.arange(values.size)
        own = np.array_equal(values, codes)
        suffix = "" if own else _describe(values, codes, known)
        labels: tuple[Atom, ...] | None = None
        scale = Fraction(1)
        truths = isinstance(domain, Listed) and all(isinstance(v, bool) for v in known)  # in ascending order
        if _is_truth(values) and (truths or not own):
            labels = (False, True)
        elif own and isinstance(domain, Numbers):
            scale = domain.scale
        elif own:
            labels = known
        name = self._name(term.title + suffix)
        return Column(
            name,
            term.title + suffix,
            Fraction(low),
            Fraction(high),
            at_bos,
            snapped=noise > 0,
            labels=labels,
            scale=scale,
            of=term,
            rest=Fraction(offset),
        )

    def _combine(
        self, index: int, basis: Basis, columns: list[Reading], readings: dict[tuple[int, bytes], Reading]
    ) -> None:
        """Every feature asked for, as a reading of the basis columns."""
        for name, combination in basis.combinations.items():
            readings[index, name] = weighted_sum(
                combination.constant, [(columns[number], weight) for number, weight in combination.weights]
            )

    def _embed(self, term: Term, of: str) -> None:
        basis = self.demands.bases[term.index]
        columns = []
        for values in basis.columns:
            column = self._column(term, values)
            columns.append(column_reading(column))
            self.embedded.append(Embedded(of, column, values))
            self.held.append(Held(term, (column,), values, Fraction(0)))
        self._combine(term.index, basis, columns, self._readings)
        self._note(term, f"embedding, {basis.encoding}", len(basis.columns), reason=basis.reason)

    def _note(self, term: Term, how: str, columns: int, neurons: int = 0, reason: str = "") -> None:
        """Write down a choice with its cost and reason."""
        cost = f"{columns} column{'s' if columns != 1 else ''}"
        cost += f", {neurons} neurons" if neurons else ""
        self.choices.append(f"{term.title}: {how} ({cost})" + (f": {reason}" if reason else ""))

    # Neurons ------------------------------------------------------------------------------------------

    def _build_hidden(
        self, kind: str, term: Term, basis: Basis, readings: dict[tuple[int, bytes], Reading]
    ) -> None:
        if not basis.columns:
            self._combine(term.index, basis, [], readings)
            return
        grid, line = self.demands.lines[kind, term.index]
        if not len(line.thresholds):
            self.constants.append(grid)
            self._combine(term.index, basis, [constant(int(start)) for start in line.starts], readings)
            return
        point = constant(0)
        for axis, stride in zip(line.axes, line.strides, strict=True):
            point = point.plus(self._position(axis), stride)
        at_bos = line.at(point.at_bos)
        if line.noise:
            at_bos = np.round(at_bos)
        columns = tuple(
            self._column(term, values, at_bos=Fraction(start), noise=line.noise)
            for values, start in zip(basis.columns, at_bos.tolist(), strict=True)
        )
        made = (line.signs, line.thresholds, columns, line.starts, line.weights)
        self.hidden.append(HiddenLayer(term.title, grid.layer, point, *made, term, grid.coordinates))
        claimed = zip(columns, basis.columns, strict=True)
        self.held += [Held(term, (column,), values, Fraction(0)) for column, values in claimed]
        self._combine(term.index, basis, [column_reading(c) for c in columns], readings)
        what = " x ".join(f"{a.coordinate.title} ({len(a.positions)})" for a in line.axes)
        how = f"MLP over {what}, {basis.encoding}"
        self._note(term, how, len(columns), len(line.thresholds), basis.reason)

    def _build_gate(self, gate: PlannedGate) -> Reading:
        """A choice or a comparison from the codes of what it is made of."""
        term, read = gate.term, list[tuple[Reading, Fraction]]()
        for form, weight in gate.units:
            reading = constant(form.constant)
            for leaf, coefficient in form.coefficients.items():
                reading = reading.plus(self.reading(leaf, None), coefficient)
            read.append((reading, weight))
        units = each_once(read)  # different forms may be read alike
        if not units:
            self.constants.append(Grid(term, tuple(map(self._whole, gate.leaves)), gate.layer))
            return constant(gate.start)
        at_bos = gate.start + sum((w * max(r.at_bos, Fraction(0)) for r, w in units), Fraction(0))
        noise, domain = gate_noise(self.plan, gate, units), self.plan.domains.get(term)
        codes = domain.codes if isinstance(domain, Listed) else None
        if isinstance(domain, Means):
            low, high = _ends(domain)
            name = self._name(term.title)
            column = Column(name, term.title, low, high, at_bos, noise=noise, scale=domain.scale, of=term)
        else:
            column = self._column(
                term, domain.codes, at_bos=Fraction(round(at_bos)) if noise else at_bos, noise=noise
            )
        made = Gate(term.title, gate.layer, column, gate.start, units, term)
        self.hidden.append(made)
        self.held.append(Held(term, (column,), codes, Fraction(0)))
        what = ", ".join(leaf.title for leaf in gate.leaves)
        self._note(term, f"gate over {what}", 1, len(units), "it is affine in each case")
        return column_reading(column)

    def _build_fan(self, term: Term, fan: Fan, basis: Basis) -> None:
        """Features of a choice from those of its branches."""
        made, columns = fans.neurons(fan, self.plan, self._variable_reading, self.reading), list[Reading]()
        for values, (start, units) in zip(basis.columns, made, strict=True):
            at_bos = start + sum((w * max(r.at_bos, Fraction(0)) for r, w in units), Fraction(0))
            column, over = self._column(term, values, at_bos=at_bos), fan.grid.coordinates
            self.hidden.append(Gate(term.title, fan.grid.layer, column, start, units, term, over))
            self.held.append(Held(term, (column,), values, Fraction(0)))
            columns.append(column_reading(column))
        self._combine(term.index, basis, columns, self._readings)
        how = f"branches told apart by {fan.along.title}, {basis.encoding}"
        self._note(term, how, len(columns), fan.units, basis.reason)

    def _build_quotient(self, quotient: Quotient) -> Reading:
        """A fraction from the codes of two numbers and the square of one."""
        term, (number, divisor) = quotient.term, quotient.term.args
        asked = ((number, None), (divisor, None), (divisor, quotient.squares))
        readings = [self.reading(side, feature) for side, feature in asked]
        made = quotients.gate(self.plan, quotient, readings, self.bos, self._name(term.title))
        self.hidden.append(made)
        self.held.append(Held(term, made.columns, None, Fraction(0)))
        self._note(term, "a fraction", 1, len(made.units), f"one for each value of {divisor.title}")
        return column_reading(made.column)

    def _whole(self, leaf: Term) -> VariableCoordinate:
        """All values of a term as a coordinate."""
        return VariableCoordinate(leaf, self.plan.domains.finite(leaf).size)

    def _position(self, axis: Axis) -> Reading:
        """A coordinate's position on the line as a reading."""
        coordinate = axis.coordinate
        if isinstance(coordinate, VariableCoordinate):
            assert axis.classes is not None
            return self._variable_reading(coordinate.variable, axis.classes)
        assert isinstance(coordinate, FormCoordinate)
        position = constant(-axis.shift / axis.unit)
        for leaf, coefficient in coordinate.form.coefficients.items():
            steps = coefficient * self.plan.domains.scale(leaf) / axis.unit
            position = position.plus(self.reading(leaf, None), steps)
        return position

    # Heads --------------------------------------------------------------------------------------------

    def _token(self) -> Reading:
        """1 at every token, 0 at BOS."""
        return constant(1).plus(column_reading(self.bos), -1)

    def _side(self, term: Term | None, feature: Feature | None) -> Reading:
        if feature is None:
            return self._token()
        if term is None:
            return self._token().times(int(feature[0]))
        return vanishing_at_bos(self.reading(term, feature), self.bos)

    def _dims(self, dims: tuple[Dim, ...]) -> tuple[tuple[Reading, Reading], ...]:
        return tuple(
            (self._side(d.queries, d.query).times(self.precision.gap), self._side(d.keys, d.key))
            for d in dims
        )

    def _add_heads(self, read: Read, bos_score: Fraction, values: list[list[HeadValue]]) -> None:
        """One head per conjunction of the selector, and what each writes."""
        self.choices += [f"{read.term.title}, order {text}" for text in read.digits]
        for scored, written in zip(read.conjunctions, values, strict=True):
            dims, bound = self._dims(scored.dims), sum(d.bound for d in scored.dims)
            whose = HeadRead(
                read.term, scored.literals, scored.most, scored.order, scored.part, scored.part_dims
            )
            made = (dims, bound, bos_score, tuple(written), (whose,))
            self.heads.append(Head(read.term.title, read.layer, *made))
            for encoding in scored.encodings:
                self.choices.append(f"{read.term.title}, head: {encoding}")

    def _build_copy(self, read: Read, basis: Basis) -> None:
        """An aggregate that copies features of single values, or the question whether there is any."""
        if not basis.columns:
            self._combine(read.term.index, basis, [], self._readings)
            return
        bos_score = _bos_score(read, self.precision.gap)
        values: list[list[HeadValue]] = [[] for _ in read.conjunctions]
        columns: list[Reading] = []
        for column in basis.columns:
            feature, rest = self._source_feature(read, column)
            total = constant(rest)
            for number, made in enumerate(self._divided(read, self._column(read.term, column, rest))):
                source = self._token() if len(read.term.args) < 2 else self._side(read.term.args[1], feature)
                values[number].append(HeadValue(source, Fraction(1), made))
                total = total.plus(column_reading(made))
            columns.append(total)
            held = tuple(written[-1].column for written in values)
            self.held.append(Held(read.term, held, column, Fraction(rest)))
        self._add_heads(read, bos_score, values)
        self._combine(read.term.index, basis, columns, self._readings)
        self._note(read.term, f"copied by attention, {basis.encoding}", len(columns), reason=basis.reason)

    def _source_feature(self, read: Read, column: Feature) -> tuple[Feature | None, int]:
        if read.term.kind is Kind.EXISTS:
            return None, 0
        return copied_feature(self.plan, read, column)

    def _build_number(self, term: Term) -> Reading:
        """What is read of a term as a number only."""
        gate = self.plan.gates.get(term.index)
        if isinstance(gate, Quotient):
            return self._build_quotient(gate)
        return self._build_raw(self.plan.reads[term.index]) if gate is None else self._build_gate(gate)

    def _build_raw(self, read: Read) -> Reading:
        """A count, a sum, a mean or a raw copy: one number per conjunction."""
        term = read.term
        domain = self.plan.domains.get(term)
        if term.kind in (Kind.WIDTH, Kind.SUM):
            return self._build_sum(read)
        feature = raw_feature(self.plan, read)
        source = self.reading(term.args[1], feature)
        scale = self.plan.domains.scale(term)
        if read.picks and isinstance(domain, Listed):
            rest, factor = Fraction(copied_feature(self.plan, read, domain.codes)[1]), Fraction(1)
        else:
            factor = self.plan.domains.scale(term.args[1]) / scale
            rest = self._default_code(read, scale)
            source = source.shifted(-rest / factor)
        assert read.picks or len(read.conjunctions) == 1, (
            "means over several conjunctions were divided by compiler.values.settling"
        )
        noise = self._mean_noise(term, domain, read)
        value = vanishing_at_bos(source, self.bos)
        total = constant(rest)
        values = []
        for column in self._divided(read, self._number_column(read, rest, noise)):
            values.append([HeadValue(value, factor, column)])
            total = total.plus(column_reading(column))
        self._hold_code(term, values, rest)
        self._add_heads(read, _bos_score(read, self.precision.gap), values)
        how = "copied" if read.picks else "mean"
        self._note(term, f"{how} by attention", len(values), reason="only its number is read")
        return total

    def _hold_code(self, term: Term, values: list[list[HeadValue]], rest: Fraction) -> None:
        columns = tuple(value.column for written in values for value in written)
        self.held.append(Held(term, columns, None, rest))

    def _number_column(self, read: Read, rest: Fraction, noise: Fraction) -> Column:
        """A column for a number less what BOS stands for."""
        domain = self.plan.domains.get(read.term)
        whole = isinstance(domain, Listed)
        low, high = _ends(domain)
        return Column(
            self._name(read.term.title),
            read.term.title,
            min(low - rest, Fraction(0)),
            max(high - rest, Fraction(0)),
            snapped=whole and not read.picks,
            noise=Fraction(0) if whole else noise,
            scale=domain.scale or Fraction(1),
            of=read.term,
            rest=rest,
        )

    def _divided(self, read: Read, whole: Column) -> list[Column]:
        """The column of a read, or where several heads compute it, a column for each one's part of it."""
        count = len(read.conjunctions)
        if count == 1:
            return [whole]
        return [
            replace(
                whole,
                name=self._name(f"{whole.name}, part {number} of {count}"),
                meaning=f"{whole.meaning} where {text}",
                part_of=whole.name,
            )
            for number, text in enumerate(part_texts(read.conjunctions), start=1)
        ]

    def _default_code(self, read: Read, scale: Fraction) -> Fraction:
        """The default in units of the domain's scale; 0 where it cannot matter."""
        default = read.term.default
        if read.mode == "none" or default is None or isinstance(default, str):
            return Fraction(0)
        return Fraction(default) / scale

    def _mean_noise(self, term: Term, domain: Domain, read: Read) -> Fraction:
        """The float32 error of a mean: one division and one product of exact integers; where several means
        that are equal are read, also that of adding them up.
        """
        size = max(map(abs, _ends(domain))) + 1
        noise = 4 * self.precision.rounding * size
        if isinstance(domain, Means):
            source = self.plan.domains.get(term.args[1])
            if isinstance(source, Means):
                several = 1 if self._reads_one(read) else self.plan.domains.asked.max_length
                noise += self.reading(term.args[1], None).noise
                noise += (several - 1) * self.precision.rounding * size
        elif not read.picks and noise >= Fraction(1, 4):
            raise TooLargeError(
                f"the mean {term.title} cannot be carried as an integer, as it is one of {domain.text}",
                reason="a mean of too many values",
                span=term.span,
            )
        return noise

    def _reads_one(self, read: Read) -> bool:
        """Whether no query ever selects two keys."""
        domains = self.plan.domains
        return domains.relations.at_most_one(domains.reads[read.term.index].conjunctions)

    def _build_sum(self, read: Read) -> Reading:
        """A count or sum over the selected positions: heads with a heavy BOS, one a conjunction."""
        term, domain = read.term, self.plan.domains.finite(read.term)
        if term.kind is Kind.WIDTH:
            value = self._token()
        else:
            value = self._side(term.args[1], self.plan.domains.finite(term.args[1]).codes)
        largest = largest_addend(self.plan.domains, term)
        n = part_size(self.plan.domains.asked, largest)
        bos_score, weight = bos_share(n, largest)
        factor = Fraction(weight) + Fraction(n, 2)
        if sum_off(n, largest, self.precision) >= SNAP_TOLERANCE:
            raise sum_refused(term, n, largest, self.precision)
        total = constant(0)
        values = []
        ends = Fraction(min(domain.lowest, 0)), Fraction(domain.highest)
        scale = domain.scale or Fraction(1)
        whole = Column(self._name(term.title), term.title, *ends, snapped=True, scale=scale, of=term)
        for scored, part in zip(read.conjunctions, self._divided(read, whole), strict=True):
            most = Fraction(scored.most * largest)
            column = replace(part, low=max(part.low, -most), high=min(part.high, most))
            values.append([HeadValue(value, factor, column)])
            total = total.plus(column_reading(column))
        self._hold_code(term, values, Fraction(0))
        self._add_heads(read, bos_score, values)
        parts = (
            f"its selector has {len(values)} disjoint parts" if len(values) > 1 else "only its number is read"
        )
        self._note(term, "counted" if term.kind is Kind.WIDTH else "summed", len(values), reason=parts)
        return total


def part_texts(heads: Sequence[Scored]) -> list[str]:
    """What each of several heads of one read selects, as far as not all of them do."""
    common = set.intersection(*({literal for literal, _ in head.literals} for head in heads))
    return [
        " and ".join(
            [literal.text for literal, _ in head.literals if literal not in common]
            + ([] if head.part is None else [f"the key is one of {head.part.text}"])
        )
        for head in heads
    ]


def _bos_score(read: Read, gap: int) -> Fraction:
    """Of BOS in a head that counts nothing: below all that is selected, above the rest where it must win."""
    return Fraction(-gap * read.span - (gap if read.mode == "none" else gap // 2))


def _ends(domain: Domain) -> tuple[Fraction, Fraction]:
    if isinstance(domain, Means):
        return domain.low, domain.high
    return Fraction(domain.lowest), Fraction(domain.highest)


def _is_truth(values: Feature) -> bool:
    return set(np.unique(values).tolist()) <= {0, 1}


def _describe(values: Feature, codes: Feature, labels: tuple[Atom, ...]) -> str:
    """What a feature says, for the column's name: ` = a`, ` >= a`, ` in {a, b}`, ` squared`, ` quadratic`, or
    only that it is some feature.
    """
    if _is_truth(values):
        chosen_ranks = np.flatnonzero(values)
        chosen = [str(labels[number]) for number in chosen_ranks[:4]]
        if len(chosen_ranks) == 1:
            return f" = {chosen[0]}"
        if np.all(np.diff(values) >= 0):
            return f" >= {chosen[0]}"
        return f" in {{{', '.join(chosen[:4])}{', ...' if len(chosen_ranks) > 4 else ''}}}"
    if np.array_equal(values, codes * codes):
        return " squared"
    bends = np.diff(values, 2)
    return " quadratic" if bends.size and bends[0] and np.all(bends == bends[0]) else " feature"
