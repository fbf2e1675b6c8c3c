"""Small questions to single functions of the checker, near the edges of what they let pass.

Each is drawn at random, from numbers at which one more or less matters: sums of functions of single s-ops,
neurons over one number, what BOS holds after an MLP, readings of the stream of a model that is right, forms
of several s-ops. An answer is plain data, or the words of a refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
from itertools import product
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import numpy as np

import compiler
import rasp
from compiler.certificate.claims import HeadClaim, LiteralClaim, numbered
from compiler.certificate.claims_json import from_data
from compiler.graph.conjunctions import Digit, Part
from compiler.graph.terms import TOKEN, Kind, Term
from compiler.program.saving import as_saved
from compiler.rechecking import attention, branches, coverage, ends, machine, neurons, places, points, proof
from compiler.rechecking.branches import Region, Sum
from compiler.rechecking.needs import Needed
from compiler.rechecking.proof import rebuild as whole_rebuild
from compiler.rechecking.report import Steps
from compiler.rechecking.stream import SNAP, Held, Reading, Stream, _solve, lowest_bit
from compiler.request import Request
from compiler.values.affine import AffineForm
from compiler.values.domains import Numbers
from rasp.errors import InputError
from runtime.places import LARGEST, apart
from runtime.weights import Layer, NumberOutput, Weights

Answer = Callable[[Random], object]
"""What is asked with the random numbers of a seed."""

EDGES = (0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 2.0**22, 2.0**23, 2.0**24 - 1, 2.0**24)
SUBJECTS = ("x", "y", "z")
"""They stand for s-ops: nothing is asked of them."""

Words = points.Unproved, AssertionError
"""How a function refuses."""


def plain(value: object) -> object:
    """As data that can be compared, to nine digits."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, Mapping):
        return [(str(key), plain(each)) for key, each in value.items()]
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


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
    """What BOS holds after an MLP, or why that is not certain."""
    sizes = rng.choice((EDGES[:6], EDGES, (1.0, 0.25, 2.0**11, 2.0**12)))
    layer = some_layer(rng, rng.randrange(3), 2, sizes)
    start = rng.choice((0.0, 0.0, -SNAP, 1.0))
    layer.b_out[1] = SNAP if start == -SNAP else layer.b_out[1] if rng.random() < 0.5 else 0.0
    bos = np.array([1.0, rng.choice((start, 0.0, 0.5))])
    stream = _like_a_stream(bos, start)
    held = SimpleNamespace(real=rng.random() < 0.1)
    neurons._update_bos(cast(Stream, stream), layer, cast(Any, {1: held}))
    return stream.bos


def _like_a_stream(bos: Any, start: float) -> Any:
    """Two columns, of which the second starts so."""
    weights = SimpleNamespace(token_embedding=np.array([[*bos], [0.0, start]]))
    stream = SimpleNamespace(bos=bos, weights=weights, needed=Needed(), name=str, config=None)
    stream.at_bos = lambda weight, bias: Stream.at_bos(cast(Stream, stream), weight, bias)
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
    start = rng.choice((0.0, -SNAP, 1.0))
    stream = _like_a_stream(np.zeros(2), start)
    bias = rng.choice((0.0, 1.0, SNAP, 2.0**23, 2.0**23 - 1, 2.0**24, 2.0**24 - 1, SNAP + 3))
    said: list[object] = []
    for find in (neurons._start, attention._snapped):
        try:
            said.append(find(cast(Stream, stream), 1, bias))
        except points.Unproved as refused:
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
    smallest, largest = machine.SMALLEST, machine.LARGEST
    sizes = (0.0, 1.0, smallest, largest, rng.choice((1.0, smallest / 2, largest * 2, smallest * 2)))
    layers = tuple(some_layer(rng, rng.randrange(3), 2, sizes) for _ in range(rng.choice((1, 2))))
    tokens, positions = np.ones((3, 2)), np.array([[rng.choice(EDGES), 0.0]] * 3)
    arrays = [np.array(a, np.float32) for a in (tokens, positions, np.ones((2, 2)), np.zeros(2))]
    weights = Weights(token_embedding=arrays[0], position_embedding=arrays[1], layers=layers,
                      unembedding=arrays[2], unembedding_bias=arrays[3])  # fmt: skip
    stream = SimpleNamespace(weights=weights, bounds=lambda: np.array([rng.choice(EDGES), 1.0]))
    said = []
    checks: list[Callable[[], object]] = [
        lambda: machine._check_range(weights),
        lambda: machine._check_skipped(layers[0], 1),
        lambda: machine._check_embeddings(weights),
        lambda: machine._check_padding(cast(Stream, stream)),
    ]
    for check in checks:
        try:
            check()
            said.append("fine")
        except points.Unproved as refused:
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
    stream = SimpleNamespace(weights=weights, bounds=lambda: np.array([3.0, 1.0]))
    seen: list[object] = []
    whole = machine._require_finite
    try:
        setattr(machine, "_require_finite", lambda sizes, number: seen.append((sizes, number)))  # noqa: B010
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
    except points.Unproved as refused:
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
    stream.weights.token_embedding[0, 1] = rng.choice((0.0, -SNAP, 1.0, SNAP))
    stream.owner = [held, held]
    with patch.object(places, "changes", lambda config: [SimpleNamespace(old=0, new=1)]):
        places.check_places(stream, cast(Any, None))
    return "fine"


