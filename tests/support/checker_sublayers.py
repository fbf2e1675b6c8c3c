"""Questions to one step of the checker about a model of which little was changed: weights, claims, what BOS
holds. The steps before are left out, so that what they would refuse comes as far as this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from random import Random
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
from compiler.graph.terms import Kind
from compiler.program.saving import as_saved
from compiler.rechecking import attention, coverage, ends, machine, neurons, points, proof
from compiler.rechecking.proof import rebuild as whole_rebuild
from compiler.rechecking.report import Steps
from compiler.rechecking.stream import Stream
from rasp.graph.sops import SOp
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
}
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
    _, settled = whole_rebuild(as_saved(sop, asked).sop, asked, claims.wording)
    return config, weights, settled.domains, numbered(settled.root), claims


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
    except points.Unproved as refused:
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
        except points.Unproved as refused:
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


SUBLAYERS: Mapping[str, tuple[Callable[[Random], object], int]] = {
    "sublayer": (sublayer, 2_400),
    "defaults": (defaults, 120),
    "exponents": (exponents, 30),
}
"""What is asked, and how often."""
