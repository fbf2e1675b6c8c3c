"""What terms are at all combinations of values of what they are made of: two that agree everywhere are equal.

S-ops are compared at one position; selectors and what is added up over keys at a key and a query. It knows
what a term means by the interpreter's own `apply`, and what its leaves can be by their domains.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from compiler.graph.conjunctions import RELATION, related
from compiler.graph.meaning import call
from compiler.graph.terms import TOKEN, Kind, Term, folded, reachable
from compiler.rechecking.derivation.telling import telling
from rasp.graph.sops import Elementwise
from rasp.words import Atom

MOST_POINTS = 300_000
"""How many combinations are tried at most."""

Numbers = NDArray[np.int64]
Truths = NDArray[np.bool_]


class NotShown(Exception):
    """Two terms that are not equal, or cannot be shown to be."""


class Listing(Protocol):
    """What leaves can be."""

    def values(self, leaf: Term) -> Sequence[Atom] | None:
        """All values of a leaf; None where they are too many to list."""
        ...

    def ends(self, leaf: Term) -> tuple[Fraction, Fraction] | None:
        """The least and the largest value; None of what may be no number."""
        ...

    def tokens(self, term: Term) -> Sequence[Atom | None]:
        """What a TOKENS is for each entry of the vocabulary; None where it has no value."""
        ...


@dataclass(frozen=True, eq=False)
class Column:
    """A term at every point: the number of its value, -1 where it has none. Arrays have one dimension for
    each axis, of length 1 where that axis makes no difference.
    """

    numbers: Numbers
    values: Sequence[Atom]

    def as_one(self, known: dict[tuple[type, Atom], int]) -> Numbers:
        """The numbers of the values among those of several columns: equal atoms of one type have one."""
        found = [known.setdefault((type(value), value), len(known)) for value in self.values]
        return np.where(self.numbers < 0, -1, np.array([*found, -1], dtype=np.int64)[self.numbers])


class Telling:
    """What leaves can be, those with too many values by a few that tell all: as far as something is `made` of
    them, or selected by comparing them. What is looked at itself (`shown`) is not told by a few.
    """

    def __init__(
        self, listing: Listing, shown: Iterable[Term], made: Iterable[Term], selects: Sequence[Term] = ()
    ) -> None:
        self._listing, self._selects, self._made = listing, selects, made
        self._shown = frozenset(shown)
        self.tokens, self.ends = listing.tokens, listing.ends

    def values(self, leaf: Term) -> Sequence[Atom] | None:
        """Values at which the terms take all that they take; None where these are too many to list."""
        listed = self._listing.values(leaf)
        if listed is not None or leaf in self._shown:
            return listed
        return telling(leaf, self._made, self._selects, self._listing)


def base_of(leaf: Term) -> Term:
    """What varies in a leaf: all conversions of the tokens are of one token."""
    return TOKEN if leaf.kind is Kind.TOKENS else leaf


def leaves_of(roots: Iterable[Term], stops: frozenset[Term]) -> list[Term]:
    """The s-ops that terms are made of, position by position, down to what is in `stops`."""
    found, made = set[Term](), made_of(roots := list(roots), stops)
    for term in (*roots, *(operand for each in made for operand in each.args)):
        if term not in made and term.kind is not Kind.CONST:
            found.add(term)
    return sorted(found, key=lambda leaf: leaf.index)


def made_of(roots: Iterable[Term], stops: frozenset[Term]) -> dict[Term, None]:
    """The functions that terms are made of, position by position, down to what is in `stops`."""
    found: dict[Term, None] = {}
    stack = list(roots)
    while stack:
        top = stack.pop()
        if top not in found and top not in stops and top.kind is Kind.MAP and not top.is_kept:
            found[top] = None
            stack.extend(top.args)
    return found


class Grid:
    """All combinations of the values of some leaves, each along an axis from `first` on of `dimensions`.
    `typed`: whole fractions are none of the ints that they equal. Otherwise they are those ints, for which a
    function has a value wherever it has one for them: so a certificate may claim them to be.
    """

    def __init__(
        self, leaves: Sequence[Term], listing: Listing, first: int, dimensions: int, typed: bool = False
    ) -> None:
        self._typed = typed
        self._known: dict[Term, Column] = {}
        axes = {base: first + i for i, base in enumerate(dict.fromkeys(map(base_of, leaves)))}
        self.sizes: list[int] = [1] * len(axes)
        for leaf in leaves:
            shape = [1] * dimensions
            if leaf.kind is Kind.TOKENS:
                options = listing.tokens(leaf)
                numbers = np.array([-1 if v is None else i for i, v in enumerate(options)], dtype=np.int64)
                values: Sequence[Atom] = [0 if v is None else v for v in options]
            else:
                listed = listing.values(leaf)
                if listed is None:
                    raise NotShown(f"{leaf.title} takes too many values to list")
                numbers, values = np.arange(len(listed), dtype=np.int64), listed
            axis = axes[base_of(leaf)]
            shape[axis] = len(numbers)
            self.sizes[axis - first] = len(numbers)
            self._known[leaf] = Column(numbers.reshape(shape), values)
        self._dimensions = dimensions

    def at(self, term: Term) -> Column:
        """A term at every point."""
        return folded(term, lambda each: each.args, self._found, self._known)

    def _found(self, term: Term, operands: list[Column]) -> Column:
        if term.kind is Kind.CONST:
            return Column(np.zeros([1] * self._dimensions, dtype=np.int64), [term.value])
        assert term.function is not None, term.title
        found = applied(term.function, operands)
        return found if self._typed else Column(found.numbers, [*map(as_int, found.values)])


def as_int(value: Atom) -> Atom:
    """The int that a whole fraction equals; any other value as it is."""
    return int(value) if isinstance(value, Fraction) and value.denominator == 1 else value


def grid_of(
    terms: Iterable[Term],
    stops: frozenset[Term],
    listing: Listing,
    most: int = MOST_POINTS,
    typed: bool = False,
) -> Grid:
    """All combinations of what some s-ops are made of, down to `stops`; NotShown if there are too many."""
    leaves = leaves_of(roots := list(terms), stops)
    told = Telling(listing, roots, made_of(roots, stops))
    grid = Grid(leaves, told, 0, max(1, len(set(map(base_of, leaves)))), typed)
    if math.prod(grid.sizes) > most:
        raise NotShown(f"more than {most:,} combinations of values")
    return grid


def applied(function: Elementwise, operands: Sequence[Column]) -> Column:
    """An elementwise function at every point, called once for each combination of values."""
    shape = np.broadcast_shapes(*(each.numbers.shape for each in operands))
    if math.prod(shape) > MOST_POINTS:
        raise NotShown(f"more than {MOST_POINTS:,} combinations of values")
    arrays = [np.broadcast_to(each.numbers, shape) for each in operands]
    keys = np.zeros(shape, dtype=np.int64)
    for array, each in zip(arrays, operands, strict=True):
        keys = keys * (len(each.values) + 1) + array + 1
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    points = np.stack([array.reshape(-1)[first] for array in arrays], axis=1).tolist()
    known: dict[tuple[type, Atom], int] = {}
    values: list[Atom] = []
    numbers = []
    for point in points:
        value = None
        if min(point) >= 0:
            value = call(function, [each.values[i] for each, i in zip(operands, point, strict=True)])
        if value is None:
            numbers.append(-1)
            continue
        number = known.setdefault((type(value), value), len(values))
        if number == len(values):
            values.append(value)
        numbers.append(number)
    return Column(np.array(numbers, dtype=np.int64)[inverse.reshape(shape)], values)


def agree(before: Column, after: Column) -> bool:
    """Whether the second has the value of the first wherever that has one."""
    known: dict[tuple[type, Atom], int] = {}
    one, other = before.as_one(known), after.as_one(known)
    return bool(((one == other) | (one < 0)).all())


def common(before: Iterable[Term], after: Iterable[Term]) -> frozenset[Term]:
    """The s-ops that both are made of."""
    sides = [{t for t in reachable(*side) if not t.is_selector} for side in (before, after)]
    return frozenset(sides[0] & sides[1])


def same_values(before: Term, after: Term, listing: Listing) -> bool:
    """Whether two s-ops are equal at every position where the first has a value: as functions of what they
    share, or else of what they are made of.
    """
    for stops in (common([before], [after]), frozenset[Term]()):
        try:
            grids = (grid_of([before, after], stops, listing, typed=typed) for typed in (True, False))
            if all(agree(grid.at(before), grid.at(after)) for grid in grids):
                return True
        except NotShown:
            continue
    return False


Pair = tuple[Term, Term]
"""A key's s-op and a query's."""


def pairs_of(selectors: Iterable[Term], wholes: frozenset[Term] = frozenset()) -> list[Pair]:
    """What selectors compare, constants with one another not among them."""
    found: dict[Pair, None] = {}
    for selector in selectors:
        for term in inside(selector, wholes):
            if term.kind is Kind.SELECT and term not in wholes and constant(term) is None:
                found[term.args[0], term.args[1]] = None
    return list(found)


def inside(selector: Term, wholes: frozenset[Term] = frozenset()) -> list[Term]:
    """The selectors that one is made of, and itself, operands first; nothing that `wholes` are made of."""
    found: dict[Term, None] = {}
    stack = [selector]
    while stack:
        top = stack.pop()
        if top not in found:
            found[top] = None
            if top not in wholes:
                stack.extend(a for a in top.args if a.is_selector)
    return sorted(found, key=lambda each: each.index)


def constant(select: Term) -> bool | None:
    """Whether a comparison of two constants holds; None for any other."""
    keys, queries = select.args
    if keys.kind is not Kind.CONST or queries.kind is not Kind.CONST:
        return None
    return related(keys.value, queries.value, RELATION[select.comparison])


def compared(selectors: Iterable[Term]) -> list[Term]:
    """The comparisons that selectors are made of."""
    found = (term for selector in selectors for term in inside(selector) if term.kind is Kind.SELECT)
    return list(dict.fromkeys(found))


def positions(pairs: Iterable[Pair]) -> list[Pair]:
    """The pairs that compare the positions of key and query themselves."""
    return [pair for pair in pairs if pair[0] is pair[1] and pair[0].kind is Kind.INDICES]


class Orders:
    """Selectors by how the pairs that they compare stand to one another, each in one of three orders; and by
    what is selected in `wholes`, whatever that is.
    """

    def __init__(
        self, selectors: Sequence[Term], allowed: Mapping[Pair, str], wholes: frozenset[Term] = frozenset()
    ) -> None:
        parts = [x for selector in selectors for x in inside(selector, wholes)]
        pairs = pairs_of(parts, wholes)
        held = [part for part in dict.fromkeys(parts) if part in wholes]
        orders = [*(allowed.get(pair, "<=>") for pair in pairs), *("01" for _ in held)]
        if math.prod(map(len, orders)) > MOST_POINTS:
            raise NotShown("a selector compares too many pairs of s-ops")
        self._dimensions = max(1, len(orders))
        self._axes = dict(zip([*pairs, *held], enumerate(orders), strict=True))
        self._wholes = wholes

    def at(self, selector: Term) -> Truths:
        """Where the selector selects."""
        return logic(selector, self._select, self._wholes)

    def _along(self, what: Pair | Term, wanted: str) -> Truths:
        axis, orders = self._axes[what]
        shape = [1] * self._dimensions
        shape[axis] = len(orders)
        return np.array([order in wanted for order in orders]).reshape(shape)

    def _select(self, term: Term) -> Truths:
        if term in self._wholes:
            return self._along(term, "1")
        truth = constant(term)
        if truth is not None:
            return np.full([1] * self._dimensions, truth)
        return self._along((term.args[0], term.args[1]), "".join(RELATION[term.comparison]))


class Pairs:
    """Selectors by the values of a key and a query, and what else is looked at of the key."""

    def __init__(
        self, selectors: Sequence[Term], read: Sequence[Term], listing: Listing, whole: bool
    ) -> None:
        selects = compared(selectors)
        keys = [select.args[0] for select in selects] + list(read)
        queries = [select.args[1] for select in selects]
        stops = [bottoms(side) if whole else frozenset[Term]() for side in (keys, queries)]
        self._leaves = [leaves_of(side, stop) for side, stop in zip((keys, queries), stops, strict=True)]
        sizes = [len(set(map(base_of, leaves))) for leaves in self._leaves]
        self._dimensions = max(1, sum(sizes))
        made = [made_of(side, stop) for side, stop in zip((keys, queries), stops, strict=True)]
        keys_told, queries_told = (Telling(listing, read, each, selects) for each in made)
        self.keys = Grid(self._leaves[0], keys_told, 0, self._dimensions)
        self.queries = Grid(self._leaves[1], queries_told, sizes[0], self._dimensions)
        if math.prod([*self.keys.sizes, *self.queries.sizes]) > MOST_POINTS:
            raise NotShown("too many values of keys and queries")

    def at(self, selector: Term) -> Truths:
        """Where the selector selects."""
        return logic(selector, lambda term: held(term, self.keys, self.queries))

    def apart(self, causal: bool) -> Truths:
        """Where the key may be at another position than the query, and seen by it."""
        return self._by_index(np.less if causal else np.not_equal)

    def seen(self, causal: bool) -> Truths:
        """Where the query may see the key."""
        return self._by_index(np.less_equal) if causal else np.ones([1] * self._dimensions, dtype=bool)

    def _by_index(self, compare: Callable[..., Truths]) -> Truths:
        index = next((x for x in self._leaves[0] if x.kind is Kind.INDICES and x in self._leaves[1]), None)
        if index is None:
            return np.ones([1] * self._dimensions, dtype=bool)
        return compare(self.keys.at(index).numbers, self.queries.at(index).numbers)


def pairings(selectors: Sequence[Term], read: Sequence[Term], listing: Listing) -> Iterator[Pairs]:
    """Keys and queries by the s-ops that are compared, and by what these are made of, where that can be."""
    for whole in (True, False):
        with suppress(NotShown):
            yield Pairs(selectors, read, listing, whole)


def bottoms(roots: Sequence[Term]) -> frozenset[Term]:
    """Those of some s-ops that are not made of others of them."""
    stops = frozenset(roots)
    return frozenset(x for x in stops if stops.isdisjoint(leaves_of(x.args, stops)))


def held(select: Term, keys: Grid, queries: Grid) -> Truths:
    """Where a comparison holds of a key and a query."""
    key, query = keys.at(select.args[0]), queries.at(select.args[1])
    relation = RELATION[select.comparison]
    table = [[related(k, q, relation) for q in query.values] for k in key.values]
    if any(truth is None for row in table for truth in row):
        raise NotShown("strings are compared with numbers")
    truths = np.array(table, dtype=bool).reshape(len(key.values), len(query.values))
    truths = np.pad(truths, ((0, 1), (0, 1)))  # what has no value is not selected
    found: Truths = truths[key.numbers, query.numbers]
    return found


def logic(selector: Term, select: Callable[[Term], Truths], wholes: frozenset[Term] = frozenset()) -> Truths:
    """A selector from its comparisons."""
    found: dict[Term, Truths] = {}
    for term in inside(selector, wholes):
        if term in wholes or term.kind is Kind.SELECT:
            found[term] = select(term)
            continue
        parts = [found[a] for a in term.args]
        match term.kind:
            case Kind.AND:
                found[term] = parts[0] & parts[1]
            case Kind.OR:
                found[term] = parts[0] | parts[1]
            case Kind.NOT:
                found[term] = ~parts[0]
    return found[selector]


def same_selections(before: Term, after: Term, listing: Listing, causal: bool) -> bool:
    """Whether two selectors select the same keys, of those that a query sees: by what they share and how the
    rest compares, or by the values of keys and queries.
    """
    if same_orders(before, after, causal):
        return True
    for pairs in pairings([before, after], [], listing):
        with suppress(NotShown):
            if not ((pairs.at(before) != pairs.at(after)) & pairs.seen(causal)).any():
                return True
    return False


def same_orders(before: Term, after: Term, causal: bool) -> bool:
    """Whether two selectors select the same keys however what they do not share compares."""
    allowed = dict.fromkeys(positions(pairs_of([before, after])), "<=" if causal else "<=>")
    shared = frozenset(inside(before)) & frozenset(inside(after))
    for wholes in (shared - {before, after} if before is not after else shared, frozenset[Term]()):
        with suppress(NotShown):
            orders = Orders([before, after], allowed, wholes)
            if (orders.at(before) == orders.at(after)).all():
                return True
    return False
