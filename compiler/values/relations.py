"""What is true of selections on every input: provable facts that make cheaper and exact models possible.

`at most one selected` makes an aggregate a copy instead of a mean; `always something selected` makes its
default superfluous. A fact that cannot be proved here is not assumed; it only costs size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from compiler.graph.conjunctions import EQUAL, Conjunction, Literal, conjunctions
from compiler.graph.terms import Kind, Term
from compiler.values.affine import AffineForms, HasKind


class Relations:
    """Facts about the terms of one graph, up to one length, causal or not."""

    def __init__(self, domain: Callable[[Term], HasKind], max_length: int, causal: bool) -> None:
        self.affine = AffineForms(domain)
        self._max_length = max_length
        self._causal = causal

    def always(self, read: Sequence[Conjunction]) -> bool:
        """Whether every query selects something."""
        return any(self._covers(conjunction) for conjunction in read)

    def never_all(self, read: Sequence[Conjunction]) -> bool:
        """Whether every query leaves out at least its own position."""
        return all(
            any(x.keys is x.queries and "=" not in x.relation for x in conjunction) for conjunction in read
        )

    def at_most_one_value(self, read: Sequence[Conjunction], source: Term) -> bool:
        """Whether all keys that one query selects hold the same value of `source` (in one conjunction;
        over several, whether there is at most one such key).
        """
        if self.at_most_one(read):
            return True
        if len(read) != 1:
            return False
        return any(x.relation == EQUAL and self._determines(x.keys, source) for x in read[0])

    def at_most_one(self, read: Sequence[Conjunction]) -> bool:
        """Whether no query ever selects two keys."""
        shared: set[tuple[int, int]] | None = None
        for conjunction in read:
            pairs = {
                (x.keys.index, x.queries.index)
                for x in conjunction
                if x.relation == EQUAL
                and (self.distinct(x.keys) or (len(read) == 1 and self._numbers_marked(x.keys, conjunction)))
            }
            shared = pairs if shared is None else shared & pairs
        return bool(shared)

    def distinct(self, term: Term) -> bool:
        """Whether the s-op has a different value at every position."""
        form = self.affine.get(term)
        varying = [leaf for leaf in form.coefficients if not self.uniform(leaf)]
        return len(varying) == 1 and self._distinct_leaf(varying[0])

    def _distinct_leaf(self, leaf: Term) -> bool:
        if leaf.kind is Kind.INDICES:
            return True
        return leaf.kind is Kind.WIDTH and not self._causal and self.total_order(conjunctions(leaf.args[0]))

    def _numbers_marked(self, keys: Term, conjunction: Conjunction) -> bool:
        """Whether the keys number the positions that the other literals mark: `how many marked ones come
        before (or after) me`, plus what is constant among them, is different at each of them.
        """
        marks = [x for x in conjunction if x.queries.kind is Kind.CONST]
        fixed = {x.keys for x in marks if x.relation == EQUAL}
        varying = [
            leaf
            for leaf in self.affine.get(keys).coefficients
            if not self.uniform(leaf) and not any(_function_of(leaf, f) for f in fixed)
        ]
        return len(varying) == 1 and self._counts_marked(varying[0], marks)

    def _counts_marked(self, leaf: Term, marks: Sequence[Literal]) -> bool:
        """Whether a count is over positions strictly before (or after) mine that carry some of the marks."""
        if leaf.kind is not Kind.WIDTH:
            return False
        read = conjunctions(leaf.args[0])
        if len(read) != 1:
            return False
        order = [x for x in read[0] if x not in marks]
        if not order:
            return self._causal  # counted up to and including me
        literal = order[0]
        if len(order) > 1 or literal.keys is not literal.queries or not self.distinct(literal.keys):
            return False
        if self._causal:
            return literal.keys.kind is Kind.INDICES and literal.relation == frozenset("<")
        return literal.relation in (frozenset("<"), frozenset(">"))

    def uniform(self, term: Term) -> bool:
        """Whether the s-op has the same value at all positions of an input."""
        if term.kind is Kind.CONST:
            return True
        if term.is_kept:
            return False
        if self._causal or term.kind in (Kind.TOKENS, Kind.INDICES):
            return False
        if term.kind is Kind.MAP:
            return len(term.args) <= 2 and all(
                a.kind is Kind.CONST or (a.kind is not Kind.MAP and self.uniform(a)) for a in term.args
            )
        return all(
            x.queries.kind is Kind.CONST for conjunction in conjunctions(term.args[0]) for x in conjunction
        )

    def total_order(self, read: Sequence[Conjunction]) -> bool:
        """Whether "key before query" is a strict total order of the positions: one or several s-ops
        compared lexicographically, the last of them distinct, e.g. `k < k or (k == k and i < i)`.
        """
        ranked = sorted(read, key=len)
        done: list[Literal] = []
        for conjunction in ranked:
            strict = [x for x in conjunction if x.relation in (frozenset("<"), frozenset(">"))]
            equal = [x for x in conjunction if x.relation == EQUAL]
            if len(strict) != 1 or len(strict) + len(equal) != len(conjunction):
                return False
            if any(x.keys is not x.queries for x in conjunction):
                return False
            if {x.keys.index for x in equal} != {x.keys.index for x in done}:
                return False
            done.append(strict[0])
        return bool(done) and self.distinct(done[-1].keys)

    def _determines(self, key: Term, source: Term) -> bool:
        """Whether equal keys imply equal values of the source, at two positions of one input."""
        if source is key or source.kind is Kind.CONST:
            return True
        form = self.affine.get(key)
        varying = [leaf for leaf in form.coefficients if not self.uniform(leaf)]
        if len(varying) != 1:
            return False
        leaf = varying[0]
        if leaf is source:
            return True
        if leaf.kind is Kind.WIDTH and not self._causal:
            ordered = _ordered_by(conjunctions(leaf.args[0]))
            return ordered is not None and _function_of(source, ordered)
        return False

    def _covers(self, conjunction: Conjunction) -> bool:
        """Whether one conjunction selects something for every query."""
        if all(x.keys is x.queries and "=" in x.relation for x in conjunction):
            return True  # its own position
        if len(conjunction) != 1 or "=" not in conjunction[0].relation:
            return False
        return self._takes_every_index(conjunction[0].keys) and self._is_an_index(conjunction[0].queries)

    def _takes_every_index(self, keys: Term) -> bool:
        """Whether the keys are 0, 1, ... n-1 in some order."""
        if keys.kind is Kind.INDICES:
            return True
        if keys.kind is not Kind.WIDTH or self._causal:
            return False
        return self.total_order(conjunctions(keys.args[0]))

    def _is_an_index(self, queries: Term) -> bool:
        """Whether the query is a whole number with 0 <= query <= n-1 (causal: at most its own position), for
        every n.
        """
        if queries.kind is Kind.WIDTH and not self._causal:
            return self.never_all(conjunctions(queries.args[0]))
        form = self.affine.get(queries)
        index = length = Fraction(0)
        for leaf, coefficient in form.coefficients.items():
            if leaf.kind is Kind.INDICES:
                index = coefficient
            elif not self._causal and leaf.kind is Kind.WIDTH and conjunctions(leaf.args[0]) == ((),):
                length = coefficient
            else:
                return False
        if any(number.denominator > 1 for number in (index, length, form.constant)):
            return False
        corners = [(1, 0), (self._max_length, 0), (self._max_length, self._max_length - 1)]
        if self._causal:
            corners = [(i + 1, i) for i in (0, self._max_length - 1)]
        values = [(length * n + index * i + form.constant, n) for n, i in corners]
        return all(0 <= value <= n - 1 for value, n in values)


def _ordered_by(read: Sequence[Conjunction]) -> Term | None:
    """v, if the selector is `v < v` (or >): then its width is the same only for equal v."""
    if len(read) != 1 or len(read[0]) != 1:
        return None
    literal = read[0][0]
    strict = literal.keys is literal.queries and literal.relation in (frozenset("<"), frozenset(">"))
    return literal.keys if strict else None


def _function_of(source: Term, variable: Term) -> bool:
    """Whether the source is computed, position by position, from that variable alone."""
    pending, seen = [source], set[int]()
    while pending:
        term = pending.pop()
        if term is variable or term.kind is Kind.CONST or term.index in seen:
            continue
        seen.add(term.index)
        if term.kind is not Kind.MAP or term.is_kept:
            return False
        pending.extend(term.args)
    return True
