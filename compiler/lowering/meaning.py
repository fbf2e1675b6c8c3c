"""What a lowered program means: its heads and neurons run on an input in exact fractions.

Nothing is rounded but what the model rounds on purpose, and `exp` of less than `underflow` below the largest
score is 0, as it is in float32. So a column that is wrong here was lowered wrongly; one that is right here
and wrong in the model was laid out wrongly, or lost to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from compiler.lowering.columns import Column, Reading
from compiler.lowering.operations import (
    Embedded,
    Gate,
    Head,
    HiddenLayer,
    Lowered,
    Operation,
    columns_read,
    columns_written,
)
from compiler.precision import FLOAT32
from rasp.words import Atom

Row = list[Fraction]
"""A number at BOS and at every position of the input."""


def run_exactly(
    lowered: Lowered, vocab: Sequence[Atom], sequence: Sequence[Atom], causal: bool
) -> dict[Column, Row]:
    """Every column at BOS and at each position of the input, whose tokens are in the vocabulary."""
    ids = [vocab.index(token) for token in sequence]
    rows = {entry.column: _embedded(entry, ids) for entry in lowered.embedded}
    waiting: list[Operation] = [*lowered.heads, *lowered.hidden]
    while waiting:
        ready = [operation for operation in waiting if columns_read(operation) <= rows.keys()]
        assert ready, "columns are read that nothing writes"
        for operation in ready:
            rows |= dict(zip(columns_written(operation), _made(operation, rows, causal), strict=True))
        waiting = [operation for operation in waiting if operation not in ready]
    return rows


def _embedded(entry: Embedded, ids: Sequence[int]) -> Row:
    numbers = ids if entry.of == "token" else range(len(ids))
    return [entry.column.at_bos, *(Fraction(int(entry.values[number])) for number in numbers)]


def read(reading: Reading, rows: Mapping[Column, Row]) -> Row:
    """A reading at every position."""
    numbers = [reading.constant] * len(next(iter(rows.values())))
    for column, weight in reading.coefficients.items():
        numbers = [number + weight * x for number, x in zip(numbers, rows[column], strict=True)]
    return numbers


def _made(operation: Operation, rows: Mapping[Column, Row], causal: bool) -> list[Row]:
    """What an operation writes into each of its columns."""
    if isinstance(operation, Head):
        return _heads(operation, rows, causal)
    if isinstance(operation, Gate):
        points = zip(*(read(reading, rows) for reading, _ in operation.units), strict=True)
        return [_rounded(operation.column, [operation.at(point) for point in points])]
    return _hidden(operation, rows)


def _heads(head: Head, rows: Mapping[Column, Row], causal: bool) -> list[Row]:
    """What one head writes into each of its columns. BOS sees itself alone."""
    dims = [(read(query, rows), read(key, rows)) for query, key in head.dims]
    values = [(value, read(value.reading, rows)) for value in head.values]
    made: list[Row] = [[value.factor * row[0]] for value, row in values]
    count = len(rows[next(iter(rows))])
    for i in range(1, count):
        keys = range(1, i + 1 if causal else count)
        scores = {j: sum((query[i] * key[j] for query, key in dims), Fraction(0)) for j in keys}
        weights = _softmax({0: head.bos_score} | scores)
        total = sum(weights.values())
        for column, (value, row) in zip(made, values, strict=True):
            average = sum((weight * row[j] for j, weight in weights.items()), Fraction(0)) / total
            column.append(value.factor * average)
    return [_rounded(value.column, row) for (value, _), row in zip(values, made, strict=True)]


def _softmax(scores: Mapping[int, Fraction]) -> dict[int, Fraction]:
    """The weights of keys, not divided by their sum; what is far below the largest has none."""
    largest = max(scores.values())
    below = {j: largest - score for j, score in scores.items()}
    return {j: Fraction(math.exp(-float(gap))) for j, gap in below.items() if gap <= FLOAT32.underflow}


def _hidden(hidden: HiddenLayer, rows: Mapping[Column, Row]) -> list[Row]:
    """What the neurons of one hidden layer write into each of its columns."""
    signs, thresholds = ([Fraction(x) for x in xs.tolist()] for xs in (hidden.signs, hidden.thresholds))
    weights = [[Fraction(x) for x in row] for row in hidden.weights.tolist()]
    made: list[Row] = [[] for _ in hidden.columns]
    for point in read(hidden.reading, rows):
        units = [max(sign * (point - at), Fraction(0)) for sign, at in zip(signs, thresholds, strict=True)]
        active = [(unit, row) for unit, row in zip(units, weights, strict=True) if unit]
        for number, start in enumerate(hidden.starts.tolist()):
            total = sum((unit * row[number] for unit, row in active), Fraction(start))
            made[number].append(total)
    return [_rounded(column, row) for column, row in zip(hidden.columns, made, strict=True)]


def _rounded(column: Column, row: Row) -> Row:
    """The model rounds what is written to a column that must be whole."""
    return [Fraction(round(number)) for number in row] if column.snapped else row
