"""A program's s-ops, one position after another: what each is there, from what has been kept of those before.

An elementwise s-op is applied, or looked up where it has been before; a read asks one structure for each
conjunction of its selector (`compiler.generation.prefixes`).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from compiler.generation.prefixes import (
    Cell,
    Compared,
    Now,
    Prefix,
    Unanswered,
    add,
    keep_least,
    picked,
    prefix,
)
from compiler.graph.conjunctions import Literal
from compiler.graph.meaning import call
from compiler.graph.terms import READS, Kind, Term, reachable
from compiler.ranges.domains import Means
from compiler.values.inference import Domains
from rasp.words import Atom, Operator

Step = Callable[[Now], None]

REMEMBERED = 1 << 16
"""So many answers of an elementwise s-op are remembered at most."""


class Meaning:
    """The s-ops of one program on a growing sequence. `now` holds what each is at the last position, in the
    slot that `slots` gives by its number; what nobody looks at there (see `ReadAs.unread`) is in `loose`.
    Without `every`, s-ops that only lead to others which a table gives are left out.
    """

    def __init__(self, root: Term, domains: Domains, every: bool = False) -> None:
        self.domains = domains
        self.terms = [term for term in reachable(root) if not term.is_selector]
        self.slots = {term.index: slot for slot, term in enumerate(self.terms)}
        self.position, self.token = len(self.terms), len(self.terms) + 1
        self.now: Now = [None] * (len(self.terms) + 2)
        self.root = self.slots[root.index]
        self.length = 0
        self.loose: set[int] = set()
        self.prefixes: list[Prefix] = []
        self._alone: set[int] | None = None
        single = {term.index: self._step(term) for term in self.terms}
        tables = {} if every else self._tables(root)
        self.steps: list[Step] = []
        for term in self.terms:
            step = single[term.index]
            if term.index in tables:
                leaves, inner = tables[term.index]
                steps = [made for each in inner if (made := single[each.index]) is not None]
                key = picked([self.slots[leaf.index] for leaf in leaves])
                self.steps.append(partial(_looked_up, self.slots[term.index], key, steps, {}))
            elif step is not None and (every or term.index in self._needed(root, tables)):
                self.steps.append(step)

    def append(self, token: int) -> Atom:
        """Go on by the token of this id; the program's answer there. Raises Unanswered."""
        now = self.now
        now[self.position], now[self.token] = self.length, token - 1
        self.length += 1
        if self.loose:
            self.loose.clear()
        for step in self.steps:
            step(now)
        answer: Atom = now[self.root]
        return answer

    def _step(self, term: Term) -> Step | None:
        """What finds an s-op out; None for a constant, which stands in its slot already."""
        slot = self.slots[term.index]
        match term.kind:
            case Kind.CONST:
                self.now[slot] = term.value
                return None
            case Kind.INDICES:
                return partial(_copy, slot, self.position)
            case Kind.TOKENS:
                return partial(_converted, slot, self.token, self.domains.tokens[term.index])
            case Kind.MAP:
                return self._applied(term, slot)
        assert term.kind in READS
        return self._read(term, slot)

    # Tables -------------------------------------------------------------------------------------------

    def _tables(self, root: Term) -> dict[int, tuple[list[Term], list[Term]]]:
        """By number of each s-op that is read or answered, and takes several steps from a few variables with
        few values: these, and the steps.
        """
        found = {}
        for term in _ends(self.terms, root):
            inside = _cone(term)
            leaves = [each for each in inside if each.kind is not Kind.MAP and each.kind is not Kind.CONST]
            steps = [each for each in inside if each.kind is Kind.MAP]
            sizes = [len(self.domains.get(leaf).values or range(REMEMBERED + 1)) for leaf in leaves]
            if len(steps) > len(leaves) and math.prod(sizes) <= REMEMBERED:
                found[term.index] = (leaves, steps)
        return found

    def _needed(self, root: Term, tables: Mapping[int, tuple[list[Term], list[Term]]]) -> set[int]:
        """The numbers of the s-ops that have to be found out one by one."""
        if self._alone is None:
            ends = [term for term in _ends(self.terms, root) if term.index not in tables]
            alone = {each.index for term in ends for each in _cone(term) if each.index not in tables}
            alone |= {term.index for term in self.terms if term.kind not in (Kind.MAP, Kind.CONST)}
            self._alone = alone
        return self._alone

    # Elementwise --------------------------------------------------------------------------------------

    def _applied(self, term: Term, slot: int) -> Step:
        args = [self.slots[argument.index] for argument in term.args]
        if term.operator is Operator.CHOOSE and self._is_truth(term.args[0]):
            condition, one, other = args
            return partial(_chosen, slot, condition, one, other)
        if term.operator in OF_NUMBERS and all(map(self._is_number, term.args)):
            left, right = args
            return partial(_of_numbers, slot, left, right, OF_NUMBERS[term.operator])
        known: dict[Any, Atom] = {}
        if len(args) == 1:
            return partial(_applied_to_one, slot, args[0], term, known)
        return partial(_applied_to_many, slot, tuple(args), term, known)

    def _is_number(self, term: Term) -> bool:
        """Whether an s-op is a number wherever it has a value, and no truth value."""
        return self.domains.get(term).scale is not None and not self.domains.may_be_bool(term)

    def _is_truth(self, term: Term) -> bool:
        """Whether an s-op is true or false wherever it has a value."""
        return all(type(value) is bool for value in self.domains.get(term).values or (0,))

    # Reads --------------------------------------------------------------------------------------------

    def _read(self, term: Term, slot: int) -> Step:
        least = term.kind is Kind.LEAST
        source = self.slots[term.args[1].index] if len(term.args) > 1 else -1
        counts = term.kind in (Kind.WIDTH, Kind.EXISTS)
        nothing: tuple[Any, ...] = (None,) if least else (0,)
        if term.kind is Kind.AGGREGATE:
            nothing = (0, 0, 0)
        gather = keep_least if least else add
        found = [
            prefix([self._compared(x) for x in conjunction], self._ordered_values, nothing, gather)
            for conjunction in self.domains.conjunctions(term.args[0])
        ]
        self.prefixes += found
        if counts:
            return partial(_counted, slot, found, term.kind is Kind.EXISTS)
        if term.kind is Kind.SUM:
            return partial(_summed, slot, source, found)
        if least:
            return partial(self._least, slot, source, term, found)
        values = _Values(self._adds(term), term.read_as.only)
        return partial(self._aggregated, slot, source, term, found, values)

    def _compared(self, literal: Literal) -> Compared:
        keys, queries = self.slots[literal.keys.index], self.slots[literal.queries.index]
        return Compared(keys, queries, literal.relation, literal.queries.kind is Kind.CONST)

    def _ordered_values(self, compared: Compared) -> Sequence[Any] | None:
        """The values of a key in order, None where it cannot be put in one order with the query."""
        sides = [self.domains.get(self.terms[slot]) for slot in (compared.keys, compared.queries)]
        if any(isinstance(side, Means) for side in sides[:1]):
            return None
        strings = {isinstance(value, str) for side in sides for value in side.values or side.ends or ()}
        return sides[0].values if len(strings) == 1 else None

    def _adds(self, term: Term) -> bool:
        """Whether what is read are numbers whose sum tells their mean: no truth values, which have none."""
        return self._is_number(term.args[1]) and not term.read_as.only

    def _least(self, slot: int, source: int, term: Term, found: Sequence[Prefix], now: Now) -> None:
        cell: Cell = [None]
        parts = (now[source],)
        for one in found:
            one.put(now, parts)
            keep_least(cell, one.get(now))
        now[slot] = self._nothing(slot, source, term, now) if cell[0] is None else cell[0]

    def _aggregated(
        self, slot: int, source: int, term: Term, found: Sequence[Prefix], values: _Values, now: Now
    ) -> None:
        parts = values.parts(now[source])
        for one in found:
            one.put(now, parts)
        if len(found) == 1:
            read = found[0].get(now)
        else:
            read = cell = [0, 0, 0]
            for one in found:
                add(cell, one.get(now))
        now[slot] = values.mean(read) if read[0] else self._nothing(slot, source, term, now)

    def _nothing(self, slot: int, source: int, term: Term, now: Now) -> Atom:
        """What is read where nothing is selected."""
        if term.read_as.unread:
            self.loose.add(slot)
            value: Atom = now[source]
            return value
        return 0 if term.default is None else term.default


