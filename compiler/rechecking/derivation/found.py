"""Every query selects something: itself, or the position that it asks for, or what nothing beats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from compiler.graph.conjunctions import COMPARISON, Conjunction, Literal, conjunctions, selector_of
from compiler.graph.terms import Kind, Term, reachable
from compiler.rechecking.derivation.equations import Equations
from compiler.rechecking.derivation.keys import Keys
from compiler.rechecking.derivation.lines import by_index_and_length, is_position
from compiler.rechecking.derivation.orders import Orders, compared_pairs
from compiler.rechecking.derivation.pointwise import NotShown, grid_of, held, leaves_of
from rasp.words import Comparison, Operator

QUERY, KEY, OTHER = 0, 1, 2
"""Three positions."""

MOST_POSITIONS = 5_000_000
"""So many positions of inputs of all lengths are looked at."""

LARGEST = 1 << 30
"""Numbers up to this may be multiplied."""

Whole = NDArray[np.int64]
"""Whole numbers, or truth values, at all positions of an input of each length."""

COMPUTED: dict[Operator | None, Callable[..., Whole]] = {
    Operator.ADD: np.add,
    Operator.SUB: np.subtract,
    Operator.NEG: np.negative,
    Operator.MUL: np.multiply,
    Operator.LT: np.less,
    Operator.LE: np.less_equal,
    Operator.GT: np.greater,
    Operator.GE: np.greater_equal,
    Operator.EQ: np.equal,
    Operator.NE: np.not_equal,
    Operator.INDICATOR: np.not_equal,
    Operator.CHOOSE: np.where,
}


class Found:
    """The statements that something is selected, of one graph. `length`: that of the longest inputs."""

    def __init__(self, equations: Equations, keys: Keys, length: int) -> None:
        self._graph, self._facts, self._keys = equations.graph, equations.facts, keys
        self._selecting, self._equations, self._length = equations.selecting, equations, length

    def always(self, read: Sequence[Conjunction]) -> bool:
        """Whether every query selects something."""
        return any(self.itself(way) or self._asks_for_one(way) or self._unbeaten(way) for way in read)

    # itself

    def itself(self, way: Conjunction) -> bool:
        """Whether every query selects its own position."""
        left = tuple(x for x in way if self._order_here(x) is None)
        known = [x for x in way if x not in left]
        return all(self._order_here(x) in x.relation for x in known) and self._here(left, True)

    def never_itself(self, way: Conjunction) -> bool:
        """Whether no query selects its own position."""
        known = [(self._order_here(x), x) for x in way]
        return any(order is not None and order not in x.relation for order, x in known) or self._here(
            way, False
        )

    def _order_here(self, literal: Literal) -> str | None:
        """How the two sides of a literal compare at one position, where they are always so far apart."""
        apart = self._selecting.apart(literal.keys, literal.queries)
        return None if apart is None else "=" if not apart else "<" if apart < 0 else ">"

    def _here(self, way: Conjunction, wanted: bool) -> bool:
        """Whether a conjunction holds at one position, or does not, for all values of what is compared."""
        if not way:
            return wanted
        with suppress(NotShown):
            grid = grid_of([side for x in way for side in (x.keys, x.queries)], frozenset(), self._facts)
            chosen, there = np.array(True), np.array(True)
            for x in way:
                chosen = chosen & held(self._single(x), grid, grid)
                for side in (x.keys, x.queries):
                    there = there & (grid.at(side).numbers >= 0)
            return not (there & (chosen != wanted)).any()
        return False

    def _single(self, literal: Literal) -> Term:
        return self._graph.select(literal.keys, literal.queries, COMPARISON[literal.relation])

    # the position that is asked for

    def _asks_for_one(self, way: Conjunction) -> bool:
        """Whether keys that are 0, 1, ... in some order are compared with the number of a position."""
        if len(way) != 1 or "=" not in way[0].relation:
            return False
        return self._takes_all(way[0].keys) and self._is_position(way[0].queries)

    def _takes_all(self, keys: Term) -> bool:
        """Whether each position has a number of its own below their count: then each number is one's."""
        return keys.kind is Kind.INDICES or (self._leaves_itself_out(keys) and self._keys.distinct(keys))

    def _leaves_itself_out(self, count: Term) -> bool:
        """Whether an s-op counts other positions than mine, so that it is below the length."""
        if count.kind is not Kind.WIDTH or self._graph.causal:
            return False
        return all(map(self.never_itself, conjunctions(count.args[0])))

    def _is_position(self, term: Term) -> bool:
        """Whether an s-op is the number of a position that a query sees: what is left of dividing by how many
        it sees is, and both of two branches may be.
        """
        if (
            self._leaves_itself_out(term)
            or self._remains(term)
            or self._is_number(term)
            or self._is_first(term)
        ):
            return True
        return term.operator is Operator.CHOOSE and all(map(self._is_position, term.args[1:]))

    def _is_first(self, term: Term) -> bool:
        with suppress(NotShown):
            return set(grid_of([term], frozenset(), self._facts).at(term).values) == {0}
        return False

    def _remains(self, term: Term) -> bool:
        if term.operator is not Operator.MOD or not self._whole(term.args[0]):
            return False
        return self._selecting.apart(term.args[1], self._seen()) == 0

    def _seen(self) -> Term:
        """How many positions a query sees."""
        if self._graph.causal:
            return self._graph.operation(Operator.ADD, self._graph.indices(), self._graph.const(1))
        return self._graph.make(Kind.WIDTH, (self._selecting.everywhere(Comparison.EQ),))

    def _whole(self, term: Term) -> bool:
        listed = self._facts.values(term)
        return listed is not None and all(isinstance(value, int) for value in listed)

    def _is_number(self, term: Term) -> bool:
        """Whether that is so at each position of an input of each length."""
        line = None if self._graph.causal else by_index_and_length(term, self._is_length)
        if line is not None:
            return is_position(line, self._length)
        if self._length * (self._length + 1) // 2 > MOST_POSITIONS:
            return False
        lengths = np.arange(1, self._length + 1)
        seen = np.repeat(lengths, lengths)
        index = np.arange(seen.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        try:
            found = self._computed(term, index, seen)
        except NotShown:
            return False
        return bool(((found >= 0) & (found < (index + 1 if self._graph.causal else seen))).all())

    def _computed(self, term: Term, index: Whole, seen: Whole) -> Whole:
        """An s-op of the index and the length alone, where all its parts are whole numbers."""
        leaves = leaves_of([term], frozenset())
        if len(leaves) <= 1:
            return self._looked_up(term, leaves, index, seen)
        if term.operator not in COMPUTED or term.is_kept:
            raise NotShown(f"{term.title} is no sum or choice")
        parts = [self._computed(part, index, seen) for part in term.args]
        if any(np.abs(part).max(initial=0) > LARGEST for part in parts):
            raise NotShown("numbers too large to be multiplied")
        zero = [np.array(0)] if term.operator is Operator.INDICATOR else []
        return COMPUTED[term.operator](*parts, *zero).astype(np.int64)

    def _looked_up(self, term: Term, leaves: Sequence[Term], index: Whole, seen: Whole) -> Whole:
        """An s-op of one leaf, for each of its values."""
        column = grid_of([term], frozenset(), self._facts).at(term)
        if (column.numbers < 0).any() or not all(isinstance(value, int) for value in column.values):
            raise NotShown(f"{term.title} is no whole number")
        line = np.array(column.values, dtype=np.int64)[column.numbers].reshape(-1)
        for leaf in leaves:
            place = {value: number for number, value in enumerate(self._facts.values(leaf) or ())}
            numbers = index if leaf.kind is Kind.INDICES else seen if self._is_length(leaf) else None
            if numbers is None or not all(number in place for number in set(numbers.tolist())):
                raise NotShown(f"{leaf.title} is no index and no length")
            places = np.array([place.get(number, -1) for number in range(self._length + 1)])
            looked_up: Whole = line[places[numbers]]
            return looked_up
        return np.broadcast_to(line, index.shape)

    def _is_length(self, leaf: Term) -> bool:
        return not self._graph.causal and self._facts.is_length(leaf)

    # what nothing beats

    def _unbeaten(self, way: Conjunction) -> bool:
        """Whether a conjunction asks for keys that nothing beats, of those that the rest of it selects.

        From the query itself, which the rest selects, go to a key that beats the last as long as there is
        one. The rest selects all of these; and as what beats is beaten by nothing that it beats, directly or
        by way of others, that comes to an end, at a key that nothing beats.
        """
        marks = tuple(x for x in way if x.queries.kind is Kind.CONST)
        rest = tuple(x for x in way if x not in marks)
        return bool(marks and self.itself(rest)) and any(
            self._marked(marks, question, no) and self._goes_on(selector_of(self._graph, rest), beats)
            for question, no, beats in self._questions(marks)
        )

    def _questions(self, marks: Conjunction) -> Iterator[tuple[Term, int, Term]]:
        """S-ops that say of a key whether anything beats it: what each is if nothing does, and what beats."""
        index = self._graph.indices()
        another = self._graph.select(index, index, Comparison.NE)
        below = {t: None for x in marks for t in reachable(x.keys)}
        for question, no, beats in self._equations.questions(below):
            own = question.kind is Kind.WIDTH and any(map(self.itself, conjunctions(beats)))
            yield question, int(own or no), self._graph.make(Kind.AND, (beats, another)) if own else beats

    def _marked(self, marks: Conjunction, question: Term, no: int) -> bool:
        """Whether a key that nothing beats has the marks, whatever else they ask for."""
        keys, stops = [x.keys for x in marks], frozenset({question})
        if question not in leaves_of(keys, stops):
            return False
        with suppress(NotShown):
            grid = grid_of([*keys, question], stops, self._facts)  # each of its values is looked at
            column = grid.at(question)
            unbeaten = np.array([*(value == no for value in column.values), False])[column.numbers]
            return all((held(self._single(x), grid, grid) | ~unbeaten).all() for x in marks)
        return False

    def _goes_on(self, rest: Term, beats: Term) -> bool:
        """Whether what beats a key that is selected is selected as well, and what beats that beats it too;
        and none beats itself.
        """
        try:
            orders = Orders(self._graph, compared_pairs([rest, beats]), 3)
        except NotShown:
            return False
        there = orders.one_position & orders.at(beats, OTHER, KEY)
        selected = orders.at(rest, KEY, QUERY) & ~orders.at(rest, OTHER, QUERY)
        passed_on = orders.at(beats, KEY, QUERY) & ~orders.at(beats, OTHER, QUERY)
        itself = orders.one_position & orders.at(beats, KEY, KEY)
        return not (there & (selected | passed_on)).any() and not itself.any()
