"""Hidden layers re-checked: over every value that they depend on, the outputs are what is claimed.

All units of a hidden layer read the same few linear forms of the stream, mostly one, p. Then an output is a
piecewise linear function of p, which is worked out from the weights at every p that can occur and compared.
Gates, whose units read several forms of numbers with too many combinations, are checked case by case.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compiler.certificate.claims import ConstantClaim, HiddenClaim
from compiler.graph.terms import TOKEN, Term
from compiler.ranges.affine import AffineForm
from compiler.ranges.domains import Means, Numbers
from compiler.rechecking.attention import accept
from compiler.rechecking.branches import Branches, Sum, largest_error
from compiler.rechecking.points import MAX_TRIED, Axis, Points, bases_of
from compiler.rechecking.report import Steps, Unproved
from compiler.rechecking.stream import OVERFLOW, Floats, Held, Reading, Stream, lowest_bit
from runtime.weights import Layer

BLOCK = 1 << 22
"""How many entries of a hidden layer are worked out at a time."""

STRAIGHT = 2.0**-30
"""What is read of means may be so far off from being on or off, and what it adds up to."""

MAX_WORK = 1 << 31
"""How many products of points, units and columns are worked out one by one where there is no single p."""


@dataclass(frozen=True, eq=False)
class Units:
    """The units that matter to some columns: pre-activation = rate * p + bias for the form number `form`;
    `weights` [units, columns], `error` of each pre-activation apart from that of p.
    """

    form: NDArray[np.int64]
    rate: Floats
    bias: Floats
    weights: Floats
    error: Floats


def check_neurons(stream: Stream, number: int, claims: Sequence[HiddenClaim], steps: Steps) -> None:
    """The MLP of one layer, and what BOS holds after it."""
    layer, now = stream.weights.layers[number - 1], 2 * number
    written = stream.writes(now)
    claimed = [c for claim in claims for c in claim.columns]
    if sorted(claimed) != sorted(written):
        raise Unproved("the claimed tables do not write the columns of this layer")
    for claim in claims:
        _check_hidden(stream, layer, claim, [written[c] for c in claim.columns], steps)
    quiet = np.ones(stream.size, dtype=bool)
    quiet[claimed] = False
    if layer.w_out[:, quiet].any() or layer.b_out[quiet].any():
        raise Unproved("something is written to columns of other sublayers")
    idle = ~(layer.w_out != 0).any(axis=1)
    if layer.w_in[:, idle].any() or layer.b_in[idle].any():
        raise Unproved("there are neurons that nothing reads")
    _update_bos(stream, layer, written)


def _check_hidden(
    stream: Stream, layer: Layer, claim: HiddenClaim, held: Sequence[Held], steps: Steps
) -> None:
    """Columns of one s-op over every combination of the values that it depends on."""
    term = held[0].subject
    if term is None or term is TOKEN or any(f.subject is not term for f in held):
        raise Unproved("a hidden layer writes features of different s-ops, or of none")
    connected = np.flatnonzero((layer.w_out[:, claim.columns] != 0).any(axis=1))
    units, forms = _units(stream, layer, connected, list(claim.columns), 2 * claim.layer)
    several = claim.over and len(forms.bias) > 1  # of which one may be what others add up to
    points = None if several else _tried(stream, forms, term)
    if not claim.over and (points is None or forms.of_means):
        _check_gate(stream, layer, claim, held, connected, steps)
        return
    points = points or Points(stream.occurring, _axes(stream, claim))
    spread = forms.along(points.axes)
    noise = spread.error
    if len(noise) > 1:  # of each unit: what it reads may be on or off, and so much off
        units, noise = replace(units, error=units.error + noise[units.form]), np.zeros(1)
    ranks = np.where(points.at_positions(), points.ranks(term), -1)
    ranks = np.broadcast_to(ranks, points.shape).reshape(-1)
    at, ranks = _distinct(spread.grid(points.shape)[ranks >= 0], ranks[ranks >= 0])
    if not len(ranks):
        raise Unproved(f"{term.title} is undefined everywhere")
    _no_kinks(units, at, noise)
    ends = [at] if not noise.any() else [at - noise, at + noise]
    block = max(1, BLOCK // max(len(ranks), len(connected), 1))
    for first in range(0, len(held), block):
        some = slice(first, first + block)
        fewer = replace(units, weights=units.weights[:, some])
        _check_columns(stream, layer, (claim.columns[some], held[some]), (fewer, forms), (ends, ranks), steps)


def _check_columns(
    stream: Stream,
    layer: Layer,
    outputs: tuple[Sequence[int], Sequence[Held]],
    neurons: tuple[Units, Reading],
    inputs: tuple[Sequence[Floats], NDArray[np.int64]],
    steps: Steps,
) -> None:
    """Some columns of a hidden layer at all points, or at both ends of what each point may be."""
    (columns, held), (units, forms), (ends, ranks) = outputs, neurons, inputs
    starts = [_start(stream, column, float(layer.b_out[column])) for column in columns]
    start = np.array([s for s, _ in starts])
    wanted = np.stack([f.values for f in held], axis=1)[ranks]
    error = np.zeros(len(columns))
    for end in ends:
        values, size, rounding, on = _evaluate(units, end)
        off = np.abs(values + start - wanted)
        bits = _unit(units, forms, start)
        largest = float((size + np.abs(start)).max(initial=0.0))
        if bits is not None and len(ends) == 1 and largest < stream.shown * 2.0**bits:
            steps.add("sums are exact (in units of their lowest bit)", largest / 2.0**bits, stream.shown)
        else:
            off = off + rounding + (on + 2) * stream.rounding * size
        error = np.maximum(error, off.max(axis=0))
    for column, one, worst, (_, snapped) in zip(columns, held, error, starts, strict=True):
        accept(stream, column, one, float(worst), snapped, f"{stream.name(column)}: ", steps)


def _check_gate(
    stream: Stream,
    layer: Layer,
    claim: HiddenClaim,
    held: Sequence[Held],
    connected: NDArray[np.int64],
    steps: Steps,
) -> None:
    """One column with the code of an s-op, in each of the s-op's cases."""
    (column,), (one,) = claim.columns, held
    term = one.subject
    assert term is not None
    factor, offset = _as_number(stream, one)
    reading = stream.read(
        layer.w_in[:, connected].astype(float), layer.b_in[connected].astype(float), 2 * claim.layer
    )
    weights = layer.w_out[connected, column].astype(float)
    start, snapped = _start(stream, column, float(layer.b_out[column]))
    bits = np.exp2(np.minimum(reading.bits, 60).astype(float))
    finest = min([1.0, lowest_of(start), *(b * lowest_of(w) for b, w in zip(bits, weights, strict=True))])
    # What the neurons give lies between 0 and the largest of what they read, so every partial sum of what
    # they add up is at most this. (For BOS, see `_update_bos`.)
    largest = abs(start) + float(np.abs(weights) @ np.maximum(reading.highest + reading.error, 0.0))
    off = 0.0
    if reading.of_means:
        # A neuron is off by no more than what it reads; besides, what it gives is added up with roundings.
        if any(read.real and read.slope is None for read, _ in reading.held):
            raise Unproved(f"{stream.name(column)} is made of means that are not held as numbers")
        bits, finest = np.full(len(bits), STRAIGHT), STRAIGHT
        off = float(np.abs(weights) @ (reading.error + STRAIGHT)) + STRAIGHT
        off += (len(weights) + 2) * stream.rounding * largest
    else:
        reading.require_exact(f"what the neurons of {stream.name(column)} read")
        steps.add("sums are exact (in units of their lowest bit)", largest / finest, stream.shown)
        if snapped or not one.whole:
            raise Unproved(f"{stream.name(column)} does not hold whole numbers")
    worst = np.inf
    for constants in (True, False):  # neurons may or may not have been made for cases that never occur
        branches = Branches(stream.occurring, list(reading.by_subject()))
        cases, sums = branches.of(term, constants), branches.reading(reading)
        units = list(zip(sums, weights.tolist(), bits.tolist(), strict=True))
        regions = [(branch.value, branches.region.within(branch.bounds)) for branch in cases]
        known = Sum(start - float(offset), {})
        claimed = [(known.plus(value, -float(factor)), r) for value, r in regions if r is not None]
        worst = min(worst, max((largest_error(off, units, r, finest) for off, r in claimed), default=0.0))
        if not worst:
            break
    accept(stream, column, one, worst + off, snapped, f"{stream.name(column)}: " if off else "", steps)


