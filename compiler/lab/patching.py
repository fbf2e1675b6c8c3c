"""A model run with some of its edges cut: they carry what they would carry on another input.

An edge leads from the embedding, a head or an MLP to a later head (to its query, key or value), MLP or to the
logits. Whoever reads adds up what has been written, part by part and in the order of the forward pass, as
rounding is part of what weights mean (`runtime.weights.Layer`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from runtime.inspection.circuit import Part
from runtime.model import Model
from runtime.transformer.numpy_forward import visible_keys
from runtime.weights import Array, Layer, Weights

Edge = tuple[Part, Part, str]
"""From, to, and what it is read for: query, key, value, reads or unembeds."""

EMBEDDING: Part = ("embedding",)
LOGITS: Part = ("logits",)
ROLES = ("query", "key", "value")

Written = Mapping[Part, Any]
"""What each part adds to the residual stream, [B, T, d]."""


@dataclass(frozen=True)
class Pairs:
    """Inputs and as many others, each of the length of its own: ids [B, T] with BOS in front."""

    clean: NDArray[np.int32]
    other: NDArray[np.int32]


def random_pairs(model: Model, count: int, seed: int) -> Pairs:
    """So many random pairs of inputs of the greatest length."""
    rng = np.random.default_rng(seed)
    shape = (2, count, model.config.max_length)
    clean, other = rng.integers(1, 1 + len(model.config.vocab), shape, dtype=np.int32)
    return Pairs(*(np.pad(ids, ((0, 0), (1, 0))) for ids in (clean, other)))


def all_edges(model: Model) -> list[Edge]:
    """Every pair of parts of which the first is computed before the second, for each way of reading."""
    found: list[Edge] = []
    for source, target in model.connections().edges:
        found += [(source, target, role) for role in roles_of(target)]
    return found


def roles_of(target: Part) -> Sequence[str]:
    """For what a part reads the residual stream."""
    return {"head": ROLES, "mlp": ("reads",), "logits": ("unembeds",)}[str(target[0])]


def true_edges(model: Model) -> set[Edge]:
    """The edges that carry what can vary between inputs of one length, and from which the logits are reached,
    read off the weights: what nothing reads, as a distractor's, is no part of the circuit.
    """
    found: set[Edge] = set()
    heard = reaching(model)
    for source, target, data in model.connections().edges(data=True):
        changing = set(data["varying"]) if target in heard else set()
        found |= {(source, target, role) for role, names in data["roles"].items() if changing & {*names}}
    return found


def reaching(model: Model, way: Literal["carries", "varies"] = "varies") -> set[Part]:
    """The logits, and the parts from which something (or something that can vary) reaches them."""
    graph = model.connections()
    graph.remove_edges_from([(a, b) for a, b, there in graph.edges(data=way) if not there])
    return {LOGITS} | (nx.ancestors(graph, LOGITS) if LOGITS in graph else set())


Reading = Callable[[Part, str, "Stream"], Any]
"""What a part reads for a role, of the stream so far."""


def run(
    weights: Weights,
    ids: NDArray[np.int32],
    causal: bool,
    reading: Reading,
    xp: ModuleType = np,
    mixed: tuple[Any, float] = (0, 1),
    lengths: NDArray[np.int32] | None = None,
) -> tuple[Any, Written]:
    """Logits [B, T - 1, L], and what each part wrote. Each part reads what `reading` gives it.

    `mixed` is what is added to the embedding, and the embedding's own share. `lengths`: those of the inputs,
    where not all have the greatest.
    """
    whole = np.full(len(ids), ids.shape[1] - 1)
    visible = visible_keys(whole if lengths is None else lengths, ids.shape[1], causal)
    embedded = weights.token_embedding[ids] + weights.position_embedding[None, : ids.shape[1]]
    stream = Stream(embedded if mixed[1] == 1 else mixed[0] + mixed[1] * embedded)
    for number, layer in enumerate(weights.layers, start=1):
        if layer.w_q.shape[0]:
            heads = [
                (("head", number, head), _head(stream, layer, number, head, visible, reading, xp))
                for head in range(layer.w_q.shape[0])
            ]
            stream.add(heads, layer.b_o)
        if layer.w_in.shape[1]:
            part: Part = ("mlp", number)
            x = reading(part, "reads", stream)
            hidden = xp.maximum(x @ layer.w_in + layer.b_in[None, None], 0)
            stream.add([(part, hidden @ layer.w_out)], layer.b_out)
    x = reading(LOGITS, "unembeds", stream)
    return x[:, 1:] @ weights.unembedding + weights.unembedding_bias[None, None], stream.written


class Stream:
    """What has been written to the residual stream, part by part."""

    def __init__(self, embedded: Array) -> None:
        self.written: dict[Part, Any] = {EMBEDDING: embedded}
        self.steps: list[tuple[list[Part], Array]] = []
        self.total: Any = embedded

    def add(self, written: Sequence[tuple[Part, Any]], bias: Array) -> None:
        """One sublayer has written."""
        self.written.update(written)
        self.steps.append(([part for part, _ in written], bias))
        self.total = self.total + (_sum([update for _, update in written]) + bias[None, None])

    def again(self, written: Written) -> Any:
        """The stream if its parts had written this, summed in the same order."""
        x = written[EMBEDDING]
        for parts, bias in self.steps:
            x = x + (_sum([written[part] for part in parts]) + bias[None, None])
        return x


def _sum(updates: Sequence[Any]) -> Any:
    total = updates[0]
    for update in updates[1:]:
        total = total + update
    return total


def _head(
    stream: Stream, layer: Layer, number: int, head: int, visible: Any, reading: Reading, xp: ModuleType
) -> Any:
    """What one head writes."""
    part: Part = ("head", number, head)
    q, k, v = (
        reading(part, role, stream) @ weight[head] + bias[head][None, None]
        for role, weight, bias in (
            ("query", layer.w_q, layer.b_q),
            ("key", layer.w_k, layer.b_k),
            ("value", layer.w_v, layer.b_v),
        )
    )
    scores = xp.where(visible[:, 0], q @ k.swapaxes(-1, -2), -np.inf)
    powers = xp.exp(scores - scores.max(axis=-1, keepdims=True))
    return ((powers @ v) / powers.sum(axis=-1, keepdims=True)) @ layer.w_o[head]


def undisturbed(_part: Part, _role: str, stream: Stream) -> Any:
    """What is read where nothing is cut."""
    return stream.total


class Patching:
    """A model on pairs of inputs, in which edges can be cut; on a place of its own for each column."""

    def __init__(self, model: Model, pairs: Pairs) -> None:
        self.causal = model.config.causal
        self.weights = model.apart.weights
        self.pairs = pairs
        self.clean, self.written = run(self.weights, pairs.clean, self.causal, undisturbed)
        self.other_logits, self.other = run(self.weights, pairs.other, self.causal, undisturbed)

    def cut(self, edges: Collection[Edge]) -> Array:
        """The logits on the clean inputs if these edges carried what they carry on the other inputs."""

        def reading(part: Part, role: str, stream: Stream) -> Any:
            sources = [source for source in stream.written if (source, part, role) in edges]
            if not sources:
                return stream.total
            return stream.again({**stream.written, **{source: self.other[source] for source in sources}})

        logits: Array = run(self.weights, self.pairs.clean, self.causal, reading)[0]
        return logits

    def damage(self, edges: Collection[Edge]) -> float:
        """How far the logits move when these edges are cut: the squared distance, over that between the clean
        inputs' and the others'.
        """
        moved = np.square(self.cut(edges) - self.clean, dtype=np.float64).sum()
        between = np.square(self.other_logits - self.clean, dtype=np.float64).sum()
        return float(moved / between) if between else float(moved)