# The stream of a model --------------------------------------------------------------------------------

COUNTS = "c = count(tokens, 0); d = count(tokens, 1); e = count(tokens, 2); "
STREAMS: Mapping[str, tuple[str, int, bool]] = {
    f"{COUNTS}r = c + indices if c < d else e - d;": ("012", 9, False),
    f"{COUNTS}r = (c + 2 * d + 1) % 3 + count(c, c);": ("012", 5, False),
    "r = aggregate(select(indices, indices, <=), tokens) * 3 + 1;": ("0123", 16, False),
    "a = aggregate(select(indices, indices, <=), tokens); r = a > 1 / 2 and tokens == 1;": ("01", 6, False),
    "c = count(tokens, 0, causal=True); r = c * 2 > indices;": ("01", 6, True),
    "r = indices + 1 if tokens == 1 else length - indices;": ("01", 6, False),
    "r = indices + tokens;": ("1", 3, False),
    "c = count(tokens, 0); r = 1 if c * 2 > length - 1 + tokens else c;": ("01", 6, False),
}
"""Programs whose columns are read, with their vocabularies, lengths and whether they are causal."""


@cache
def _parts_of(text: str) -> tuple[Any, ...]:
    vocab, length, causal = STREAMS[text]
    said = text.replace(", causal=True", "")
    sop = rasp.parse(f"tokens = tokens_asis; {said}").main
    model = compiler.compile(sop, [int(token) for token in vocab], length, causal)
    claims = from_data(model.certificate.claims)
    config, weights = apart(model.config, model.weights)
    asked = proof.asked_for(config, claims.optimize)
    root, domains = proof.rebuild(as_saved(sop, asked).sop, asked, claims.wording)
    return config, weights, domains, numbered(root), claims


def some_stream(rng: Random) -> Stream:
    """The stream of one of the models, with other numbers at BOS."""
    stream = Stream(*_parts_of(rng.choice(list(STREAMS))))
    stream.bos = stream.bos * rng.choice((1.0, 1.0, 0.5, 2.0**23))
    return stream


def reading(rng: Random) -> object:
    """What is read of columns, how exactly, and what that is along one s-op."""
    stream = some_stream(rng)
    columns = range(stream.size)
    weight, bias = np.zeros((stream.size, 2)), np.array([rng.choice(EDGES), 0.0])
    for _ in range(rng.randint(1, 3)):
        column = rng.choice(columns)
        weight[column] = [rng.choice(EDGES) * rng.choice((1, 0.5, -1)) for _ in range(2)]
    now = rng.choice((1, 2, 3, 9))
    for one in stream.owner:
        assert one is not None
        one.noise = rng.choice((0.0, 2.0**-12)) if one.real else 0.0
        one.values = one.values * rng.choice((1, 1, 1, 0.5))
    found = stream.read(weight, bias, now)
    said = [
        found.total,
        found.bits,
        found.noise,
        found.error,
        found.highest,
        list(found.by_subject().values()),
    ]
    axes = [stream.occurring.value_axis(t) for t in found.by_subject() if t is not TOKEN]
    chosen = rng.sample(axes, min(len(axes), rng.choice((1, 2))))
    try:
        spread = found.along(chosen)
        said.append([spread.constant, spread.lines, spread.error])
    except points.Unproved as refused:
        said.append(str(refused))
    try:
        said.append(stream.at_bos(weight, bias))
    except points.Unproved as refused:
        said.append(str(refused))
    return said


