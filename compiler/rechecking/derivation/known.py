"""What is claimed of s-ops and reads: all that the statements ask of claims."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from compiler.graph.conjunctions import Conjunction
from compiler.graph.terms import Kind, Term
from compiler.ranges.domains import Labels, Means
from compiler.rechecking.claimed import Claimed
from compiler.rechecking.report import Unproved
from rasp.errors import RaspError
from rasp.graph.atoms import bits
from rasp.limits import MAX_BITS
from rasp.words import Atom, Operator


class Known:
    """The facts of `selecting.Facts`, of the terms that a program was led to and all others of its graph.
    `asked`: the s-ops whose domains the statements made use of.
    """

    def __init__(self, domains: Claimed) -> None:
        self._domains = domains
        self.asked: dict[Term, None] = {}

    def values(self, leaf: Term) -> Sequence[Atom] | None:
        """All values of a leaf; None where they are too many to list."""
        return self._domains.get(leaf).values if self._are_known(leaf) else None

    def ends(self, leaf: Term) -> tuple[Fraction, Fraction] | None:
        """The least and the largest value; None of what may be no number."""
        domain = self._domains.get(leaf) if self._are_known(leaf) else None
        return None if domain is None or isinstance(domain, Labels) else domain.ends

    def numeric(self, term: Term) -> bool:
        """Whether all values are numbers, so that adding them up is no joining of strings: counts are, what
        is taken from one another is, and sums of which one side is.
        """
        added, seen = [term], {term}
        while added:
            top = added.pop()
            if top.kind in (Kind.INDICES, Kind.WIDTH, Kind.SUM) or top.operator in (
                Operator.SUB,
                Operator.NEG,
            ):
                return True
            new = dict.fromkeys(x for x in top.args if top.operator is Operator.ADD and x not in seen)
            seen.update(new)
            added += new
        if not self._are_known(term):
            return False
        values = self._domains.get(term).values
        return values is None or not any(isinstance(value, str) for value in values)

    def bits(self, term: Term) -> int:
        """How many bits numerators and denominators have at most; MAX_BITS where that is not known."""
        if not self._are_known(term):
            return MAX_BITS
        domain = self._domains.get(term)
        if isinstance(domain, Means):
            ends = bits(domain.low) + bits(domain.high)
            return ends + bits(domain.max_denominator) + bits(domain.scale)
        return max((bits(value) for value in domain.values if not isinstance(value, str)), default=0)

    def tokens(self, term: Term) -> Sequence[Atom | None]:
        """What a TOKENS is for each entry of the vocabulary."""
        self._domains.learn(term)
        return self._domains.tokens[term.index]

    # what is claimed of reads, and shown by `selections`

    def conjunctions(self, selector: Term) -> tuple[Conjunction, ...]:
        """The ways to make a selector true, without those that cannot be and what holds anyway."""
        return self._domains.conjunctions(selector)

    def always(self, read: Term) -> bool:
        """Whether every query of a read selects something."""
        return self._are_known(read) and self._domains.reads[read.index].always

    def is_length(self, leaf: Term) -> bool:
        """Whether a leaf counts all positions that are seen."""
        return self._are_known(leaf) and self._domains.is_length(leaf)

    def picks(self, read: Term) -> bool:
        """Whether a read hands on one value that it selects."""
        return self._are_known(read) and self._domains.reads[read.index].picks

    def never_mine(self, read: Term) -> bool:
        """Whether no query of a read selects its own position."""
        return self._are_known(read) and self._domains.reads[read.index].never_mine

    def at_most_one(self, read: Term) -> bool:
        """Whether no query of a read selects two keys."""
        return self._are_known(read) and self._domains.reads[read.index].at_most_one

    def _are_known(self, *terms: Term) -> bool:
        """Whether something is known of the values of some s-ops, which are asked for."""
        try:
            for term in terms:
                self._domains.learn(term)
        except (RaspError, Unproved):
            return False
        self.asked |= dict.fromkeys(terms)
        return True