def _as_number(stream: Stream, held: Held) -> tuple[Fraction, Fraction]:
    """What is held of an s-op as a multiple of its value, and what is added to that."""
    assert held.subject is not None
    domain = stream.domains.get(held.subject)
    if not isinstance(domain, Means if held.real else Numbers):
        raise Unproved(f"{held.subject.title} is computed by a gate, but is no whole number")
    assert domain.scale is not None
    if isinstance(domain, Numbers) and domain.size == 1:
        return 1 / domain.scale, Fraction(float(held.values[0])) - domain.lowest
    if held.slope is None:
        raise Unproved(f"{held.subject.title} is computed by a gate, but not as a number")
    slope, offset = held.slope
    return slope / domain.scale, offset


def lowest_of(number: float) -> float:
    """The largest power of two that divides a number; 1 for 0."""
    return float(np.exp2(min(int(lowest_bit(np.array([number]))[0]), 0)))


def _tried(stream: Stream, forms: Reading, term: Term) -> Points | None:
    """All combinations of what neurons read and of what else the s-op is made of, if those are few."""
    occurring, subjects = stream.occurring, list(forms.by_subject())
    subjects += [base for base in bases_of(term, subjects) if base not in subjects]
    if all(map(occurring.listable, subjects)) and math.prod(map(occurring.size, subjects)) <= MAX_TRIED:
        points = Points(occurring, [occurring.term_axis(subject) for subject in subjects])
        if points.determines(term):
            return points
    return None


