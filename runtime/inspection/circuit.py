"""The true circuit of a model: which part reads which column, and what therefore cannot reach what.

Compiled weights are mostly exact zeros, so the graph can be read off them: there is an edge where a weight
is not 0. Everything else provably carries nothing. This is the ground truth that methods which attribute
behaviour to parts of a model can be scored against.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import networkx as nx
import numpy as np

from runtime.weights import Column, Config, Layer, Weights

Part = tuple[str | int, ...]
"""("program", name), ("column", name), ("token",), ("position",), ("head", layer, head), ("neuron", layer,
number) or ("logits",); layers, heads and neurons are counted from 1, 0 and 0, as in traces."""


def circuit(config: Config, weights: Weights) -> nx.MultiDiGraph:
    """The graph of all parts, with an edge for every way in which one feeds another.

    Edges carry a `role`: embeds (token, position to column), query, key, value (column to head), reads
    (column to neuron), writes (head, neuron to column), unembeds (column to logits), holds (program to
    column). What a program's part is tells its s-op and what is held of it; parts of different s-ops that
    people would call the same are numbered.
    """
    graph = nx.MultiDiGraph()
    names = [column.name for column in config.columns]
    for column, part in zip(config.columns, program_parts(config.columns), strict=True):
        graph.add_node(("column", column.name), written=column.written)
        graph.add_node(part, sop=column.of)
        graph.add_edge(part, ("column", column.name), role="holds")
    for source, target, role in _edges(names, weights):
        graph.add_edge(source, target, role=role)
    return graph


def program_parts(columns: Sequence[Column]) -> list[Part]:
    """For each column the part of the program that it holds: the same for columns that hold the same of the
    same s-op, another one for any other.
    """
    known: dict[tuple[int | None, str], Part] = {}
    used: Counter[str] = Counter()
    for column in columns:
        if (column.of, column.meaning) not in known:
            used[column.meaning] += 1
            count = used[column.meaning]
            name = column.meaning if count == 1 else f"{column.meaning} #{count}"
            known[column.of, column.meaning] = ("program", name)
    return [known[column.of, column.meaning] for column in columns]


def _edges(names: list[str], weights: Weights) -> Iterator[tuple[Part, Part, str]]:
    columns: list[Part] = [("column", name) for name in names]
    for source, table in (("token", weights.token_embedding), ("position", weights.position_embedding)):
        for place in _used((table != table[:1]).any(axis=0)):
            yield (source,), columns[place], "embeds"
    for number, layer in enumerate(weights.layers, start=1):
        for head in range(layer.w_q.shape[0]):
            yield from _head_edges(columns, layer, ("head", number, head), head)
        for neuron in range(layer.w_in.shape[1]):
            part: Part = ("neuron", number, neuron)
            yield from ((columns[p], part, "reads") for p in _used(layer.w_in[:, neuron]))
            yield from ((part, columns[p], "writes") for p in _used(layer.w_out[neuron]))
    for place in _used(weights.unembedding.any(axis=1)):
        yield columns[place], ("logits",), "unembeds"


def _head_edges(columns: list[Part], layer: Layer, part: Part, head: int) -> Iterator[tuple[Part, Part, str]]:
    for role, matrix in (("query", layer.w_q), ("key", layer.w_k), ("value", layer.w_v)):
        yield from ((columns[p], part, role) for p in _used(matrix[head].any(axis=1)))
    yield from ((part, columns[p], "writes") for p in _used(layer.w_o[head].any(axis=0)))


def _used(entries: Any) -> list[int]:
    """The places of what is not 0."""
    found: list[int] = np.flatnonzero(entries).tolist()
    return found


def connections(config: Config, weights: Weights) -> nx.DiGraph:
    """Heads, MLPs ("mlp", layer), the embedding ("embedding",) and ("logits",), with an edge from each part
    to each later one: `carries` says whether any column written by the first is read by the second, and
    `columns` which. An edge that does not carry provably does nothing, whatever the input.
    """
    full = circuit(config, weights)
    writes: dict[Part, set[Part]] = {}
    reads: dict[Part, set[Part]] = {}
    for source, target, role in full.edges(data="role"):
        if role in ("embeds", "writes"):
            writes.setdefault(_component(source), set()).add(target)
        elif role != "holds":
            reads.setdefault(_component(target), set()).add(source)
    graph = nx.DiGraph()
    for first, second in _ordered_pairs({*writes, *reads}):
        shared = writes.get(first, set()) & reads.get(second, set())
        graph.add_edge(first, second, carries=bool(shared), columns=sorted(str(c[1]) for c in shared))
    return graph


def _component(part: Part) -> Part:
    if part[0] in ("token", "position"):
        return ("embedding",)
    return ("mlp", part[1]) if part[0] == "neuron" else part


def _ordered_pairs(parts: Iterable[Part]) -> Iterator[tuple[Part, Part]]:
    """Every pair of which the first is computed before the second."""
    ordered = sorted(parts, key=lambda part: (_sublayer(part), part))
    for i, first in enumerate(ordered):
        for second in ordered[i + 1 :]:
            if _sublayer(first) < _sublayer(second):
                yield first, second


def _sublayer(part: Part) -> float:
    """When a part is computed, as `Column.written` counts."""
    match part:
        case ("head", int(layer), _):
            return 2 * layer - 1
        case ("mlp", int(layer)):
            return 2 * layer
        case ("logits",):
            return float("inf")
    return 0


def to_json(graph: nx.MultiDiGraph | nx.DiGraph) -> dict[str, Any]:
    """A graph as plain JSON data: its parts and edges, parts as lists."""
    nodes = [{"part": list(part), **data} for part, data in graph.nodes(data=True)]
    edges = [{"from": list(a), "to": list(b), **data} for a, b, data in graph.edges(data=True)]
    return {"parts": nodes, "edges": edges}
