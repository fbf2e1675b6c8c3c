"""Questions to one step of the checker about a model of which little was changed: weights, claims, what BOS
holds. The steps before are left out, so that what they would refuse comes as far as this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

import numpy as np

import compiler
import rasp
from compiler.certificate.claims import (
    Claims,
    ConstantClaim,
    FeatureClaim,
    HeadClaim,
    HiddenClaim,
    LiteralClaim,
    numbered,
)
from compiler.certificate.claims_json import from_data
from compiler.graph.conjunctions import Digit, Part
from compiler.graph.terms import READS, TOKEN, Kind
from compiler.ranges.affine import AffineForm
from compiler.rechecking import attention, branches, coverage, ends, literals, machine, neurons, points, proof
from compiler.rechecking.report import Steps, Unproved
from compiler.rechecking.saved import Saved
from compiler.rechecking.stream import Stream
from rasp.graph.sops import SOp
from rasp.words import Atom
from runtime.places import apart
from runtime.weights import Config, Weights, named_arrays
from tests.support.gate_programs import gate_program
from tests.support.tampering import with_array

TEXTS: Mapping[str, tuple[str, int, bool]] = {
    "r = aggregate(select(indices, indices - 2, ==), tokens, 7);": ("0123", 5, False),
    "r = aggregate(select(tokens, 2, ==), indices, 1 / 3);": ("012", 4, False),
    "r = aggregate(select(tokens, tokens, ==), indices) * 2;": ("012", 4, False),
    "r = aggregate(select(indices, indices, <=), tokens) > 1 / 2;": ("01", 9, False),
    "r = aggregate(select(indices, indices, <=), aggregate(full_s, tokens), 1 / 2);": ("01", 4, False),
    "f = (tokens - 2) * (tokens - 2); r = has_focus(select(f, f, <) and select(tokens, indices, ==));": (
        "01234",
        4,
        False,
    ),
    'a = tokens if indices % 2 else "z"; r = has_focus(select(a, a, ==) and select(indices, indices, <));': (
        "01",
        5,
        False,
    ),
    "c = count(tokens, 0, causal); d = count(tokens, 1, causal); r = min(c, d) if c > 2 else c - d;": (
        "012",
        7,
        True,
    ),
    "c = count(tokens, 0); d = count(tokens, 1); r = c + indices if c < d else count(tokens, 2) - d;": (
        "012",
        9,
        False,
    ),
    "r = selector_width(select(tokens, 1, ==) or select(indices, 2, ==));": ("012", 5, False),
    "r = (indices * length + tokens) % 5;": ("012", 5, False),
    "r = round(3 * aggregate(select(indices, indices, <=), tokens));": ("012", 7, False),
    "r = 1 if has_focus(select(tokens, 2, ==)) else 0;": ("012", 4, False),
    "r = only(select(tokens, 1, >), tokens % 2, 0);": ("0123", 4, False),
    "m = aggregate(select(indices, indices, <=), tokens); r = m * 3 + 2;": ("0123", 40, False),
}
LEAST = "f = (tokens - 2) * (tokens - 2); r = has_focus(select(f, f, <) and select(tokens, indices, ==));"
"""One of them, of which a head reads the least."""
"""Programs over numbers, with their vocabularies, lengths and whether they are causal."""

OTHERS = ("kept", "digits", "labels", "gate 3", "gate 5", "gate 30")
"""Others; the last has a gate over what has one value only."""

Parts = tuple[Config, Weights, Any, Any, Claims]


def _made(name: str) -> tuple[SOp, Any, int, bool, Mapping[str, Any]]:
    if name in TEXTS:
        vocab, length, causal = TEXTS[name]
        text = name.replace(", causal)", ")")
        return rasp.parse(f"tokens = tokens_asis; {text}").main, list(map(int, vocab)), length, causal, {}
    if name == "kept":
        return rasp.load("sort").main, range(4), 5, False, {"keep": ["rank"]}
    if name == "digits":
        return rasp.load("sort").main, range(12), 17, False, {}
    if name == "labels":
        return rasp.load("hist2").main, "ab", 4, False, {}
    return gate_program(int(name.split()[1])), range(12), 30, False, {}


@cache
def parts_of(name: str) -> Parts:
    """What a proof is about: the configuration, the weights, the domains, the s-ops and the claims."""
    sop, vocab, length, causal, more = _made(name)
    model = compiler.compile(sop, vocab, length, causal, **more)
    claims = from_data(model.certificate.claims)
    config, weights = apart(model.config, model.weights)
    asked = proof.asked_for(config, claims.optimize)
    _, root, _, claimed = proof.rebuilt(claims, asked)
    return config, weights, claimed, numbered(root), claims


# Changes ----------------------------------------------------------------------------------------------

FACTORS = (0.0, -1.0, 2.0, 0.5, 1 + 2.0**-14, 1 - 2.0**-20, 2.0**12, 2.0**40, 2.0**62)
AMOUNTS = (1.0, -1.0, 0.5, 2.0**-9, 2.0**-20, 104.0, -104.0, 2.0**23)


def other_weight(rng: Random, weights: Weights, where: str) -> Weights:
    """One entry is another number, more often one that is not 0 and of arrays with such a name."""
    every = [(n, a) for n, a in named_arrays(weights).items() if a.size]
    name, array = rng.choice([one for one in every if one[0].startswith(where)] or every)
    places = np.argwhere(array != 0)
    if len(places) and rng.random() < 0.8:
        index = tuple(places[rng.randrange(len(places))])
    else:
        index = tuple(rng.randrange(size) for size in array.shape)
    changed = array.copy()
    old = float(array[index])
    changed[index] = old * rng.choice(FACTORS) if rng.random() < 0.6 else old + rng.choice(AMOUNTS)
    return with_array(weights, name, changed)


def one_more_neuron(rng: Random, weights: Weights, where: str) -> Weights:
    """That nothing reads, or something."""
    named, columns = named_arrays(weights), weights.unembedding.shape[0]
    if not where.startswith("layers.") or not named[f"{where}w_in"].size:
        return weights
    sizes = (0.0, 0.0, 1.0, -1.0)
    w_in, w_out = np.zeros((columns, 1), np.float32), np.zeros((1, columns), np.float32)
    w_in[rng.randrange(columns)], w_out[0, rng.randrange(columns)] = rng.choice(sizes), rng.choice(sizes)
    b_in = np.array([rng.choice(sizes)])
    for name, more, axis in (("w_in", w_in, 1), ("b_in", b_in, 0), ("w_out", w_out, 0)):
        array = named[where + name]
        weights = with_array(weights, where + name, np.concatenate([array, more.astype(array.dtype)], axis))
    return weights


def scaled_values(rng: Random, weights: Weights, where: str) -> Weights:
    """What heads read by a power of two, what they write by its inverse."""
    named = named_arrays(weights)
    if not where.startswith("layers."):
        return weights
    factor = np.float32(2.0 ** rng.choice((-20, -3, 1, 3, 20, 28)))
    for name, by in (("w_v", factor), ("b_v", factor), ("w_o", 1 / factor)):
        weights = with_array(weights, where + name, named[where + name] * by)
    return weights


def other_claim(rng: Random, claims: Claims, terms: int) -> Claims:
    """One thing that is claimed is another one."""
    kinds: list[tuple[str, Callable[..., Any]]] = [
        ("features", other_feature),
        ("heads", other_head),
        ("hidden", other_hidden),
        ("constants", other_constant),
    ]
    kinds = [(name, change) for name, change in kinds if getattr(claims, name)]
    name, change = rng.choice(kinds)
    every = list(getattr(claims, name))
    place = rng.randrange(len(every))
    edit = rng.random()
    if edit < 0.1:
        del every[place]
    elif edit < 0.2:
        every.append(every[place])
    else:
        every[place] = change(rng, every[place], terms)
    return replace(claims, **cast(Any, {name: tuple(every)}))


def other_feature(rng: Random, claim: FeatureClaim, terms: int) -> FeatureClaim:
    """Another slope, another s-op, a real one, or columns that belong to others."""
    a, b = claim.slope or (Fraction(1), Fraction(0))
    return rng.choice(
        (
            replace(claim, real=not claim.real),
            replace(claim, slope=(a, b + rng.choice((1, -1, 7)))),
            replace(claim, slope=(a * 2, b)),
            replace(claim, slope=(a, Fraction(0))),
            replace(claim, slope=None, values=rng.choice(("0*2", "0 1", "0 1 2", "0 1 2 3", "7 0 1 2"))),
            replace(claim, slope=None, values=None),
            replace(claim, of=rng.choice((*range(terms), "token", "position", "bos"))),
            replace(claim, columns=(*claim.columns, rng.randrange(6))),
        )
    )


def other_head(rng: Random, claim: HeadClaim, terms: int) -> HeadClaim:
    """Another layer, head, s-op or part, or literals with other dims, digits or s-ops."""
    literals = list(claim.literals)
    if literals and rng.random() < 0.6:
        place = rng.randrange(len(literals))
        literals[place] = other_literal(rng, literals[place], terms)
        return replace(claim, literals=tuple(literals))
    return rng.choice(
        (
            replace(claim, layer=claim.layer + rng.choice((1, -1))),
            replace(claim, head=claim.head + rng.choice((1, -1))),
            replace(claim, term=rng.randrange(terms)),
            replace(claim, order=() if claim.order else (rng.randrange(3),)),
            replace(claim, order=(*claim.order, rng.randrange(3))),
            replace(claim, part=Part(rng.randrange(2), rng.choice((2, 3))), part_dims=(rng.randrange(3),)),
            replace(claim, part=Part(0, 30), part_dims=(rng.randrange(3),)),
            replace(claim, literals=tuple(literals[1:])),
        )
    )


def other_literal(rng: Random, claim: LiteralClaim, terms: int) -> LiteralClaim:
    return rng.choice(
        (
            replace(claim, dims=(*claim.dims, rng.randrange(4))),
            replace(claim, dims=claim.dims[1:]),
            replace(claim, dims=(rng.randrange(4),)),
            replace(claim, relation=rng.choice(("=", "<", ">", "<=", ">=", "<>"))),
            replace(claim, keys=rng.randrange(terms)),
            replace(claim, queries=rng.randrange(terms)),
            replace(claim, digit=Digit(rng.choice(((4, 1), (2, 1), (1,))), 0)),
        )
    )


def other_hidden(rng: Random, claim: HiddenClaim, terms: int) -> HiddenClaim:
    """What neurons write depends on nothing, on other s-ops or forms of them."""
    one, other = rng.randrange(terms), rng.randrange(terms)
    form = {one: Fraction(rng.choice((1, 2, -1)), rng.choice((1, 2))), other: Fraction(1)}
    return rng.choice(
        (
            replace(claim, over=()),
            replace(claim, over=(one,)),
            replace(claim, over=(one, other)),
            replace(claim, over=(*claim.over, one)),
            replace(claim, over=(form,)),
            replace(claim, over=(one, form)),
            replace(claim, columns=claim.columns[::-1]),
            replace(claim, layer=claim.layer + 1),
        )
    )


def other_constant(rng: Random, claim: ConstantClaim, terms: int) -> ConstantClaim:
    return replace(claim, **rng.choice(({"term": rng.randrange(terms)}, {"over": (rng.randrange(terms),)})))


def disturbed(rng: Random, name: str, where: str) -> tuple[Stream, Claims]:
    """The stream of a model of which up to two things were changed, and what is claimed then."""
    config, weights, domains, terms, claims = parts_of(name)
    for _ in range(rng.choice((0, 1, 1, 1, 2))):
        if rng.random() < 0.6:
            weights = other_weight(rng, weights, where if rng.random() < 0.9 else "")
        else:
            claims = other_claim(rng, claims, len(terms))
    if rng.random() < 0.15:
        weights = rng.choice((one_more_neuron, scaled_values))(rng, weights, where)
    if rng.random() < 0.05:
        first = weights.position_embedding.copy()
        first[0, rng.randrange(first.shape[1])] += rng.choice((1.0, -0.5))
        weights = replace(weights, position_embedding=first)
    stream = Stream(config, weights, domains, terms, claims)
    if rng.random() < 0.2:
        place = rng.randrange(stream.size)
        stream.bos[place] += rng.choice((1.0, -1.0, 0.5, 2.0**-12, 2.0**22, 2.0**24))
    if rng.random() < 0.2:
        held = rng.choice([one for one in stream.owner if one is not None])
        held.noise = rng.choice((2.0**-20, 2.0**-9, 0.4))
    if rng.random() < 0.1:
        held = rng.choice([one for one in stream.owner if one is not None])
        held.values = held.values * rng.choice((0.5, 2.0, -1.0, 2.0**22, 2.0**45))
    return stream, claims


# Questions --------------------------------------------------------------------------------------------

Step = Callable[[Stream, Claims, Steps], None]


def ends_of(root: Any) -> list[tuple[str, Step]]:
    """The steps of a proof before and after the layers, with the weights that they are about."""
    return [
        ("", lambda s, c, _: machine.check_machine(s)),
        ("", lambda s, c, _: neurons.learn_constants(s, c.constants)),
        ("token", lambda s, c, _: ends.check_embeddings(s)),
        ("", lambda s, c, _: coverage.check_coverage(s, c.heads)),
        ("", lambda s, c, _: ends.check_kept(s)),
        ("unembedding", lambda s, _, steps: ends.check_output(s, root, steps)),
    ]


def layer_of(number: int) -> list[tuple[str, Step]]:
    """The two steps of a layer, with the weights that they are about."""

    def read(s: Stream, c: Claims, steps: Steps) -> None:
        attention.check_attention(s, number, c.heads, steps)

    def hidden(s: Stream, c: Claims, steps: Steps) -> None:
        neurons.check_neurons(s, number, [t for t in c.hidden if t.layer == number], steps)

    where = f"layers.{number - 1}."
    return [(where, read), (where, hidden)]


def sublayer(rng: Random) -> object:
    """What one step says of a model that was changed."""
    name = rng.choice((*TEXTS, *TEXTS, *OTHERS))
    _, weights, _, terms, _ = parts_of(name)
    if rng.random() < 0.3:
        where, step = rng.choice(ends_of(terms[-1]))
    else:
        where, step = rng.choice(layer_of(rng.randint(1, len(weights.layers))))
    stream, claims = disturbed(rng, name, where)
    if claims.constants and rng.random() < 0.5:
        neurons.learn_constants(stream, claims.constants)
    steps, said = Steps(), None
    try:
        step(stream, claims, steps)
    except Unproved as refused:
        said = str(refused)
    noises = [one.noise for one in stream.owner if one is not None]
    bounds = [(one.what, one.bound, one.tolerance) for one in steps.done]
    return said, bounds, stream.bos, noises, vars(stream.needed)


BY_DEFAULT = (Kind.AGGREGATE, Kind.LEAST, Kind.EXISTS)
"""What has a value of its own where nothing is selected."""


def defaults(rng: Random) -> object:
    """What a column holds where nothing is selected, and at a value."""
    stream = Stream(*parts_of(rng.choice((*TEXTS, "kept", "labels"))))
    reads = [one for one in stream.owner if one is not None and one.subject is not None]
    reads = [one for one in reads if one.subject is not None and one.subject.kind in BY_DEFAULT]
    if not reads:
        return None
    held = rng.choice(reads)
    assert held.subject is not None
    if rng.random() < 0.5:
        held.slope = rng.choice((None, (Fraction(1), Fraction(0)), (Fraction(2), Fraction(-3))))
    value = rng.choice((0, 1, 7, Fraction(1, 2), *points.sample(stream.domains.get(held.subject))))
    said: list[object] = [held.subject.kind is Kind.AGGREGATE]
    asked: list[Callable[[], float]] = [
        lambda: attention._at_default(stream, held),
        lambda: attention._at(stream, held, value),
    ]
    for ask in asked:
        try:
            said.append(ask())
        except Unproved as refused:
            said.append(str(refused))
    return said


def exponents(rng: Random) -> object:
    """What a machine needs of its `exp`, near where division matters."""
    stream = Stream(*parts_of(next(iter(TEXTS))))
    held = rng.choice([one for one in stream.owner if one is not None])
    held.real = rng.random() < 0.2
    with patch.object(attention, "exp_allowed", return_value=rng.choice((16, 17, 18, 19, 20))):
        attention._allow_exp(stream, held, (1.0, 1.0, 1.0, 1))
    return vars(stream.needed)


# Questions to single functions -------------------------------------------------------------------------


def part_scores(rng: Random) -> object:
    """What a part of the positions scores."""
    stream = Stream(*parts_of(rng.choice(["labels", *(name for name in TEXTS if "indices" in name)])))
    number = rng.randrange(len(stream.weights.layers))
    layer = stream.weights.layers[number]
    if not layer.w_q.size:
        return None
    w_q, b_q, w_k, b_k = (np.zeros_like(a) for a in (layer.w_q, layer.b_q, layer.w_k, layer.b_k))
    b_q[0, 0], b_k[0, 0] = rng.choice((1.0, 128.0)), rng.choice((0.0, 1.0, -1.0))
    for column, held in enumerate(stream.owner):
        about = "" if held is None or held.subject is None else held.subject.title
        if held is not None and held.ready <= 2 * number and "indices" in about:
            w_k[0, column, 0] = rng.choice((0.0, 1.0, -1.0))
    given = replace(layer, w_q=w_q, b_q=b_q, w_k=w_k, b_k=b_k)
    size = rng.choice((1, 2, 3, 9))
    part = rng.choice((None, Part(rng.randrange(3), size), Part(0, size)))
    claim = HeadClaim(number + 1, 0, 0, (), (), part, rng.choice(((), (0,), (0,))))
    return [vars(margin) for margin in attention._part_margin(stream, given, claim)]


def least_scores(rng: Random) -> object:
    """What the least scores, also where it is said to be one of some strings."""
    stream, claims = disturbed(rng, LEAST, "layers.0.")
    if not claims.heads:
        return None
    claim = rng.choice([claim for claim in claims.heads if claim.order] or list(claims.heads))
    if not 0 < claim.layer <= len(stream.weights.layers):
        return None
    layer, steps, whole = stream.weights.layers[claim.layer - 1], Steps(), literals.values_along
    strings = rng.random() < 0.3

    def along(*asked: Any) -> Any:
        ranks, values = whole(*asked)
        return ranks, [*map(str, values)] if strings else values

    with patch.object(attention, "values_along", along):
        found = attention._least_margin(stream, layer, claim, stream.term(claim.term), steps)
    return vars(found), [(one.what, one.bound, one.tolerance) for one in steps.done]


def compared(rng: Random) -> object:
    """Which keys are in a relation to queries, strings and numbers among them."""
    values: tuple[Atom, ...] = (0, 1, 2, 3, 5, "a", "b") if rng.random() < 0.5 else (0, 1, 2, 3, 4, 5, 7)
    keys, queries = (sorted(rng.sample(values, 4), key=str) for _ in range(2))
    cut = rng.choice(((4, 1), (4, 2, 1), (2, 1)))
    digit = rng.choice((None, Digit(cut, rng.randrange(len(cut)))))
    relation = frozenset(rng.choice(("<", "=", ">", "<=", ">=", "<>")))
    literal = cast(Any, SimpleNamespace(digit=digit, relation=relation, text="x"))
    sides = literals._compared(literal, keys, queries)
    return sides, literals._truth(literal, *sides)


def label_output(rng: Random) -> object:
    """Whether the right label wins, of which one may be missing or in another place."""
    name = rng.choice(("labels", "kept", *TEXTS))
    stream = Stream(*parts_of(name))
    weights, root = stream.weights, stream.terms[-1]
    labels = list(getattr(stream.config.output, "labels", (0, 1, 2)))
    if rng.random() < 0.3:
        rng.shuffle(labels)
    labels[rng.randrange(len(labels))] = rng.choice((labels[0], "other"))
    read = stream.read(weights.unembedding.astype(float), weights.unembedding_bias.astype(float), 99)
    steps = Steps()
    ends._check_labels(stream, root, cast(Any, SimpleNamespace(labels=tuple(labels))), read, steps)
    return [vars(step) for step in steps.done]


def adding_up(rng: Random) -> object:
    """Which reads add up over parts of what they select."""
    stream = Stream(*parts_of(rng.choice((*TEXTS, *OTHERS))))
    return [coverage._adds_up(stream, term) for term in stream.terms if term.kind in READS]


def kept(rng: Random) -> object:
    """What interventions set, under other names, in other columns and by other numbers."""
    stream = Stream(*parts_of("kept"))
    (one,) = stream.config.kept
    column = one.columns[0]
    other = SimpleNamespace(name=one.name, columns=one.columns, values=one.values, numbers=one.numbers)
    change = rng.randrange(5)
    if change == 0:
        other.name = rng.choice(("ran", "rank_", "r", "sorted"))
    elif change == 1:
        other.columns = (*one.columns, rng.randrange(stream.size))
    elif change == 2:
        held = stream.owner[column]
        assert held is not None
        held.columns = (column,) * rng.choice((2, 3))
    elif change == 3:
        other.numbers = one.numbers[::-1]
    stream.config = cast(Any, SimpleNamespace(kept=(other,), columns=stream.config.columns))
    ends.check_kept(stream)
    return "fine"


def too_many_values(rng: Random) -> object:
    """What is said of an s-op whose values are not listed, wherever it is asked about."""
    stream = Stream(*parts_of(rng.choice(list(TEXTS))))
    whole, layer = stream.domains.get, stream.weights.layers[0]
    term = rng.choice([t for t in stream.terms if not t.is_selector and t.kind is not Kind.CONST])
    many = SimpleNamespace(values=None, ends=(0, 1), scale=Fraction(1), size=2, ranks={}, whole=False)
    weight = np.zeros((stream.size, 2))
    read = stream.read(weight, np.array([0.0, 1.0]), 99)
    literal = cast(
        Any, SimpleNamespace(keys=term, queries=term, digit=None, text="x", relation=frozenset("="))
    )
    form = AffineForm(Fraction(0), {term: Fraction(1)})
    asked: list[Callable[[], object]] = [
        lambda: stream.occurring.term_axis(term).size,
        lambda: stream.occurring.form_axis(form).values,
        lambda: list(branches.Branches(stream.occurring, [term])._subjects),
        lambda: branches.Branches(stream.occurring, [])._sum(form).constant,
        lambda: literals.literal_margin(stream, layer, 0, literal, [0], ordered=False).gap,
        lambda: ends._check_labels(stream, term, cast(Any, SimpleNamespace(labels=(0, 1))), read, Steps()),
    ]
    said: list[object] = []
    with patch.object(stream.domains, "get", lambda t: many if t is term else whole(t)):
        for ask in asked:
            try:
                said.append(ask())
            except Unproved as refused:
                said.append(str(refused))
            except (AttributeError, TypeError, ValueError, KeyError) as error:
                said.append(type(error).__name__)
    return said


def read_besides(rng: Random) -> object:
    """What is read along one s-op, where another one is read that has one value only, or should have."""
    name = rng.choice([name for name in TEXTS if "c = " in name])
    stream = Stream(*parts_of(name))
    held = [one for one in stream.owner if one is not None and one.subject not in (None, TOKEN)]
    some = rng.sample([one for one in held if len(one.columns) == 1], 2)
    weight = np.zeros((stream.size, 1))
    for one in some:
        weight[one.columns[0]] = rng.choice((1.0, -2.0))
    other = some[1].subject
    assert other is not None
    only = np.zeros(stream.occurring.size(other), dtype=bool)
    only[[rng.randrange(len(only)) for _ in range(rng.choice((0, 1, 1, 1, 2)))]] = True
    stream.occurring._occurring[other.index] = only
    assert some[0].subject is not None
    axis = rng.choice((stream.occurring.term_axis, stream.occurring.value_axis))(some[0].subject)
    found = stream.read(weight, np.zeros(1), 99).along([axis])
    return found.constant, found.lines, found.error


def formats(rng: Random) -> object:
    """What is said of a model in some number format or style."""
    config, weights, _, _, _ = parts_of(next(iter(TEXTS)))
    dtype = rng.choice(("float16", "float32", "float64"))
    given = replace(config, dtype=cast(Any, dtype), style=rng.choice(("exact", "soft")))
    return proof.prove(Saved(given, weights, rng.choice(({}, {"features": 1})), "r = tokens;")).problem


SUBLAYERS: Mapping[str, tuple[Callable[[Random], object], int]] = {
    "sublayer": (sublayer, 2_400),
    "defaults": (defaults, 120),
    "exponents": (exponents, 30),
    "part_scores": (part_scores, 150),
    "least_scores": (least_scores, 90),
    "compared": (compared, 120),
    "label_output": (label_output, 60),
    "adding_up": (adding_up, 60),
    "kept": (kept, 30),
    "too_many_values": (too_many_values, 30),
    "read_besides": (read_besides, 90),
    "formats": (formats, 15),
}
"""What is asked, and how often."""
