"""Random forgeries: changes of whole structures, most of which keep a model right in exact arithmetic.

Each move takes a random number generator and a model, and gives the model changed, or the same one where it
does not apply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np

from runtime import Model
from runtime.places import apart
from runtime.weights import Array, LabelOutput, Layer, Weights
from tests.support.forging import AXES, changed, with_columns, with_layer, with_weights
from tests.support.tampering import tampered, with_array

POWERS = (1, 3, 8, 20, 24, 40, 60, 100, 127, 130)
LARGE = (2.0**12, 2.0**20, 2.0**21, 2.0**22, 2.0**23, 2.0**24, 1.5 * 2.0**23)


def one_weight(rng: Random, model: Model) -> Model:
    """A single weight, as a random fault changes it."""
    return tampered(rng, model)[0]


def scaled_across(rng: Random, model: Model) -> Model:
    """What a sublayer reads by a power of two, what it writes by the inverse."""
    number, layer = _some_layer(rng, model)
    up = np.float32(2.0) ** np.float32(rng.choice(POWERS) * rng.choice((-1, 1)))
    down = np.float32(1) / up
    pairs = {
        "neurons": ({"w_in": up, "b_in": up, "w_out": down}, layer.w_in.size),
        "values": ({"w_v": up, "b_v": up, "w_o": down}, layer.w_v.size),
        "scores": ({"w_q": up, "b_q": up, "w_k": down, "b_k": down}, layer.w_q.size),
    }
    factors, size = rng.choice(list(pairs.values()))
    if not size:
        return model
    arrays = {name: getattr(layer, name) * factor for name, factor in factors.items()}
    if not all(np.isfinite(array).all() for array in arrays.values()):
        return model
    return with_weights(model, lambda w: with_layer(w, number, **arrays))


def scaled_logits(rng: Random, model: Model) -> Model:
    """All logits by a power of two."""
    if not isinstance(model.config.output, LabelOutput):
        return model
    factor = np.float32(2.0) ** np.float32(rng.choice(POWERS) * rng.choice((-1, 1)))
    weights = replace(
        model.weights,
        unembedding=model.weights.unembedding * factor,
        unembedding_bias=model.weights.unembedding_bias * factor,
    )
    arrays = (weights.unembedding, weights.unembedding_bias)
    return replace(model, weights=weights) if all(np.isfinite(a).all() for a in arrays) else model


def cancelling_columns(rng: Random, model: Model) -> Model:
    """A column of the embeddings is read by way of several whose sum is the same in exact arithmetic."""
    start = [c for c, column in enumerate(model.config.columns) if column.written == 0]
    column = rng.choice(start)
    claim = model.certificate.claims["features"][_claim_of(model, column)]
    tokens = model.weights.token_embedding[:, column]
    positions = model.weights.position_embedding[:, column]
    large = rng.choice(LARGE)
    parts = [large, *[rng.choice((3.0, 1.0, 0.25, 5.0)) for _ in range(rng.randrange(9))]]
    parts = [*parts, -sum(parts), 1.0]
    rng.shuffle(parts)
    scaled = [(_times(claim, part), tokens * part, positions * part) for part in parts]
    if any(told is None for told, _, _ in scaled):
        return model
    model = with_columns(model, [(told or {}, t, p) for told, t, p in scaled])
    first = len(model.config.columns) - len(parts)
    number, layer = _some_layer(rng, model)
    name = rng.choice(["w_in", "w_q", "w_k", "w_v"])
    array = np.moveaxis(getattr(layer, name).copy(), AXES[name], 0)
    array[first:] = array[column]
    array[column] = 0
    moved = np.ascontiguousarray(np.moveaxis(array, 0, AXES[name]))
    return with_weights(model, lambda w: with_layer(w, number, **{name: moved}))


def _times(claim: dict[str, Any], factor: float) -> dict[str, Any] | None:
    """The claim about a column that is a multiple of another."""
    if claim["of"] == "bos":
        return dict(claim)
    whole = int(factor)
    if whole != factor or ("values" in claim and "*" in claim["values"]):
        return None
    told = {key: value for key, value in claim.items() if key != "columns"}
    for key in ("code", "values"):
        if key in told:
            if not all(word.lstrip("-").isdigit() for word in told[key].split()):
                return None
            told[key] = " ".join(str(int(word) * whole) for word in told[key].split())
    return told


def _claim_of(model: Model, column: int) -> int:
    features = model.certificate.claims["features"]
    return next(i for i, f in enumerate(features) if str(column) in f["columns"].split())


def bias_of_nothing(rng: Random, model: Model) -> Model:
    """A column that a sublayer of nothing writes by its bias, or that nothing writes at all."""
    number, _ = _some_layer(rng, model)
    size, written = rng.choice((1.0, 8.0, 2.0**22)), 2 * number + rng.choice((1, 2))
    v, n = len(model.config.vocab), model.config.max_length
    claim = {"of": "token", "values": " ".join([str(int(size))] * v)}
    model = with_columns(model, [(claim, np.zeros(1 + v), np.zeros(1 + n))], written)
    new, name = len(model.config.columns) - 1, "b_o" if written % 2 else "b_out"
    layer = model.weights.layers[number]
    model = with_weights(
        model, lambda w: with_layer(w, number, **{name: changed(getattr(layer, name), ((new,), size))})
    )
    claims = dict(model.certificate.claims)
    if not written % 2:
        claims["tables"] = [*claims["tables"], {"layer": number + 1, "columns": str(new), "over": []}]
    logit = rng.randrange(model.weights.unembedding.shape[1])

    def read(w: Weights) -> Weights:
        bias = w.unembedding_bias.copy()
        bias[logit] -= size
        return replace(w, unembedding=changed(w.unembedding, ((new, logit), 1.0)), unembedding_bias=bias)

    return replace(with_weights(model, read), certificate=replace(model.certificate, claims=claims))


def sleeping_neuron(rng: Random, model: Model) -> Model:
    """A further neuron that is hardly ever awake, if at all, and writes much."""
    number, layer = _some_layer(rng, model)
    if not layer.w_in.size:
        return model
    like = rng.randrange(layer.w_in.shape[1])
    column = layer.w_in[:, [like]] * np.float32(rng.choice((1, -1, 2.0**10, 2.0**20)))
    most = float(np.abs(column).sum()) * rng.choice((0.0, 1.0, 3.0, float(model.config.max_length)))
    target = rng.choice(np.flatnonzero(layer.w_out[like]).tolist())
    row = np.zeros((1, layer.w_out.shape[1]), np.float32)
    row[0, target] = rng.choice((1.0, -1.0, *LARGE))
    return _with_neurons(model, number, (column, np.array([-most], np.float32), row))


def opposite_neurons(rng: Random, model: Model) -> Model:
    """Two further neurons that take away what the other one writes."""
    number, layer = _some_layer(rng, model)
    if not layer.w_in.size:
        return model
    like = rng.randrange(layer.w_in.shape[1])
    row = layer.w_out[[like]] * np.float32(rng.choice(LARGE))
    twice = layer.w_in[:, [like, like]], layer.b_in[[like, like]], np.vstack([row, -row])
    return _with_neurons(model, number, twice)


def _with_neurons(model: Model, number: int, more: tuple[Array, Array, Array]) -> Model:
    """The model with more neurons in a layer: what they read, their biases, and what they write."""
    layer = model.weights.layers[number]
    arrays = {
        "w_in": np.hstack([layer.w_in, more[0]]),
        "b_in": np.append(layer.b_in, more[1]),
        "w_out": np.vstack([layer.w_out, more[2]]),
    }
    return with_weights(model, lambda w: with_layer(w, number, **arrays))


def halved_head(rng: Random, model: Model) -> Model:
    """A head twice, each with half of what it writes."""
    number, layer = _some_layer(rng, model)
    if not layer.w_q.size:
        return model
    head = rng.randrange(layer.w_q.shape[0])
    twice = {
        name: np.concatenate([getattr(layer, name), getattr(layer, name)[[head]]])
        for name in ("w_q", "b_q", "w_k", "b_k", "w_v", "b_v", "w_o")
    }
    for half in (head, -1):
        twice["w_o"][half] *= np.float32(0.5)
    claims = dict(model.certificate.claims)
    mine = [h for h in claims["heads"] if h["layer"] == number + 1 and h["head"] == head]
    if rng.random() < 0.7:
        claims["heads"] = [*claims["heads"], *[{**h, "head": layer.w_q.shape[0]} for h in mine]]
    model = replace(model, certificate=replace(model.certificate, claims=claims))
    return with_weights(model, lambda w: with_layer(w, number, **twice))


def at_bos(rng: Random, model: Model) -> Model:
    """What BOS holds in some column to begin with."""
    name = rng.choice(["token_embedding", "position_embedding"])
    array = getattr(model.weights, name)
    entry = (0, rng.randrange(array.shape[1]))
    size = rng.choice((0.25, 1.0, *LARGE)) * rng.choice((1, -1))
    return with_weights(model, lambda w: with_array(w, name, changed(array, (entry, size))))


def wrong_at_one_value(rng: Random, model: Model) -> Model:
    """A column that tells one token or one position from all others, and something that reads it."""
    config, weights = apart(model.config, model.weights)
    model = replace(model, config=config, weights=weights)
    v, n = len(config.vocab), config.max_length
    token, count = rng.choice(((True, v), (False, n)))
    at = (weights.token_embedding if token else weights.position_embedding)[1:]
    like = [
        feature
        for feature in model.certificate.claims["features"]
        if at[:, int(feature["columns"].split()[0])].any()
    ]
    if not like:
        return model
    one = rng.choice((0, count - 1, rng.randrange(count)))
    marks = [int(value == one) for value in range(count)]
    rows = np.zeros(1 + v), np.zeros(1 + n)
    rows[0 if token else 1][1:] = marks
    claim = {"of": like[0]["of"], "values": " ".join(map(str, marks))}
    model = with_columns(model, [(claim, *rows)])
    number, layer = _some_layer(rng, model)
    size = rng.choice((1.0, -1.0, 0.5, 0.001, 104.0))
    names = [name for name in ("w_q", "w_k", "w_v", "w_in") if getattr(layer, name).size]
    name = rng.choice([*names, "unembedding"])
    array = model.weights.unembedding if name == "unembedding" else getattr(layer, name)
    place = tuple(rng.randrange(length) for length in array.shape)
    place = (*place[:1], array.shape[1] - 1, *place[2:]) if array.ndim == 3 else (len(array) - 1, place[-1])
    read = changed(array, (place, size))
    if name == "unembedding":
        return with_weights(model, lambda w: replace(w, unembedding=read))
    return with_weights(model, lambda w: with_layer(w, number, **{name: read}))


def exchanged_labels(rng: Random, model: Model) -> Model:
    """Two labels change places, with or without their logits."""
    output = model.config.output
    if not isinstance(output, LabelOutput) or len(output.labels) < 2:
        return model
    i, j = rng.sample(range(len(output.labels)), 2)
    order = list(range(len(output.labels)))
    order[i], order[j] = j, i
    model = replace(
        model,
        config=replace(model.config, output=replace(output, labels=tuple(output.labels[k] for k in order))),
    )
    if rng.random() < 0.5:
        return model
    return with_weights(
        model,
        lambda w: replace(
            w, unembedding=w.unembedding[:, order].copy(), unembedding_bias=w.unembedding_bias[order]
        ),
    )


def exchanged_claims(rng: Random, model: Model) -> Model:
    """The claims about two columns change places, and with some luck the columns too."""
    features = [dict(f) for f in model.certificate.claims["features"]]
    if len(features) < 2:
        return model
    i, j = rng.sample(range(len(features)), 2)
    columns = features[i]["columns"], features[j]["columns"]
    features[i]["columns"], features[j]["columns"] = columns[::-1]
    claims = {**model.certificate.claims, "features": features}
    model = replace(model, certificate=replace(model.certificate, claims=claims))
    if rng.random() < 0.3 or any(" " in c for c in columns):
        return model
    order = list(range(len(model.config.columns)))
    a, b = map(int, columns)
    order[a], order[b] = b, a
    return in_order(model, order)


def in_order(model: Model, order: list[int]) -> Model:
    """The model with its columns (without shared places) in another order."""
    if model.config.places:
        return model

    def layer(each: Layer) -> Layer:
        return replace(each, **{n: _taken(getattr(each, n), order, axis) for n, axis in AXES.items()})

    weights = model.weights
    return replace(
        model,
        config=replace(model.config, columns=tuple(model.config.columns[c] for c in order), kept=()),
        weights=replace(
            weights,
            token_embedding=_taken(weights.token_embedding, order, 1),
            position_embedding=_taken(weights.position_embedding, order, 1),
            layers=tuple(map(layer, weights.layers)),
            unembedding=_taken(weights.unembedding, order, 0),
        ),
    )


def _taken(array: Array, order: list[int], axis: int) -> Array:
    return np.ascontiguousarray(np.take(array, order, axis=axis))


def _some_layer(rng: Random, model: Model) -> tuple[int, Layer]:
    number = rng.randrange(len(model.weights.layers))
    return number, model.weights.layers[number]


MOVES: tuple[Callable[[Random, Model], Model], ...] = (
    one_weight,
    scaled_across,
    scaled_logits,
    cancelling_columns,
    bias_of_nothing,
    sleeping_neuron,
    opposite_neurons,
    halved_head,
    at_bos,
    wrong_at_one_value,
    exchanged_labels,
    exchanged_claims,
)


def forged(rng: Random, model: Model) -> tuple[Model, str]:
    """The model after one to three moves, and their names."""
    moves = [rng.choice(MOVES) for _ in range(rng.choice((1, 1, 2, 3)))]
    with np.errstate(all="ignore"):
        for move in moves:
            model = move(rng, model)
    return model, ", then ".join(move.__name__ for move in moves)
