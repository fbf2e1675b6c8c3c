"""Few shapes for many inputs: JAX compiles each new shape, so lengths and batch sizes are rounded up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from runtime.weights import Weights

LARGEST_BATCH = 4096
ENTRIES = 1 << 21
"""How many numbers the largest activation of one batch may hold: 8 MiB in float32, which stay in a CPU's
cache. With much larger batches long inputs are several times slower.
"""
SMALLEST_SIZE = 8
MOST_SCORES = 1 << 22
"""So many scores are held at once, 16 MiB in float32, about what a CPU's cache has room for: queries that
have more of them take turns.
"""


@dataclass(frozen=True)
class Chunk:
    """Inputs that run together: their numbers in the caller's list, and the shape they are padded to."""

    inputs: tuple[int, ...]
    rows: int
    size: int


def padded_size(length: int, max_length: int) -> int:
    """Positions, BOS included, that an input is padded to: 1 + max_length, halved while it still fits."""
    size = 1 + max_length
    while size > SMALLEST_SIZE and (size + 1) // 2 >= 1 + length:
        size = (size + 1) // 2
    return size


def largest_rows(weights: Weights, size: int) -> int:
    """The largest batch, a power of four, whose activations stay within `ENTRIES`."""
    d, logits = weights.unembedding.shape
    heads = max((layer.w_q.shape[0] for layer in weights.layers), default=0)
    neurons = max((layer.w_in.shape[1] for layer in weights.layers), default=0)
    return rows_within(size * max(heads * size, d, neurons, logits))


def rows_within(entries: int) -> int:
    """The largest batch of inputs that have so many entries each."""
    rows = 1
    while rows < LARGEST_BATCH and 4 * rows * entries <= ENTRIES:
        rows *= 4
    return rows


def padded_rows(count: int, largest: int) -> int:
    """The power of four that `count` inputs are padded to."""
    rows = 1
    while rows < count and rows < largest:
        rows *= 4
    return rows


def chunks(weights: Weights, lengths: Sequence[int], max_length: int) -> Iterator[Chunk]:
    """Inputs grouped by padded size, each group cut into batches."""
    return grouped(partial(largest_rows, weights), lengths, max_length)


def grouped(largest_of: Callable[[int], int], lengths: Sequence[int], max_length: int) -> Iterator[Chunk]:
    """The same, where `largest_of` says how large a batch of a padded size may be."""
    by_size: dict[int, list[int]] = {}
    for number, length in enumerate(lengths):
        by_size.setdefault(padded_size(length, max_length), []).append(number)
    for size, numbers in sorted(by_size.items()):
        largest = largest_of(size)
        for start in range(0, len(numbers), largest):
            part = tuple(numbers[start : start + largest])
            yield Chunk(part, padded_rows(len(part), largest), size)
