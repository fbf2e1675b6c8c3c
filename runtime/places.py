"""Places of the residual stream that several columns share, one after the other.

A column that nothing reads any more can leave its place to another one. In between, a neuron of its own
clears the place: relu(x + 2**22) is x + 2**22 for every integer x that is held there, and is written back
with the weight -1, so that the place holds afterwards what the next column starts from. All of this is exact.

Sharing and taking apart are the same change of weights, forth and back, and neither changes any answer.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rasp.errors import ModelError
from runtime.weights import Array, Config, Layer, Weights, named_arrays

LARGEST = 2.0**22
"""What gives up its place is an integer smaller than this."""

Columns = NDArray[np.int64]


@dataclass(frozen=True)
class Change:
    """After `old` was last read, the MLP of `layer` clears its place; `new` is written there later."""

    layer: int
    place: int
    old: int
    new: int


def changes(config: Config) -> tuple[Change, ...]:
    """Where columns give way to others, by layer and place.

    Raises ModelError if there is no MLP between the writing of two columns of one place.
    """
    found = []
    for place, columns in enumerate(_tenants(config)):
        for old, new in itertools.pairwise(columns):
            layer = (config.columns[new].written - 1) // 2
            if 2 * layer <= config.columns[old].written:
                names = f"{config.columns[old].name!r} and {config.columns[new].name!r}"
                raise ModelError(f"{names} cannot share a place: no MLP is between them")
            found.append(Change(layer, place, old, new))
    return tuple(sorted(found, key=lambda change: (change.layer, change.place)))


def _tenants(config: Config) -> list[list[int]]:
    """The columns of each place in the order in which they are written."""
    tenants: list[list[int]] = [[] for _ in range(config.width)]
    for column, place in enumerate(config.places or range(len(config.columns))):
        tenants[place].append(column)
    return [sorted(columns, key=lambda c: config.columns[c].written) for columns in tenants]


class _Sharing:
    """Which column each place belongs to, for what sublayers read and write."""

    def __init__(self, config: Config) -> None:
        self.width = config.width
        self.columns = len(config.columns)
        self.places = np.array(config.places, dtype=np.int64)
        self._written = np.array([c.written for c in config.columns], dtype=np.int64)
        self._tenants = _tenants(config)
        self._changes = changes(config)

    def read_at(self, sublayer: int) -> Columns:
        """[places]: the column that has the place before the sublayer, which may be the first to come."""
        found = [columns[0] for columns in self._tenants]
        for change in self._changes:
            if 2 * change.layer < sublayer:
                found[change.place] = change.new
        return np.array(found, dtype=np.int64)

    def written_at(self, sublayer: int) -> Columns:
        """The columns that the sublayer writes."""
        return np.flatnonzero(self._written == sublayer)

    def cleared_at(self, layer: int) -> list[Change]:
        """What the layer's MLP clears, in the order of its last neurons."""
        return [change for change in self._changes if change.layer == layer]


def share(config: Config, weights: Weights, places: Sequence[int]) -> tuple[Config, Weights]:
    """The same model with its columns in these places.

    Raises ModelError if a column would be read or written while its place belongs to another.
    """
    shared = replace(config, places=tuple(places))
    sharing = _Sharing(shared)
    first = sharing.read_at(1)
    last = sharing.read_at(2 * len(weights.layers) + 1)
    layers = [_share_layer(layer, sharing, n, weights) for n, layer in enumerate(weights.layers, start=1)]
    return shared, replace(
        weights,
        token_embedding=weights.token_embedding[:, first],
        position_embedding=_all_of(weights.position_embedding, first, 1),
        layers=tuple(layers),
        unembedding=_all_of(weights.unembedding, last, 0),
    )


def _all_of(array: Array, chosen: Columns, axis: int) -> Array:
    """The chosen entries along an axis, which must be all that are not 0."""
    taken: Array = np.take(array, chosen, axis=axis)
    if np.count_nonzero(taken) != np.count_nonzero(array):
        raise ModelError("a column is used while its place belongs to another")
    return taken