def form(rng: Random) -> object:
    """What sums of s-ops can be, and which s-ops those decide, and as what."""
    stream = some_stream(rng)
    occurring, domains = stream.occurring, stream.domains
    terms = [t for t in stream.terms if not t.is_selector]
    leaves = [t for t in terms if isinstance(domains.get(t), Numbers) and t.kind is not Kind.CONST]
    chosen = {t: Fraction(rng.choice((1, -1, 2, 3)), rng.choice((1, 1, 2))) for t in rng.sample(leaves, 2)}
    if rng.random() < 0.3:
        chosen = dict(domains.forms[rng.choice(leaves).index].coefficients)
    asked_form = AffineForm(Fraction(rng.randrange(3)), chosen)
    if not chosen:
        return None
    axis = occurring.form_axis(asked_form)
    axes = [axis]
    for term in rng.sample(terms, 1):
        axes += [occurring.term_axis(term)] if rng.random() < 0.6 else []
    found = points.Points(occurring, axes)
    said: list[object] = [[str(v) for v in axis.values], str(axis.unit), found.at_positions()]
    for term in terms:
        said.append(found.ranks(term) if found.determines(term) else None)
        said.append(occurring.which(term))
        said.append(sorted(str(base.kind) for base in points.bases_of(term, list(chosen))))
    return said


def at_positions(rng: Random) -> object:
    """At which values of a multiple of a count, and of the length or the index, there is any input."""
    stream = some_stream(rng)
    domains = stream.domains
    whole = [
        t
        for t in stream.terms
        if not t.is_selector and t.kind is not Kind.CONST and isinstance(domains.get(t), Numbers)
    ]
    seen = [t for t in whole if t.kind is Kind.INDICES or domains.is_length(t)]
    counts = [t for t in whole if domains.room(t) is not None]
    if not seen or not counts:
        return None
    leaf, other = rng.choice(counts), rng.choice(seen)
    factor = Fraction(rng.choice((1, 2, -1)))
    axis = stream.occurring.form_axis(AffineForm(Fraction(rng.choice((0, 1, 3))), {leaf: factor}))
    return points.Points(stream.occurring, [axis, stream.occurring.value_axis(other)]).at_positions()


def codes(rng: Random) -> object:
    """What a column that a gate writes holds of an s-op."""
    stream = some_stream(rng)
    term = rng.choice([t for t in stream.terms if not t.is_selector])
    slope = rng.choice((None, (Fraction(2), Fraction(1))))
    held = Held(term, (0,), np.array([3.0]), slope, rng.random() < 0.2, 2)
    return [str(part) for part in neurons._as_code(stream, held)]


def rebuilt(rng: Random) -> object:
    """What is kept of a program, under the names that the configuration has."""
    sop = rasp.load("sort").main
    asked = Request((0, 1, 2), 3, keep=("rank",))
    root, _ = whole_rebuild(as_saved(sop, asked).sop, asked, ())
    return [(term.title, term.is_kept) for term in numbered(root)]


def explained(rng: Random) -> object:
    """A reading of a form along that form, which other columns may disturb."""
    stream = some_stream(rng)
    domains = stream.domains
    held = [one for one in stream.owner if one is not None and one.subject is not None]
    held = [one for one in held if one.subject is not TOKEN and len(one.columns) == 1]
    numbers = [one for one in held if one.slope and isinstance(domains.get(cast(Any, one.subject)), Numbers)]
    if len(numbers) < 2:
        return None
    some = rng.sample(numbers, 2)
    weight = np.zeros((stream.size, 1))
    factors = dict[Term, Fraction]()
    for one in some:
        factor = Fraction(rng.choice((1, 2, -1, 3)))
        slope, subject = one.slope, one.subject
        assert slope is not None
        assert subject is not None
        weight[one.columns[0]] += float(factor)
        code = domains.get(subject).scale or Fraction(1)
        factors[subject] = factors.get(subject, Fraction(0)) + factor * slope[0] / code
    if rng.random() < 0.4:
        weight[rng.choice(held).columns[0]] += rng.choice((1.0, 2.0**-30, 2.0**-18))
    factors = {subject: factor for subject, factor in factors.items() if factor}
    axis = stream.occurring.form_axis(AffineForm(Fraction(rng.randrange(2)), factors))
    axes = [axis]
    if rng.random() < 0.5:
        other = rng.choice(held).subject
        assert other is not None
        axes.append(stream.occurring.term_axis(other))
    if rng.random() < 0.3:
        axes.append(
            stream.occurring.form_axis(AffineForm(Fraction(0), {rng.choice(list(factors)): Fraction(1)}))
        )
    found = stream.read(weight, np.array([rng.choice((0.0, 1.0))]), 99).along(axes)
    return found.constant, found.lines, found.error


