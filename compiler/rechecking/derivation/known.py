"""What is known of s-ops and reads by their domains, which the statements believe."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.graph.conjunctions import conjunctions
from compiler.graph.terms import Term
from compiler.values.inference import Domains
from rasp.errors import RaspError
from rasp.words import Atom


class Known:
    """The facts of `selecting.Facts`, of the terms that a program was led to and all others of its graph.
    `asked`: the s-ops whose domains the statements made use of.
    """

    def __init__(self, domains: Domains) -> None:
        self._domains = domains
        self.asked: dict[Term, None] = {}

    def values(self, leaf: Term) -> Sequence[Atom] | None:
        """All values of a leaf; None where they are too many to list."""
        try:
            self._domains.learn(leaf)
        except RaspError:
            return None
        self.asked[leaf] = None
        return self._domains.get(leaf).values

    def tokens(self, term: Term) -> Sequence[Atom | None]:
        """What a TOKENS is for each entry of the vocabulary."""
        self._domains.learn(term)
        return self._domains.tokens[term.index]

    def holds_one_value(self, read: Term) -> bool:
        """Whether all that a query of a read selects is one value."""
        for way in conjunctions(read.args[0]):
            for literal in way:
                self._domains.learn(literal.keys)
                self._domains.learn(literal.queries)
                self.asked |= {literal.keys: None, literal.queries: None}
        self._domains.learn(read.args[1])
        self.asked[read.args[1]] = None
        known = self._domains.conjunctions(read.args[0])
        return self._domains.relations.at_most_one_value(known, read.args[1])

    def always(self, read: Term) -> bool:
        """Whether every query of a read selects something."""
        self._domains.learn(read)
        self.asked[read] = None
        return self._domains.reads[read.index].always
