"""Sums over more positions than the number format adds up: heads that add up disjoint sets of positions.

A head that counts is off by an error that grows with the square of how much it may count, and its number is
rounded to a whole one. So what may be too much for one head is added up by several, each over its own part
of the positions, and their whole numbers are added in the residual stream.
"""

from __future__ import annotations

import numpy as np

from compiler.graph.conjunctions import EQUAL, Conjunction, Part
from compiler.graph.terms import Kind
from compiler.lowering.features import Feature
from compiler.lowering.scores import Dim
from compiler.lowering.sums import SNAP_TOLERANCE, sum_off
from compiler.precision import Precision
from compiler.values.inference import Domains

MAX_PARTS = 64
"""In more parts than this nothing is added up."""


def most_selected(conjunction: Conjunction, length: int) -> int:
    """How many keys one query selects at most: where all higher digits of positions are equal, no more than
    there are below those.
    """
    most = length
    for literal in conjunction:
        if literal.keys.kind is Kind.INDICES:
            if literal.relation == EQUAL:
                most = 1
            elif literal.digit is not None and literal.digit.above is not None:
                most = min(most, literal.digit.above)
    return most


def part_size(length: int, largest: int, precision: Precision) -> int:
    """How many positions one head adds up at most, of values up to `largest`; all, if that is too much even
    for a head for each of `MAX_PARTS`.
    """

    def fits(size: int) -> bool:
        return sum_off(size, largest, precision) < SNAP_TOLERANCE

    if fits(length) or not fits(-(-length // MAX_PARTS)):
        return length
    parts = next(count for count in range(2, MAX_PARTS + 1) if fits(-(-length // count)))
    return -(-length // parts)


def parts(conjunction: Conjunction, size: int, length: int) -> tuple[Part | None, ...]:
    """The parts in which a conjunction is added up: None for all positions at once."""
    if most_selected(conjunction, length) <= size:
        return (None,)
    return tuple(Part(number, size) for number in range(-(-length // size)))


def part_dims(domains: Domains, part: Part) -> tuple[Dim, ...]:
    """The products that score a part: minus the square of how many parts a position is away from it."""
    positions = domains.positions
    parts: Feature = np.arange(domains.asked.max_length, dtype=np.int64) // part.size
    dims = [Dim(None, None, positions, -parts * parts)]
    if part.number:
        dims.append(Dim(None, _constant(2 * part.number), positions, parts))
        dims.append(Dim(None, _constant(-part.number * part.number), None, None))
    return tuple(dims)


def _constant(number: int) -> Feature:
    return np.array([number], dtype=np.int64)
