"""What has been read so far, kept so that a look costs the same however long it is.

Each structure holds cells: a few numbers that have been added up (a count, a sum), or the least of what came.
A cell is found by the values that keys and queries must have in common; where they are compared in order, by
a tree over the values that a key can take.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from compiler.graph.conjunctions import Relation, related


class Unanswered(Exception):
    """Some s-op has no value here: the program has no answer on this input, and the model any."""


Now = list[Any]
"""The values of all s-ops at one position, each in a slot of its own."""

Cell = list[Any]
"""What has been gathered: numbers of which each is a sum, or one value that is the least."""

Gather = Callable[[Cell, Sequence[Any]], None]
"""Takes what another cell has, or what one position brings, into a cell."""


def add(cell: Cell, parts: Sequence[Any]) -> None:
    """Sums."""
    for number, part in enumerate(parts):
        cell[number] += part


def keep_least(cell: Cell, parts: Sequence[Any]) -> None:
    """The least, None where nothing has come."""
    if parts[0] is not None and (cell[0] is None or parts[0] < cell[0]):
        cell[0] = parts[0]


class Prefix(Protocol):
    """What one conjunction selects of the positions so far."""

    def put(self, now: Now, parts: Sequence[Any]) -> None:
        """A position comes, which brings these numbers."""

    def get(self, now: Now) -> Sequence[Any]:
        """What the query here selects of all positions so far."""


@dataclass(frozen=True)
class Compared:
    """The slots of a key's value and a query's, and how they stand to one another. `is_fixed`: the query is a
    constant.
    """

    keys: int
    queries: int
    relation: Relation
    is_fixed: bool = False


def picked(slots: Sequence[int]) -> Callable[[Now], Any]:
    """What stands in these slots, as one value to look up."""
    if not slots:
        return lambda now: None
    if len(slots) == 1:
        (slot,) = slots
        return lambda now: now[slot]
    if len(slots) == 2:
        one, two = slots
        return lambda now: (now[one], now[two])
    return lambda now: tuple([now[slot] for slot in slots])


@dataclass(eq=False)
class Equal:
    """Keys that agree with the query in some values: a cell for each combination of these."""

    compared: Sequence[Compared]
    nothing: tuple[Any, ...]
    gather: Gather
    cells: dict[Any, Cell] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key = picked([each.keys for each in self.compared])
        self.query = picked([each.queries for each in self.compared])

    def put(self, now: Now, parts: Sequence[Any]) -> None:
        key = self.key(now)
        cell = self.cells.get(key)
        if cell is None:
            cell = self.cells[key] = [*self.nothing]
        self.gather(cell, parts)

    def get(self, now: Now) -> Sequence[Any]:
        return self.cells.get(self.query(now), self.nothing)


@dataclass(eq=False)
class Ordered:
    """Keys that agree with the query in some values, and stand below or above it in another: for each
    combination a tree of sums over the `values` that the key can take, in their order.
    """

    equal: Sequence[Compared]
    compared: Compared
    values: Sequence[Any]
    nothing: tuple[Any, ...]
    gather: Gather
    trees: dict[Any, dict[int, Cell]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.key = picked([each.keys for each in self.equal])
        self.query = picked([each.queries for each in self.equal])
        self.ranks = {value: rank for rank, value in enumerate(self.values)}
        self.falls = ">" in self.compared.relation

    def put(self, now: Now, parts: Sequence[Any]) -> None:
        tree = self.trees.setdefault(self.key(now), {})
        rank, size = self.ranks.get(now[self.compared.keys]), len(self.values)
        if rank is None:
            raise Unanswered
        place = size - rank if self.falls else rank + 1
        while place <= size:
            cell = tree.get(place)
            if cell is None:
                cell = tree[place] = [*self.nothing]
            self.gather(cell, parts)
            place += place & -place

    def get(self, now: Now) -> Sequence[Any]:
        found = [*self.nothing]
        tree = self.trees.get(self.query(now))
        place = 0 if tree is None else self._selected(now[self.compared.queries])
        while place:
            cell = tree.get(place)  # type: ignore[union-attr]
            if cell is not None:
                self.gather(found, cell)
            place -= place & -place
        return found

    def _selected(self, query: Any) -> int:
        """How many of the values stand right, from the end on at which they do."""
        if self.falls == ("=" in self.compared.relation):
            below = bisect_left(self.values, query)
        else:
            below = bisect_right(self.values, query)
        return len(self.values) - below if self.falls else below


@dataclass(eq=False)
class Unequal:
    """Keys that agree with the query in some values and differ from it in others: all of the first kind, less
    those that agree in the others, too. `parts` are taken with their signs.
    """

    parts: Sequence[tuple[int, Prefix]]
    nothing: tuple[Any, ...]

    def put(self, now: Now, parts: Sequence[Any]) -> None:
        for _, prefix in self.parts:
            prefix.put(now, parts)

    def get(self, now: Now) -> Sequence[Any]:
        found = [*self.nothing]
        for sign, prefix in self.parts:
            for number, part in enumerate(prefix.get(now)):
                found[number] += sign * part
        return found


@dataclass(eq=False)
class Every:
    """Where no structure fits: all positions so far, one after the other."""

    compared: Sequence[Compared]
    nothing: tuple[Any, ...]
    gather: Gather
    rows: list[tuple[tuple[Any, ...], tuple[Any, ...]]] = field(default_factory=list)

    def put(self, now: Now, parts: Sequence[Any]) -> None:
        self.rows.append((tuple(now[each.keys] for each in self.compared), tuple(parts)))

    def get(self, now: Now) -> Sequence[Any]:
        queries = [(now[each.queries], each.relation) for each in self.compared]
        found = [*self.nothing]
        for keys, parts in self.rows:
            truths = [related(key, *query) for key, query in zip(keys, queries, strict=True)]
            if None in truths:
                raise Unanswered
            if all(truths):
                self.gather(found, parts)
        return found


@dataclass(eq=False)
class Filtered:
    """Keys that stand to something fixed as they should: whatever the query is, no others count."""

    fixed: Sequence[Compared]
    prefix: Prefix

    def put(self, now: Now, parts: Sequence[Any]) -> None:
        truths = [related(now[each.keys], now[each.queries], each.relation) for each in self.fixed]
        if None in truths:
            raise Unanswered
        if all(truths):
            self.prefix.put(now, parts)

    def get(self, now: Now) -> Sequence[Any]:
        return self.prefix.get(now)


MOST_UNEQUAL = 2
"""With more comparisons that must fail, all positions are looked at."""


def prefix(
    conjunction: Sequence[Compared],
    ordered_values: Callable[[Compared], Sequence[Any] | None],
    nothing: tuple[Any, ...],
    gather: Gather,
) -> Prefix:
    """The structure that fits a conjunction. `ordered_values`: what a key can take, where it and the query
    can be put in one order.
    """
    fixed = [each for each in conjunction if each.is_fixed]
    if fixed:
        rest = [each for each in conjunction if not each.is_fixed]
        return Filtered(fixed, prefix(rest, ordered_values, nothing, gather))
    equal = [each for each in conjunction if each.relation == {"="}]
    unequal = [each for each in conjunction if each.relation == {"<", ">"}]
    orders = [each for each in conjunction if each not in equal and each not in unequal]
    values = None if len(orders) != 1 else ordered_values(orders[0])
    fits = (not orders or values is not None) and len(unequal) <= MOST_UNEQUAL
    if not fits or (unequal and gather is keep_least):
        return Every(conjunction, nothing, gather)

    def plain(more: Sequence[Compared]) -> Prefix:
        if values is None:
            return Equal([*equal, *more], nothing, gather)
        return Ordered([*equal, *more], orders[0], values, nothing, gather)

    if not unequal:
        return plain([])
    signed = [
        ((-1) ** taken.bit_count(), plain([each for i, each in enumerate(unequal) if taken >> i & 1]))
        for taken in range(1 << len(unequal))
    ]
    return Unequal(signed, nothing)
