"""Every value that an s-op can have is one of its domain: shown of one after the other, operands first.

Domains are worked out by the compiler (`compiler.values`); here they are claims. Each statement is a short
one of its own: it tells what can come up where the operands have values of their domains, and that must be
claimed.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compiler.graph.meaning import values_of
from compiler.graph.terms import Kind, Term, reachable
from compiler.ranges.domains import Codes, Domain, Labels, Means, Numbers, common_unit, in_units
from compiler.rechecking.claimed import Claimed, images, sums
from compiler.rechecking.derivation.known import Known
from compiler.rechecking.derivation.lines import by_index_and_length
from compiler.rechecking.derivation.pointwise import (
    MOST_POINTS,
    Grid,
    NotShown,
    Truths,
    as_int,
    common,
    grid_of,
    leaves_of,
    made_of,
)
from compiler.rechecking.report import Unproved
from rasp.errors import EvaluationError
from rasp.graph.sops import Map
from rasp.words import COMPARISONS, Atom, Operator

MOST_POSITIONS = 64
"""The longest inputs of which every position is looked at."""

MOST_ADDENDS = 20_000
"""At how many positions of inputs an s-op that is added up is looked at."""

FEW_POINTS = 10_000
"""How many combinations are tried at most where one s-op is looked at value by value."""

MOST_SUMS = 20_000_000
"""How many sums of two are worked out at most."""


class Closed:
    """The statements, of the domains of one graph."""

    def __init__(self, domains: Claimed) -> None:
        self._domains, self._known = domains, Known(domains)
        self._length, self._causal = domains.asked.max_length, domains.asked.causal
        self._decided: dict[Term, bool] = {}

    def require(self, roots: Iterable[Term]) -> None:
        """Require that all s-ops that some are made of have values of their domains only. Raises Unproved."""
        every = [term for term in reachable(*roots) if not term.is_selector]
        for term in every:
            if not self.shown(term):
                raise Unproved(f"it is not shown that {term.title} is always one of {self._get(term).text}")

    def shown(self, term: Term) -> bool:
        """Whether the values of one s-op are shown, given those of its operands."""
        claimed = self._get(term)
        match term.kind:
            case Kind.CONST:
                return _all_in([term.value], claimed)
            case Kind.INDICES:
                return _all_in(range(self._length), claimed)
            case Kind.TOKENS:
                return _all_in((v for v in self._known.tokens(term) if v is not None), claimed)
            case Kind.MAP:
                return any(self._of_map(term, claimed))
        return any(self._of_read(term, claimed))

    def _get(self, term: Term) -> Domain:
        return self._domains.get(term)

    # reads

    def _of_read(self, read: Term, claimed: Domain) -> Iterator[bool]:
        yield self._by_positions(read, claimed)
        match read.kind:
            case Kind.EXISTS:
                found = self._domains.reads[read.index]
                yield (found.always or _all_in([False], claimed)) and _all_in([True], claimed)
            case Kind.WIDTH:
                low, high = int(self._domains.reads[read.index].always), self._most_selected(read)
                yield _all_in(range(low, max(low, high) + 1), claimed)
            case Kind.SUM:
                values = self._get(read.args[1])
                if isinstance(values, Numbers) and isinstance(claimed, Numbers):
                    codes = sums(values, self._most_selected(read), claimed.size)  # more are not all claimed
                    yield codes is not None and _claims(codes, values.scale, claimed)
                    yield self._adds_up(read.args[1], values, claimed)
            case Kind.LEAST | Kind.AGGREGATE:
                yield self._reads(read, claimed)

    def _adds_up(self, addend: Term, values: Numbers, claimed: Numbers) -> bool:
        """Sums over some positions of what an s-op is of its own token, at its own position: no less than its
        least of any token at each position together, or than nothing, and no more than its largest.
        """
        vocab = self._domains.asked.vocab
        if len(vocab) * self._length**2 > MOST_ADDENDS or not self._is_of_token(addend):
            return False
        low = high = 0
        for n in range(1, self._length + 1):
            try:
                rows = [values_of(addend, [token] * n, self._causal) for token in vocab]
            except EvaluationError:
                return False
            if any(value not in values.ranks for row in rows for value in row):
                return False
            codes = np.array([[int(values.codes[values.ranks[value]]) for value in row] for row in rows])
            low = min(low, int(np.minimum(codes.min(axis=0), 0).sum()))
            high = max(high, int(np.maximum(codes.max(axis=0), 0).sum()))
        step = math.gcd(*values.codes.tolist()) or 1
        if (high - low) // step > MOST_SUMS:
            return False
        return _claims(np.arange(low // step, high // step + 1) * step, values.scale, claimed)

    def _is_of_token(self, root: Term) -> bool:
        """Whether an s-op is made of its own token and of what positions and the length decide."""
        pending = [root]
        while pending:
            term = pending.pop()
            if term.kind is Kind.TOKENS or self._is_decided(term):
                continue
            if term.kind is not Kind.MAP or term.is_kept:
                return False
            pending.extend(term.args)
        return True

    def _most_selected(self, read: Term) -> int:
        """How many positions a query selects at most: all, or all but its own."""
        return self._length - self._domains.reads[read.index].never_mine

    def _reads(self, read: Term, claimed: Domain) -> bool:
        """Single values, or means of up to so many as there are positions; and what is read of nothing."""
        values, known = self._get(read.args[1]), self._domains.reads[read.index]
        looked_at = not (read.read_as.unread or known.always)
        if looked_at and not _all_in([read.of_nothing], claimed):
            return False
        if not known.conjunctions:
            return True
        if known.picks:
            return _within(values, claimed)
        if not isinstance(values, Numbers):
            return False
        low, high = values.lowest, values.highest
        means = Means(Fraction(low), Fraction(high), self._length, values.scale)
        if claimed.values is None:
            return _within(means, claimed)
        fractions = [each * values.scale for each in means.fractions or ()]  # of several, whole ones as well
        return bool(fractions) and _all_in(fractions, claimed) and _within(values, claimed)

    # position by position

    def _of_map(self, term: Term, claimed: Domain) -> Iterator[bool]:
        operands = [self._get(a) for a in term.args]
        if term.operator in COMPARISONS or term.operator in (Operator.AND, Operator.OR, Operator.NOT):
            yield _all_in([False, True], claimed)
        if term.operator is Operator.POS or (term.operator is Operator.ROUND and operands[0].whole):
            yield not _narrow(claimed) and _within(operands[0], claimed)  # what is no int becomes one
        if term.operator is Operator.CHOOSE:
            answers = _answers(operands[0])
            yield all(_within(operands[2 - answer], claimed) for answer in answers)
        if term.operator is Operator.MUL:
            for factor, other in (operands, operands[::-1]):
                yield factor.binary and _all_in([0], claimed) and _within(other, claimed)
        yield _as_sums(term.operator, operands, claimed)
        yield _as_fractions(term.operator, operands, claimed)
        yield self._as_multiple(term, claimed)
        yield self._by_operands(term, claimed)
        yield self._along_positions(term, claimed)
        yield self._by_positions(term, claimed)
        yield self._by_leaves(term, claimed)
        yield self._by_one(term, claimed)

    def _by_operands(self, term: Term, claimed: Domain) -> bool:
        """By all combinations of the operands' values, the same operand once."""
        found = images(term, {a: self._get(a).values for a in term.args}, MOST_POINTS)
        return found is not None and _all_in(found, claimed)

    def _by_one(self, term: Term, claimed: Domain) -> bool:
        """For each value of one s-op that several parts are made of: all that the parts can be then."""
        shared = self._shared(term)
        leaves, parts = leaves_of(term.args, frozenset()), len(reachable(term))
        for base in dict.fromkeys([*sorted(shared, key=lambda x: -x.index), *leaves]):
            options = self._known.tokens(base) if base.kind is Kind.TOKENS else self._get(base).values
            if base.kind is Kind.CONST or options is None or len(options) * parts > MOST_POINTS:
                continue
            found = [self._where(term, base, number, value) for number, value in enumerate(options)]
            if all(each is not None and _all_in(each, claimed) for each in found):
                return True
        return False

    def _where(self, root: Term, base: Term, number: int, value: Atom | None) -> Sequence[Atom] | None:
        """All that an s-op can be where another has one value, or the token is one of the vocabulary."""
        values: dict[Term, Sequence[Atom] | None] = {base: () if value is None else (value,)}
        for term in reachable(root):
            if term in values or term.is_selector:
                continue
            if term.kind is Kind.TOKENS and base.kind is Kind.TOKENS:
                token = self._known.tokens(term)[number]
                values[term] = () if token is None else (token,)
            elif term.kind is Kind.MAP and (term is root or not term.is_kept):
                found = images(term, values, FEW_POINTS)
                if found is None and term is root:
                    return None  # what is claimed of it is not yet shown
                values[term] = self._get(term).values if found is None else [*map(as_int, found)]
            else:
                values[term] = self._get(term).values
        return values[root]

    def _by_leaves(self, term: Term, claimed: Domain) -> bool:
        """By all combinations of the tokens, positions and reads that it is made of; or of what several
        operands are made of, and the rest.
        """
        return any(self._by_grid(term, claimed, stops) for stops in (frozenset[Term](), self._shared(term)))

    def _shared(self, term: Term) -> frozenset[Term]:
        """What several operands of an s-op are made of."""
        return frozenset(x for i, a in enumerate(term.args) for x in common([a], term.args[i + 1 :]))

    def _by_grid(self, term: Term, claimed: Domain, stops: frozenset[Term]) -> bool:
        """By its values with whole fractions as ints; or as they are, where operators that make a fraction of
        ints make one of equal fractions as well, and at none of these a function has no value.
        """
        roots = term.args if term.is_kept else [term]  # a kept s-op is no leaf of its own
        with suppress(NotShown):
            grid = grid_of(roots, stops, self._known)
            there = self._at_positions(leaves_of(roots, stops), grid)
            numbers = np.where(there, grid.at(term).numbers, -1)
            if _all_come(grid.at(term).values, numbers, claimed):
                return True
            if not any(isinstance(each.function, Map) for each in made_of(roots, stops)):
                typed = grid_of(roots, stops, self._known, typed=True).at(term)
                as_they_are = np.where(there, typed.numbers, -1)
                lost = (numbers >= 0) & (as_they_are < 0)
                return not lost.any() and _all_come(typed.values, as_they_are, claimed)
        return False

    def _at_positions(self, leaves: list[Term], grid: Grid) -> Truths:
        """Where an index is below the length, and a count no more than the length, causally than the
        positions up to mine; one less if it never counts its own position.
        """
        there = np.array(True)
        for leaf in leaves:
            for other in leaves:
                room = self._domains.room(leaf)
                tells = other.kind is Kind.INDICES if self._causal else self._domains.is_length(other)
                if tells and leaf is not other and room is not None:
                    sides = [grid.at(x) for x in (leaf, other)]
                    counted, seen = (np.array([*x.values, 0])[x.numbers] for x in sides)
                    there = there & (counted + room <= seen + self._causal)
        return there

    def _along_positions(self, term: Term, claimed: Domain) -> bool:
        """What multiples of the index and the length add up to, which is longer than the index is large."""
        if not isinstance(claimed, Numbers) or self._length**2 > MOST_SUMS:
            return False
        form = by_index_and_length(term, lambda each: not self._causal and self._domains.is_length(each))
        if form is None:
            return False
        unit = math.lcm(*(each.denominator for each in form))
        own, index, length = (int(each * unit) for each in form)
        every = [own + index * np.arange(n) + length * n for n in range(1, self._length + 1)]
        return _claims(np.unique(np.concatenate(every)), Fraction(1, unit), claimed)

    def _as_multiple(self, term: Term, claimed: Domain) -> bool:
        """One mean so many times, and a number, which is what it may be added up to."""
        number, factor, leaf = _multiple(term)
        mean = None if leaf is None else self._get(leaf)
        if leaf is term or not factor or not isinstance(mean, Means) or not isinstance(claimed, Means):
            return False
        if claimed.listed is not None:
            return False
        times, shift = _times(mean, factor), number / claimed.scale
        unit = times.scale / claimed.scale
        most = times.max_denominator * unit.denominator * shift.denominator
        ends = times.low * unit + shift, times.high * unit + shift
        return claimed.low <= ends[0] and ends[1] <= claimed.high and most <= claimed.max_denominator

    def _by_positions(self, term: Term, claimed: Domain) -> bool:
        """What positions and the length alone decide, at every position of an input of each length."""
        if self._length > MOST_POSITIONS or not self._is_decided(term):
            return False
        try:
            found = [values_of(term, [0] * n, self._causal) for n in range(1, self._length + 1)]
        except EvaluationError:
            return False
        return _all_in(itertools.chain(*found), claimed)

    def _is_decided(self, root: Term) -> bool:
        """Whether neither a token nor anything that may be replaced or is not looked at is below an s-op."""
        for term in () if root in self._decided else reachable(root):
            free = term.kind is Kind.TOKENS or term.is_kept
            free = free or (term.kind in (Kind.AGGREGATE, Kind.LEAST) and term.read_as.unread)
            self._decided[term] = not free and all(self._decided[a] for a in term.args)
        return self._decided[root]


