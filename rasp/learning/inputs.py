"""The inputs that a solution is tried on, the shortest first."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence

from rasp.words import Atom

Tokens = tuple[Atom, ...]
Generator = Callable[[random.Random, Sequence[Atom], int], Tokens]

ALL_OF_VOCABULARY = 700
ALL_OF_TWO = 300
"""How many inputs are tried exhaustively: over the whole vocabulary, and over two of its tokens."""

RANDOM = 200
"""How many inputs each generator draws."""

PAIRS = ("()", "[]", "{}", "<>")


def inputs_to_try(vocab: Sequence[Atom], longest: int, generators: Sequence[str], seed: int) -> list[Tokens]:
    """All short inputs, edge cases and random ones, each once, the shortest first."""
    rng = random.Random(seed)
    drawn = [
        GENERATORS[name](rng, vocab, some_length(rng, longest)) for name in generators for _ in range(RANDOM)
    ]
    fitting = (
        tokens
        for tokens in itertools.chain(
            every_input(vocab, longest, ALL_OF_VOCABULARY),
            every_input(vocab[:2], longest, ALL_OF_TWO),
            edge_cases(vocab, longest),
            drawn,
        )
        if 1 <= len(tokens) <= longest
    )
    return sorted(dict.fromkeys(fitting), key=len)


def every_input(vocab: Sequence[Atom], longest: int, limit: int) -> Iterator[Tokens]:
    """All inputs up to the greatest length at which there are no more than `limit` in all."""
    tried = 0
    for length in range(1, longest + 1):
        tried += len(vocab) ** length
        if tried > limit and length > 1:
            return
        yield from itertools.islice(itertools.product(vocab, repeat=length), limit)


def edge_cases(vocab: Sequence[Atom], longest: int) -> Iterator[Tokens]:
    """As long as can be: all tokens alike, all different, in the vocabulary's order and against it."""
    for token in vocab[:4]:
        yield (token,) * longest
    spread = tuple(vocab[place * len(vocab) // longest] for place in range(longest))
    yield from (tuple(vocab[:longest]), tuple(vocab[:longest][::-1]), spread, spread[::-1])


def some_length(rng: random.Random, longest: int) -> int:
    """The greatest length comes up often."""
    return rng.choice([longest, rng.randint(1, longest)])


def any_tokens(rng: random.Random, vocab: Sequence[Atom], length: int) -> Tokens:
    """Tokens from all of the vocabulary, or from few of it, so that they repeat."""
    return tuple(rng.choices(rng.sample(vocab, rng.randint(1, len(vocab))), k=length))


def distinct_tokens(rng: random.Random, vocab: Sequence[Atom], length: int) -> Tokens:
    """No token twice."""
    return tuple(rng.sample(vocab, min(length, len(vocab))))


def mirrored_tokens(rng: random.Random, vocab: Sequence[Atom], length: int) -> Tokens:
    """The same from both ends, but for one token every other time."""
    half = rng.choices(vocab, k=(length + 1) // 2)
    tokens = half + half[: length // 2][::-1]
    if rng.random() < 0.5:
        tokens[rng.randrange(length)] = rng.choice(vocab)
    return tuple(tokens)


def nested_brackets(rng: random.Random, vocab: Sequence[Atom], length: int) -> Tokens:
    """Brackets of the vocabulary that match, but for a few."""
    pairs = [pair for pair in PAIRS if pair[0] in vocab and pair[1] in vocab]
    mistakes = rng.choice([0, 0, 0.1])
    opened: list[str] = []
    tokens: list[Atom] = []
    for place in range(length):
        if not pairs or rng.random() < mistakes:
            tokens.append(rng.choice(vocab))
        elif opened and (rng.random() < 0.5 or len(opened) >= length - place):
            tokens.append(opened.pop()[1])
        else:
            opened.append(rng.choice(pairs))
            tokens.append(opened[-1][0])
    return tuple(tokens)


def sums_of_digits(rng: random.Random, vocab: Sequence[Atom], length: int) -> Tokens:
    """Two numbers with a `+` between them; half of the time with many columns that add up to 9."""
    length = max(length, 3)
    left = rng.randint(1, length - 2)
    first, second = rng.choices(range(10), k=left), rng.choices(range(10), k=length - 1 - left)
    if rng.random() < 0.5:
        for back in range(1, min(len(first), len(second)) + 1):
            second[-back] = 9 - first[-back] if rng.random() < 0.8 else second[-back]
    return (*map(str, first), "+", *map(str, second))


GENERATORS: dict[str, Generator] = {
    "any": any_tokens,
    "distinct": distinct_tokens,
    "mirrored": mirrored_tokens,
    "brackets": nested_brackets,
    "sums": sums_of_digits,
}
"""The kinds of random inputs, by the name that the setting `inputs` takes."""
