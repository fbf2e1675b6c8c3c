"""Random forgeries: changes of whole structures, most of which keep a model right in exact arithmetic.

Each move takes a random number generator and a model, and gives the model changed, or the same one where it
does not apply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any
from unittest.mock import patch

import numpy as np

from runtime import Model
from runtime import places as sharing
from runtime.places import apart, share
from runtime.weights import Array, LabelOutput, Layer, NumberOutput, Weights
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
    claim = _claim_of(model, column)
    if claim is None or model.weights.token_embedding.shape[1] < len(model.config.columns):
        return model  # nothing is claimed any more, or columns share a place already
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


def _claim_of(model: Model, column: int) -> dict[str, Any] | None:
    """What is claimed of a column; None if an earlier move took the claim away."""
    features = model.certificate.claims["features"]
    return next((f for f in features if str(column) in f["columns"].split()), None)


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
    if not layer.w_out[like].any():
        return model
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


def dead_neurons(rng: Random, model: Model) -> Model:
    """Neurons that are never awake behind huge weights, beside which a small one might be lost."""
    number, layer = _some_layer(rng, model)
    if not layer.w_in.size:
        return model
    like, count = rng.randrange(layer.w_in.shape[1]), rng.choice((1, 3, 70))
    if not layer.w_out[like].any():
        return model
    size = np.abs(layer.w_in[:, like]).max() or 1.0
    column = layer.w_in[:, [like]] / size * rng.choice((1, -1))
    row = np.zeros((1, layer.w_out.shape[1]))
    row[0, rng.choice(np.flatnonzero(layer.w_out[like]).tolist())] = 1.0
    huge = [-(2.0 ** rng.choice((20, 23, 29)))] * count, 2.0 ** rng.choice((22, 29, 30))
    small = [rng.choice((1.0, 2.0, -1.0, 0.5))] * rng.randrange(2)
    w_in = np.repeat(column, count + len(small), axis=1).astype(layer.w_in.dtype)
    b_in = np.array([*huge[0], *small], layer.b_in.dtype)
    w_out = np.vstack([*[row * huge[1]] * count, *[row] * len(small)]).astype(layer.w_out.dtype)
    return _with_neurons(model, number, (w_in, b_in, w_out))


def behind_an_input(rng: Random, model: Model) -> Model:
    """What padding holds: rows of positions and what BOS starts from, so large that something overflows."""
    name = rng.choice(["token_embedding", "position_embedding"])
    size = np.asarray(2.0 ** rng.choice((20, 29, 40, 60, 100, 120)), model.config.dtype) * rng.choice((1, -1))
    array = getattr(model.weights, name)
    entry = (rng.choice((0, len(array) - 1)), rng.randrange(array.shape[1]))
    return with_weights(model, lambda w: with_array(w, name, changed(array, (entry, float(size)))))


def shared_too_early(rng: Random, model: Model) -> Model:
    """A column takes over the place of one that may still be read, as if nobody noticed."""
    config, weights = apart(model.config, model.weights)
    columns = range(len(config.columns))
    pairs = [
        (i, j) for i in columns for j in columns if config.columns[i].written < config.columns[j].written
    ]
    if not pairs:
        return model
    old, new = rng.choice(pairs)
    places = [c - (c > new) for c in columns]
    places[new] = places[old]
    if rng.random() < 0.3:
        config, weights = share(config, weights, places)
        return replace(model, config=config, weights=weights)
    with (
        patch.object(sharing._Sharing, "read_at", as_if_never_cleared),
        patch.object(sharing, "_all_of", taken),
    ):
        config, weights = share(config, weights, places)
    return replace(model, config=config, weights=weights)


def as_if_never_cleared(self: Any, sublayer: int) -> Array:
    """What a place holds if a column stays until another one is written."""
    return np.array([max((c for c in t if self._written[c] < sublayer), default=t[0]) for t in self._tenants])


def taken(array: Array, chosen: sharing.Columns, axis: int) -> Array:
    """The chosen entries along an axis, whatever the others are."""
    found: Array = np.take(array, chosen, axis=axis)
    return found


def other_clearing(rng: Random, model: Model) -> Model:
    """A neuron that clears a shared place, the last ones of their layers, clears another one or by less."""
    layers = [n for n, layer in enumerate(model.weights.layers) if (layer.b_in == 2.0**22).any()]
    if not layers:
        return model
    number = rng.choice(layers)
    layer = model.weights.layers[number]
    neuron = rng.choice(np.flatnonzero(layer.b_in == 2.0**22).tolist())
    change = rng.choice(("bias", "write", "read", "gone"))
    arrays = {name: getattr(layer, name).copy() for name in ("w_in", "b_in", "w_out", "b_out")}
    if change == "bias":
        arrays["b_in"][neuron] = rng.choice((0.0, 2.0**21, 2.0**22 - 1))
    elif change == "gone":
        arrays["w_out"][neuron] = 0
    else:
        moved = arrays["w_in"][:, neuron] if change == "read" else arrays["w_out"][neuron]
        moved[:] = np.roll(moved, rng.choice((1, -1)))
    return with_weights(model, lambda w: with_layer(w, number, **arrays))


def part_beside_the_whole(rng: Random, model: Model) -> Model:
    """One head of a read is claimed to read some of the positions, or all of them once more."""
    claims = dict(model.certificate.claims)
    if not claims["heads"]:
        return model
    heads = [dict(head) for head in claims["heads"]]
    head = rng.choice(heads)
    numbers = [
        int(word) for literal in head["literals"] for word in literal.split(":")[1].split(";")[0].split()
    ]
    dims = " ".join(map(str, rng.sample(numbers, min(len(numbers), rng.randrange(3)))))
    size = rng.choice((1, 2, model.config.max_length))
    head["part"] = f"{rng.randrange(2)} {size}: {dims}"
    if rng.random() < 0.5:
        heads.append({**head, "part": rng.choice((f"1 {size}: {dims}", ""))})
    if heads[-1].get("part") == "":
        del heads[-1]["part"]
    claims["heads"] = heads
    return replace(model, certificate=replace(model.certificate, claims=claims))


def tiny_products(rng: Random, model: Model) -> Model:
    """Two factors that are both small, whose product may be no normal number, and a third that makes up."""
    number, layer = _some_layer(rng, model)
    power = rng.choice((10, 25, 29, 30, 31, 45, 63, 70))
    tiny, names = np.asarray(2.0**-power, model.config.dtype), ["w_in", "b_in", "w_out"]
    if layer.w_v.size and rng.random() < 0.5:
        names = ["w_v", "b_v", "w_o"]
    arrays = {name: getattr(layer, name) * tiny for name in names}
    model = with_weights(model, lambda w: with_layer(w, number, **arrays))
    if rng.random() < 0.5:
        return model
    huge = np.asarray(2.0 ** (2 * power), model.config.dtype)
    unembedding = model.weights.unembedding * huge
    return with_weights(model, lambda w: replace(w, unembedding=unembedding)) if np.isfinite(huge) else model


def other_kept(rng: Random, model: Model) -> Model:
    """What an intervention sets: other numbers, other columns, or values in another order."""
    if not model.config.kept:
        return model
    (kept,) = model.config.kept
    rows = [list(row) for row in kept.numbers]
    values, columns = list(kept.values), list(kept.columns)
    change = rng.choice(("number", "rows", "values", "column", "twice", "both"))
    if change == "number":
        rng.choice(rows)[rng.randrange(len(columns))] += rng.choice((1, -1))
    elif change == "column":
        columns[rng.randrange(len(columns))] = rng.randrange(len(model.config.columns))
    elif change == "twice":
        columns, rows = columns + columns[:1], [row + row[:1] for row in rows]
    elif change == "both":
        rows, values = rows[::-1], values[::-1]
    else:
        rng.shuffle(rows if change == "rows" else values)
    other = replace(
        kept, values=tuple(values), columns=tuple(columns), numbers=tuple(tuple(row) for row in rows)
    )
    return replace(model, config=replace(model.config, kept=(other,)))


def other_output(rng: Random, model: Model) -> Model:
    """A fraction is told by other denominators, or in another unit."""
    output = model.config.output
    if not isinstance(output, NumberOutput):
        return model
    most = rng.choice((output.max_denominator + rng.choice((1, -1)), output.max_denominator * 2, 1, 10**9))
    scale = output.scale * rng.choice((1, 1, 2, Fraction(1, 3), -1))
    other = NumberOutput(max(1, most), scale)
    return replace(model, config=replace(model.config, output=other))


def other_claims(rng: Random, model: Model) -> Model:
    """One claim left out, doubled, or with a word of it replaced."""
    claims = dict(model.certificate.claims)
    part = rng.choice([part for part in ("features", "heads", "tables", "constants") if claims[part]])
    every = list(claims[part])
    place = rng.randrange(len(every))
    edit = rng.choice(("drop", "double", "exchange", *every[place]))
    if edit == "drop":
        del every[place]
    elif edit == "double":
        every.append(every[place])
    elif edit == "exchange":
        other = rng.randrange(len(every))
        every[place], every[other] = every[other], every[place]
    else:
        every[place] = {**every[place], edit: another(rng, every[place][edit])}
    return replace(model, certificate=replace(model.certificate, claims={**claims, part: every}))


def another(rng: Random, value: Any) -> Any:
    """Something like a value of a claim."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return max(0, value + rng.choice((-1, 1)))
    if isinstance(value, str):
        words = value.split(" ")
        digits = [i for i, word in enumerate(words) if word.strip("-:").isdigit()]
        if digits:
            place = rng.choice(digits)
            number = int(words[place].strip(":")) + rng.choice((-1, 1, 2))
            words[place] = f"{number}:" if words[place].endswith(":") else str(number)
        return " ".join(words)
    if isinstance(value, list) and value:
        changed = list(value)
        changed[rng.randrange(len(value))] = another(rng, rng.choice(value))
        return changed
    return value


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
    dead_neurons,
    behind_an_input,
    shared_too_early,
    other_clearing,
    part_beside_the_whole,
    tiny_products,
    other_kept,
    other_output,
    other_claims,
)


def forged(rng: Random, model: Model) -> tuple[Model, str]:
    """The model after one to three moves, and their names."""
    moves = [rng.choice(MOVES) for _ in range(rng.choice((1, 1, 2, 3)))]
    moves.sort(key=lambda move: move is other_claims)  # after it a column may have no claim
    with np.errstate(all="ignore"):
        for move in moves:
            model = move(rng, model)
    return model, ", then ".join(move.__name__ for move in moves)