def learn_constants(stream: Stream, claims: Sequence[ConstantClaim]) -> None:
    """Work out s-ops that are claimed to have one value only, operands first."""
    for claim in sorted(claims, key=lambda claim: claim.term):
        stream.occurring.learn(stream.term(claim.term), _axes(stream, claim))


def _axes(stream: Stream, claim: HiddenClaim | ConstantClaim) -> list[Axis]:
    """What an s-op is claimed to depend on; forms of s-ops that are axes themselves add nothing."""
    occurring = stream.occurring
    axes = [occurring.term_axis(stream.term(over)) for over in claim.over if isinstance(over, int | str)]
    points = Points(occurring, axes)
    for over in claim.over:
        if not isinstance(over, int | str):
            parts = sorted(((stream.term(n), c) for n, c in over.items()), key=lambda item: item[0].index)
            if not all(points.determines(leaf) for leaf, _ in parts):
                axes.append(occurring.form_axis(AffineForm(Fraction(0), dict(parts))))
    return axes


def _distinct(at: Floats, ranks: NDArray[np.int64]) -> tuple[Floats, NDArray[np.int64]]:
    """Each combination of forms and rank once."""
    both = np.concatenate([at, ranks[:, None].astype(np.float64)], axis=1)
    rows = np.unique(both, axis=0)
    return rows[:, :-1], rows[:, -1].astype(np.int64)


def _units(
    stream: Stream, layer: Layer, connected: NDArray[np.int64], columns: list[int], now: int
) -> tuple[Units, Reading]:
    """The connected units over the fewest linear forms, and what those forms read."""
    w_in = layer.w_in[:, connected].astype(float)
    bias = layer.b_in[connected].astype(float)
    reading = stream.read(w_in, bias, now)
    first = (w_in != 0).argmax(axis=0)
    rate = np.sign(w_in[first, np.arange(len(connected))])
    forms, form = np.unique(w_in * rate, axis=1, return_inverse=True)
    noise = stream.read(forms, np.zeros(forms.shape[1]), now)
    own = np.maximum(reading.error - reading.noise, 0.0)
    weights = layer.w_out[connected][:, columns].astype(float)
    exact_forms = Reading(stream, noise.held, noise.bias, noise.total, noise.bits, noise.noise, noise.noise)
    return Units(form.reshape(-1), rate, bias, weights, own), exact_forms


def _start(stream: Stream, column: int, bias: float) -> tuple[float, bool]:
    """What a column gets apart from its neurons, and whether it is rounded."""
    start = float(stream.weights.token_embedding[1, column])
    snap, exact = stream.snap, stream.precision.exact
    if start == -snap and exact / 2 <= bias < exact:
        stream.needed.bias_apart = True
        return bias - snap, True
    if start == 0:
        return bias, False
    raise Unproved(f"{stream.name(column)} starts at {start} and is written with a bias of {bias}")


