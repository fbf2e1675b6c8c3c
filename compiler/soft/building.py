"""From settled terms to heads and neurons, by the encoding of Tracr: one-hot values, attention over pairs of
values, counts by a light BOS.

A read becomes a variable: what is copied is so by its head, a count is what an MLP tells of the share 1/(1+w)
that BOS has beside w selected keys. An elementwise term of one variable costs nothing, one of several becomes
a table of neurons where something else has to read it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction

import numpy as np

from compiler.graph.conjunctions import Conjunction, Literal, related
from compiler.graph.meaning import call
from compiler.graph.terms import TOKEN, Kind, Term, reachable
from compiler.linear import ONE, ZERO
from compiler.request import Basis
from compiler.soft.parts import Column, Form, Head, Neuron, Softened, Variable, constant, of_column
from compiler.soft.periods import period, signed
from compiler.soft.steps import hats, one
from compiler.soft.tables import (
    Ranks,
    Table,
    cells,
    classes,
    combined,
    defined_everywhere,
    itself,
    numbers_of,
)
from compiler.values.inference import Domains
from rasp.errors import TooLargeError
from rasp.notation import show_atom
from rasp.words import Atom

HALF = Fraction(1, 2)
MAX_CELLS = 1 << 16
"""Of how many combinations of values a table is worked out."""

MAX_NEURONS = 600
"""A table of more neurons is made of tables of its operands, a layer later."""

SLACK = 0.125
"""Operands of a table may be off by so much in all before a neuron that should be off is on. What is exactly
0 does not tell selected keys apart.
"""

FEW_NEURONS = 100
"""A sum is told apart by steps where a table would have more neurons than this."""

MAX_VALUES = 1_000
"""How many values a variable may have."""

MAX_HEADS = 64
"""A sum has a head for each value that is added up."""


def soften(root: Term, domains: Domains, basis: Basis) -> Softened:
    """Heads, neurons and embedding columns that compute the root at every position.

    Raises:
        TooLargeError: some part takes more values than one-hot columns are there for.
    """
    terms = reachable(root)
    builder = Builder(domains, basis, terms)
    for term in terms:
        if term.is_kept:
            builder.keep(term)
    answer = builder.single(root)
    variable = answer.variables[0] if answer.variables else builder.positions
    ranks = answer.ranks.reshape(-1) if answer.variables else np.zeros(len(variable.values), np.int64)
    known = domains.get(root).values or ()
    labels = {value: [int(r) for r in np.flatnonzero(ranks == n)] for n, value in enumerate(answer.values)}
    found = tuple((value, tuple(labels[value])) for value in known if labels.get(value))
    columns = sorted(builder.columns, key=lambda column: column.written)
    return Softened(
        builder.bos,
        tuple(columns),
        builder.tokens,
        builder.positions,
        tuple(builder.heads.values()),
        tuple(builder.neurons),
        variable,
        found,
        builder.kept,
    )


class Builder:
    """What has been built so far."""

    def __init__(self, domains: Domains, basis: Basis, terms: Sequence[Term]) -> None:
        self._domains = domains
        self._terms = terms
        self._all = basis == "one-hot"
        self.bos = Column("bos", "1 at BOS, 0 at every token", 0, at_bos=ONE)
        self.columns: list[Column] = [self.bos]
        self.heads: dict[Hashable, Head] = {}
        self.neurons: list[Neuron] = []
        self.kept: dict[Term, Variable] = {}
        self._names: set[str] = {"bos"}
        self._made: dict[int, Variable] = {}
        self._tables: dict[int, Table] = {}
        self._counts: dict[Hashable, Variable] = {}
        self._blurred: dict[Variable, Term] = {}
        self._cleared: dict[Variable, Variable] = {}
        longest = domains.asked.max_length
        self.tokens = self._one_hot(TOKEN, domains.asked.vocab, 0)
        self.positions = self._one_hot(domains.positions, range(longest), 0)

    # what terms are

    def single(self, term: Term) -> Table:
        """The term as a table over at most one variable, for which neurons are made where they have to be."""
        table = self.table(term)
        if len(table.variables) > 1:
            self._materialise(term, table)
            table = self.table(term)
        return table

    def table(self, term: Term) -> Table:
        """The term as a table over variables."""
        if term.index in self._made:
            return itself(self._made[term.index])
        if term.index not in self._tables:
            self._tables[term.index] = self._table(term)
        return itself(self._made[term.index]) if term.index in self._made else self._tables[term.index]

    def keep(self, term: Term) -> None:
        """Columns of its own for a kept term."""
        domain = self._domains.finite(term)
        table = self.single(term.args[0])
        source = combined([table], lambda point: point[0] if point[0] in domain.ranks else None)
        whole = Table(source.variables, domain.values, _in(domain.ranks, source))
        self._made[term.index] = self.kept[term] = self._grid(term, whole, every=True)

    def _table(self, term: Term) -> Table:
        match term.kind:
            case Kind.TOKENS:
                return _of_values(self.tokens, self._domains.tokens[term.index])
            case Kind.INDICES:
                return itself(self.positions)
            case Kind.CONST:
                return Table((), (term.value,), np.zeros((), dtype=np.int64))
            case Kind.MAP:
                return self._map(term)
            case Kind.EXISTS:
                return itself(self._exists(term))
            case Kind.AGGREGATE if self._domains.reads[term.index].picks:
                return itself(self._copy(term))
            case Kind.AGGREGATE:
                return itself(self._mean(term))
            case Kind.WIDTH | Kind.SUM:
                return self._sum(term)
        raise TooLargeError(f"{term.title} has no soft form", reason="no soft form", span=term.span)

    def _map(self, term: Term) -> Table:
        tables = [self.table(arg) for arg in term.args]
        if cells(tables) > MAX_CELLS:
            tables = [self.single(arg) for arg in term.args]
        if cells(tables) > MAX_CELLS:
            raise _too_many(term, f"{cells(tables):,} combinations of values")
        function = term.function
        assert function is not None
        return combined(tables, lambda point: call(function, point))

    # reads

    def _sum(self, term: Term) -> Table:
        """A count or a sum: so many times each of some counts."""
        parts = self._summands(term)
        values: Sequence[Fraction] = [factor for factor, _ in parts]
        tables = [itself(variable) for _, variable in parts]
        if len(parts) == 1 and parts[0][0] == 1:
            return tables[0]
        if not parts:
            return Table((), (0,), np.zeros((), dtype=np.int64))
        if cells(tables) <= MAX_CELLS:
            table = combined(tables, lambda point: _total(values, point))
            if len(parts) == 1 or _neurons(table.ranks) <= FEW_NEURONS:
                return table
        if (remainders := self._remainders(term, parts)) is not None:
            return remainders
        domain = self._domains.finite(term)
        self._made[term.index] = self._told(term, _added(parts), numbers_of(domain.values))
        return itself(self._made[term.index])

    def _remainders(self, term: Term, parts: Sequence[tuple[Fraction, Variable]]) -> Table | None:
        """A sum of which only the remainder counts: each number is added as the one nearest to 0 that leaves
        the same. Its values are any that do.
        """
        size = period(term, self._terms, self._domains)
        if size is None or len(self._domains.reads[term.index].conjunctions) > 1:
            return None
        if any(factor.denominator != 1 for factor, _ in parts):
            return None
        smaller = [(Fraction(signed(int(factor), size)), variable) for factor, variable in parts]
        most = self._domains.asked.max_length
        low, high = (most * int(edge(ZERO, *(f for f, _ in smaller))) for edge in (min, max))
        values = self._domains.finite(term).values
        if high - low + 1 >= len(values):
            return None
        leaving = {int(value) % size: rank for rank, value in enumerate(values)}
        numbers: dict[Atom, Fraction] = {number: Fraction(number) for number in range(low, high + 1)}
        told = self._told(term, _added(smaller), numbers, f"{term.title}, but for {size}s,")
        ranks = np.array([leaving.get(number % size, -1) for number in range(low, high + 1)], dtype=np.int64)
        return Table((told,), tuple(values), ranks)

    def _summands(self, term: Term) -> list[tuple[Fraction, Variable]]:
        read = self._domains.reads[term.index].conjunctions
        if term.kind is Kind.WIDTH:
            return [(ONE, self._count(term, each, None)) for each in read]
        numbers = sorted(numbers_of(self._domains.finite(term.args[1]).values).values())
        added = [number for number in numbers if number]
        if len(added) * len(read) > MAX_HEADS:
            raise _too_many(term.args[1], f"{len(added):,} values to add up")
        return [(number, self._count(term, each, number)) for number in added for each in read]

    def _count(self, term: Term, conjunction: Conjunction, value: Fraction | None) -> Variable:
        """How many keys a conjunction selects (that hold one value of the source)."""
        source = None if value is None else term.args[1]
        key = (conjunction, source, value)
        if key not in self._counts:
            dims = self._scored(conjunction, evenly=True)
            what = term.title
            if source is not None:
                assert value is not None
                is_other = self.single(source).feature(lambda v: v != value)
                dims.append((constant(1), self._form(self._clear(self.single(source)), is_other)))
                what = f"{source.title} = {show_atom(value)} in {term.title}"
            share = self._raw(
                self._name(f"share of bos for {what}"), "share of BOS: 1/(1 + count)", dims, term, ZERO
            )
            low, high = 0, self._domains.asked.max_length
            if value is None and len(self._domains.reads[term.index].conjunctions) == 1:
                low, high = int(self._domains.finite(term).lowest), int(self._domains.finite(term).highest)
            shares: dict[Atom, Fraction] = {n: Fraction(1, 1 + n) for n in range(low, high + 1)}
            self._counts[key] = self._told(term, of_column(share), shares, what, beyond=[ONE] * bool(low))
        return self._counts[key]

    def _raw(
        self, name: str, meaning: str, dims: Sequence[tuple[Form, Form]], term: Term, bos: Fraction
    ) -> Column:
        """A column for the share of BOS in a head."""
        head, sublayer = self._head(dims, of_column(self.bos).ready, bos)
        column = self._column(Column(name, meaning, sublayer, term, at_bos=ONE))
        head.values.append((of_column(self.bos), column))
        return column

    def _exists(self, term: Term) -> Variable:
        (conjunction,) = self._domains.reads[term.index].conjunctions
        head, sublayer = self._head(self._scored(conjunction), 0, HALF)
        name = self._name(term.title)
        column = self._column(Column(name, term.title, sublayer, term, (False, True)))
        head.values.append((constant(1), column))
        return self._blurry(term, Variable((False, True), (None, column), 0))

    def _copy(self, term: Term) -> Variable:
        """The value of the one key that is selected."""
        read = self._domains.reads[term.index]
        source = self.single(term.args[1])
        forms = {value: self._is(source, value) for value in source.values}
        ready = max(form.ready for form in forms.values())
        scored = [self._scored(conjunction) for conjunction in read.conjunctions]
        bos = ONE if read.always and len(scored) == 1 else HALF
        sublayer = max(_attention_after(dims, ready) for dims in scored)
        values = list(forms)
        rest = None
        if not (read.always or term.read_as.unread):
            default = 0 if term.default is None else term.default
            values += [] if default in values else [default]
            rest = values.index(default)
        columns: list[Column | None] = []
        for value in values:
            if value not in forms or (value == values[rest or 0] and rest is not None and not self._all):
                columns.append(None)  # no key has it, or it is what is left
                continue
            columns.append(self._column_of(term, value, sublayer))
        for dims in scored:
            head, _ = self._head(dims, sublayer - 1, bos)
            head.values.extend(
                (forms[value], column)
                for value, column in zip(values, columns, strict=True)
                if column is not None
            )
        return self._blurry(term, Variable(tuple(values), tuple(columns), rest))

    def _mean(self, term: Term) -> Variable:
        """The mean of what is selected: a number, and which one it is."""
        read = self._domains.reads[term.index]
        (conjunction,) = read.conjunctions
        source, domain = self.single(term.args[1]), self._domains.get(term)
        if domain.values is None or len(domain.values) > MAX_VALUES:
            raise _too_many(term, f"{domain.text}")
        numbers = numbers_of(domain.values)
        unit = max([ONE, *(abs(number) for number in numbers.values())])
        value = self._form(source, source.feature(lambda v: Fraction(v) / unit))
        bos = ONE if read.always else HALF
        head, sublayer = self._head(self._scored(conjunction, evenly=True), value.ready, bos)
        name = self._name(f"mean for {term.title}")
        column = self._column(Column(name, f"mean: {term.title}", sublayer, term, scale=unit))
        head.values.append((value, column))
        reading = of_column(column)
        default = Fraction(0 if read.always else term.default or 0) / unit
        if default:
            found = self._raw(self._name(f"{name} of nothing"), "share of BOS", head.dims, term, bos)
            reading = reading.plus(of_column(found), default)
        return self._told(term, reading, {v: n / unit for v, n in numbers.items()})

    # heads

    def _scored(self, conjunction: Conjunction, evenly: bool = False) -> list[tuple[Form, Form]]:
        """The dims of a head. `evenly`: all that is selected has to share the attention alike."""
        return [dim for literal in conjunction for dim in self._dims(literal, evenly)]

    def _dims(self, literal: Literal, evenly: bool) -> list[tuple[Form, Form]]:
        """The products of which each pair of values that does not stand in the relation gives 1."""
        keys, queries = self.single(literal.keys), self.single(literal.queries)
        if evenly:
            keys, queries = self._clear(keys), self._clear(queries)
        wrong = np.array(
            [[related(k, q, literal.relation) is False for q in queries.values] for k in keys.values]
        )
        key_rows, key_class = np.unique(wrong, axis=0, return_inverse=True)
        query_rows, query_class = np.unique(wrong, axis=1, return_inverse=True)
        key_class, query_class = key_class.reshape(-1), query_class.reshape(-1)
        by_key = len(key_rows) <= query_rows.shape[1]
        pairs: list[tuple[list[int], list[int]]] = []
        for number in range(len(key_rows) if by_key else query_rows.shape[1]):
            if by_key:
                q, k = key_rows[number].astype(int).tolist(), (key_class == number).astype(int).tolist()
            else:
                q = (query_class == number).astype(int).tolist()
                k = query_rows[:, number].astype(int).tolist()
            if any(q) and any(k):
                pairs.append((q, k))
        return [(self._by_rank(queries, q), self._by_rank(keys, k)) for q, k in pairs]

    def _by_rank(self, table: Table, numbers: Sequence[int]) -> Form:
        ranks = table.ranks.reshape(-1).tolist()
        return self._form(table, [0 if rank < 0 else numbers[rank] for rank in ranks])

    def _is(self, table: Table, wanted: Atom) -> Form:
        """1 where a table over one variable has this value."""
        return self._form(table, table.feature(lambda value: int(value == wanted)))

    def _form(self, table: Table, feature: Sequence[Fraction | int]) -> Form:
        """A number for each value of a table's one variable, as a reading."""
        return table.variables[0].form(feature) if table.variables else constant(feature[0])

    def _head(self, dims: Sequence[tuple[Form, Form]], ready: int, bos: Fraction) -> tuple[Head, int]:
        """The head of these scores, as early as everything is there."""
        sublayer = _attention_after(dims, ready)
        key = (sublayer, bos, tuple((q.key, k.key) for q, k in dims))
        head = self.heads.setdefault(key, Head(sublayer, tuple(dims), bos))
        return head, sublayer

    # neurons

    def _told(
        self,
        term: Term,
        reading: Form,
        numbers: Mapping[Atom, Fraction],
        what: str | None = None,
        beyond: Sequence[Fraction] = (),
    ) -> Variable:
        """Which of some numbers a reading is, one-hot. `beyond`: one that it is at BOS only, above all."""
        ordered = sorted(numbers, key=lambda value: numbers[value])
        sublayer = _mlp_after(reading)
        columns = [self._column_of(term, value, sublayer, what) for value in ordered]
        places = [*(numbers[value] for value in ordered), *beyond]
        self.neurons += hats(
            sublayer, reading, places, [*columns, *(None for _ in beyond)], falling=bool(beyond)
        )
        return self._blurry(term, Variable(tuple(ordered), tuple(columns)))

    def _blurry(self, term: Term, variable: Variable) -> Variable:
        """A variable whose columns are a little off."""
        self._blurred[variable] = term
        return variable

    def _clear(self, table: Table) -> Table:
        """The table over a copy of its variable, in which a column is exactly 0 wherever it is not nearly 1.
        What is selected reads only such zeros, so small errors do not tell selected keys apart.
        """
        if not table.variables or table.variables[0] not in self._blurred:
            return table
        (blurred,) = table.variables
        if blurred not in self._cleared:
            term = self._blurred[blurred]
            count = len(blurred.values)
            forms = [blurred.form([int(n == value) for n in range(count)]) for value in range(count)]
            sublayer = max(_mlp_after(form) for form in forms)
            columns = [self._column_of(term, value, sublayer) for value in blurred.values]
            for form, column in zip(forms, columns, strict=True):
                self.neurons.append(Neuron(sublayer, form, 0.5, 2.0, {column: 1.0}))
            self._cleared[blurred] = Variable(blurred.values, tuple(columns))
        return Table((self._cleared[blurred],), table.values, table.ranks)

    def _materialise(self, term: Term, table: Table) -> None:
        if _neurons(table.ranks) > MAX_NEURONS and term.kind is Kind.MAP:
            tables = [self.single(arg) for arg in term.args]
            function = term.function
            assert function is not None
            smaller = combined(tables, lambda point: call(function, point))
            if len(smaller.variables) <= 1:
                self._tables[term.index] = smaller
                return
            table = smaller
        if _neurons(table.ranks) > MAX_CELLS // 4:
            raise _too_many(term, f"{_neurons(table.ranks):,} combinations of values")
        self._made[term.index] = self._grid(term, table)

    def _grid(self, term: Term, table: Table, every: bool = False) -> Variable:
        """One neuron for each combination of classes of values, all of one value writing to its column."""
        ranks, most = defined_everywhere(table.ranks)
        rest = None if every or self._all else most
        of_class, ranks = classes(ranks)
        axes = [
            [variable.form((numbers == c).astype(int).tolist()) for c in range(size)]
            for variable, numbers, size in zip(table.variables, of_class, ranks.shape, strict=True)
        ]
        ready = max((form.ready for axis in axes for form in axis), default=0)
        sublayer = ready + (2 - ready % 2)
        columns = tuple(
            None if rank == rest else self._column_of(term, value, sublayer)
            for rank, value in enumerate(table.values)
        )
        for point in itertools.product(*(range(size) for size in ranks.shape)):
            column = columns[int(ranks[point])]
            if column is None:
                continue
            reading = constant(0)
            for axis, c in zip(axes, point, strict=True):
                reading = reading.plus(axis[c])
            neuron = Neuron(sublayer, reading, len(point) - 1 + SLACK, 1 / (1 - SLACK), {column: 1.0})
            self.neurons.append(neuron if point else one(sublayer, {column: 1.0}))
        return Variable(table.values, columns, rest)

    # columns

    def _one_hot(self, term: Term, values: Sequence[Atom], sublayer: int) -> Variable:
        if len(values) > MAX_VALUES:
            raise _too_many(term, f"{len(values):,} values")
        return Variable(tuple(values), tuple(self._column_of(term, v, sublayer) for v in values))

    def _column_of(self, term: Term, value: Atom, sublayer: int, what: str | None = None) -> Column:
        """The column that is 1 where the term has the value."""
        meaning = f"{what or term.title} = {show_atom(value)}"
        return self._column(Column(self._name(meaning), meaning, sublayer, term, (False, True)))

    def _column(self, column: Column) -> Column:
        self.columns.append(column)
        return column

    def _name(self, wanted: str) -> str:
        """A name that no column has."""
        numbered = (f"{wanted} #{n}" for n in itertools.count(2))
        name = next(name for name in itertools.chain([wanted], numbered) if name not in self._names)
        self._names.add(name)
        return name


