"""What neurons make of one whole number, as a formula: `rank·(14 - rank)`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

import numpy as np

from runtime.inspection.quoting import unbracketed
from runtime.inspection.reading import as_reads, is_truth, rest_of, sop_name
from runtime.weights import Column, Config, Weights

POINTS = 4
"""Through three goes a polynomial of the second degree whatever they are: one more is tried."""


OTHER_FORM = re.compile(r" (quadratic|squared|feature)( #\d+)?$")
"""How the name of a column ends that is another form of its s-op."""


def told(config: Config, weights: Weights, column: int) -> str:
    """What people are told that a column is: another form of an s-op by its formula, others by their name."""
    name = config.columns[column].name
    if not OTHER_FORM.search(name):
        return unbracketed(name)
    of_s_op = f"a function of {sop_name(config.columns[column])}"
    return formula(config, weights, column) or _embedded(config, weights, column) or of_s_op


def _embedded(config: Config, weights: Weights, column: int) -> str:
    """An embedded column as a polynomial of the position, or of the token or its number in the vocabulary."""
    if config.columns[column].written:
        return ""
    tokens, positions = weights.token_embedding[1:, column], weights.position_embedding[1:, column]
    base = sop_name(config.columns[column])
    name, first, held, said = base, 0, positions, ""
    if tokens.any():
        held, numbers = tokens, [token for token in config.vocab if type(token) is int]
        if numbers == list(config.vocab) == list(range(numbers[0], numbers[0] + len(numbers))):
            first = numbers[0]
        else:
            name, said = "n", ", n the token's number"
    points = list(enumerate(_exact(held), first))
    found = polynomial(name, points) if len(points) >= POINTS else ""
    return found and found + said


def formula(config: Config, weights: Weights, column: int) -> str:
    """A column in terms of the one number that all of its neurons read, an s-op or a sum of some, if it is a
    polynomial of at most the second degree of it wherever the neurons bend; else empty. Every column has a
    place of its own.
    """
    written = config.columns[column].written
    if written == 0 or written % 2:
        return ""
    layer = weights.layers[written // 2 - 1]
    neurons = np.flatnonzero(layer.w_out[:, column])
    reads = np.flatnonzero(layer.w_in[:, neurons].any(axis=1)).tolist()
    slopes = layer.w_in[reads][:, neurons]
    read = [config.columns[number] for number in reads]
    name = _sum_of(read)
    if not name or (slopes != slopes[0, 0]).any():
        return ""
    scale, rest = read[0].scale, sum((rest_of(each) for each in _as_wholes(read)), Fraction(0))
    slope, bias = Fraction(float(slopes[0, 0])), _exact(layer.b_in[neurons])
    bends = sorted(-each / slope for each in bias)
    out = _exact(layer.w_out[neurons, column])
    start = sum(_exact(np.array([layer.b_out[column], *_started(weights, column)])), Fraction(0))
    first = min(0, ceil(bends[0]))
    points = []
    for x in range(first, max(first + POINTS, floor(bends[-1]) + 2)):
        hidden = [max(Fraction(0), slope * x + each) for each in bias]
        points.append(((x + rest) * scale, sum((w * h for w, h in zip(out, hidden, strict=True)), start)))
    return polynomial(name, points)


def _sum_of(columns: Sequence[Column]) -> str:
    """The s-op that several columns are parts of, or the sum of what they hold; empty if that has no name."""
    if any(column.of is None or (column.labels and not is_truth(column)) for column in columns):
        return ""
    reads = _as_wholes(columns)
    if len({read.scale for read in reads}) != 1:
        return ""
    if len(reads) == 1:
        [read] = reads
        own = re.sub(r" #\d+$", "", read.name) == sop_name(read)
        return sop_name(read) if own else "" if OTHER_FORM.search(read.name) else read.name
    return f"({' + '.join(read.name for read in reads)})"


def _as_wholes(columns: Sequence[Column]) -> list[Column]:
    """The columns, and in place of the parts of a read the read."""
    return [read for read, _ in as_reads(columns, range(len(columns)))]


def _exact(values: np.ndarray) -> list[Fraction]:
    return [Fraction(value) for value in values.tolist()]


def _started(weights: Weights, column: int) -> tuple[float, float]:
    """What the embeddings have put into a column at every token."""
    return float(weights.token_embedding[1, column]), float(weights.position_embedding[1, column])


def polynomial(name: str, points: Sequence[tuple[Fraction | int, Fraction]]) -> str:
    """The polynomial of at most the second degree through all the points, which stand in equal steps, written
    with a name; empty if there is none.
    """
    first, second, third = (y for _, y in points[:3])
    begin, step = points[0][0], points[1][0] - points[0][0]
    a = (third - 2 * second + first) / (2 * step * step)
    b = (second - first) / step - a * (2 * begin + step)
    constant = first - (a * begin + b) * begin
    if any((a * x + b) * x + constant != y for x, y in points):
        return ""
    if a == b == 0:
        return str(constant)
    if a == 0:
        return _sum(_times(b, name), constant)
    if constant == 0 and b:
        root = abs(b / a)
        if b / a < 0:
            inner = f"({root} \u2212 {name})" if a < 0 else f"({name} \u2212 {root})"
        else:
            inner = f"({name} + {root})"
        sign = "\u2212" if a < 0 < -b else ""
        return f"{sign}{_times(abs(a), name)}\u00b7{inner}"
    square = f"{name}\u00b2"
    if a < 0 < constant and b == 0:
        return f"{constant} \u2212 {_times(-a, square)}"
    return _sum(_times(a, square) + _signed(b, name), constant)


def _times(factor: Fraction, name: str) -> str:
    if abs(factor) == 1:
        return name if factor > 0 else f"\u2212{name}"
    return f"{factor}\u00b7{name}".replace("-", "\u2212", 1) if factor < 0 else f"{factor}\u00b7{name}"


def _signed(factor: Fraction, name: str) -> str:
    if factor == 0:
        return ""
    return f" {'+' if factor > 0 else chr(0x2212)} {_times(abs(factor), name)}"


def _sum(term: str, constant: Fraction) -> str:
    if constant == 0:
        return term
    return f"{term} {'+' if constant > 0 else chr(0x2212)} {abs(constant)}"