class _Values:
    """Values whose mean is wanted: numbers as they are; others by their place in the order in which they
    came, which can be added up, too, and tells one value, or several that are alike, from different ones.
    """

    def __init__(self, adds: bool, only: bool) -> None:
        self.adds, self.only = adds, only
        self.places: dict[Atom, int] = {}
        self.values: list[Atom] = []

    def parts(self, value: Atom) -> tuple[Any, ...]:
        """A count, a sum, and a sum of squares where it is needed."""
        if self.adds:
            return (1, value, 0)
        place = self.places.setdefault(value, len(self.values))
        if place == len(self.values):
            self.values.append(value)
        return (1, place, place * place)

    def mean(self, cell: Sequence[Any]) -> Atom:
        """The mean of what is in a cell, or the one value that all of it is; Unanswered where neither is."""
        count, total, squares = cell
        if self.adds:
            mean: Atom = total if count == 1 else Fraction(total) / count
            return mean
        if count != 1 and not (self.only and count * squares == total * total):
            raise Unanswered
        place: int = total // count
        return self.values[place]


OF_NUMBERS: dict[Operator | None, Callable[[Any, Any], Any]] = {
    Operator.ADD: operator.add,
    Operator.SUB: operator.sub,
    Operator.MUL: operator.mul,
    Operator.EQ: operator.eq,
    Operator.NE: operator.ne,
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}
"""Operators that Python applies to numbers just so."""


