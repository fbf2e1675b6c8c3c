"""Models that an adversary made: in exact arithmetic they keep to the claims of their certificates, and on a
machine they answer wrongly. None is proved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import compiler
import rasp
import runtime.places
from rasp.errors import ModelError
from rasp.graph.sops import SOp
from runtime import Model
from runtime.places import share
from runtime.weights import Array, Kept, NumberOutput, Weights
from tests.support.adversary import as_if_never_cleared
from tests.support.forging import changed, with_columns, with_layer, with_weights

ALTERNATING = rasp.parse('r = tokens if indices % 2 == 0 else "z";').main
REVERSE = rasp.load("reverse").main


Forged = tuple[SOp, Model, Model]
"""A program, its model, and what was made of it."""


def compiled(sop: SOp) -> Model:
    return compiler.compile(sop, "ab", 4)


def at_bos(number: float, size: int) -> Array:
    """What an embedding holds for BOS, and nothing else."""
    return np.array([number] + [0.0] * (size - 1), np.float32)


# Numbers too small for a normal float32 --------------------------------------------------------------


def sleeping_neurons() -> Forged:
    """What goes into the neurons is so small that a runtime may take it for 0."""
    model = compiled(ALTERNATING)
    tiny, huge = np.float32(2.0**-127), np.float32(2.0**127)
    layer = model.weights.layers[0]
    return (
        ALTERNATING,
        model,
        with_weights(
            model,
            lambda w: with_layer(
                w, 0, w_in=layer.w_in * tiny, b_in=layer.b_in * tiny, w_out=layer.w_out * huge
            ),
        ),
    )


def small_logits() -> Forged:
    """All logits are so small that they may be equal."""
    model, tiny = compiled(ALTERNATING), np.float32(2.0**-130)
    return (
        ALTERNATING,
        model,
        with_weights(
            model,
            lambda w: replace(
                w, unembedding=w.unembedding * tiny, unembedding_bias=w.unembedding_bias * tiny
            ),
        ),
    )


# What the runtime does not compute --------------------------------------------------------------------


def bias_without_neurons() -> Forged:
    """A column is 8 by the bias of an MLP that is left out, having no neurons; the label b counts on it."""
    honest = compiled(REVERSE)
    model = with_columns(honest, [({"of": "token", "values": "8 8"}, np.zeros(3), np.zeros(5))], 4)
    new = len(model.config.columns) - 1
    claims = model.certificate.claims
    claims = {**claims, "tables": [*claims["tables"], {"layer": 2, "columns": str(new), "over": []}]}
    model = replace(model, certificate=replace(model.certificate, claims=claims))
    model = with_weights(model, lambda w: with_layer(w, 1, b_out=changed(w.layers[1].b_out, ((new,), 8.0))))
    return REVERSE, honest, with_weights(model, lambda w: _counting_on_it(w, new))


def _counting_on_it(weights: Weights, column: int) -> Weights:
    """The logit of b is the same if the column is 8."""
    return replace(
        weights,
        unembedding=changed(weights.unembedding, ((column, 1), 1.0)),
        unembedding_bias=weights.unembedding_bias - np.array([0, 8], np.float32),
    )


def marked_first_token() -> Forged:
    """Only where the token is the first of the vocabulary, what is copied is one more."""
    honest = compiled(REVERSE)
    model = with_columns(honest, [({"of": "token", "values": "1 0"}, np.array([0, 1, 0]), np.zeros(5))])
    layer = model.weights.layers[-1]
    head, _, dim = np.argwhere(layer.w_v)[0].tolist()
    w_v = changed(layer.w_v, ((head, len(model.config.columns) - 1, dim), 1.0))
    number = len(model.weights.layers) - 1
    return REVERSE, honest, with_weights(model, lambda w: with_layer(w, number, w_v=w_v))


# What BOS holds ---------------------------------------------------------------------------------------


def _marked_by(columns: list[tuple[Array, Array]], weight: float) -> Forged:
    """`reverse`, whose second head keeps BOS away by other columns than the one that is 1 there."""
    base = compiled(REVERSE)
    model = with_columns(base, [({"of": "bos"}, *rows) for rows in columns])
    first, w_k = len(base.config.columns), model.weights.layers[1].w_k.copy()
    w_k[:, first:, 2] = weight * w_k[:, [0], 2]
    w_k[:, 0, 2] = 0
    return REVERSE, base, with_weights(model, lambda w: with_layer(w, 1, w_k=w_k))


def embeddings_that_round() -> Forged:
    """2^22 and 0.25 are 2^22 when the embeddings are added, so that 1 is really 0."""
    return _marked_by(
        [
            (at_bos(2.0**22, 3), at_bos(0.25, 5)),
            (at_bos(-(2.0**22), 3), np.zeros(5)),
        ],
        4.0,
    )


def low_bits() -> Forged:
    """2^23 + 1 and 2^23 less 2^24 is 1, or 0 where the sum before the last has been rounded."""
    zero = np.zeros(5)
    return _marked_by([(at_bos(x, 3), zero) for x in (2.0**21 + 0.25, 2.0**21, -(2.0**22))], 4.0)


# Neurons asleep in exact arithmetic -------------------------------------------------------------------


def sleeper() -> Forged:
    """A neuron that is 0 at most, behind ten columns whose sum is 0 and comes out positive in float32."""
    sop = rasp.parse("r = (tokens_int + indices) % 3;").main
    base = compiler.compile(sop, "012", 3)
    parts, size, snap = [2.0**24, *[3.0] * 8, -(2.0**24) - 24], 2.0**10, 1.5 * 2.0**23
    rows = ({"of": "token", "values": "0 1 2"}, np.array([0, 0, 1, 2]), np.zeros(4))
    model, r = with_columns(base, [rows] * len(parts)), len(base.config.columns) - 1
    layer = model.weights.layers[0]
    w_in = size * np.hstack([layer.w_in, layer.w_in[:, :1]])
    w_in[r + 1 :] = np.outer(parts, np.sign(w_in[1]))
    w_out = np.vstack([layer.w_out / size, np.zeros((1, len(w_in)))])
    w_out[-1, r] = 1
    arrays = {
        "w_in": w_in,
        "b_in": np.append(layer.b_in * size, -4 * size),
        "w_out": w_out,
        "b_out": changed(layer.b_out, ((r,), snap + layer.b_out[r])),
    }
    start = model.weights.token_embedding.copy()
    start[:, r] = -snap
    single = {name: array.astype(np.float32) for name, array in arrays.items()}
    return (
        sop,
        base,
        with_weights(model, lambda w: replace(with_layer(w, 0, **single), token_embedding=start)),
    )


# What the checker's own floats do not tell apart ---------------------------------------------------------


def beside_dead_neurons() -> Forged:
    """Beside the biases of dead neurons with huge weights, 2^53 each, a further neuron's bias was lost."""
    sop = rasp.parse("r = (tokens_int + indices) % 3;").main
    base = compiler.compile(sop, "012", 3)
    layer, more = base.weights.layers[0], 65
    falls, row = -np.sign(layer.w_in[:, [0] * more]), np.zeros((more, len(layer.w_in)))
    row[:, layer.w_out[0].nonzero()[0]] = [[1.0], *[[2.0**30]] * (more - 1)]
    arrays = {
        "w_in": np.hstack([layer.w_in, falls]),
        "b_in": np.append(layer.b_in, [1.0, *[-(2.0**23)] * (more - 1)]),
        "w_out": np.vstack([layer.w_out, row]),
    }
    single = {name: array.astype(np.float32) for name, array in arrays.items()}
    return sop, base, with_weights(base, lambda w: with_layer(w, 0, **single))


