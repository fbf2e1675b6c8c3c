"""What the ordinary programs of the library should answer, said in Python the way one would without RASP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain, groupby, pairwise

from rasp.words import Atom

Tokens = list[Atom]


def number(atom: Atom) -> int:
    assert isinstance(atom, int)
    return atom


def comparable(atom: Atom) -> tuple[int, str]:
    """Sorts numbers as numbers and strings as strings."""
    return (atom, "") if isinstance(atom, int) else (0, str(atom))


def padded(tokens: Tokens, size: int) -> Tokens:
    """The tokens, and "_" up to the size."""
    return [*tokens, *["_"] * (size - len(tokens))]


# Places ---------------------------------------------------------------------------------------------


def neighbours_swapped(tokens: Tokens) -> Tokens:
    pairs = [tokens[start : start + 2][::-1] for start in range(0, len(tokens), 2)]
    return list(chain.from_iterable(pairs))


def distinct(tokens: Tokens) -> Tokens:
    return padded(list(dict.fromkeys(tokens)), len(tokens))


def blanks_last(tokens: Tokens) -> Tokens:
    return padded([token for token in tokens if token != "_"], len(tokens))


def blanks_filled(tokens: Tokens) -> Tokens:
    filled: Tokens = []
    for token in tokens:
        filled.append(filled[-1] if token == "_" and filled else token)
    return filled


def words_reversed(tokens: Tokens) -> Tokens:
    return list(" ".join(word[::-1] for word in "".join(map(str, tokens)).split(" ")))


def pairs_sorted(tokens: Tokens) -> Tokens:
    pairs = [tokens[start : start + 2] for start in range(0, len(tokens), 2)]
    ordered: list[Tokens] = sorted(pairs, key=lambda pair: comparable(pair[0]))
    return list(chain.from_iterable(ordered))


# Runs, copies and neighbours --------------------------------------------------------------------------


def run_lengths(tokens: Tokens) -> list[int]:
    return [len(list(run)) for _, run in groupby(tokens)]


def places_in_runs(tokens: Tokens) -> Sequence[Atom]:
    return [place for size in run_lengths(tokens) for place in range(1, size + 1)]


def starts_run(prefix: Tokens) -> bool:
    return prefix[-2:-1] != prefix[-1:]


def is_new(prefix: Tokens) -> bool:
    return prefix[-1] not in prefix[:-1]


def last_place(token: Atom, tokens: Tokens) -> int:
    """The last position of a token, -1 if there is none."""
    return max((place for place, each in enumerate(tokens) if each == token), default=-1)


def back_to_last_a(prefix: Tokens) -> int:
    return len(prefix) - 1 - last_place("a", prefix) if "a" in prefix else -1


def counts_of_words(tokens: Tokens) -> Sequence[Atom]:
    counts = Counter(tokens)
    return [counts.pop(token, 0) for token in tokens]


def mode(tokens: Tokens) -> Atom:
    return Counter(tokens).most_common(1)[0][0]


def counts_of_bigrams(tokens: Tokens) -> Sequence[Atom]:
    bigrams = list(pairwise(tokens))
    return [0, *map(Counter(bigrams).__getitem__, bigrams)]


def larger_than_neighbours(tokens: Tokens) -> Sequence[Atom]:
    numbers = [-1, *map(number, tokens), -1]
    return [
        max(left, right) < middle
        for left, middle, right in zip(numbers, numbers[1:], numbers[2:], strict=False)
    ]


# Texts and numerals -----------------------------------------------------------------------------------


def is_anbncn(tokens: Tokens) -> bool:
    third = len(tokens) // 3
    return tokens == ["a"] * third + ["b"] * third + ["c"] * third


def in_title_case(tokens: Tokens) -> Tokens:
    return list(" ".join(word.capitalize() for word in "".join(map(str, tokens)).split(" ")))


def incremented(tokens: Tokens) -> Tokens:
    value = int("".join(map(str, tokens)), 2) + 1
    return list(f"{value:0{len(tokens)}b}"[-len(tokens) :])


def to_gray(tokens: Tokens) -> Sequence[Atom]:
    value = int("".join(map(str, tokens)), 2)
    return list(map(int, f"{value ^ value >> 1:0{len(tokens)}b}"))


def from_gray(tokens: Tokens) -> Sequence[Atom]:
    """Digit by digit; the code of what is found must be what was given."""
    digits: list[int] = []
    for token in map(number, tokens):
        digits.append(token ^ digits[-1] if digits else token)
    assert to_gray(list(digits)) == tokens
    return digits


def fizzed(token: Atom, _: Tokens) -> Atom:
    words = {(True, True): "fizzbuzz", (True, False): "fizz", (False, True): "buzz"}
    return words.get((number(token) % 3 == 0, number(token) % 5 == 0), str(token))


# Brackets and stacks ----------------------------------------------------------------------------------


def depth_reached(tokens: Tokens) -> int:
    depths = [tokens[:end].count("(") - tokens[:end].count(")") for end in range(1, len(tokens) + 1)]
    return max(depths)


def partners(tokens: Tokens) -> Sequence[Atom]:
    found, still_open = [-1] * len(tokens), []
    for place, token in enumerate(tokens):
        if token == "(":
            still_open.append(place)
        elif token == ")":
            found[place] = still_open.pop()
            found[found[place]] = place
    return found


def stack_after(prefix: Tokens) -> Tokens | None:
    """The stack after each letter was put on and a token was taken off for each "-"; None if it was empty."""
    stack: Tokens = []
    for token in prefix:
        if token != "-":
            stack.append(token)
        elif stack:
            stack.pop()
        else:
            return None
    return stack


def top_of_stack(prefix: Tokens) -> Atom:
    stack = stack_after(prefix)
    assert stack is not None
    return stack[-1] if stack else "_"


# Machines and cells -----------------------------------------------------------------------------------


def subleq(tokens: Tokens) -> Sequence[Atom]:
    cells = dict(enumerate(map(number, tokens)))

    def read(address: int) -> int:
        return cells.get(address, 0)

    at = cells[0]
    if at < 0:
        return tokens
    subtracted, changed, target = read(at), read(at + 1), read(at + 2)
    result = read(changed) - read(subtracted)
    while not -256 <= result < 256:
        result += 512 if result < 0 else -512
    if changed in cells:
        cells[changed] = result
    cells[0] = at + 3 if result > 0 else target
    return list(cells.values())


def next_by_rule_110(tokens: Tokens) -> Sequence[Atom]:
    """A cell is born beside a right neighbour, and dies where both neighbours live."""
    cells = [0, *map(number, tokens), 0]
    triples = zip(cells, cells[1:], cells[2:], strict=False)
    return [int((middle or right) and not (left and middle and right)) for left, middle, right in triples]


def flooded(tokens: Tokens) -> Tokens:
    cells = {divmod(place, 4): token for place, token in enumerate(tokens)}
    sides = [(0, 1), (0, -1), (1, 0), (-1, 0)]
    return [
        "~"
        if token == "." and "~" in [cells.get((row + down, column + right)) for down, right in sides]
        else token
        for (row, column), token in cells.items()
    ]
