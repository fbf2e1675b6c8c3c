"""Every activation of a model on one input, under its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from rasp.errors import InputError
from rasp.graph.atoms import Answer, shown
from runtime.inspection import tables
from runtime.inspection.folding import check_name, folded_into, what_became_of
from runtime.inspection.reading import as_reads, labels_of, rest_of, whole, wholes
from runtime.inspection.tables import Table
from runtime.places import Change, changes
from runtime.weights import Array, Atom, Column, Config

Patterns = tuple[tuple[Array, ...], ...]


@dataclass(frozen=True, repr=False)
class Trace:
    """What a model computed on one input of n tokens; positions count BOS as 0, so there are T = 1 + n.

    `activations` holds everything by name, with l counted from 1:
    "residual.k" [T, d], where k is the number of sublayers before it (k = 2l-1 after attention l, 2l after
    MLP l); "layer.l.queries", ".keys", ".values" [H, T, e]; "layer.l.scores" (before the mask) and
    ".pattern" (attention weights) [H, T, T]; "layer.l.heads" [T, H, e]; "layer.l.hidden" [T, m];
    "logits" [n, L].
    A layer without heads or neurons has no such entries. `tokens` and `answers` are the n tokens of the input
    and what the model answers there; `config` is the model's; `program` is the text of the program computed.
    """

    tokens: tuple[Atom, ...]
    answers: tuple[Atom, ...]
    config: Config
    activations: Mapping[str, Array]
    program: str = ""

    def __repr__(self) -> str:
        given = tables.few(self.tokens)
        return (
            f"<Trace on {given}: {tables.counted(len(self.columns), 'column')}, "
            f"{tables.counted(len(self.activations), 'activation')}>"
        )

    def __str__(self) -> str:
        return self._table().text()

    def _repr_html_(self) -> str:
        """What notebooks show."""
        return self._table().html()

    def _table(self) -> Table:
        """What each column that has a meaning holds at each position of the input, and the answers; a read
        that several heads compute in one row, with its parts below.
        """
        rows = []
        for read, parts in as_reads(self.columns, range(len(self.columns))):
            if read.written <= 2 * len(self._layers()):
                rows.append((read.name, *map(tables.written, self.values(read.name))))
                divided = [self.columns[part].name for part in parts if len(parts) > 1]
                rows += [(f"  {name}", *map(tables.written, self.values(name))) for name in divided]
        return Table(
            ("input", *map(tables.written, self.tokens)),
            (*rows, ("answer", *map(tables.written, self.answers))),
        )

    def __getitem__(self, name: str) -> Array:
        """The activation called `name`, or what the residual column or the read of that name is read as [T]:
        its final numbers and its `rest` (see `Column`). Raises InputError if there is neither.
        """
        check_name(name)
        if name in self.activations:
            return self.activations[name]
        numbers = self.column(name)
        return numbers + numbers.dtype.type(float(rest_of(self._find(name)[1])))

    @property
    def columns(self) -> tuple[Column, ...]:
        """The named columns of the residual stream; `Config.place` says where each lies."""
        return self.config.columns

    @property
    def logits(self) -> Array:
        """[n, number of logits]."""
        return self.activations["logits"]

    @property
    def residual(self) -> tuple[Array, ...]:
        """[T, d] after the embedding and after each sublayer, as `Column.written` counts them."""
        count = sum(name.startswith("residual.") for name in self.activations)
        return tuple(self.activations[f"residual.{index}"] for index in range(count))

    @property
    def attention(self) -> Patterns:
        """Attention weights [T, T] (query, key), as `attention[layer][head]`, both counted from 0."""
        return self._by_head("pattern")

    @property
    def scores(self) -> Patterns:
        """Attention scores [T, T] (query, key) before the mask, as `scores[layer][head]`, counted from 0."""
        return self._by_head("scores")

    @property
    def hidden(self) -> tuple[Array | None, ...]:
        """MLP neurons [T, m] of each layer after their ReLU; None where a layer has none."""
        return tuple(self.activations.get(f"layer.{number}.hidden") for number in self._layers())

    def column(self, name: str, after: int | None = None) -> Array:
        """The numbers [T] in the residual stream of the column called `name`, once they are written, or after
        so many sublayers (`after`: 0 is the embedding, 2l-1 attention l, 2l MLP l); without its `rest`, which
        is not in the stream. Of a read that several heads compute, a part each (see `Column.part_of`): the
        sum of its parts.

        Raises InputError for a name or a number that there is not, and where another column has its place.
        """
        parts, column = self._find(name)
        sublayer = column.written if after is None else self._sublayer(after)
        values = self._of_place(parts[0], sublayer)
        for part in parts[1:]:
            values = values + self._of_place(part, sublayer)
        return values

    def _of_place(self, index: int, sublayer: int) -> Array:
        """The numbers of a column, given by its number, after so many sublayers."""
        later = self._successors.get(index)
        if later is not None and sublayer >= 2 * later.layer:
            old, new = self.columns[index].name, self.columns[later.new].name
            raise InputError(f"{old} gives its place to {new!r} in the MLP of layer {later.layer}")
        values: Array = self.residual[sublayer][:, self.config.place(index)]
        return values

    def values(self, name: str) -> list[Atom]:
        """What the column or the read called `name` means at each of the n input positions: labels, or exact
        numbers (ints, and `Fraction`s where they are not whole). Raises InputError for a name that there is
        not.
        """
        _, column = self._find(name)
        read = [Fraction(value) + rest_of(column) for value in self.column(name)[1:].tolist()]
        labels = labels_of(column)
        if labels is None:
            numbers = [number * column.scale for number in read]
            return Answer(int(number) if number.denominator == 1 else number for number in numbers)
        last = len(labels) - 1
        return Answer(labels[min(max(round(number), 0), last)] for number in read)

    def folded(self, name: str) -> tuple[str, ...]:
        """What is computed, in columns, right from the value that the program calls `name`, which the
        compiler may have given no columns of its own; empty if the program has no such name.
        """
        check_name(name)
        return folded_into(name, self.config)

    @cached_property
    def _successors(self) -> dict[int, Change]:
        """By number of a column: what takes its place."""
        return {change.old: change for change in changes(self.config)}

    def _sublayer(self, number: int) -> int:
        last = len(self.residual) - 1
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= last:
            raise InputError(f"a column can be seen after 0 to {last} sublayers, not after {shown(number)}")
        return number

    def _layers(self) -> range:
        return range(1, 1 + len(self.residual) // 2)

    def _by_head(self, kind: str) -> Patterns:
        return tuple(tuple(self.activations.get(f"layer.{number}.{kind}", ())) for number in self._layers())

    def _find(self, name: str) -> tuple[tuple[int, ...], Column]:
        """The number of the column of this name, or those of the parts of the read of this name; and what the
        number, or their sum, is.
        """
        check_name(name)
        for index, column in enumerate(self.columns):
            if column.name == name:
                return (index,), column
        parts = wholes(self.columns).get(name)
        if parts is not None:
            return parts, whole(self.columns, parts)
        if self.folded(name):
            hint = f"compile with keep=[{name!r}] to give it columns"
            raise InputError(what_became_of(name, self.config), hint=hint)
        columns = [column.name for column in self.columns]
        known = ", ".join([*self.activations, *wholes(self.columns), *columns])
        raise InputError(f"the trace has nothing named {name!r}; it has {known}")
