"""What a certificate says of s-ops: their values, as claimed, and what follows from these.

Of an s-op of which nothing is claimed, the values are those that its function gives for all values of its
operands. That the claimed ones are all is shown apart (`derivation/values.py`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from compiler.certificate.derived import Derived, ReadClaim, Ways
from compiler.graph.conjunctions import Conjunction, Literal, conjunctions
from compiler.graph.meaning import call
from compiler.graph.terms import INDEX, READS, Kind, Term, reachable
from compiler.ranges.affine import AffineForm, affine_form
from compiler.ranges.cases import Ranges
from compiler.ranges.domains import (
    Codes,
    Domain,
    Listed,
    Means,
    Numbers,
    int_domain,
    is_number,
    make_domain,
    multiples,
)
from compiler.ranges.positions import corners
from compiler.rechecking.report import Unproved
from compiler.request import Request
from rasp.errors import EvaluationError
from rasp.graph.interpreter import convert
from rasp.words import Atom

MOST_POINTS = 200_000
"""From how many combinations of its operands' values the values of an s-op are worked out."""


@dataclass(frozen=True, eq=False)
class Read:
    """What a read selects, as it is claimed (see `ReadClaim`), with the disjoint conjunctions that count."""

    conjunctions: tuple[Conjunction, ...]
    always: bool = False
    never_mine: bool = False
    at_most_one: bool = False
    picks: bool = False


class Claimed:
    """What is known of the s-ops below a root, and of others once they are learned, by number: their values,
    `forms`, for a TOKENS its value for each entry of the vocabulary, None where it has none (`tokens`), for a
    read what it selects (`reads`). `positions`: the indices, of the graph or INDEX.
    """

    def __init__(self, derived: Derived, terms: Sequence[Term], asked: Request) -> None:
        """`terms`: those of `derived`, made anew."""
        self.asked, root = asked, terms[derived.root]
        self._claimed = {terms[number]: domain for number, domain in derived.domains.items()}
        self._reads = {terms[number]: claim for number, claim in derived.reads.items()}
        self._conjunctions = {terms[n]: _conjunctions(ways, terms) for n, ways in derived.ways.items()}
        self.forms: dict[int, AffineForm] = {}
        self.reads: dict[int, Read] = {}
        self.tokens: dict[int, list[Atom | None]] = {}
        self._domains: dict[int, Domain] = {}
        self.ranges = Ranges(self._domains, self._corners)
        self.learn(root)
        self.positions = next((term for term in reachable(root) if term.kind is Kind.INDICES), INDEX)
        self.learn(self.positions)

    def get(self, term: Term) -> Domain:
        """The values of an s-op."""
        return self._domains[term.index]

    def finite(self, term: Term) -> Listed:
        """The values of an s-op that must be listed."""
        domain = self.get(term)
        if isinstance(domain, Means):
            raise Unproved(f"{term.title} takes too many values to list")
        return domain

    def numbers(self, term: Term) -> Numbers:
        """The values of an s-op that must be whole multiples of a number."""
        domain = self.get(term)
        if not isinstance(domain, Numbers):
            raise Unproved(f"{term.title} is not a few numbers")
        return domain

    def learn(self, root: Term) -> None:
        """Find out what is known of a term and of all below it, operands first."""
        for term in () if root.index in self._domains else reachable(root):
            if not term.is_selector and term.index not in self._domains:
                self._learn(term)

    def _learn(self, term: Term) -> None:
        if term.kind in READS:
            self.reads[term.index] = self._read(term)
        elif term.kind is Kind.TOKENS:
            self.tokens[term.index] = [_converted(term, token) for token in self.asked.vocab]
        self._domains[term.index] = self._found(term)
        self.forms[term.index] = affine_form(term, self.get, self.forms)

    # values

    def _found(self, term: Term) -> Domain:
        match term.kind:
            case Kind.CONST:
                return make_domain([term.value])
            case Kind.INDICES:
                return int_domain(0, self.asked.max_length - 1)
            case Kind.TOKENS:
                return _some(term, [value for value in self.tokens[term.index] if value is not None])
        claimed = self._claimed.get(term)
        if term.kind in (Kind.WIDTH, Kind.SUM):
            return _numbers(term, self._added_up(term) if claimed is None else claimed)
        if claimed is not None:
            return claimed
        if term.kind is Kind.EXISTS:
            return make_domain([False, True])
        return self._of_operands(term) if term.kind is Kind.MAP else self._handed_on(term)

    def _added_up(self, term: Term) -> Domain:
        """Counts and sums of nothing, of all positions, and what is between."""
        if term.kind is Kind.WIDTH:
            return int_domain(0, self.asked.max_length)
        values = _numbers(term.args[1], self.get(term.args[1]))
        codes = sums(values, self.asked.max_length, MOST_POINTS)
        if codes is None:
            raise Unproved(f"nothing is claimed of {term.title}")
        return multiples(codes, values.scale)

    def _handed_on(self, term: Term) -> Domain:
        """What an AGGREGATE or LEAST reads, and what it reads of nothing."""
        values, nothing = self.get(term.args[1]), term.of_nothing
        if self.reads[term.index].picks and isinstance(values, Listed):
            return make_domain([*values.values, nothing])
        if not isinstance(values, Numbers) or isinstance(nothing, str):
            raise Unproved(f"nothing is claimed of {term.title}")
        ends, default = (Fraction(values.lowest), Fraction(values.highest)), Fraction(nothing) / values.scale
        most = max(self.asked.max_length, default.denominator)
        means = Means(min(*ends, default), max(*ends, default), most, values.scale)
        listed = None if means.values is None else make_domain(means.values)
        return listed if isinstance(listed, Numbers) else means

    def _of_operands(self, term: Term) -> Domain:
        """What the function of a MAP gives for all values of its operands, the same operand once."""
        found = images(term, {a: self.get(a).values for a in term.args}, MOST_POINTS)
        if found is None:
            raise Unproved(f"nothing is claimed of {term.title}")
        return _some(term, found)

    # selections

    def _read(self, term: Term) -> Read:
        said, ways = self._reads.get(term, ReadClaim()), self.conjunctions(term.args[0])
        return Read(ways, said.always, said.not_mine, said.one_key, said.one_value or self._hands_on(term))

    def _hands_on(self, term: Term) -> bool:
        """Whether a read hands on single values whatever it selects."""
        if term.kind is Kind.LEAST or (term.kind is Kind.AGGREGATE and term.read_as.only):
            return True
        return term.kind is Kind.AGGREGATE and not have_means(self.get(term.args[1]).values)

    def conjunctions(self, selector: Term) -> tuple[Conjunction, ...]:
        """The disjoint conjunctions of a selector that count, of literals that do."""
        if selector not in self._conjunctions:
            self._conjunctions[selector] = conjunctions(selector)
        return self._conjunctions[selector]

    # positions

    def is_length(self, leaf: Term) -> bool:
        """Whether a leaf counts all positions that are seen."""
        return leaf.kind is Kind.WIDTH and self.reads[leaf.index].conjunctions == ((),)

    def room(self, leaf: Term) -> int | None:
        """By how much an s-op surely stays below the number of positions that are seen, causally those up to
        mine: an index by 1, a count by nothing, or by 1 if it leaves out its own position; None of others.
        """
        if leaf.kind is Kind.INDICES:
            return 1
        counts = leaf.kind is Kind.WIDTH and not self.is_length(leaf)
        if not counts and not (leaf.kind is Kind.SUM and self.get(leaf.args[1]).binary):
            return None
        return int(self.reads[leaf.index].never_mine)

    def _corners(self, form: AffineForm) -> Sequence[Fraction] | None:
        return corners(form, self.asked.max_length, self.asked.causal, self.is_length, self._ends)

    def _ends(self, leaf: Term, seen: int) -> tuple[Fraction, Fraction]:
        """The least and the largest value of an s-op where so many positions are seen."""
        low, high = self.ranges.measured(leaf).ends
        return (low, high) if (room := self.room(leaf)) is None else (low, Fraction(seen - room))