def _share_layer(layer: Layer, sharing: _Sharing, number: int, weights: Weights) -> Layer:
    def placed(array: Array, sublayer: int) -> Array:
        """What is written, by place."""
        columns = sharing.written_at(sublayer)
        result = np.zeros((*array.shape[:-1], sharing.width), array.dtype)
        result[..., sharing.places[columns]] = _all_of(array, columns, array.ndim - 1)
        return result

    attention, mlp = sharing.read_at(2 * number - 1), sharing.read_at(2 * number)
    return _with_clearing(
        replace(
            layer,
            **{name: _all_of(getattr(layer, name), attention, 1) for name in ("w_q", "w_k", "w_v")},
            **{name: placed(getattr(layer, name), 2 * number - 1) for name in ("w_o", "b_o")},
            **{name: placed(getattr(layer, name), 2 * number) for name in ("w_out", "b_out")},
            w_in=_all_of(layer.w_in, mlp, 0),
        ),
        sharing.cleared_at(number),
        weights.token_embedding[0],
    )


def _with_clearing(layer: Layer, cleared: Sequence[Change], start: Array) -> Layer:
    """The layer with one more neuron for each place that it clears; `start` is what columns start from."""
    if not cleared:
        return layer
    places = [change.place for change in cleared]
    reads = np.eye(len(layer.b_out), dtype=layer.w_in.dtype)[:, places]
    b_out = layer.b_out.copy()
    b_out[places] = LARGEST + start[[change.new for change in cleared]]
    return replace(
        layer,
        w_in=np.concatenate([layer.w_in, reads], axis=1),
        b_in=np.concatenate([layer.b_in, np.full(len(places), LARGEST, layer.b_in.dtype)]),
        w_out=np.concatenate([layer.w_out, -reads.T]),
        b_out=b_out,
    )


def apart(config: Config, weights: Weights) -> tuple[Config, Weights]:
    """The same model with a place of its own for every column, which is easier to look at and to reason
    about. The neurons that clear places, the last of their layers, are gone.

    Raises ModelError if the weights were not made by `share`.
    """
    if not config.places:
        return config, weights
    alone = replace(config, places=())
    sharing = _Sharing(config)
    spread = _take_apart(sharing, weights)
    if not same(share(alone, spread, config.places)[1], weights):
        raise ModelError("the neurons that clear shared places are not as they should be")
    return alone, spread


def same(first: Weights, second: Weights) -> bool:
    """Whether all entries are equal."""
    mine, other = named_arrays(first), named_arrays(second)
    return mine.keys() == other.keys() and all(np.array_equal(mine[name], other[name]) for name in mine)


def _take_apart(sharing: _Sharing, weights: Weights) -> Weights:
    def read(array: Array, sublayer: int, axis: int) -> Array:
        """What is read, by column."""
        shape = (*array.shape[:axis], sharing.columns, *array.shape[axis + 1 :])
        result = np.zeros(shape, array.dtype)
        result[(slice(None),) * axis + (sharing.read_at(sublayer),)] = array
        return result

    def written(array: Array, sublayer: int) -> Array:
        """What is written, by column."""
        columns = sharing.written_at(sublayer)
        result = np.zeros((*array.shape[:-1], sharing.columns), array.dtype)
        result[..., columns] = array[..., sharing.places[columns]]
        return result

    layers = []
    token = read(weights.token_embedding, 1, 1)
    for number, layer in enumerate(weights.layers, start=1):
        attention, mlp = 2 * number - 1, 2 * number
        cleared = sharing.cleared_at(number)
        for change in cleared:
            token[:, change.new] = layer.b_out[change.place] - LARGEST
        kept = slice(layer.w_in.shape[1] - len(cleared))
        layers.append(
            replace(
                layer,
                **{name: read(getattr(layer, name), attention, 1) for name in ("w_q", "w_k", "w_v")},
                **{name: written(getattr(layer, name), attention) for name in ("w_o", "b_o")},
                w_in=read(layer.w_in[:, kept], mlp, 0),
                b_in=layer.b_in[kept],
                w_out=written(layer.w_out[kept], mlp),
                b_out=written(layer.b_out, mlp),
            )
        )
    return replace(
        weights,
        token_embedding=token,
        position_embedding=read(weights.position_embedding, 1, 1),
        layers=tuple(layers),
        unembedding=read(weights.unembedding, 2 * len(layers) + 1, 0),
    )
