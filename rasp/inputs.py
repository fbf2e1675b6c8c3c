"""Inputs to try: random ones, and smaller ones than one on which something fails.

A leaf of plain functions, so that everything that tries inputs draws and shrinks them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

from rasp.words import Atom

Input = tuple[Atom, ...]

LOWEST = 3
"""Of how many tokens at the vocabulary's beginning each is tried in the place of a later one."""


def random_inputs(rng: Random, vocab: Sequence[Atom], max_length: int, count: int) -> list[list[Atom]]:
    """The first input is as long as possible, the second has one token, the others any length; each draws
    from all of the vocabulary, or from few of its tokens, so that they repeat.
    """
    lengths = [max_length, 1, *(rng.randint(1, max_length) for _ in range(count))][:count]
    few = [rng.sample(list(vocab), rng.randint(1, len(vocab))) for _ in lengths]
    return [rng.choices(some, k=n) for some, n in zip(few, lengths, strict=True)]


def shrink(
    tokens: Sequence[Atom],
    vocab: Sequence[Atom],
    first_failing: Callable[[Iterator[Input]], Input | None],
) -> Input:
    """A smallest input that still fails, reached from one that does: none of `smaller_inputs` fails any more.
    `first_failing` picks the first of its candidates that fails.
    """
    current = tuple(tokens)
    while smaller := first_failing(smaller_inputs(current, vocab)):
        current = smaller
    return current


def smaller_inputs(tokens: Sequence[Atom], vocab: Sequence[Atom]) -> Iterator[Input]:
    """Inputs a little smaller, the bravest first. Smaller is what is shorter, or as long with some tokens
    replaced by earlier ones of the vocabulary; so whoever goes on to smaller ones comes to an end.
    """
    known = {_key(token): token for token in [*vocab, *tokens]}  # any other token comes after the vocabulary
    ranks = {key: rank for rank, key in enumerate(known)}
    named = list(known.values())
    for smaller in _smaller(tuple(ranks[_key(token)] for token in tokens)):
        yield tuple(named[rank] for rank in smaller)


def _key(token: Atom) -> tuple[type, Atom]:
    """What tells tokens apart: 1 is equal to True."""
    return type(token), token


def _smaller(ranks: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """A stretch left out, the longest first; then a token made an earlier one wherever it stands; then one
    made an earlier one in a single position.
    """
    n = len(ranks)
    for width in _widths(n):
        for start in range(n - width + 1):
            yield ranks[:start] + ranks[start + width :]
    present = sorted(set(ranks))
    for rank in present:
        for earlier in sorted({*range(min(LOWEST, rank)), *(other for other in present if other < rank)}):
            yield tuple(earlier if other == rank else other for other in ranks)
    for position, rank in enumerate(ranks):
        if ranks.count(rank) > 1:
            for earlier in range(min(LOWEST, rank)):
                yield (*ranks[:position], earlier, *ranks[position + 1 :])


def _widths(n: int) -> list[int]:
    """How much is left out of n tokens: nearly all, half as much and so on; two are tried at any rate, as
    brackets come in pairs.
    """
    halves = {(n - 1) >> shift for shift in range(n.bit_length())}
    return sorted({width for width in {*halves, 2, 1} if 0 < width < n}, reverse=True)
