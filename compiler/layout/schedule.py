"""When everything happens: the layer of each head and hidden layer, and when each column is written.

Lowering has planned a layer for every operation, and has decided by it what is copied and what is computed.
Now that it is known what each one reads, it moves to the earliest sublayer of its kind after all of that.
Mostly this is the one planned; it is an earlier one where something waited for turned out to be the same for
all values, so that nobody reads it. Sublayers are numbered 0 for the embedding, 2l-1 for the attention of
layer l, 2l for its MLP.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

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
    """The planned layers, or earlier ones where all that is read is there earlier."""
    sublayers: dict[Operation, int] = {}
    written = {entry.column: 0 for entry in lowered.embedded}
    operations: list[Operation] = [*lowered.heads, *lowered.hidden]
    for operation in sorted(operations, key=planned):
        ready = max((written[column] for column in columns_read(operation)), default=0)
        parity = 1 if isinstance(operation, Head) else 0
        sublayers[operation] = ready + (1 if ready % 2 != parity else 2)
        assert sublayers[operation] <= planned(operation), f"{operation.title} was planned too early"
        written |= dict.fromkeys(columns_written(operation), sublayers[operation])
    layers = {operation: (sublayer + 1) // 2 for operation, sublayer in sublayers.items()}
    hidden = tuple((layers[made], made) for made in lowered.hidden)
    return Schedule(tuple(merge_heads([(layers[h], h) for h in lowered.heads])), hidden, written)


def planned(operation: Operation) -> int:
    """The sublayer that an operation was planned for."""
    return 2 * operation.layer - (1 if isinstance(operation, Head) else 0)


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