def _evaluate(units: Units, at: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """[points, columns]: what the units add up to, the sum of magnitudes, and of their own errors, with what
    these sums may be off by themselves; where all is exact (`_unit`), they are below 2^48 units, and exact.
    Last, how many are added up at most: what is 0 adds no error, nor does a product with 0.
    """
    weights = units.weights
    parts = (units.rate[:, None] * weights, units.bias[:, None] * weights)
    sizes = (units.rate[:, None] * np.abs(weights), units.bias[:, None] * np.abs(weights))
    errors = units.error[:, None] * np.abs(weights)
    if at.shape[1] == 1:
        p = at[:, 0]
        slope, rest, rate, bias = _active_sums(units, p, [*parts, *sizes])
        more, most = _active_sums(units, p, [np.abs(part) for part in parts])
        (error,) = _active_sums(
            replace(units, bias=units.bias + units.error), p, [errors]
        )  # or nearly active
        lost = (np.abs(p)[:, None] * more + most) * (len(weights) + 2) * 2.0**-52
        every = np.count_nonzero(weights, axis=0)[None, :].astype(float)
        return p[:, None] * slope + rest, p[:, None] * rate + bias, error + lost, every
    if len(at) * weights.size > MAX_WORK:
        raise Unproved("a hidden layer with too many combinations to try")
    before = at[:, units.form] * units.rate + units.bias
    hidden = np.maximum(before, 0.0)
    on = before > -units.error
    return hidden @ weights, hidden @ np.abs(weights), on @ errors, on @ (weights != 0).astype(float)


def _active_sums(units: Units, p: Floats, weights: Sequence[Floats]) -> list[Floats]:
    """For each point, the sums of weights over the units that are active there: those with a positive rate
    left of the point, and those with a negative rate right of it. No other one is added up, not even to be
    taken away again: beside a large number smaller ones are lost.
    """
    results = [np.zeros((len(p), w.shape[1])) for w in weights]
    still = np.flatnonzero((units.rate == 0) & (units.bias > 0))
    for result, weight in zip(results, weights, strict=True):
        result += weight[still].sum(axis=0)
    for sign in (1.0, -1.0):
        chosen = np.flatnonzero(units.rate * sign > 0)
        thresholds = -units.bias[chosen] / np.abs(units.rate[chosen])
        order = np.argsort(thresholds)
        count = np.searchsorted(thresholds[order], sign * p)
        for result, weight in zip(results, weights, strict=True):
            ordered = weight[chosen[order]]
            result += np.concatenate([np.zeros((1, weight.shape[1])), np.cumsum(ordered, axis=0)])[count]
    return results


def _unit(units: Units, forms: Reading, starts: Floats) -> int | None:
    """The exponent of a power of two that divides all that is added up; None if something is not exact."""
    if units.error.any() or forms.error.any() or not all(f.whole for f, _ in forms.held):
        return None
    read = np.minimum(lowest_bit(units.rate), 60) + np.minimum(forms.bits[units.form], 60)
    hidden = np.minimum(read, lowest_bit(units.bias))
    products = (lowest_bit(units.weights) + hidden[:, None]).min(initial=60)
    return int(min(products, lowest_bit(starts).min(initial=60)))


def _no_kinks(units: Units, at: Floats, noise: Floats) -> None:
    """No unit switches within the error of a point, so that the two ends are the worst cases."""
    if not noise.any():
        return
    moving = units.rate != 0
    thresholds = np.sort(-units.bias[moving] / units.rate[moving])
    low, high = (
        np.searchsorted(thresholds, at[:, 0] - noise[0]),
        np.searchsorted(thresholds, at[:, 0] + noise[0]),
    )
    if (low != high).any():
        raise Unproved("a neuron switches within the error of a value")


def _update_bos(stream: Stream, layer: Layer, written: Mapping[int, Held]) -> None:
    """What BOS holds after this sublayer, as the machine computes it in any order of additions. Where that is
    not certain, nothing that tokens read may depend on it.
    """
    if not layer.w_in.shape[1]:
        return
    number = np.dtype(stream.config.dtype).type
    w_out = layer.w_out.astype(float)
    read, most, certain = stream.guess_at_bos(layer.w_in.astype(float), layer.b_in.astype(float))
    if not (most < OVERFLOW[stream.config.dtype]).all():
        raise Unproved("neurons may overflow at BOS")
    hidden = np.maximum(read, 0.0)
    whole = all((array == np.round(array)).all() for array in (layer.w_in, layer.b_in, layer.w_out))
    total, size = hidden @ w_out, hidden @ np.abs(w_out)
    for column, held in written.items():
        bias = float(layer.b_out[column])
        before = stream.bos[column]
        value = float(number(number(before) + (number(total[column]) + number(bias))))
        start = _start(stream, column, bias)[0]
        exact = whole and size[column] + abs(start) < stream.shown
        if held.real:
            unit = _lowest_added(hidden, w_out[:, column], start)
            exact = size[column] + abs(start) < stream.shown * unit
        distance = abs(total[column] + (bias + before) - value)
        slack = (2 * layer.w_in.shape[1] + 4) * stream.rounding * float(size[column])
        near = exact or (not held.real and distance + slack < 0.5)
        known = certain[w_out[:, column] != 0].all() and (held.real or value == round(value))
        if near and known:
            stream.bos[column] = value
        else:
            largest = float(most @ np.abs(w_out[:, column]))
            stream.lose(column, largest + abs(bias) + abs(float(before)))


def _lowest_added(hidden: Floats, weights: Floats, start: float) -> float:
    """The largest power of two, 1 at most, that divides all that is added up."""
    used = (hidden != 0) & (weights != 0)
    bits = lowest_bit(hidden[used]) + lowest_bit(weights[used])
    return float(np.exp2(min([0, int(lowest_bit(np.array([start]))[0]), *bits.tolist()])))
