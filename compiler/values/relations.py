"""What is true of selections on every input: provable facts that make cheaper and exact models possible.

`at most one selected` makes an aggregate a copy instead of a mean; `always something selected` makes its
default superfluous. A fact that cannot be proved here is not assumed; it only costs size. What is proved of a
few positions of one input is in `compiler.selections`; what is said of all positions at once is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from compiler.graph.conjunctions import EQUAL, Conjunction, Literal, conjunctions
from compiler.graph.terms import Kind, Term
from compiler.linear import Linear
from compiler.ranges.affine import AffineForm
from compiler.ranges.cases import Case
from compiler.ranges.domains import Domain
from compiler.ranges.positions import of_position
from compiler.selections.facts import Selections
from compiler.values.corners import OfPosition, is_never_negative
from rasp.words import Operator


@dataclass(frozen=True, eq=False)
class Selected:
    """What is known of what a read selects: its disjoint conjunctions, whether every query selects something,
    and whether a single value is handed on.
    """

    conjunctions: tuple[Conjunction, ...]
    always: bool
    picks: bool


class Relations:
    """Facts about the terms of one graph, up to one length, causal or not. The domains and forms of the terms
    below are known by then, by number.
    """

    def __init__(
        self,
        domains: Mapping[int, Domain],
        forms: Mapping[int, AffineForm],
        max_length: int,
        causal: bool,
        cases: Callable[[Term], Sequence[Case]],
    ) -> None:
        self._domains = domains
        self._forms = forms
        self._max_length = max_length
        self._causal = causal
        self._cases = cases
        self.selections = Selections(self, causal, max_length)

    # what proofs ask of values

    def form(self, term: Term) -> Linear[Term]:
        """The s-op as a constant plus multiples of other s-ops."""
        return self._forms[term.index]

    def ends(self, term: Term) -> tuple[Fraction, Fraction] | None:
        """The smallest and the largest value; None where some are no numbers."""
        return self._domains[term.index].ends

    def whole(self, term: Term) -> bool:
        """Whether all values are whole numbers."""
        return self._domains[term.index].whole

    # what is proved

    def decided(self, literal: Literal, conjunction: Conjunction) -> bool | None:
        """Whether a literal holds wherever the rest of its conjunction does, or nowhere there; None where an
        equality of that does not decide it: where key and query are equal, k + 1 is less than q + 3. What is
        the same at all positions is compared with itself; causally, no key's index is above the query's.
        """
        apart = self.form(literal.keys).plus(self.form(literal.queries), Fraction(-1))
        if not apart.coefficients and self.selections.uniform(literal.keys):
            return _order(apart.constant) in literal.relation
        if not apart.coefficients and apart.constant < 0 and self._is_shifted_index(literal.keys):
            return "<" in literal.relation
        for other in conjunction:
            if other.relation != EQUAL or other is literal:
                continue
            keys = self.form(literal.keys).plus(self.form(other.keys), Fraction(-1))
            queries = self.form(literal.queries).plus(self.form(other.queries), Fraction(-1))
            if not keys.coefficients and not queries.coefficients:
                return _order(keys.constant - queries.constant) in literal.relation
        return None

    def _is_shifted_index(self, term: Term) -> bool:
        """Whether an s-op is the index of one of the positions that are seen, causally, and a number."""
        coefficients = self.form(term).coefficients
        return self._causal and all(x.kind is Kind.INDICES and c == 1 for x, c in coefficients.items())

    def at_most_one(self, read: Sequence[Conjunction]) -> bool:
        """Whether no query ever selects two keys."""
        return self.selections.at_most_one(read)

    def at_most_one_value(self, read: Sequence[Conjunction], source: Term) -> bool:
        """Whether all keys that one query selects hold the same value of `source` (in one conjunction;
        over several, whether there is at most one such key).
        """
        if len(read) != 1:
            return self.at_most_one(read)
        return self.selections.at_most_one_value(read, source)

    def never_all(self, read: Sequence[Conjunction]) -> bool:
        """Whether every query leaves out at least its own position."""
        return self.selections.never_mine(read)

    def always(self, read: Sequence[Conjunction]) -> bool:
        """Whether every query selects something."""
        return self.selections.always(read) or any(self._takes_one(conjunction) for conjunction in read)

    def _takes_one(self, conjunction: Conjunction) -> bool:
        """Whether a conjunction asks for one index, and that is there."""
        if len(conjunction) != 1 or "=" not in conjunction[0].relation:
            return False
        return self._takes_every_index(conjunction[0].keys) and self._is_an_index(conjunction[0].queries)

    def _is_length(self, leaf: Term) -> bool:
        """Whether a count is of all positions; causally it is not the same everywhere."""
        return not self._causal and leaf.kind is Kind.WIDTH and conjunctions(leaf.args[0]) == ((),)

    def _takes_every_index(self, keys: Term) -> bool:
        """Whether the keys are 0, 1, ... n-1 in some order: n different counts below n."""
        if keys.kind is Kind.INDICES:
            return True
        if keys.kind is not Kind.WIDTH or self._causal:
            return False
        return self.never_all(conjunctions(keys.args[0])) and self.selections.distinct(keys)

    def _is_an_index(self, queries: Term) -> bool:
        """Whether the query is a whole number with 0 <= query <= n-1 (causal: at most its own position), for
        every n.
        """
        if queries.kind is Kind.WIDTH and not self._causal:
            return self.never_all(conjunctions(queries.args[0]))
        if queries.operator is Operator.MOD and self._domains[queries.index].whole:
            return self._is_number_of_positions(queries.args[1])
        if not self._domains[queries.index].whole:
            return False
        within = (self._is_within(case) for case in self._cases(queries))
        return all(within)

    def _is_within(self, case: Case) -> bool:
        """Whether what an s-op is in one case is at least 0 and below the length."""
        found = self._of_position(case.value)
        bounds = []
        for bound in case.bounds.values():
            form = self._of_position(bound.form)
            if form is not None:
                bounds.append(form.less(OfPosition(Fraction(0), Fraction(0), bound.low)))
                bounds.append(OfPosition(Fraction(0), Fraction(0), bound.high).less(form))
        if found is None:
            return False
        last = OfPosition(Fraction(0), Fraction(1), Fraction(-1))
        sides = (found, last.less(found))
        return all(is_never_negative(side, bounds, self._max_length, self._causal) for side in sides)

    def _of_position(self, form: Linear[Term]) -> OfPosition | None:
        """A form that is one of an index and a length alone."""
        found = of_position(form, self._is_length)
        return None if found is None else OfPosition(*found, form.constant)

    def _is_number_of_positions(self, term: Term) -> bool:
        """Whether an s-op is how many positions a query sees."""
        form = self._forms[term.index]
        found = of_position(form, self._is_length)
        if found is None:
            return False
        index, length = found
        return index == form.constant == int(self._causal) and length == int(not self._causal)


def _order(difference: Fraction) -> str:
    """How two numbers compare that are so far apart."""
    return "=" if not difference else "<" if difference < 0 else ">"
