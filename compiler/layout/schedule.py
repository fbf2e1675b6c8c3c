"""When everything happens: the layer of each head and hidden layer, and when each column is written.

The dependencies are a graph of operations (a reader depends on the writers of the columns it reads);
every operation goes into the earliest sublayer of its kind after all of them. Sublayers are numbered 0
for the embedding, 2l-1 for the attention of layer l, 2l for its MLP.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import networkx as nx

from compiler.lowering.columns import Column
from compiler.lowering.operations import Head, Lowered, Neurons, Operation, columns_read, columns_written


@dataclass(frozen=True, eq=False)
class Schedule:
    """Heads and hidden layers with their layers (from 1), and the sublayer that writes each column."""

    heads: tuple[tuple[int, Head], ...]
    hidden: tuple[tuple[int, Neurons], ...]
    written: dict[Column, int]

    @property
    def depth(self) -> int:
        """How many layers there are; at least one, as a transformer has."""
        return max([1, *(layer for layer, _ in self.heads), *(layer for layer, _ in self.hidden)])


def assign_layers(lowered: Lowered) -> Schedule:
    """The earliest layers that the data flow allows."""
    sublayers: dict[Operation, int] = {}
    written = {entry.column: 0 for entry in lowered.embedded}
    for operation in nx.topological_sort(data_flow(lowered)):
        ready = max((written[column] for column in columns_read(operation)), default=0)
        parity = 1 if isinstance(operation, Head) else 0
        sublayers[operation] = ready + (1 if ready % 2 != parity else 2)
        written |= dict.fromkeys(columns_written(operation), sublayers[operation])
    layers = {operation: (sublayer + 1) // 2 for operation, sublayer in sublayers.items()}
    hidden = tuple((layers[made], made) for made in lowered.hidden)
    return Schedule(tuple(merge_heads([(layers[h], h) for h in lowered.heads])), hidden, written)


def merge_heads(heads: Iterable[tuple[int, Head]]) -> list[tuple[int, Head]]:
    """Heads of one layer with the same scores become one head that writes all their values."""
    merged: dict[object, tuple[int, Head]] = {}
    for layer, head in heads:
        key = (layer, tuple((q.key, k.key) for q, k in head.dims), head.bos_score)
        if key in merged:
            first = merged[key][1]
            head = replace(first, values=first.values + head.values, reads=first.reads + head.reads)
        merged[key] = (layer, head)
    return list(merged.values())


def data_flow(lowered: Lowered) -> nx.DiGraph:
    """Operations, with an edge from each writer of a column to each reader."""
    operations: list[Operation] = [*lowered.heads, *lowered.hidden]
    writer = {column: op for op in operations for column in columns_written(op)}
    graph = nx.DiGraph()
    graph.add_nodes_from(operations)
    for operation in operations:
        for column in columns_read(operation):
            if column in writer:
                graph.add_edge(writer[column], operation)
    return graph