def fractions_nearer_than_floats() -> Forged:
    """One of two fractions is always answered, and the other one is the same to a float64."""
    sop = rasp.parse(f"r = 1 + 1/{10**20} if indices == 0 else 1;").main
    base = compiler.compile(sop, "ab", 4)
    config = replace(base.config, output=NumberOutput(10**21))
    none = np.zeros((config.width, 1), np.float32)
    weights = replace(base.weights, unembedding=none, unembedding_bias=np.ones(1, np.float32))
    return sop, base, replace(base, config=config, weights=weights)


# Places of the stream ---------------------------------------------------------------------------------


def place_given_away_too_early() -> Forged:
    """The answer lies where the tokens were, which layer 2 reads after layer 1 has cleared them."""
    sop = rasp.parse("""
        before = select(indices, indices - 1, ==); near = aggregate(before, tokens_int);
        r = (tokens_int + aggregate(before, near)) % 3;
    """).main
    model = compiler.compile(sop, "012", 3)
    names = [column.name for column in model.config.columns]
    assert not model.config.places
    assert names[-1] == "r"
    places = [*range(len(names) - 1), names.index("tokens")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtime.places._Sharing, "read_at", as_if_never_cleared)
        config, weights = share(model.config, model.weights, places)
    return sop, model, replace(model, config=config, weights=weights)


FORGERIES: dict[str, Callable[[], Forged]] = {
    made.__name__: made
    for made in (
        sleeping_neurons,
        small_logits,
        bias_without_neurons,
        marked_first_token,
        embeddings_that_round,
        low_bits,
        sleeper,
        beside_dead_neurons,
        fractions_nearer_than_floats,
        place_given_away_too_early,
    )
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_model_is_not_proved(name: str) -> None:
    """The model that it was made of is, and answers otherwise."""
    sop, honest, forged = FORGERIES[name]()
    config = honest.config
    inputs = [list(x) for n in range(1, config.max_length + 1) for x in product(config.vocab, repeat=n)]
    assert compiler.recheck(honest, sop).ok
    assert honest.batch(inputs) == [sop(tokens) for tokens in inputs]
    assert forged.batch(inputs) != honest.batch(inputs)
    assert not compiler.recheck(forged, sop).ok


# What interventions set --------------------------------------------------------------------------------

KEPT: dict[str, Callable[[Kept], Kept]] = {
    "rows reversed": lambda kept: replace(kept, numbers=kept.numbers[::-1]),
    "numbers of nothing": lambda kept: replace(kept, numbers=tuple((0,) * len(r) for r in kept.numbers)),
    "values that do not occur": lambda kept: replace(
        kept, values=tuple(v + 7 for v in range(len(kept.values)))
    ),
    "another column": lambda kept: replace(kept, columns=(0,) * len(kept.columns)),
    "no column": lambda kept: replace(kept, columns=(), numbers=((),) * len(kept.values)),
    "another s-op": lambda kept: replace(kept, name="sort"),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_an_intervention_sets_is_proved_too(name: str) -> None:
    model = compiler.compile(rasp.load("sort").main, range(4), 5, keep=["rank"])
    assert compiler.recheck(model).ok
    (kept,) = model.config.kept
    try:
        forged = replace(model, config=replace(model.config, kept=(KEPT[name](kept),)))
    except ModelError:
        return  # it does not even fit together
    assert not compiler.recheck(forged).ok
