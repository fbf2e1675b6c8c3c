"""Orders digit by digit: one head for each digit in which keys and queries may differ first.

`k < q` is the disjoint union, over digits from the highest down, of "all higher digits are equal, and this
one is less". What adds up over disjoint parts (a count, a sum, a copy of the only one) can be read by one
head for each digit. A head for the whole order needs a dim for every value; a head for a digit needs one
for every value of the digit, and two or three for the equality of what stands above.
"""

from __future__ import annotations

from itertools import pairwise, product

from compiler.graph.conjunctions import EQUAL, Conjunction, Digit, Literal
from compiler.graph.terms import Kind, Term
from compiler.lowering.scores import merged_ranks
from compiler.values.inference import Domains

FEWEST_VALUES = 12
"""Orders among fewer values than this stay whole: a few columns are not worth another head."""

MAX_DIGITS = 6
"""More digits than this have too few values to gain anything."""

MAX_HEADS = 48
"""At most so many heads for one read: what is split several times grows as a product."""

EQUALITY_DIMS = 3
"""Of what stands above a digit: the product, and both squares."""

SQUARES = 2
"""Columns for what stands above a digit and its square."""


def adds_up(domains: Domains, term: Term) -> bool:
    """Whether a read's answer is the sum of its answers over disjoint parts of what it selects."""
    if term.kind is Kind.AGGREGATE:
        read = domains.reads[term.index]
        return read.picks and domains.relations.at_most_one(read.conjunctions)
    return term.kind in (Kind.WIDTH, Kind.SUM)


def split(domains: Domains, conjunctions: tuple[Conjunction, ...]) -> tuple[Conjunction, ...]:
    """The conjunctions, with each order literal digit by digit where that is smaller."""
    found: list[Conjunction] = []
    for conjunction in conjunctions:
        parts = [_digits_of(domains, literal) for literal in conjunction]
        heads = 1
        for i, part in enumerate(parts):
            heads *= len(part)
            if heads > MAX_HEADS:
                heads //= len(part)
                parts[i] = (conjunction[i],)
        found += product(*parts)
    return tuple(found)


def _digits_of(domains: Domains, literal: Literal) -> tuple[Literal, ...]:
    """A literal as the disjoint union of its digits; itself alone where one digit is best."""
    places = best_places(domains, literal)
    if len(places) == 1:
        return (literal,)
    cuts = (Digit(places, number) for number in range(len(places)))
    return tuple(Literal(literal.keys, literal.queries, literal.relation, digit) for digit in cuts)


def best_places(domains: Domains, literal: Literal) -> tuple[int, ...]:
    """The place values of the digits that take the fewest stored entries, and of such the least work."""
    size = _size(domains, literal)
    return (1,) if size is None else _best(size)


def _best(size: int) -> tuple[int, ...]:
    return min(_ways(size), key=lambda way: (cost(size, way), work(size, way)))


def _size(domains: Domains, literal: Literal) -> int | None:
    """How many values an order compares, of both sides together; None if it is none that can be split."""
    keys, queries = domains.get(literal.keys), domains.get(literal.queries)
    sides = [side.values for side in (keys, queries)]
    if literal.relation == EQUAL or any(side is None or len(side) < FEWEST_VALUES for side in sides):
        return None
    if len({isinstance(value, str) for side in sides for value in side or ()}) > 1:
        return None
    return 1 + max(int(side.max()) for side in merged_ranks(keys, queries))


def _ways(size: int) -> list[tuple[int, ...]]:
    """The place values that an order of `size` values can be compared by, each once."""
    return list(dict.fromkeys(places_of(size, digits) for digits in range(1, MAX_DIGITS + 1)))


def weighed(domains: Domains, conjunctions: tuple[Conjunction, ...], whole: str) -> tuple[str, ...]:
    """Of each order in a read's conjunctions, as they are before they are split: by how many digits it is
    compared, why, and what others would have cost. `whole`: why by one, if orders are not split here.
    """
    texts = []
    for literal in dict.fromkeys(literal for conjunction in conjunctions for literal in conjunction):
        size = _size(domains, literal)
        if size is not None:
            best = (1,) if whole else _best(size)
            others = "; ".join(_costs(size, way) for way in _ways(size) if way != best)
            texts.append(
                f"{literal.text}: {_costs(size, best)}: {whole or 'the fewest entries'} (otherwise {others})"
            )
    return tuple(texts)


def _costs(size: int, places: tuple[int, ...]) -> str:
    """`2 digits of 5 x 6 values, about 806 entries and 18 products a pair`."""
    digits = f"{len(places)} digit{'s' * (len(places) > 1)}"
    sizes = " x ".join(map(str, _tops(size, places)))
    entries, products = cost(size, places), work(size, places)
    return f"{digits} of {sizes} values, about {entries:,} entries and {products:,} products a pair"


def places_of(size: int, digits: int) -> tuple[int, ...]:
    """The place values of so many digits, all of about the same number of values, for `size` numbers."""
    base = 2
    while base**digits < size:
        base += 1
    return tuple(place for place in (base**i for i in reversed(range(digits))) if place < size)


def cost(size: int, places: tuple[int, ...]) -> int:
    """About how many entries are stored for an order of `size` values by these digits: columns for what is
    read of every value, and the products of its heads on those columns.
    """
    columns = sum(_tops(size, places)) + SQUARES * (len(places) - 1)
    return columns * size + 2 * work(size, places) * columns


def work(size: int, places: tuple[int, ...]) -> int:
    """How many products score a pair of query and key, in all heads together, each as wide as the widest."""
    return len(places) * (max(_tops(size, places)) + EQUALITY_DIMS * (len(places) > 1))


def _tops(size: int, places: tuple[int, ...]) -> tuple[int, ...]:
    """How many values each digit has."""
    return ((size - 1) // places[0] + 1, *(above // place for above, place in pairwise(places)))
