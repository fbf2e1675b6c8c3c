"""What is known of s-ops and reads by their domains, which the statements believe."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.graph.conjunctions import conjunctions
from compiler.graph.terms import Term
from compiler.rechecking.claimed import Claimed
from compiler.rechecking.report import Unproved
from rasp.errors import RaspError
from rasp.words import Atom


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

    def tokens(self, term: Term) -> Sequence[Atom | None]:
        """What a TOKENS is for each entry of the vocabulary."""
        self._domains.learn(term)
        return self._domains.tokens[term.index]

    def holds_one_value(self, read: Term) -> bool:
        """Whether all that a query of a read selects is one value."""
        literals = [literal for way in conjunctions(read.args[0]) for literal in way]
        sides = [side for literal in literals for side in (literal.keys, literal.queries)]
        if not self._are_known(*sides, read.args[1]):
            return False
        known = self._domains.conjunctions(read.args[0])
        return self._domains.relations.at_most_one_value(known, read.args[1])

    def always(self, read: Term) -> bool:
        """Whether every query of a read selects something."""
        return self._are_known(read) and self._domains.reads[read.index].always

    def _are_known(self, *terms: Term) -> bool:
        """Whether something is known of the values of some s-ops, which are asked for."""
        try:
            for term in terms:
                self._domains.learn(term)
        except (RaspError, Unproved):
            return False
        self.asked |= dict.fromkeys(terms)
        return True
