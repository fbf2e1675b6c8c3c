"""All small questions to single functions of the checker: those to pieces, and those about whole models.

Each is drawn at random, near the edges of what is let pass: readings of the stream of a model that is right,
forms of several s-ops, parts of selections. An answer is plain data, or the words of a refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
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
from compiler.ranges.affine import AffineForm
from compiler.ranges.domains import Labels, Numbers
from compiler.rechecking import branches, coverage, ends, neurons, points, proof
from compiler.rechecking.report import Steps, Unproved
from compiler.rechecking.stream import Held, Stream
from rasp.errors import InputError
from runtime.places import apart
from runtime.weights import NumberOutput
from tests.support import checker_sublayers
from tests.support.checker_pieces import (
    EDGES,
    accepted,
    bits,
    bos_after,
    duality,
    every_position,
    gate,
    hidden,
    in_units,
    least,
    magnitudes,
    padding,
    place,
    region,
    starts,
)
from tests.support.checker_sublayers import SUBLAYERS

Answer = Callable[[Random], object]
"""What is asked with the random numbers of a seed."""

Words = Unproved, AssertionError
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
    'm = aggregate(select(indices, indices, <=), tokens); r = "a" if m * tokens > 2 else "b";': (
        "0123",
        16,
        False,
    ),
    "m = aggregate(select(indices, indices, <=), tokens); r = m * 3 + 2;": ("0123", 60, False),
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
    _, root, _, claimed = proof.rebuilt(claims, asked)
    return config, weights, claimed, numbered(root), claims


def some_parts(rng: Random) -> tuple[Any, ...]:
    """What one of the models is."""
    return _parts_of(rng.choice(list(STREAMS)))


def gate_parts(rng: Random) -> tuple[Any, ...]:
    """What one of the models of gates is."""
    return checker_sublayers.parts_of(rng.choice(("gate 3", "gate 5", "gate 30")))


def some_stream(rng: Random) -> Stream:
    """The stream of one of the models, with other numbers at BOS."""
    stream = Stream(*some_parts(rng))
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
    except Unproved as refused:
        said.append(str(refused))
    try:
        said.append(stream.at_bos(weight, bias))
    except Unproved as refused:
        said.append(str(refused))
    return said


def form(rng: Random) -> object:
    """What sums of s-ops can be, and which s-ops those decide, and as what."""
    stream = some_stream(rng)
    occurring, domains = stream.occurring, stream.domains
    terms = [t for t in stream.terms if not t.is_selector]
    leaves = [t for t in terms if isinstance(domains.get(t), Numbers) and t.kind is not Kind.CONST]
    if rng.random() < 0.3:
        leaves = [t for t in terms if t.kind is not Kind.CONST]
    chosen = {t: Fraction(rng.choice((1, -1, 2, 3)), rng.choice((1, 1, 2))) for t in rng.sample(leaves, 2)}
    if rng.random() < 0.3:
        chosen = dict(domains.forms[rng.choice(leaves).index].coefficients)
    asked_form = AffineForm(Fraction(rng.randrange(3)), chosen)
    with patch.object(points, "MAX_POINTS", rng.choice((points.MAX_POINTS, points.MAX_POINTS, 300, 100))):
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
    along = rng.choice((stream.occurring.value_axis, stream.occurring.term_axis))
    return points.Points(stream.occurring, [axis, along(other)]).at_positions()


def codes(rng: Random) -> object:
    """What a column that a gate writes holds of an s-op, as a multiple of its value."""
    stream = some_stream(rng)
    term = rng.choice([t for t in stream.terms if not t.is_selector])
    slope = rng.choice((None, (Fraction(2), Fraction(1))))
    held = Held(term, (0,), np.array([3.0]), slope, rng.random() < 0.2, 2)
    return [str(part) for part in neurons._as_number(stream, held)]


def rebuilt(rng: Random) -> object:
    """What is kept of a program, under the names that the configuration has."""
    names = rng.choice((("rank",), ("smaller",), ("rank", "smaller"), ()))
    return sorted(str(node.name) for node in proof.kept_of(rasp.load("sort").main, names))


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
        weight[rng.choice(held).columns[0]] += rng.choice((1.0, 2.0**-30, 2.0**-22, 2.0**-18))
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
    read = stream.read(weight, np.array([rng.choice((0.0, 1.0))]), 99)
    if rng.random() < 0.5:
        read = replace(read, error=np.array([rng.choice((0.0, 1.0, 0.25))]), total=np.array([3.0]))
    found = read.along(axes)
    return found.constant, found.lines, found.error


def many_sums(rng: Random) -> object:
    """All sums of two lists, or the range that they lie in if they are many."""
    some = [np.array(sorted(rng.sample(range(12), rng.choice((2, 3, 4))))) for _ in range(2)]
    with patch.object(points, "MAX_POINTS", rng.choice((6, 8, 9, 12, 20))):
        return points._all_sums(*some)


def short(rng: Random) -> object:
    """Whether multiples of some power of two are numbers of a format."""
    stream = some_stream(rng)
    bits, exact = rng.choice((0, 1, -3, 59, 60, 61)), stream.precision.exact
    sizes = [exact * 2.0**bits * rng.choice((1, 0.5, 2)), exact * 2.0**bits - 2.0 ** (bits - 1)]
    return Stream._short(stream, np.array([bits, bits]), np.array(sizes))


def gate_cases(rng: Random) -> object:
    """The cases of an s-op over some others, of which some have turned out to be always the same."""
    stream = Stream(*(gate_parts if rng.random() < 0.5 else some_parts)(rng))
    occurring = stream.occurring
    terms = [t for t in stream.terms if not t.is_selector and t.kind is not Kind.CONST]
    for term in rng.sample(terms, rng.randrange(3)):
        one = np.zeros(occurring.size(term), dtype=bool)
        one[[rng.randrange(len(one)) for _ in range(rng.choice((0, 1, 1, 2)))]] = True
        occurring._occurring[term.index] = one
        if rng.random() < 0.8:
            occurring.learned.add(term.index)
    found = branches.Branches(occurring, rng.sample(terms, rng.choice((1, 2, 3))))
    asked = rng.choice([t for t in terms if not isinstance(stream.domains.get(t), Labels)])
    said: list[object] = [found._only(term) for term in terms]
    said.append([term.title for term in found._subjects])
    for case in found.of(asked, rng.random() < 0.6):
        said += [_as_data(each) for each in (case.value, *case.bounds)]
    return said, [mask for _, mask in sorted(found.region.kept.items(), key=lambda item: item[0].index)]


def _as_data(total: branches.Sum) -> object:
    parts = sorted(total.parts.items(), key=lambda item: item[0].index)
    return total.constant, [(term.title, numbers) for term, numbers in parts]


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
    if rng.random() < 0.4:  # nothing occurs, or the least alone
        least = rng.random() < 0.6
        for term in stream.terms:
            if not term.is_selector:
                only = np.zeros(stream.occurring.size(term), dtype=bool)
                only[0] = least
                stream.occurring._occurring[term.index] = only
    found = stream.read(weights.unembedding.astype(float), weights.unembedding_bias.astype(float) + off, 99)
    ends._check_number(stream, root, changed, found, steps)
    return [vars(step) for step in steps.done]


def no_model(rng: Random) -> object:
    """What is said of what is no model or no s-op, and of a model that is right."""
    sop = rasp.parse("r = indices;").main
    model = compiler.compile(sop, "ab", 3)
    said = []
    for made, asked in ((3, None), (model, 3), (model, None), (model, sop)):
        try:
            said.append(proof.recheck(cast(Any, made), cast(Any, asked)).summary())
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
    "form": (form, 120),
    "explained": (explained, 120),
    "many_sums": (many_sums, 60),
    "short": (short, 30),
    "gate_cases": (gate_cases, 240),
    "digits": (digits, 120),
    "number_output": (number_output, 30),
    "no_model": (no_model, 1),
    **SUBLAYERS,
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
