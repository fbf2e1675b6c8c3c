"""Selectors as disjoint unions of conjunctions, the form that attention heads can read.

One head adds up penalties, so it expresses a conjunction: every literal that holds adds 0, every one that
fails subtracts at least 1. An `or` has no such score, but counts and sums over disjoint parts add up. So
any nesting of and/or/not is brought into conjunctions no two of which can hold together, by splitting on
one literal after the other (the paths of a binary decision diagram).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import reduce
from weakref import WeakKeyDictionary

from compiler.graph.rewriting import everything
from compiler.graph.terms import Graph, Kind, Term, reachable
from rasp.errors import TooLargeError
from rasp.words import Atom, Comparison

Relation = frozenset[str]
"""Which of "<", "=", ">" between key and query a literal allows."""

RELATION = {
    Comparison.EQ: frozenset("="),
    Comparison.NE: frozenset("<>"),
    Comparison.LT: frozenset("<"),
    Comparison.LE: frozenset("<="),
    Comparison.GT: frozenset(">"),
    Comparison.GE: frozenset(">="),
}
COMPARISON = {relation: comparison for comparison, relation in RELATION.items()}
"""The comparison that allows just these orders."""

ANYTHING: Relation = frozenset("<=>")
EQUAL: Relation = frozenset("=")
UNEQUAL: Relation = frozenset("<>")

MAX_CONJUNCTIONS = 64
MAX_PAIRS = 400
MAX_STEPS = 20_000
"""How many cases are told apart at most on the way to conjunctions."""


@dataclass(frozen=True)
class Digit:
    """One digit in which two numbers are compared: all above it are the same, and it stands in the relation.

    `places`: the place value of each digit, from the highest down to 1, each a multiple of the next;
    `number`: which digit it is, from 0. The numbers are the ranks of values among those of keys and queries.
    """

    places: tuple[int, ...]
    number: int

    @property
    def place(self) -> int:
        """The place value of this digit."""
        return self.places[self.number]

    @property
    def above(self) -> int | None:
        """The place value of the digit above; None for the highest."""
        return self.places[self.number - 1] if self.number else None

    @property
    def last(self) -> bool:
        """Whether no digit is below."""
        return self.number == len(self.places) - 1

    def relation(self, whole: Relation) -> Relation:
        """How the digit stands where it decides how the numbers do: equal only where nothing is below."""
        return whole if self.last else whole - EQUAL


@dataclass(frozen=True)
class Part:
    """Positions that a head of their own counts, `size` of them: from `number * size` on."""

    number: int
    size: int

    @property
    def text(self) -> str:
        return f"positions {self.number * self.size} to {(self.number + 1) * self.size - 1}"


@dataclass(frozen=True)
class Literal:
    """`keys[j] R queries[i]` with R a set of orders; with a digit: where that digit decides it. Over its
    digits a literal is a disjoint union.
    """

    keys: Term
    queries: Term
    relation: Relation
    digit: Digit | None = None

    @property
    def text(self) -> str:
        symbol = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", "=>": ">="}[
            "".join(sorted(self.relation))
        ]
        compared = f"{self.keys.title} {symbol} {self.queries.title}"
        if self.digit is None:
            return compared
        return f"{compared} (digit {self.digit.number + 1} of {len(self.digit.places)})"


Conjunction = tuple[Literal, ...]
"""Literals on distinct (keys, queries) pairs, in order of those pairs; empty means everything."""

_Pair = tuple[Term, Term]
_Path = dict[_Pair, Relation]
_Compared = tuple[_Pair, Relation]


@dataclass(frozen=True, eq=False)
class _Open:
    """A selector while some of its pairs are decided: a comparison of a pair that is not, or the and, or, not
    of what is open.
    """

    kind: Kind | str
    compared: _Compared | None
    parts: tuple[_Open, ...]


_split: WeakKeyDictionary[Term, tuple[Conjunction, ...]] = WeakKeyDictionary()
"""What has been split already: each selector is, once, for all its reads."""


def conjunctions(selector: Term) -> tuple[Conjunction, ...]:
    """Disjoint conjunctions whose union is the selector; none at all if it never selects.

    Raises:
        CompileError: the nesting of and/or/not falls into more than `MAX_CONJUNCTIONS` parts, or is too large
            to find out.
    """
    found = _split.get(selector)
    if found is None:
        found = tuple(_conjunction(path) for path in _merge(_Splitter(selector).paths()))
        _split[selector] = found
    return found


def _pairs(selector: Term) -> dict[_Pair, set[Relation]]:
    """The (keys, queries) pairs that the selector compares, in order of first appearance, and how."""
    found: dict[_Pair, set[Relation]] = {}
    seen: set[int] = set()
    stack = [selector]
    while stack:
        term = stack.pop()
        if term.index in seen:
            continue
        seen.add(term.index)
        if term.kind is not Kind.SELECT:
            stack.extend(reversed(term.args))
        elif constant_truth(term) is None:
            found.setdefault((term.args[0], term.args[1]), set()).add(RELATION[term.comparison])
    return found


def constant_truth(term: Term) -> bool | None:
    """The value of a SELECT between two constants; None for any other (and for unlike types in order)."""
    keys, queries = term.args
    if keys.kind is not Kind.CONST or queries.kind is not Kind.CONST:
        return None
    return related(keys.value, queries.value, RELATION[term.comparison])


def related(key: Atom, query: Atom, relation: Relation) -> bool | None:
    """Whether key and query stand in the relation; None where their types cannot be ordered."""
    if isinstance(key, str) != isinstance(query, str):
        return {EQUAL: False, UNEQUAL: True}.get(relation)
    order = "=" if key == query else "<" if key < query else ">"  # type: ignore[operator]
    return order in relation


class _Splitter:
    """Every way to make a selector true, by deciding the order of one pair after the other.

    What is left open once some orders are known is a smaller selector. Most orders leave the same ones, and
    each of these is split once.
    """

    def __init__(self, selector: Term) -> None:
        self.selector = selector
        self.pairs = [(pair, _alike(relations)) for pair, relations in _pairs(selector).items()]
        self._made: dict[Hashable, _Open] = {}
        self._known: dict[tuple[int, _Open], tuple[_Path, ...]] = {}
        if len(self.pairs) > MAX_PAIRS:
            raise self.refused(f"compares more than {MAX_PAIRS} pairs of s-ops")

    def paths(self) -> list[_Path]:
        """The ways to make the whole selector true."""
        return list(self._paths(0, self._opened()))

    def _paths(self, number: int, left: _Open | bool) -> tuple[_Path, ...]:
        """The ways to make true what is left, by the pairs from a number on; orders that lead to the same
        ways are taken together.
        """
        if isinstance(left, bool):
            return ({},) if left else ()
        if (number, left) in self._known:
            return self._known[number, left]
        if len(self._known) >= MAX_STEPS:
            raise self.refused(f"falls into disjoint parts only after more than {MAX_STEPS:,} cases")
        pair, groups = self.pairs[number]
        ways: dict[tuple[frozenset[tuple[_Pair, Relation]], ...], tuple[Relation, tuple[_Path, ...]]] = {}
        for orders in groups:
            rest = self._paths(number + 1, self._decided(left, pair, min(orders)))
            key = tuple(frozenset(path.items()) for path in rest)
            relation, _ = ways.get(key, (frozenset(), rest))
            ways[key] = (relation | orders, rest)
        result = tuple(
            path if relation == ANYTHING else {pair: relation, **path}
            for relation, rest in ways.values()
            for path in rest
        )
        if len(result) > MAX_CONJUNCTIONS:
            raise self.refused(f"falls into more than {MAX_CONJUNCTIONS} disjoint parts")
        self._known[number, left] = result
        return result

    def _opened(self) -> _Open | bool:
        """The selector, of which nothing is decided."""
        found: dict[int, _Open | bool] = {}
        for term in (each for each in reachable(self.selector) if each.is_selector):
            if term.kind is Kind.SELECT:
                truth = constant_truth(term)
                pair = (term.args[0], term.args[1])
                compared = (pair, RELATION[term.comparison])
                found[term.index] = self._open("select", compared) if truth is None else truth
            else:
                found[term.index] = self._combine(term.kind, [found[each.index] for each in term.args])
        return found[self.selector.index]

    def _decided(self, left: _Open, pair: _Pair, order: str) -> _Open | bool:
        """What is left once the order of a pair is known."""
        found: dict[_Open, _Open | bool] = {}
        stack = [left]
        while stack:
            top = stack[-1]
            missing = [part for part in top.parts if part not in found]
            if missing:
                stack += missing
                continue
            stack.pop()
            if top.compared is not None:
                found[top] = order in top.compared[1] if top.compared[0] == pair else top
            else:
                found[top] = self._combine(top.kind, [found[part] for part in top.parts])
        return found[left]

    def _combine(self, kind: Kind | str, parts: list[_Open | bool]) -> _Open | bool:
        """and, or, not of what is open, and of what is known."""
        if kind is Kind.NOT:
            (part,) = parts
            if isinstance(part, bool):
                return not part
            return part.parts[0] if part.kind is Kind.NOT else self._open(Kind.NOT, None, part)
        decisive = kind is Kind.OR
        if decisive in parts:
            return decisive
        left = [part for part in parts if not isinstance(part, bool)]
        if not left:
            return not decisive
        if len(left) == 1 or left[0] is left[1]:
            return left[0]
        if self._combine(Kind.NOT, [left[0]]) is left[1]:
            return decisive
        return self._open(kind, None, *left)

    def _open(self, kind: Kind | str, compared: _Compared | None, *parts: _Open) -> _Open:
        """One object for everything that is the same."""
        return self._made.setdefault((kind, compared, parts), _Open(kind, compared, parts))

    def refused(self, reason: str) -> TooLargeError:
        return TooLargeError(
            f"the selector {self.selector.title} {reason}",
            reason="a selector of too many disjoint parts",
            span=self.selector.span,
            hint="split it into several selectors with fewer and/or/not each, and combine their results",
        )


def _alike(relations: set[Relation]) -> list[Relation]:
    """The orders of a pair in groups between which no comparison of the pair tells."""
    groups: dict[tuple[bool, ...], Relation] = {}
    for order in "<=>":
        truths = tuple(order in relation for relation in relations)
        groups[truths] = groups.get(truths, frozenset()) | {order}
    return list(groups.values())


def _merge(paths: list[_Path]) -> list[_Path]:
    """Join paths that differ in the relation of a single pair."""
    merged = True
    while merged:
        merged = False
        for i, first in enumerate(paths):
            for second in paths[i + 1 :]:
                joined = _join(first, second)
                if joined is not None:
                    paths = [p for p in paths if p is not first and p is not second]
                    paths.insert(i, joined)
                    merged = True
                    break
            if merged:
                break
    return paths


def _join(first: _Path, second: _Path) -> _Path | None:
    """The union of two disjoint paths, where that is a conjunction."""
    pairs = {**first, **second}
    different = [p for p in pairs if first.get(p, ANYTHING) != second.get(p, ANYTHING)]
    if len(different) != 1:
        return None
    pair = different[0]
    union = first.get(pair, ANYTHING) | second.get(pair, ANYTHING)
    return {p: (union if p == pair else r) for p, r in first.items() if p != pair or union != ANYTHING}


def _conjunction(path: _Path) -> Conjunction:
    ordered = sorted(path.items(), key=lambda item: (item[0][0].index, item[0][1].index))
    return tuple(Literal(k, q, relation) for (k, q), relation in ordered)


def selector_of(graph: Graph, conjunction: Conjunction) -> Term:
    """A conjunction as a selector term again."""
    selects = [graph.select(x.keys, x.queries, COMPARISON[x.relation]) for x in conjunction]
    if not selects:
        return everything(graph)
    return reduce(lambda a, b: graph.make(Kind.AND, (a, b)), selects)