Multiple = tuple[Fraction, Fraction, Term | None]
"""A number, and how often which s-op."""


def _multiple(root: Term) -> Multiple:
    """What an s-op is the sum of: a number, and one other so many times, or itself."""
    found: dict[Term, Multiple] = {}
    for term in reachable(root):
        found[term] = Fraction(0), Fraction(1), term
        if term.kind is Kind.CONST and not isinstance(term.value, str):
            found[term] = Fraction(term.value), Fraction(0), None
        elif term.operator in (Operator.ADD, Operator.SUB, Operator.MUL) and not term.is_kept:
            (a, m, one), (b, n, other) = (found[each] for each in term.args)
            if term.operator is Operator.MUL and (one is None or other is None):
                found[term] = a * b, a * n + b * m, one or other
            elif term.operator is not Operator.MUL and (one is None or other is None or one is other):
                sign = 1 if term.operator is Operator.ADD else -1
                found[term] = a + sign * b, m + sign * n, one or other
    return found[root]


def _as_sums(operator: Operator | None, operands: list[Domain], claimed: Domain) -> bool:
    """Sums and differences of whole multiples of one unit, all of them."""
    if operator not in (Operator.ADD, Operator.SUB) or not isinstance(claimed, Numbers):
        return False
    numbers = [each for each in operands if isinstance(each, Numbers)]
    if len(numbers) < 2 or math.prod(each.size for each in numbers) > MOST_SUMS:
        return False
    unit = common_unit(*(each.scale for each in numbers))
    one, other = (in_units(each.codes, each.scale / unit) for each in numbers)
    if one is None or other is None:
        return False
    sign = 1 if operator is Operator.ADD else -1
    return _claims(np.unique(one[:, None] + sign * other[None, :]), unit, claimed)