def many_sums(rng: Random) -> object:
    """All sums of two lists, or the range that they lie in if they are many."""
    some = [np.array(sorted(rng.sample(range(12), rng.choice((2, 3, 4))))) for _ in range(2)]
    with patch.object(points, "MAX_POINTS", rng.choice((6, 8, 9, 12, 20))):
        return points._all_sums(*some)


def digits(rng: Random) -> object:
    """In how many parts a conjunction is claimed to be read, by digits and by positions."""
    cut = rng.choice(((4, 1), (4, 2, 1), (9, 3, 1), (4, 3, 1), (4, 2), (1, 1), (2, 0, 1), (1,)))
    numbers = list(range(len(cut)))
    parts: list[Part | None] = [None] if rng.random() < 0.5 else [Part(0, 3), Part(1, 3)]
    claims = [
        HeadClaim(
            1, 0, 0, (LiteralClaim(1, 2, "<", (0,), Digit(cut, n)), LiteralClaim(3, 4, "=", (1,))), (), part
        )
        for n in numbers
        for part in parts
    ]
    if rng.random() < 0.5:
        claims.append(rng.choice(claims))
    if rng.random() < 0.4:
        del claims[rng.randrange(len(claims))]
    stream = SimpleNamespace(term=lambda n: SimpleNamespace(index=n), config=SimpleNamespace(max_length=6))
    names = [(1, 2, frozenset("<")), (3, 4, frozenset("="))]
    return coverage._parts(cast(Stream, stream), claims, frozenset(names))


def number_output(rng: Random) -> object:
    """Whether a logit is near enough to a fraction."""
    stream = Stream(*_parts_of(list(STREAMS)[2]))
    output = stream.config.output
    assert isinstance(output, NumberOutput)
    most = output.max_denominator + rng.choice((0, -1, 1, 20))
    steps = Steps()
    root = stream.terms[-1]
    changed = replace(output, max_denominator=most, scale=output.scale * rng.choice((1, 1, 2)))
    weights = stream.weights
    off = rng.choice((0.0, 0.001))
    found = stream.read(weights.unembedding.astype(float), weights.unembedding_bias.astype(float) + off, 99)
    ends._check_number(stream, root, changed, found, steps)
    return [vars(step) for step in steps.done]


def no_model(rng: Random) -> object:
    """What is said of what is no model or no s-op, and of a model that is right."""
    from runtime.model import Model

    model = Model.__new__(Model)
    said = []
    for made, sop in ((3, None), (model, 3)):
        try:
            said.append(str(proof.recheck(cast(Any, made), cast(Any, sop))))
        except InputError as refused:
            said.append(refused.message)
    return said


QUESTIONS: Mapping[str, tuple[Answer, int]] = {
    "region": (region, 150),
    "least": (least, 150),
    "gate": (gate, 60),
    "bos_after": (bos_after, 300),
    "hidden": (hidden, 150),
    "in_units": (in_units, 60),
    "starts": (starts, 150),
    "duality": (duality, 90),
    "at_positions": (at_positions, 60),
    "codes": (codes, 30),
    "rebuilt": (rebuilt, 1),
    "bits": (bits, 60),
    "magnitudes": (magnitudes, 90),
    "padding": (padding, 30),
    "accepted": (accepted, 90),
    "every_position": (every_position, 90),
    "place": (place, 90),
    "reading": (reading, 120),
    "form": (form, 60),
    "explained": (explained, 120),
    "many_sums": (many_sums, 60),
    "digits": (digits, 120),
    "number_output": (number_output, 15),
    "no_model": (no_model, 1),
}
"""What is asked, and how often."""

TOGETHER = 30
"""So many questions are asked at a time."""


def answers(name: str, first: int = 0) -> list[object]:
    """The answers to one kind of question, for some seeds."""
    ask, count = QUESTIONS[name]
    found = []
    for seed in range(first, min(first + TOGETHER, count)):
        try:
            found.append(plain(ask(Random(seed))))
        except Words as refused:
            found.append(str(refused))
    return found


def all_asked() -> Iterator[tuple[str, Callable[[], object]]]:
    """All questions, some at a time, with their names."""
    for name, (_, count) in QUESTIONS.items():
        for first in range(0, count, TOGETHER):
            yield f"{name} {first}", partial(answers, name, first)