def _attention_after(dims: Sequence[tuple[Form, Form]], ready: int) -> int:
    """The first attention sublayer after all that its scores and values read."""
    latest = max([ready, *(form.ready for dim in dims for form in dim)])
    return latest + (1 if latest % 2 == 0 else 2)


def _mlp_after(reading: Form) -> int:
    """The first MLP after what it reads."""
    return reading.ready + (2 - reading.ready % 2)


def _of_values(variable: Variable, values: Sequence[Atom | None]) -> Table:
    """A value for each of a variable's."""
    ranks: dict[Atom, int] = {}
    found = [-1 if value is None else ranks.setdefault(value, len(ranks)) for value in values]
    return Table((variable,), tuple(ranks), np.array(found, dtype=np.int64))


def _in(known: dict[Atom, int], table: Table) -> Ranks:
    """The ranks of a table's values among those of a domain."""
    ranks = np.array([*(known[value] for value in table.values), -1], dtype=np.int64)
    return ranks[table.ranks]


def _added(parts: Sequence[tuple[Fraction, Variable]]) -> Form:
    """So many times each of some counts, as a reading."""
    reading = constant(0)
    for factor, variable in parts:
        reading = reading.plus(variable.form([Fraction(v) for v in variable.values]), factor)
    return reading


def _total(factors: Sequence[Fraction], point: Sequence[Atom]) -> Atom:
    """So many times each of some counts."""
    total = sum((f * Fraction(v) for f, v in zip(factors, point, strict=True)), ZERO)
    return int(total) if total.denominator == 1 else total


def _neurons(ranks: Ranks) -> int:
    """How many combinations of classes a table has."""
    return math.prod(classes(defined_everywhere(ranks)[0])[1].shape)


def _too_many(term: Term, what: str) -> TooLargeError:
    return TooLargeError(
        f"the soft style has a column or neuron for each value, and {term.title} has too many: {what}",
        reason="too many values for the soft style",
        span=term.span,
        hint="the exact style holds numbers in fewer columns",
    )
