"""Small questions to single functions of the checker, from numbers at which one more or less matters: sums of
functions of single s-ops, neurons over one number, what BOS holds after an MLP, weights of some size, parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import numpy as np

from compiler.graph.conjunctions import Part
from compiler.precision import FLOAT32
from compiler.rechecking import attention, branches, coverage, machine, neurons, places
from compiler.rechecking.branches import Region, Sum
from compiler.rechecking.needs import Needed
from compiler.rechecking.report import Steps, Unproved
from compiler.rechecking.stream import Held, Reading, Stream, _solve, lowest_bit
from runtime.places import LARGEST
from runtime.weights import Layer, Weights

EDGES = (0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 2.0**22, 2.0**23, 2.0**24 - 1, 2.0**24)
NUMBERS: dict[str, Any] = {
    "config": SimpleNamespace(dtype="float32"),
    "precision": FLOAT32,
    "shown": FLOAT32.shown,
    "rounding": FLOAT32.cautious,
    "snap": FLOAT32.snap,
    "underflow": FLOAT32.underflow,
}
"""What a stream says of its number format."""

SUBJECTS = ("x", "y", "z")
"""They stand for s-ops: nothing is asked of them."""

# Gates ------------------------------------------------------------------------------------------------


def some_sum(rng: Random, subjects: int = 3) -> Sum:
    """A sum over some of the subjects, with small numbers."""
    chosen = rng.sample(SUBJECTS[:subjects], rng.randrange(subjects + 1))
    parts = {s: np.array([float(rng.randint(-3, 3)) for _ in range(4)]) for s in chosen}
    return Sum(float(rng.randint(-2, 4)), cast(Any, parts))


def some_region(rng: Random) -> Region | None:
    """Values of the subjects, within some bounds."""
    kept = {s: np.array([rng.random() < 0.8 for _ in range(4)]) for s in SUBJECTS}
    if not all(mask.any() for mask in kept.values()):
        return None
    return Region(cast(Any, kept)).within([some_sum(rng) for _ in range(rng.randrange(4))])


def region(rng: Random) -> object:
    """What is kept within bounds, and in its halves."""
    found = some_region(rng)
    if found is None:
        return None
    halves = found.halves([some_sum(rng)])
    return [found.kept, len(found.bounds), None if halves is None else [h.kept for h in halves]]


def least(rng: Random) -> object:
    """What a sum does not fall below where bounds are kept."""
    found = some_region(rng)
    return None if found is None else found.least(some_sum(rng), rng.choice((-5.0, 0.0, 5.0, 100.0)))


@dataclass(frozen=True)
class Gate:
    """Neurons with their weights and units, what is claimed of them, and where."""

    claimed: Sum
    units: tuple[tuple[Sum, float, float], ...]
    where: Region
    fine: float


def some_gate(rng: Random) -> Gate | None:
    """Mostly claimed to be what it is."""
    where = some_region(rng)
    if where is None:
        return None
    units = [
        (some_sum(rng, 2), float(rng.choice((1, -1, 2))), rng.choice((1.0, 0.5)))
        for _ in range(rng.randrange(4))
    ]
    claimed = some_sum(rng) if rng.random() < 0.2 else Sum(rng.choice((0.0, 0.0, 1.0, 0.5)), {})
    for unit, weight, _ in units:
        claimed = claimed.plus(unit, -weight * rng.randrange(2))
    return Gate(claimed, tuple(units), where, rng.choice((1.0, 0.5)))


def judged(asked: Gate) -> float:
    """What the checker says of it."""
    return branches.largest_error(asked.claimed, asked.units, asked.where, asked.fine)


def gate(rng: Random) -> object:
    """How far neurons are from what is claimed of them."""
    asked = some_gate(rng)
    return None if asked is None else judged(asked)


def true_error(asked: Gate) -> float:
    """How far they are by trying all values."""
    worst = 0.0
    kept = [np.flatnonzero(asked.where.kept[cast(Any, s)]).tolist() for s in SUBJECTS]
    for values in product(*kept):
        at = dict(zip(SUBJECTS, values, strict=True))
        if all(_at(bound, at) >= 0 for bound in asked.where.bounds):
            neurons_ = sum(weight * max(0.0, _at(unit, at)) for unit, weight, _ in asked.units)
            worst = max(worst, abs(_at(asked.claimed, at) + neurons_))
    return worst


def _at(total: Sum, at: Mapping[str, int]) -> float:
    return total.constant + sum(float(n[at[cast(str, s)]]) for s, n in total.parts.items())


def duality(rng: Random) -> object:
    """What a sum does not fall below where others that are like it are not negative."""

    def straight() -> Sum:
        chosen = rng.sample(SUBJECTS, rng.choice((2, 2, 3)))
        parts = {s: rng.choice((1.0, -1.0, 2.0, -2.0)) * np.arange(5) for s in chosen}
        return Sum(float(rng.randint(-3, 3)), cast(Any, parts))

    kept = {s: np.ones(5, dtype=bool) for s in SUBJECTS}
    found = Region(cast(Any, kept)).within([straight() for _ in range(rng.choice((1, 2, 2, 3)))])
    return None if found is None else found.least(straight(), 100.0)


# Neurons ----------------------------------------------------------------------------------------------


def some_layer(rng: Random, neurons_: int, columns: int, sizes: tuple[float, ...] = EDGES) -> Layer:
    """A layer with one head and an MLP, of numbers at the edges."""

    def some(*shape: int) -> Any:
        count = int(np.prod(shape))
        numbers = [rng.choice(sizes) * rng.choice((0, 1, 1, -1)) for _ in range(count)]
        return np.array(numbers, np.float32).reshape(shape)

    heads = rng.randrange(2)
    read = {name: some(heads, columns, 2) for name in ("w_q", "w_k", "w_v")}
    added = {name: some(heads, 2) for name in ("b_q", "b_k", "b_v")}
    written = {"w_o": some(heads, 2, columns), "b_o": some(columns), "b_out": some(columns)}
    mlp = {"w_in": some(columns, neurons_), "b_in": some(neurons_), "w_out": some(neurons_, columns)}
    return Layer(**read, **added, **written, **mlp)


def bos_after(rng: Random) -> object:
    """What BOS holds after an MLP, and where that is not certain."""
    sizes = rng.choice((EDGES[:6], EDGES, (1.0, 0.25, 2.0**11, 2.0**12)))
    layer = some_layer(rng, rng.randrange(3), 2, sizes)
    start = rng.choice((0.0, 0.0, -FLOAT32.snap, 1.0))
    layer.b_out[1] = FLOAT32.snap if start == -FLOAT32.snap else layer.b_out[1] if rng.random() < 0.5 else 0.0
    bos = np.array([1.0, rng.choice((start, 0.0, 0.5))])
    stream = _like_a_stream(bos, start)
    held = SimpleNamespace(real=rng.random() < 0.1)
    neurons._update_bos(cast(Stream, stream), layer, cast(Any, {1: held}))
    return stream.bos, stream.lost


def _like_a_stream(bos: Any, start: float) -> Any:
    """Two columns, of which the second starts so."""
    weights = SimpleNamespace(token_embedding=np.array([[*bos], [0.0, start]]))
    stream = SimpleNamespace(
        bos=bos, lost=np.zeros(2, bool), weights=weights, needed=Needed(), name=str, **NUMBERS
    )
    for method in ("guess_at_bos", "lose", "_short"):
        setattr(stream, method, partial(getattr(Stream, method), stream))
    return stream


def some_units(rng: Random, forms: int) -> tuple[neurons.Units, Any]:
    """Neurons that switch on or off at the points that are asked about, or nearly; and these points."""
    count = rng.randint(1, 4)

    def some(*numbers: float) -> Any:
        return np.array([rng.choice(numbers) for _ in range(count)])

    units = neurons.Units(
        np.array([rng.randrange(forms) for _ in range(count)]),
        some(1.0, -1.0, 0.0),
        some(0.0, 1.0, -1.0, 0.5, 2.0),
        np.array([[float(rng.randint(-3, 3)) for _ in range(2)] for _ in range(count)]),
        some(0.0, 0.0, 0.25, 0.5),
    )
    return units, np.array([[float(rng.randint(-2, 2)) for _ in range(forms)] for _ in range(4)])


def hidden(rng: Random) -> object:
    """What neurons add up to, and whether one switches near a point."""
    units, at = some_units(rng, rng.choice((1, 1, 2)))
    neurons_at = neurons._evaluate(units, at)
    noise = np.array([rng.choice((0.0, 0.5, 0.25, 1.0))])
    if at.shape[1] == 1:
        neurons._no_kinks(units, at, noise)
    return neurons_at


def in_units(rng: Random) -> object:
    """The power of two that divides all that neurons add up."""
    units, _ = some_units(rng, 2)
    numbers = [rng.choice((0.0, 0.5, 0.25, 3.0, 8.0)) for _ in range(6)]
    held = SimpleNamespace(whole=rng.random() < 0.8)
    error = np.array([rng.choice((0.0, 0.0, 0.0, 0.5))] * 2)
    reading = SimpleNamespace(error=error, held=[(held, None)], bits=np.array([rng.choice((-3, 0, 2))] * 2))
    if rng.random() < 0.7:
        units.error[:] = 0
    return neurons._unit(units, cast(Reading, reading), np.array(numbers[:2])), neurons.lowest_of(numbers[3])


def starts(rng: Random) -> object:
    """What a column starts from and by how much it is rounded."""
    start = rng.choice((0.0, -FLOAT32.snap, 1.0))
    stream = _like_a_stream(np.zeros(2), start)
    bias = rng.choice((0.0, 1.0, FLOAT32.snap, 2.0**23, 2.0**23 - 1, 2.0**24, 2.0**24 - 1, FLOAT32.snap + 3))
    said: list[object] = []
    for find in (neurons._start, attention._snapped):
        try:
            said.append(find(cast(Stream, stream), 1, bias))
        except Unproved as refused:
            said.append(str(refused))
    return said, stream.needed.bias_apart


# Bounds -----------------------------------------------------------------------------------------------


def bits(rng: Random) -> object:
    """The lowest bits of numbers, and numbers that solve equations."""
    numbers = np.array([rng.choice(EDGES) * rng.choice((1, 0.125, 3)) for _ in range(4)])
    a = np.array([[float(rng.randint(-2, 2)) for _ in range(2)] for _ in range(4)])
    wanted = a @ np.array([[rng.choice((1.0, 0.25, 1 / 3))], [rng.choice((0.0, 2.0**-19, 2.0**-22))]])
    one = _solve([a[:, :1]], [a[:, :1] * rng.choice((0.3, 0.25))], 1, 1)
    one = np.concatenate([one, _solve([a[:, :1] * 0], [a[:, :1] * 0], 1, 1)])
    return lowest_bit(numbers), one, _solve([a], [wanted], 2, 1), _solve([], [], 2, 3)


def magnitudes(rng: Random) -> object:
    """Whether weights are of a size that a machine keeps, and what padding can hold."""
    smallest, largest = machine.SMALLEST, machine.LARGEST["float32"]
    sizes = (0.0, 1.0, smallest, largest, rng.choice((1.0, smallest / 2, largest * 2, smallest * 2)))
    layers = tuple(some_layer(rng, rng.randrange(3), 2, sizes) for _ in range(rng.choice((1, 2))))
    tokens, positions = np.ones((3, 2)), np.array([[rng.choice(EDGES), 0.0]] * 3)
    arrays = [np.array(a, np.float32) for a in (tokens, positions, np.ones((2, 2)), np.zeros(2))]
    weights = Weights(token_embedding=arrays[0], position_embedding=arrays[1], layers=layers,
                      unembedding=arrays[2], unembedding_bias=arrays[3])  # fmt: skip
    stream = SimpleNamespace(**NUMBERS, weights=weights, bounds=lambda: np.array([rng.choice(EDGES), 1.0]))
    said = []
    checks: list[Callable[[], object]] = [
        lambda: machine._check_range(weights, machine.LARGEST["float32"]),
        lambda: machine._check_skipped(layers[0], 1),
        lambda: machine._check_embeddings(weights),
        lambda: machine._check_padding(cast(Stream, stream)),
    ]
    for check in checks:
        try:
            check()
            said.append("fine")
        except Unproved as refused:
            said.append(str(refused))
    return said


def padding(rng: Random) -> object:
    """What padding can hold, by what overflows: the limit is asked for at which it just does not."""
    layers = tuple(some_layer(rng, rng.randrange(1, 3), 2, EDGES[:6]) for _ in range(2))
    weights = SimpleNamespace(
        layers=layers,
        token_embedding=np.array([[rng.choice(EDGES[:6]) for _ in range(2)] for _ in range(2)]),
        position_embedding=np.array([[rng.choice(EDGES[:6]) for _ in range(2)] for _ in range(3)]),
    )
    stream = SimpleNamespace(**NUMBERS, weights=weights, bounds=lambda: np.array([3.0, 1.0]))
    seen: list[object] = []
    whole = machine._require_finite
    try:
        setattr(machine, "_require_finite", lambda sizes, most, number: seen.append((sizes, most, number)))  # noqa: B010
        machine._check_padding(cast(Stream, stream))
    finally:
        setattr(machine, "_require_finite", whole)  # noqa: B010
    return seen


def accepted(rng: Random) -> object:
    """Whether what is off by so much may be written, and what a machine needs then."""
    values = np.array([0.0, rng.choice((1.0, 2.0**22, 2.0**22 - 1, 0.5))])
    held = Held(None, (0,), values, None, rng.random() < 0.3, 2, rng.choice((0.0, 0.001)))
    stream = _like_a_stream(np.zeros(2), 0.0)
    steps, error = Steps(), rng.choice((0.0, 0.002, 0.49, 0.5, 2.0**-8))
    counted = (1.0, rng.choice((1.0, 1e9)), rng.choice((20.0, 9.0, 12.0)), rng.choice((5, 3000, 300)))
    attention._allow_exp(cast(Stream, stream), held, counted)
    said = vars(stream.needed)
    try:
        attention.accept(cast(Stream, stream), 0, held, error, rng.random() < 0.5, "", steps)
    except Unproved as refused:
        return said, str(refused), held.noise
    return said, [vars(step) for step in steps.done], held.noise, held.bound, held.whole


# Selections -------------------------------------------------------------------------------------------


def every_position(rng: Random) -> object:
    """Whether parts are all positions."""
    size, length = rng.choice((2, 3, 4)), rng.choice((4, 5, 6, 7))
    parts: list[Part | None] = [Part(n, size) for n in range(-(-length // size))]
    if rng.random() < 0.5:
        parts[rng.randrange(len(parts))] = rng.choice(
            (None, Part(rng.randrange(4), size), Part(0, size + 1), Part(len(parts), size))
        )
    if rng.random() < 0.2:
        parts = [None] * rng.choice((1, 2))
    return coverage._every_position(parts, length)


def place(rng: Random) -> object:
    """Whether a place can be given up."""
    largest = LARGEST
    values = np.array([rng.choice((1.0, largest, largest - 1, -largest, 0.5))])
    held = Held(None, (0,), values, None, rng.random() < 0.2, 2)
    bos = np.array([rng.choice((0.0, 1.0, 0.5, largest, -largest, largest - 1)), 0.0])
    stream = _like_a_stream(bos, 0.0)
    stream.lost[0] = rng.random() < 0.1
    stream.weights.token_embedding[0, 1] = rng.choice((0.0, -FLOAT32.snap, 1.0, FLOAT32.snap))
    stream.owner = [held, held]
    with patch.object(places, "changes", lambda config: [SimpleNamespace(old=0, new=1)]):
        places.check_places(stream, cast(Any, None))
    return "fine"
