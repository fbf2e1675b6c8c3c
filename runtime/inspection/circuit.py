"""The true circuit of a model: which part reads which column, and what therefore cannot reach what.

Compiled weights are mostly exact zeros, so the graph can be read off them: there is an edge where a weight
is not 0. Everything else provably carries nothing. This is the ground truth that methods which attribute
behaviour to parts of a model can be scored against.

Many edges carry what is the same on every input of one length (the mark of the beginning, positions): methods
that compare inputs can never find those, so every edge also says whether what it carries can vary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from runtime.inspection.reading import meaning_of, wholes
from runtime.weights import Column, Config, Weights

Part = tuple[str | int, ...]
"""("program", name), ("column", name), ("token",), ("position",), ("head", layer, head), ("neuron", layer,
number) or ("logits",); layers, heads and neurons are counted from 1, 0 and 0, as in traces."""


def circuit(config: Config, weights: Weights) -> nx.MultiDiGraph:
    """The graph of all parts, with an edge for every way in which one feeds another.

    Edges carry a `role`: embeds (token, position to column), query, key, value (column to head), reads
    (column to neuron), writes (head, neuron to column), unembeds (column to logits), holds (program to
    column). What an edge carries of which `varies` is False is the same on any two inputs of one length,
    which is proved; else it depends on tokens in some way. What a program's part is tells its s-op and what
    is held of it; parts of different s-ops that people would call the same are numbered. Where several heads
    compute one read, they and the columns that they write have its name as `part_of`.
    """
    graph = nx.MultiDiGraph()
    names = [column.name for column in config.columns]
    for column, part in zip(config.columns, program_parts(config.columns), strict=True):
        divided = {"part_of": column.part_of} if column.part_of else {}
        graph.add_node(("column", column.name), written=column.written, **divided)
        graph.add_node(part, sop=column.of)
    for source, target, role, varies in _edges(names, weights):
        graph.add_edge(source, target, role=role, varies=varies)
    fed = {column for _, column, varies in graph.edges(data="varies") if varies}
    for column, part in zip(config.columns, program_parts(config.columns), strict=True):
        holder: Part = ("column", column.name)
        graph.add_edge(part, holder, role="holds", varies=holder in fed)
    for head, reads in divided_reads(config.columns, weights).items():
        graph.nodes[head]["part_of"] = list(reads)
    return graph


def divided_reads(columns: Sequence[Column], weights: Weights) -> dict[Part, tuple[str, ...]]:
    """For each head that computes a part of a read, of which one head does not compute all: these reads."""
    found: dict[Part, tuple[str, ...]] = {}
    names = [column.part_of for column in columns]
    for number, layer in enumerate(weights.layers if wholes(columns) else (), start=1):
        for head in range(len(layer.w_o)):
            written = _used(layer.w_o[head].any(axis=0))
            reads = dict.fromkeys(names[place] for place in written if names[place])
            if reads:
                found["head", number, head] = tuple(reads)
    return found


def program_parts(columns: Sequence[Column]) -> list[Part]:
    """For each column the part of the program that it holds: the same for columns that hold the same of the
    same s-op, another one for any other.
    """
    known: dict[tuple[int | None, str], Part] = {}
    used: Counter[str] = Counter()
    for column in columns:
        meaning = meaning_of(column)
        if (column.of, meaning) not in known:
            used[meaning] += 1
            count = used[meaning]
            name = meaning if count == 1 else f"{meaning} #{count}"
            known[column.of, meaning] = ("program", name)
    return [known[column.of, meaning_of(column)] for column in columns]


Edge = tuple[Part, Part, str, bool]
"""From, to, role, and whether it varies."""


def _edges(names: list[str], weights: Weights) -> Iterator[Edge]:
    columns: list[Part] = [("column", name) for name in names]
    flow = list(varying(weights))
    token, position = weights.token_embedding, weights.position_embedding
    for place in _used((token != token[:1]).any(axis=0)):
        yield ("token",), columns[place], "embeds", bool(flow[0].columns[place])
    for place in _used((position != position[:1]).any(axis=0)):
        yield ("position",), columns[place], "embeds", False
    for number, layer in enumerate(weights.layers, start=1):
        before, between, after = flow[2 * number - 2 : 2 * number + 1]
        for head in range(layer.w_q.shape[0]):
            part: Part = ("head", number, head)
            for role, matrix in (("query", layer.w_q), ("key", layer.w_k), ("value", layer.w_v)):
                for place in _used(matrix[head].any(axis=1)):
                    yield columns[place], part, role, bool(before.columns[place])
            for place in _used(layer.w_o[head].any(axis=0)):
                yield part, columns[place], "writes", bool(between.writers[head])
        for neuron in range(layer.w_in.shape[1]):
            part = ("neuron", number, neuron)
            for place in _used(layer.w_in[:, neuron]):
                yield columns[place], part, "reads", bool(between.columns[place])
            for place in _used(layer.w_out[neuron]):
                yield part, columns[place], "writes", bool(after.writers[neuron])
    for place in _used(weights.unembedding.any(axis=1)):
        yield columns[place], ("logits",), "unembeds", bool(flow[-1].columns[place])


Truths = NDArray[np.bool_]


@dataclass(frozen=True)
class Varying:
    """After a sublayer: which places of the residual stream can differ between inputs of one length, and
    which of the heads or neurons that have just written can.
    """

    columns: Truths
    writers: Truths


def varying(weights: Weights) -> Iterator[Varying]:
    """What can vary after the embedding and after each sublayer: what reads, by any way, something that the
    tokens' embeddings do not have in common. BOS and the positions are the same in all inputs of one length.
    """
    tokens = weights.token_embedding[1:]
    columns: Truths = np.any(tokens != tokens[:1], axis=0)
    yield Varying(columns, np.zeros(0, bool))
    for layer in weights.layers:
        read = np.concatenate([layer.w_q, layer.w_k, layer.w_v], axis=2).any(axis=2)  # [H, d]
        for reads, written in ((read, layer.w_o.any(axis=1)), (layer.w_in.T != 0, layer.w_out != 0)):
            writers: Truths = np.any(reads & columns, axis=1)
            columns = columns | np.any(writers[:, None] & written, axis=0)
            yield Varying(columns, writers)


def _used(entries: Any) -> list[int]:
    """The places of what is not 0."""
    found: list[int] = np.flatnonzero(entries).tolist()
    return found


def connections(config: Config, weights: Weights) -> nx.DiGraph:
    """Heads, MLPs ("mlp", layer), the embedding ("embedding",) and ("logits",), with an edge from each part
    to each later one.

    `carries` says whether any column written by the first is read by the second, and `columns` which: an
    edge that does not carry provably does nothing, whatever the input. `roles` has the columns by what they
    are read for: query, key, value, reads or unembeds. `varies` says whether anything carried can differ
    between inputs of one length, and `varying` which columns: the other edges cannot be found by comparing
    such inputs. Heads of which each computes a part of one read have its name in `part_of`.
    """
    full = circuit(config, weights)
    writes: dict[Part, dict[Part, bool]] = {}
    reads: dict[Part, dict[str, set[Part]]] = {}
    for source, target, data in full.edges(data=True):
        if data["role"] in ("embeds", "writes"):
            written = writes.setdefault(_component(source), {})
            written[target] = written.get(target, False) or data["varies"]
        elif data["role"] != "holds":
            reads.setdefault(_component(target), {}).setdefault(data["role"], set()).add(source)
    graph = nx.DiGraph()
    for first, second in _ordered_pairs({*writes, *reads}):
        written = writes.get(first, {})
        roles = {
            role: _names(columns & written.keys())
            for role, columns in sorted(reads.get(second, {}).items())
            if columns & written.keys()
        }
        shared = {name for names in roles.values() for name in names}
        changing = shared & {*_names(column for column, varies in written.items() if varies)}
        graph.add_edge(
            first,
            second,
            carries=bool(shared),
            columns=sorted(shared),
            roles=roles,
            varies=bool(changing),
            varying=sorted(changing),
        )
    for head, of in divided_reads(config.columns, weights).items():
        if head in graph:
            graph.nodes[head]["part_of"] = list(of)
    return graph


def _names(columns: Iterable[Part]) -> list[str]:
    return sorted(str(column[1]) for column in columns)


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