def images(term: Term, values: Mapping[Term, Sequence[Atom] | None], most: int) -> Collection[Atom] | None:
    """What a function comes to for all combinations of its operands' values, the same operand once,
    equal ones of different types apart; None if these are more than so many.
    """
    different = list(dict.fromkeys(term.args))
    listed = [each for a in different if (each := values[a]) is not None]
    if len(listed) < len(different) or math.prod(map(len, listed)) > most:
        return None
    assert term.function is not None
    places = [different.index(a) for a in term.args]
    found = (call(term.function, [p[place] for place in places]) for p in itertools.product(*listed))
    return {(type(value), value): value for value in found if value is not None}.values()


def sums(values: Numbers, length: int, most: int) -> Codes | None:
    """What up to so many numbers add up to, in their unit: whole multiples of what divides all of them,
    between the least and the largest sum; None if these are more than so many.
    """
    step = math.gcd(*(int(code) for code in values.codes)) or 1
    low, high = min(0, values.lowest) // step, max(0, values.highest) // step
    few = length * (high - low) < most
    return np.arange(length * low, length * high + 1, dtype=np.int64) * step if few else None


def have_means(values: Sequence[Atom] | None) -> bool:
    """Whether there may be a mean of different values: of two that are numbers and not all truth values."""
    numbers = [value for value in values or () if is_number(value)]
    return values is None or (len(numbers) > 1 and not all(isinstance(v, bool) for v in numbers))


def _converted(term: Term, token: Atom) -> Atom | None:
    """A token as a TOKENS has it; None where it has no value."""
    try:
        return convert(term.data, token)  # type: ignore[arg-type]
    except EvaluationError:
        return None


def _conjunctions(ways: Ways, terms: Sequence[Term]) -> tuple[Conjunction, ...]:
    return tuple(
        tuple(Literal(terms[x.keys], terms[x.queries], frozenset(x.relation)) for x in way) for way in ways
    )


def _some(term: Term, values: Collection[Atom]) -> Listed:
    """The values of an s-op that has any."""
    if not values:
        raise Unproved(f"{term.title} has no value on any input")
    return make_domain(values)


def _numbers(term: Term, domain: Domain) -> Numbers:
    if not isinstance(domain, Numbers):
        raise Unproved(f"{term.title} is claimed to be no number, and adds up or counts")
    return domain
