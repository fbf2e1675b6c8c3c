"""Why a compiled model is right for every input, as data.

Almost everything that a model carries is an integer, exact in its number format; what is left to prove for
each step is that rounding stays below half a unit where a count is snapped, that scores keep selected and
unselected keys far enough apart, and that no sum of integers leaves the range in which it is exact.

These bounds come from what the compiler meant to build, and cost it next to nothing; `compiler.rechecking`
proves the same, and that it was built, from the weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from compiler.graph.terms import Kind, Term
from compiler.layout.schedule import Schedule
from compiler.linear import ZERO
from compiler.lowering.columns import Reading
from compiler.lowering.operations import Gate, Head, HeadValue, Lowered, Neurons
from compiler.precision import Precision
from compiler.ranges.domains import Means
from compiler.rounding import sum_error
from compiler.values.inference import Domains
from runtime.saving.certificate import Certificate

Item = dict[str, Any]

COUNTED = (Kind.WIDTH, Kind.SUM)


def certify(lowered: Lowered, schedule: Schedule, domains: Domains) -> Certificate:
    """Every bound with the tolerance that it must stay under."""
    bounds = Bounds(domains, domains.asked.precision)
    items = [
        *(item for layer, head in schedule.heads for item in bounds.of_head(layer, head)),
        *(item for layer, hidden in schedule.hidden for item in bounds.of_hidden(layer, hidden)),
        bounds.of_output(lowered),
    ]
    certified = all(item["bound"] < item["tolerance"] for item in items)
    failed = [item for item in items if item["bound"] >= item["tolerance"]]
    summary = (
        f"certified: exact on every input of up to {domains.asked.max_length} tokens "
        f"that the program answers ({len(items)} bound{'' if len(items) == 1 else 's'})"
        if certified
        else f"not certified: {failed[0]['step']}: {failed[0]['what']} "
        f"(bound {failed[0]['bound']:.3g}, tolerance {failed[0]['tolerance']:.3g})"
    )
    return Certificate(certified, summary, tuple(items))


def _item(step: str, what: str, bound: Fraction | float, tolerance: float) -> Item:
    return {"step": step, "what": what, "bound": float(bound), "tolerance": float(tolerance)}


class Bounds:
    """The bounds of each step of one model."""

    def __init__(self, domains: Domains, precision: Precision) -> None:
        self._domains = domains
        self._length = domains.asked.max_length
        self._exact = precision.exact
        self._rounding = float(precision.rounding)
        self._underflow, self._gap = precision.underflow, precision.gap

    def of_head(self, layer: int, head: Head) -> Iterator[Item]:
        """Scores are exact and far enough apart; what is written is near enough to what is meant."""
        step = f"layer {layer} head: {head.title}"
        sides = max((max(q.bound / self._gap, k.bound) for q, k in head.dims), default=Fraction(0))
        yield _item(step, "queries and keys are exact integers", sides, self._exact)
        yield _item(
            step, f"scores are exact integers (in units of {self._gap})", head.score_bound, self._exact
        )
        yield _item(
            step, "unselected keys fall short by more than exp can tell from 0", self._underflow, self._gap
        )
        if head.bos_score < 0:
            yield _item(
                step, "so does BOS where something is selected", self._underflow, -float(head.bos_score)
            )
        for value in head.values:
            yield from self._of_value(step, head, value)

    def _of_value(self, step: str, head: Head, value: HeadValue) -> Iterator[Item]:
        name, reading = value.column.name, value.reading
        if reading.noise == 0:
            yield _item(step, f"values of {name} are exact", reading.bound, self._exact)
        counted = [read.most for read in head.reads if read.term.kind in COUNTED]
        if counted:
            largest = max(abs(reading.low), abs(reading.high))
            share = float(value.factor), float(head.bos_score)
            off = sum_error(float(largest), *share, max(counted), self._rounding)
            yield _item(step, f"{name} is rounded to the right integer", off, 0.5)
            return
        several = not any(self._at_most_one(read.term) for read in head.reads)
        if reading.noise == 0 and several:
            yield _item(
                step, f"sums of values of {name} are exact", reading.bound * self._length, self._exact
            )
        if value.column.snapped:
            off = 4 * self._rounding * float(value.column.bound)
            yield _item(step, f"{name} is rounded to the right integer", off, 0.5)

    def _at_most_one(self, term: Term) -> bool:
        """Whether no query of the read selects two keys."""
        return self._domains.relations.at_most_one(self._domains.reads[term.index].conjunctions)

    def of_hidden(self, layer: int, hidden: Neurons) -> Iterator[Item]:
        """What the neurons read is exact, and what they add up is, or is near enough before rounding."""
        step = f"layer {layer} MLP: {hidden.title}"
        if isinstance(hidden, Gate):
            yield from self._of_gate(step, hidden)
            return
        yield _item(step, "the point on the line is exact", hidden.reading.bound, self._exact)
        for column in hidden.columns:
            if column.noise:
                yield _item(step, f"noise of {column.name} before rounding", column.noise, 0.5)

    def _of_gate(self, step: str, gate: Gate) -> Iterator[Item]:
        """What each neuron reads is exact, and so is what they add up, in units of its lowest bit.

        What is read is a sum itself, of which every partial sum must be exact: all its parts count. What a
        neuron gives is never below 0, so of what is added up it is the largest reading that counts, at tokens
        and at BOS: no partial sum is larger than all of those together, with the start.
        """
        if gate.column.noise or gate.column.snapped:
            yield _item(step, f"noise of {gate.column.name} before rounding", gate.column.noise, 0.5)
            return
        readings = [reading for reading, _ in gate.units]
        whole = math.lcm(*(c.denominator for r in readings for c in (r.constant, *r.coefficients.values())))
        largest = max((reading.bound for reading in readings), default=Fraction(0))
        yield _item(step, "what is compared is exact", whole * largest, self._exact)
        parts = whole * math.lcm(*(weight.denominator for _, weight in gate.units), gate.start.denominator)
        sizes = (abs(weight) * max(reading.high, reading.at_bos, ZERO) for reading, weight in gate.units)
        total = abs(gate.start) + sum(sizes, ZERO)
        yield _item(step, "what is added up is exact", parts * total, self._exact)

    def of_output(self, lowered: Lowered) -> Item:
        """The answer is decoded to the right value."""
        reading, domain = lowered.output, lowered.output_domain
        parts = len(reading.coefficients)
        rounded = float(reading.noise) + self._rounding * (parts + 2) * float(reading.bound)
        if isinstance(domain, Means):
            off = float(reading.noise) if _is_a_column(reading) else rounded
            return _item(
                "output", "nearest fraction is the right one", off, 1 / (2 * domain.max_denominator**2)
            )
        off = float(reading.noise) if self._is_whole(reading) else rounded
        return _item("output", "the code is exact", off, 0.5)

    def _is_whole(self, reading: Reading) -> bool:
        """Whether all that is added up are whole numbers, of which no sum is ever rounded."""
        factors = (reading.constant, *reading.coefficients.values())
        return reading.bound < self._exact and all(factor.denominator == 1 for factor in factors)


def _is_a_column(reading: Reading) -> bool:
    """Whether a column is read as it is, so that nothing is added up that float32 might round."""
    return not reading.constant and list(reading.coefficients.values()) == [1]