def _claims(codes: Codes, unit: Fraction, claimed: Numbers) -> bool:
    """Whether so many times a unit are claimed, each."""
    if _narrow(claimed):
        return False
    times = unit / claimed.scale
    if times.denominator != 1:
        kept = codes % times.denominator == 0
        return bool(kept.all()) and _claims(codes // times.denominator, unit * times.denominator, claimed)
    wanted = in_units(codes, times)
    return wanted is not None and bool(np.isin(wanted, claimed.codes).all())


def _answers(asked: Domain) -> set[bool]:
    """How a condition can be answered, of some values: numbers but 0 are taken for True."""
    if asked.values is None or any(isinstance(value, str) for value in asked.values):
        return {False, True}
    return {bool(value) for value in asked.values}


def _all_come(values: Sequence[Atom], numbers: NDArray[np.int64], claimed: Domain) -> bool:
    """Whether all values are claimed that come up at some point; -1 where there is none."""
    return _all_in((values[i] for i in np.unique(numbers).tolist() if i >= 0), claimed)


def _all_in(values: Iterable[Atom], claimed: Domain) -> bool:
    """Whether all values are claimed, or ints that are equal: a function that has a value for a fraction or a
    truth value has it for an int, too.
    """
    if claimed.values is not None:
        ranks, types = claimed.ranks, _narrow(claimed)
        return all(v in ranks and types.get(v, type(v)) is type(v) for v in values)
    assert isinstance(claimed, Means)
    return all(not isinstance(v, str) and _is_fraction(Fraction(v) / claimed.scale, claimed) for v in values)


def _narrow(claimed: Domain) -> dict[Atom, type]:
    """The types of those claimed values that only values of their own type can be."""
    whole = (v for v in claimed.values or () if not isinstance(v, str) and v.denominator == 1)
    return {value: type(value) for value in whole if type(value) is not int}


def _is_fraction(number: Fraction, claimed: Means) -> bool:
    return claimed.low <= number <= claimed.high and number.denominator <= claimed.max_denominator


def _within(values: Domain, claimed: Domain) -> bool:
    """Whether all values of one domain are claimed by another."""
    if values.values is not None:
        return _all_in(values.values, claimed)
    if not isinstance(values, Means) or not isinstance(claimed, Means) or claimed.listed is not None:
        return False
    times = values.scale / claimed.scale
    ends = values.low * times, values.high * times
    most = values.max_denominator * times.denominator
    return claimed.low <= min(ends) and max(ends) <= claimed.high and most <= claimed.max_denominator


def _as_fractions(operator: Operator | None, operands: list[Domain], claimed: Domain) -> bool:
    """Sums, differences and multiples of fractions: of denominators up to m and n the common one is up to
    m n, and if m is n, up to m (m - 1), as two that are both m have no more than m.
    """
    if not isinstance(claimed, Means) or any(isinstance(each, Labels) for each in operands):
        return False
    if claimed.listed is not None:
        return False
    parts = [each for each in operands if not isinstance(each, Labels)]
    match operator, parts:
        case Operator.NEG, [only]:
            return _within(_times(only, Fraction(-1)), claimed)
        case Operator.MUL | Operator.DIV, [one, other]:
            if operator is Operator.MUL and isinstance(one, Numbers) and one.size == 1:
                one, other = other, one
            if not isinstance(other, Numbers) or other.size != 1 or not other.ends[0]:
                return False
            factor = other.ends[0] if operator is Operator.MUL else 1 / other.ends[0]
            return _within(_times(one, factor), claimed)
        case Operator.ADD | Operator.SUB, [one, other]:
            signed = other if operator is Operator.ADD else _times(other, Fraction(-1))
            sides = [_ways(one), _ways(signed)]
            return any(_sum_within(a, b, claimed) for a in sides[0] for b in sides[1])
    return False


def _times(values: Numbers | Means, factor: Fraction) -> Means:
    """Fractions times a number that is not 0."""
    mean = _ways(values)[0]
    ends = sorted((mean.low * factor, mean.high * factor))
    if abs(factor) == 1:
        return Means(ends[0], ends[1], mean.max_denominator, mean.scale)
    low, high = sorted((mean.low, mean.high)) if factor > 0 else (-mean.high, -mean.low)
    return Means(low, high, mean.max_denominator, mean.scale * abs(factor))


def _ways(values: Numbers | Means) -> list[Means]:
    """Numbers as fractions: of their own denominators, or whole multiples of a unit."""
    if isinstance(values, Means):
        return [values]
    numbers = [Fraction(v) for v in values.values if not isinstance(v, str)]
    most = max(number.denominator for number in numbers)
    whole = Means(Fraction(values.lowest), Fraction(values.highest), 1, values.scale)
    return [whole, Means(numbers[0], numbers[-1], most, Fraction(1))]


def _sum_within(one: Means, other: Means, claimed: Means) -> bool:
    units = one.scale / claimed.scale, other.scale / claimed.scale
    low = one.low * units[0] + other.low * units[1]
    high = one.high * units[0] + other.high * units[1]
    most = [x.max_denominator * unit.denominator for x, unit in zip((one, other), units, strict=True)]
    common = max(most[0] * (most[1] - (most[0] == most[1])), *most)
    return claimed.low <= low and high <= claimed.high and common <= claimed.max_denominator
