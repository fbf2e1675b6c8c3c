"""Neurons that tell which of some numbers a reading is: hats, each 1 at one of the numbers and 0 at others.

A hat is the difference of two steps. A step is mostly steep in the middle between two numbers, so that small
errors vanish, and a little sloped all the way, so that gradients never do. It is measured from the nearer
end: far away from a step there would be the difference of two large numbers, and noise of weights would show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction

from compiler.soft.parts import Column, Form, Neuron, constant

GENTLE = 0.15
"""The share of a step that rises all the way from one number to the next."""


def one(sublayer: int, weights: Mapping[Column, float]) -> Neuron:
    """The neuron that is 1 at every token."""
    return Neuron(sublayer, constant(1), 0.0, 1.0, weights)


def hats(
    sublayer: int,
    reading: Form,
    numbers: Sequence[Fraction],
    columns: Sequence[Column | None],
    falling: bool = False,
) -> list[Neuron]:
    """For a reading that is one of `numbers`, ascending: 1 in the column of the same number. With `falling`
    all steps are measured from the largest number, where all neurons are off.
    """
    middle = (numbers[0] + numbers[-1]) / 2
    always: dict[Column, float] = defaultdict(float)
    units: dict[tuple[float, float], dict[Column, float]] = {}
    for place in range(len(numbers)):
        column = columns[place]
        if column is None:
            continue
        for step, sign in ((place, 1.0), (place + 1, -1.0)):
            if step == 0:
                always[column] += sign
            elif step < len(numbers):
                low, high = numbers[step - 1], numbers[step]
                below = falling or (low + high) / 2 < middle
                always[column] += sign if below else 0.0
                for side, at, slope in _ramps(float(low), float(high), below):
                    weights = units.setdefault((side, at), {})
                    weights[column] = weights.get(column, 0.0) + sign * slope
    found = [_unit(sublayer, reading, side, at, weights) for (side, at), weights in units.items()]
    needed = {column: weight for column, weight in always.items() if weight}
    return [*found, *([one(sublayer, needed)] if needed else [])]


def _ramps(low: float, high: float, below: bool) -> list[tuple[float, float, float]]:
    """One step from `low` to `high` as units: (side, knee, weight). With `below` it is 1 less the units."""
    gap = high - low
    parts = [(low, high, GENTLE / gap), (low + gap / 4, high - gap / 4, (1 - GENTLE) / (gap / 2))]
    if below:
        return [unit for a, b, slope in parts for unit in ((-1.0, b, -slope), (-1.0, a, slope))]
    return [unit for a, b, slope in parts for unit in ((1.0, a, slope), (1.0, b, -slope))]


def _unit(sublayer: int, reading: Form, side: float, at: float, weights: Mapping[Column, float]) -> Neuron:
    """A unit whose weights into it and out of it are of one size."""
    inward = max([abs(at), *(abs(float(c)) for c in reading.coefficients.values())])
    gain = (max(map(abs, weights.values())) / inward) ** 0.5
    return Neuron(sublayer, reading, at, side * gain, {c: w / gain for c, w in weights.items() if w})
