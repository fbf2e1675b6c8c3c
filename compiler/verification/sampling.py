"""The inputs that verification tries, as arrays of places in the vocabulary, one length per array."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from rasp.words import Atom

Ids = NDArray[np.int64]

SAMPLED_AT_ONCE = 1 << 16
"""Random inputs that are drawn together."""

EQUAL = 8
"""Of how many tokens inputs that hold nothing else are tried."""


def count_inputs(vocab: int, max_length: int) -> int:
    """How many inputs there are, the empty one not counted."""
    return sum(vocab**n for n in range(1, max_length + 1))


def every_input(vocab: int, max_length: int, rows: int) -> Iterator[Ids]:
    """All inputs, the shortest first, at most so many rows at a time."""
    for n in range(1, max_length + 1):
        for start in range(0, vocab**n, rows):
            yield numbered_inputs(vocab, n, start, min(start + rows, vocab**n))


def numbered_inputs(vocab: int, n: int, start: int, stop: int) -> Ids:
    """The inputs of length n from one number (in the order of a counter's digits) to another."""
    # Only the last digits vary within a few million numbers, which may lie beyond 64 bits.
    low = min(n, max(1, int(40 / np.log2(max(vocab, 2)))))
    base = vocab**low
    result = np.empty((stop - start, n), dtype=np.int64)
    row = 0
    while start < stop:
        high, offset = divmod(start, base)
        count = min(stop - start, base - offset)
        numbers = np.arange(offset, offset + count)
        for place in range(n - 1, -1, -1):
            if place >= n - low:
                numbers, result[row : row + count, place] = np.divmod(numbers, vocab)
            else:
                high, result[row : row + count, place] = divmod(high, vocab)
        start, row = start + count, row + count
    return result


def ascending(vocab: Sequence[Atom]) -> Ids:
    """The places of the vocabulary's tokens in the order of their values."""
    places = sorted(range(len(vocab)), key=lambda place: vocab[place])
    return np.array(places, dtype=np.int64)


def edge_inputs(order: Ids, max_length: int) -> Iterator[Ids]:
    """Each token alone, and of the maximum length: all equal (of up to `EQUAL` tokens, the least and the
    greatest among them), all different, sorted both ways. `order` has the tokens' places in ascending order.
    """
    vocab = len(order)
    yield order[:, None]
    equal = np.unique(np.linspace(0, vocab - 1, EQUAL).astype(np.int64))
    yield np.repeat(order[equal, None], max_length, axis=1)
    different = np.arange(min(vocab, max_length))
    yield order[np.stack([different, different[::-1], (different + 1) % different.size])]
    spread = np.arange(max_length) * vocab // max_length
    yield order[np.stack([spread, spread[::-1]])]


def random_inputs(order: Ids, max_length: int, samples: int, seed: int, rows: int) -> Iterator[Ids]:
    """The edge cases, then `samples` random inputs: lengths 1 and the maximum often, half of them made of
    few different tokens, so that tokens repeat.
    """
    yield from edge_inputs(order, max_length)
    vocab = len(order)
    rng = np.random.default_rng(seed)
    for done in range(0, samples, SAMPLED_AT_ONCE):
        count = min(SAMPLED_AT_ONCE, samples - done)
        lengths = np.choose(
            rng.integers(4, size=count),
            [
                np.full(count, 1),
                np.full(count, max_length),
                *rng.integers(1, max_length + 1, size=(2, count)),
            ],
        )
        for n in np.unique(lengths).tolist():
            drawn = random_rows(rng, vocab, n, int((lengths == n).sum()))
            yield from (drawn[start : start + rows] for start in range(0, len(drawn), rows))


def random_rows(rng: np.random.Generator, vocab: int, n: int, count: int) -> Ids:
    """Random inputs of one length; every other one draws from a few tokens only."""
    ids = rng.integers(vocab, size=(count, n))
    half = ids[::2]
    few, first, step = (rng.integers(1, vocab + 1, size=(len(half), 1)) for _ in range(3))
    ids[::2] = (first + (half % few) * step) % vocab
    return ids
