"""What lowering produces: embedding columns, heads and neurons, each on named columns.

Nothing here knows of matrices; `compiler.layout.assembly` fills those in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compiler.graph.conjunctions import Literal, Part
from compiler.graph.terms import Term
from compiler.linear import ZERO
from compiler.lowering.columns import Column, Reading
from compiler.lowering.coordinates import Coordinate, Grid
from compiler.ranges.domains import Domain
from rasp.words import Atom

Features = NDArray[np.int64]
"""One integer per value of a domain (or per vocabulary entry, or per position)."""


@dataclass(frozen=True, eq=False)
class Embedded:
    """A column that the token embedding (`of` = "token") or the position embedding fills; BOS gets
    `column.at_bos`.
    """

    of: str
    column: Column
    values: Features


@dataclass(frozen=True, eq=False)
class HeadValue:
    """What one head writes into one column: `factor` * (weighted average of `reading` over the keys)."""

    reading: Reading
    factor: Fraction
    column: Column


@dataclass(frozen=True, eq=False)
class HeadRead:
    """One conjunction of a read's selector: each literal with the numbers of the dims that score it, those of
    the dims that prefer smaller values, and of which positions it is, with the dims that say so. It selects
    at most `most` keys.
    """

    term: Term
    literals: tuple[tuple[Literal, tuple[int, ...]], ...]
    most: int
    order: tuple[int, ...] = ()
    part: Part | None = None
    part_dims: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Head:
    """One attention head: score(query, key) = sum over dims of query reading * key reading, plus `bos_score`
    where the key is BOS. All dims vanish where either side is BOS. No partial sum of a score exceeds
    `score_bound` in units of the gap. `layer`: the one that was planned, as for all operations.
    """

    title: str
    layer: int
    dims: tuple[tuple[Reading, Reading], ...]
    score_bound: int
    bos_score: Fraction
    values: tuple[HeadValue, ...]
    reads: tuple[HeadRead, ...]


@dataclass(frozen=True, eq=False)
class HiddenLayer:
    """Functions of one reading p, as a hidden layer: unit u is relu(signs[u] * (p - thresholds[u])), and
    column c gets starts[c] + sum of weights[u, c] * unit u.
    """

    title: str
    layer: int
    reading: Reading
    signs: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    columns: tuple[Column, ...]
    starts: NDArray[np.float64]
    weights: NDArray[np.float64]
    term: Term
    coordinates: tuple[Coordinate, ...]


@dataclass(frozen=True, eq=False)
class Gate:
    """Neurons of several readings: the column gets start + sum of weight * relu(reading), the s-op's code.
    `coordinates`: those of all whose combinations it is right at, if it is not shown case by case.
    """

    title: str
    layer: int
    column: Column
    start: Fraction
    units: tuple[tuple[Reading, Fraction], ...]
    term: Term
    coordinates: tuple[Coordinate, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        return (self.column,)

    def at(self, values: Iterable[Fraction]) -> Fraction:
        """What the column gets, given the values of the readings."""
        pairs = zip(values, self.units, strict=True)
        return self.start + sum((weight * max(value, ZERO) for value, (_, weight) in pairs), ZERO)


Neurons = HiddenLayer | Gate
Operation = Head | Neurons


def neuron_count(neurons: Neurons) -> int:
    """How many neurons there are, shared ones included."""
    return len(neurons.units if isinstance(neurons, Gate) else neurons.thresholds)


def columns_read(operation: Operation) -> set[Column]:
    """All columns with a weight in what the operation reads."""
    readings: Iterable[Reading]
    if isinstance(operation, Head):
        readings = [side for dim in operation.dims for side in dim] + [v.reading for v in operation.values]
    elif isinstance(operation, Gate):
        readings = [reading for reading, _ in operation.units]
    else:
        readings = [operation.reading]
    return {column for reading in readings for column in reading.coefficients}


def columns_written(operation: Operation) -> list[Column]:
    """The columns that the operation writes, each written by nothing else."""
    if isinstance(operation, Head):
        return [v.column for v in operation.values]
    return list(operation.columns)


@dataclass(frozen=True, eq=False)
class Held:
    """What columns hold: a feature of one s-op (`values`, one per value of its domain; None: its code), less
    `offset`. A read has one column per head, and their sum is the feature.
    """

    subject: Term
    columns: tuple[Column, ...]
    values: Features | None
    offset: Fraction


@dataclass(frozen=True, eq=False)
class Lowered:
    """A program as heads and neurons on columns. `constants`: the grids of s-ops that turned out to have one
    value only.
    """

    root: Term
    bos: Column
    embedded: tuple[Embedded, ...]
    heads: tuple[Head, ...]
    hidden: tuple[Neurons, ...]
    output: Reading
    output_domain: Domain
    output_codes: Features
    choices: tuple[str, ...]
    held: tuple[Held, ...]
    constants: tuple[Grid, ...]
    kept_values: Mapping[Term, tuple[Atom, ...]]
    branching: bool = False
