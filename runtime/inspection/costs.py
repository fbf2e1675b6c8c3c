"""What a model costs, s-op by s-op: every stored entry of the weights belongs to one of them.

A head belongs to the s-op that it reads for, a neuron to the s-op that it computes, with all their entries:
also those that are 0 because the residual stream is wide. An entry of an embedding or of a bias belongs to
the s-op whose column lies there, and the unembedding to the output. What heads are padded with, as all heads
of a layer are stored alike, belongs to the widest of them; what clears a place, to the s-op that gets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rasp.errors import Span, warning_text
from runtime.inspection.tables import Table
from runtime.places import changes
from runtime.weights import Array, Config, Layer, Weights, size

Owners = NDArray[np.int64]
"""The number of whom each of something belongs to."""

OUTPUT = "output"

LONGEST_NAME = 44
"""Characters of an s-op that the table shows."""


@dataclass(frozen=True)
class Cost:
    """What one s-op takes. `of` is its number (see `Column.of`; None for what belongs to none), `line` where
    the program has it, `layers` those that compute it (0: the embedding does), `dims` what its heads score
    with, all together, and `share` its part of all parameters.
    """

    name: str
    of: int | None
    line: int | None
    layers: tuple[int, ...]
    heads: int
    dims: int
    neurons: int
    columns: int
    parameters: int
    nonzeros: int
    share: float


@dataclass(frozen=True)
class Excess:
    """A step that takes most of a large model, and what would make it smaller; `str()` is the whole message,
    in the form that errors have.
    """

    message: str
    span: Span | None
    hint: str | None

    def __str__(self) -> str:
        return warning_text(self.message, self.span, self.hint)


@dataclass(frozen=True, repr=False)
class Costs:
    """The costs of all s-ops of a model, those of the most parameters first; together they are the model's.

    `str()` is a table of them.
    """

    rows: tuple[Cost, ...]
    parameters: int
    nonzeros: int

    def __repr__(self) -> str:
        return f"<Costs of {len(self.rows)} s-ops: {self.parameters:,} parameters; print it for the table>"

    def __str__(self) -> str:
        return self._table().text()

    def _repr_html_(self) -> str:
        """What notebooks show."""
        return self._table().html()

    def _table(self) -> Table:
        """A row for each s-op, and one for all: names at the left, figures at the right."""
        head = ("s-op", "line", "layer", "heads", "dims", "neurons", "columns", "parameters", "non-zeros", "")
        total = ("all", *[""] * 6, f"{self.parameters:,}", f"{self.nonzeros:,}", "100.0%")
        return Table(head, (*map(_cells, self.rows), total))


def _cells(cost: Cost) -> tuple[str, ...]:
    name = cost.name if len(cost.name) <= LONGEST_NAME else cost.name[: LONGEST_NAME - 3] + "..."
    layers = " ".join("embedding" if layer == 0 else str(layer) for layer in cost.layers)
    counts = (cost.heads, cost.dims, cost.neurons, cost.columns, cost.parameters, cost.nonzeros)
    line = "" if cost.line is None else str(cost.line)
    return (name, line, layers, *(f"{count:,}" if count else "" for count in counts), f"{cost.share:.1%}")


def lines_of_statements(program: str, config: Config) -> dict[int, int]:
    """By the number of an s-op: the line of the statement of its name, else of the first that computes it."""
    names = {column.of: column.sop for column in config.columns}
    found: dict[int, int] = {}
    for statement in sorted(config.statements, key=lambda s: [names.get(n) for n in s.sops[:1]] != [s.name]):
        for number in statement.sops:
            found.setdefault(number, 1 + program.count("\n", 0, statement.start))
    return found


def costs(config: Config, weights: Weights, lines: Mapping[int, int]) -> Costs:
    """What every s-op of a model costs; `lines` are those of the program, by number of the s-op."""
    return _Counting(config).counted(weights, lines)


class _Counting:
    """Entries, heads and neurons, added up by whom they belong to."""

    def __init__(self, config: Config) -> None:
        self._config = config
        keys: list[int | str] = [c.name if c.of is None else c.of for c in config.columns]
        self._numbers = {key: number for number, key in enumerate(dict.fromkeys([*keys, OUTPUT]))}
        self._of_columns = np.array([self._numbers[key] for key in keys], dtype=np.int64)
        # a column may have this name, too, without an s-op: then both are one
        self._output = self._numbers[OUTPUT]
        zeros = np.zeros(len(self._numbers), dtype=np.int64)
        self._heads, self._dims, self._neurons = zeros.copy(), zeros.copy(), zeros.copy()
        self._parameters, self._nonzeros = zeros.copy(), zeros.copy()

    def counted(self, weights: Weights, lines: Mapping[int, int]) -> Costs:
        """Everything, as rows."""
        embedded = self._of_places(0)
        self._add(weights.token_embedding, embedded, (1,))
        self._add(weights.position_embedding, embedded, (1,))
        for number, layer in enumerate(weights.layers, start=1):
            self._add_attention(layer, self._of_places(2 * number - 1))
            self._add_mlp(layer, self._of_places(2 * number), number)
        for array in (weights.unembedding, weights.unembedding_bias):
            self._add(array, np.full(array.shape[-1:], self._output), (array.ndim - 1,))
        whole = size(weights)
        rows = [self._row(key, n, whole.parameters, lines) for key, n in self._numbers.items()]
        rows.sort(key=lambda row: -row.parameters)
        return Costs(tuple(rows), whole.parameters, whole.nonzeros)

    def _row(self, key: int | str, number: int, parameters: int, lines: Mapping[int, int]) -> Cost:
        mine = [c for c, owner in zip(self._config.columns, self._of_columns, strict=True) if owner == number]
        of = key if isinstance(key, int) else None
        name = (mine[0].sop or mine[0].name) if mine else str(key)
        return Cost(
            name="BOS" if of is None and name == "bos" else name,
            of=of,
            line=None if of is None else lines.get(of),
            layers=tuple(sorted({(column.written + 1) // 2 for column in mine})),
            heads=int(self._heads[number]),
            dims=int(self._dims[number]),
            neurons=int(self._neurons[number]),
            columns=len(mine),
            parameters=int(self._parameters[number]),
            nonzeros=int(self._nonzeros[number]),
            share=int(self._parameters[number]) / max(1, parameters),
        )

    def _add(self, array: Array, owners: Owners, axes: tuple[int, ...]) -> None:
        """The entries of an array, of which each belongs to whom its place along some axes does."""
        others = tuple(axis for axis in range(array.ndim) if axis not in axes)
        nonzeros = np.count_nonzero(array, axis=others) if others else array != 0
        each = array.size // owners.size if owners.size else 0
        np.add.at(self._parameters, owners, each)
        np.add.at(self._nonzeros, owners, nonzeros)

    def _of_places(self, sublayer: int) -> Owners:
        """For each place: whose column was last written there by this sublayer, or is the first to come."""
        written = [column.written for column in self._config.columns]
        last = sorted(range(len(written)), key=lambda c: (0, -w) if (w := written[c]) > sublayer else (1, w))
        owners = np.zeros(self._config.width, dtype=np.int64)
        for column in last:  # the first to come before the later ones, and what was written before both
            owners[self._config.place(column)] = self._of_columns[column]
        return owners

    def _add_attention(self, layer: Layer, places: Owners) -> None:
        self._add(layer.b_o, places, (0,))
        if not layer.w_q.shape[0]:
            return
        scores, values = self._of_dims(layer, places)
        for array in (layer.w_q, layer.w_k):
            self._add(array, scores, (0, 2))
        for array in (layer.b_q, layer.b_k):
            self._add(array, scores, (0, 1))
        self._add(layer.w_v, values, (0, 2))
        self._add(layer.b_v, values, (0, 1))
        self._add(layer.w_o, values, (0, 1))

    def _of_dims(self, layer: Layer, places: Owners) -> tuple[Owners, Owners]:
        """[heads, size]: to whom each dim belongs that a head scores with, and each that it hands on."""
        scoring = _used(layer.w_q, layer.b_q) | _used(layer.w_k, layer.b_k)
        writing = layer.w_o.any(axis=2)
        written = places[(layer.w_o != 0).argmax(axis=2)]
        heads = written[np.arange(len(written)), writing.argmax(axis=1)]
        np.add.at(self._heads, heads, 1)
        np.add.at(self._dims, heads, scoring.sum(axis=1))
        whole = np.broadcast_to(heads[:, None], scoring.shape)
        scores = np.where(scoring | ~writing, whole, written)
        values = np.where(writing, written, whole)
        used = scoring | writing
        widest = scores[used.sum(axis=1).argmax()]
        return np.where(used, scores, widest), np.where(used, values, widest)

    def _add_mlp(self, layer: Layer, places: Owners, number: int) -> None:
        self._add(layer.b_out, places, (0,))
        if not layer.w_in.shape[1]:
            return
        neurons = places[(layer.w_out != 0).argmax(axis=1)]
        cleared = [self._of_columns[change.new] for change in changes(self._config) if change.layer == number]
        if cleared:
            neurons[-len(cleared) :] = cleared
        np.add.at(self._neurons, neurons, 1)
        self._add(layer.w_in, neurons, (1,))
        self._add(layer.b_in, neurons, (0,))
        self._add(layer.w_out, neurons, (0,))


def _used(matrix: Array, bias: Array) -> NDArray[np.bool_]:
    """[heads, size]: whether a head uses a dim at all."""
    used: NDArray[np.bool_] = matrix.any(axis=1) | (bias != 0)
    return used