def _ends(terms: Sequence[Term], root: Term) -> list[Term]:
    """The elementwise s-ops that a read or the answer needs."""
    asked = {root.index: root}
    for term in terms:
        if term.kind in READS:
            asked |= {each.index: each for each in operands(term)}
    return [asked[number] for number in sorted(asked) if asked[number].kind is Kind.MAP]


def _cone(end: Term) -> list[Term]:
    """An s-op and what it is made of position by position, operands first: down to reads, tokens and indices,
    which are the variables.
    """
    found: dict[int, Term] = {}
    stack = [end]
    while stack:
        term = stack.pop()
        if term.index not in found:
            found[term.index] = term
            if term.kind is Kind.MAP:
                stack.extend(term.args)
    return [found[number] for number in sorted(found)]


def operands(term: Term) -> list[Term]:
    """The s-ops of which a term is made, those that its selector compares among them."""
    found = [a for a in term.args if not a.is_selector]
    for selector in (a for a in term.args if a.is_selector):
        compared = [part for part in reachable(selector) if part.kind is Kind.SELECT]
        found += [a for part in compared for a in part.args]
    return found


def _looked_up(
    slot: int, key: Callable[[Now], Any], steps: Sequence[Step], known: dict[Any, Atom], now: Now
) -> None:
    point = key(now)
    found = known.get(point)
    if found is None:
        for step in steps:
            step(now)
        known[point] = now[slot]
    else:
        now[slot] = found


def _copy(slot: int, source: int, now: Now) -> None:
    now[slot] = now[source]


def _converted(slot: int, token: int, values: Sequence[Atom | None], now: Now) -> None:
    value = values[now[token]]
    if value is None:
        raise Unanswered
    now[slot] = value


def _chosen(slot: int, condition: int, one: int, other: int, now: Now) -> None:
    now[slot] = now[one] if now[condition] else now[other]


def _of_numbers(slot: int, left: int, right: int, apply: Callable[[Any, Any], Any], now: Now) -> None:
    now[slot] = apply(now[left], now[right])


def _applied_to_one(slot: int, argument: int, term: Term, known: dict[Any, Atom], now: Now) -> None:
    value = now[argument]
    found = known.get(value)
    now[slot] = _learned(term, (value,), value, known) if found is None else found


def _applied_to_many(slot: int, args: tuple[int, ...], term: Term, known: dict[Any, Atom], now: Now) -> None:
    point = tuple([now[argument] for argument in args])
    found = known.get(point)
    now[slot] = _learned(term, point, point, known) if found is None else found


def _learned(term: Term, point: tuple[Atom, ...], key: Any, known: dict[Any, Atom]) -> Atom:
    """The value of an elementwise s-op where it has not been before."""
    assert term.function is not None
    value = call(term.function, point)
    if value is None:
        raise Unanswered
    if len(known) < REMEMBERED:
        known[key] = value
    return value


def _counted(slot: int, found: Sequence[Prefix], asks: bool, now: Now) -> None:
    total = 0
    for one in found:
        one.put(now, (1,))
        total += one.get(now)[0]
    now[slot] = total > 0 if asks else total


def _summed(slot: int, source: int, found: Sequence[Prefix], now: Now) -> None:
    total, parts = 0, (now[source],)
    for one in found:
        one.put(now, parts)
        total += one.get(now)[0]
    now[slot] = total
