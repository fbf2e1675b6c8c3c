"""`circuit.json`: which parts of an exported model can reach which, counted as its own blocks are.

Exports have other layers than the model (rounding needs some of its own, and Llama finds out positions
first), so the circuit is read again, off the weights as they are exported.
"""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx

from runtime.exports.mirror import Mirrored, MirrorLayer, Sizes
from runtime.exports.vocabulary import dumps
from runtime.inspection.circuit import Part, connections, to_json
from runtime.weights import Array, Column, Config, LabelOutput, Layer, Weights

CIRCUIT = "circuit.json"
NOTE = f"""`{CIRCUIT}` is the true circuit, read off these weights: an edge from every part (the embedding,
`["head", block, head]`, `["mlp", block]`, the logits; all from 0) to every later one. Without `carries` it
does nothing; without `varies` it carries the same on all inputs of one length. `roles` has the columns that
are read as query, key or value. Heads with the same name in `part_of` compute that one read together, each a
digit of its order or some of the positions; their numbers add up to it."""


def circuit_json(columns: Sequence[Column], weights: Weights) -> bytes:
    """The connections of a model with these weights; the first places are those of the columns."""
    return graph_json([named(column.name, column) for column in columns], weights)


def mirrored_json(columns: Sequence[Column], mirrored: Mirrored) -> bytes:
    """The connections of a model in mirrored form, where each column's negative stands beside it."""
    both = [named(name, column) for column in columns for name in (column.name, f"-{column.name}")]
    return graph_json(both, as_weights(mirrored))


def named(name: str, column: Column) -> Column:
    """What the circuit has to know of a column."""
    return Column(name, name, 0, part_of=column.part_of)


def graph_json(columns: Sequence[Column], weights: Weights) -> bytes:
    """The connections as JSON, with layers counted from 0; `columns` are those of the first places."""
    width = weights.token_embedding.shape[1]
    others = [Column(name, name, 0) for name in (f"place {place}" for place in range(len(columns), width))]
    config = Config(("",), 1, False, LabelOutput(("",)), (*columns[:width], *others))
    return dumps(to_json(nx.relabel_nodes(connections(config, weights), _in_blocks)))


def _in_blocks(part: Part) -> Part:
    """A part with its layer counted from 0."""
    kind, *rest = part
    return (kind, int(rest[0]) - 1, *rest[1:]) if rest else part


def as_weights(mirrored: Mirrored) -> Weights:
    """The mirrored form as weights of our own."""
    return Weights(
        token_embedding=mirrored.tokens,
        position_embedding=mirrored.positions,
        layers=tuple(_as_layer(layer, mirrored.sizes) for layer in mirrored.layers),
        unembedding=mirrored.unembedding,
        unembedding_bias=mirrored.bias,
    )


def _as_layer(layer: MirrorLayer, sizes: Sizes) -> Layer:
    def by_head(matrix: Array) -> Array:
        return matrix.reshape(-1, sizes.heads, sizes.head_size).swapaxes(0, 1)

    w_q, w_k, w_v = map(by_head, layer.w_qkv)
    b_q, b_k, b_v = (bias.reshape(sizes.heads, sizes.head_size) for bias in layer.b_qkv)
    w_o = layer.w_o.reshape(sizes.heads, sizes.head_size, -1)
    attention = (w_q, b_q, w_k, b_k, w_v, b_v, w_o, layer.b_o)
    return Layer(*attention, layer.w_in, layer.b_in, layer.w_out, layer.b_out)
