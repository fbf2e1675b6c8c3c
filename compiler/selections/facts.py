"""The questions that compiling asks of a selection, each answered by a proof or not at all.

To show that no query selects two keys, two positions are assumed that one query selects, and everything is
concluded from that which the lemmas give, in as many cases as it takes: if each contradicts itself, there are
no such positions. A fact that cannot be proved is not assumed; it only costs size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from compiler.graph.conjunctions import EQUAL, Conjunction, Literal
from compiler.graph.terms import INDEX, Kind, Term
from compiler.selections.cases import ZERO, Case, Patience, TooLong
from compiler.selections.lemmas import (
    LEMMAS,
    MOST_POSITIONS,
    ONE,
    is_function,
    order_of,
)
from compiler.selections.points import Form, Point, Position, Subject, Values

STEPS = 4_000
"""How many steps one proof may take."""

QUESTION_STEPS = 16_000
"""How many steps all the proofs of one question may take together."""

MOST_SPLITS = 5
"""How often a proof may go on by cases, one inside the other."""

ORDERS = "<=>"
"""How two values can compare."""

STRICT = (frozenset("<"), frozenset(">"))

Goal = Callable[[Case], bool]


class Selections:
    """Facts about the selections of one program, causal or not."""

    def __init__(self, values: Values, causal: bool, max_length: int) -> None:
        self.subject = Subject(values, causal, max_length)
        self._known: dict[tuple[object, ...], bool] = {}
        self._patience = Patience(QUESTION_STEPS)

    # what is asked

    def at_most_one(self, read: Sequence[Conjunction]) -> bool:
        """Whether no query ever selects two keys."""
        return self._remember(("one", *read), lambda: self._alike(read, lambda case: False, ()))

    def at_most_one_value(self, read: Sequence[Conjunction], source: Term) -> bool:
        """Whether all keys that one query selects hold the same value of the source."""

        def equal(case: Case) -> bool:
            return case.is_zero(case.at(source, 0).plus(case.at(source, 1), -1))

        return self._remember(("value", source, *read), lambda: self._alike(read, equal, (source,)))

    def distinct(self, term: Term) -> bool:
        """Whether the s-op has a different value at every position."""
        return self._remember(("distinct", term), lambda: self._distinct(term))

    def never_mine(self, read: Sequence[Conjunction]) -> bool:
        """Whether no query selects its own position."""
        return self._remember(("never mine", *read), lambda: self._never_mine(read))

    def always(self, read: Sequence[Conjunction]) -> bool:
        """Whether every query selects something."""
        return self._remember(("always", *read), lambda: any(self._covers(each) for each in read))

    def selects_unbeaten(self, among: Conjunction, question: Term, order: Literal) -> bool:
        """Whether, of the keys that a query selects, the question is answered with no at just those that none
        of them beats by the order, which is one of the question's literals.

        Proof: what beats a key, as the question has it, is selected with it; and what is selected with it and
        lies on that side of it beats it.
        """
        key = ("unbeaten", *among, question, order)
        return self._remember(key, lambda: self._selects_unbeaten(among, question, order))

    def uniform(self, term: Term) -> bool:
        """Whether the s-op has the same value at all positions of an input."""
        return self.subject.uniform(term)

    def _remember(self, question: tuple[object, ...], proof: Callable[[], bool]) -> bool:
        if question not in self._known:
            asking, self._patience = self._patience, Patience(QUESTION_STEPS)
            try:
                self._known[question] = proof()
            except TooLong:
                self._known[question] = False
            finally:
                self._patience = asking
        return self._known[question]

    # how it is proved

    def _case(self, positions: int) -> Case:
        case = Case(self.subject, Patience(STEPS, self._patience))
        for _ in range(positions):
            case.new_position()
        return case

    def _alike(self, read: Sequence[Conjunction], goal: Goal, about: Sequence[Term]) -> bool:
        """Whether the goal, which is about some s-ops, holds of any two keys that one query selects: the
        positions 0 and 1.
        """
        masked = self.subject.masked(tuple(read))
        for number, first in enumerate(masked):
            for second in masked[: number + 1]:
                for earlier, later in {(first, second), (second, first)}:
                    case = self._case(3)
                    case.order(case.apart(1, 0), strict=True)
                    case.select(earlier, 0, 2)
                    case.select(later, 1, 2)
                    for term in about:
                        case.mention(case.at(term, 0).plus(case.at(term, 1), -1))
                    if not self._proved(case, goal):
                        return False
        return True

    def _distinct(self, term: Term) -> bool:
        case = self._case(2)
        case.order(case.apart(1, 0), strict=True)
        case.relate(case.at(term, 0).plus(case.at(term, 1), -1), EQUAL)
        return self._proved(case, lambda case: False)

    def _never_mine(self, read: Sequence[Conjunction]) -> bool:
        for conjunction in self.subject.masked(tuple(read)):
            case = self._case(1)
            case.select(conjunction, 0, 0)
            if not self._proved(case, lambda case: False):
                return False
        return True

    def _proved(self, case: Case, goal: Goal, splits: int = MOST_SPLITS) -> bool:
        """Whether a case is impossible or fulfils the goal, by itself or in each case that it falls into."""
        self._conclude(case)
        if case.impossible or goal(case):
            return True
        if not splits:
            return False
        for cases in self._splits(case):
            return all(self._proved(each, goal, splits - 1) for each in cases)
        return False

    def _conclude(self, case: Case) -> None:
        """Apply the lemmas until they give nothing new."""
        size: tuple[object, ...] = ()
        while size != case.size and not case.impossible:
            size = case.size
            case.patience.step()  # each round, so that there is an end whatever the lemmas do
            for lemma in LEMMAS:
                lemma(case)
                if case.impossible:
                    return
            self._copies(case)

    def _copies(self, case: Case) -> None:
        """A read that surely selects something, and only keys that hold one value, has the value of a key
        that it selects; and so has the least of what is selected.

        Proof: all values that it takes the mean of are that one; and the least is one of them.
        """
        for point in list(case.reads()):
            if self._can_be_copied(case, point) and self._selects_surely(case, point):
                self._copy(case, point)

    def _can_be_copied(self, case: Case, point: Point) -> bool:
        """Whether what a read yields is one value that it selects, if it selects anything."""
        if len(case.positions) >= MOST_POSITIONS or len(self.subject.read(point.leaf)) != 1:
            return False
        if point.leaf.kind is Kind.LEAST:
            return True
        return point.leaf.kind is Kind.AGGREGATE and self._holds_one_value(point.leaf)

    def _holds_one_value(self, term: Term) -> bool:
        """Whether all that a query of a read selects is one value."""
        return self.at_most_one_value(self.subject.read(term), term.args[1])

    def _selects_surely(self, case: Case, point: Point) -> bool:
        """Whether a query selects something: it always does, or the default is not what it reads."""
        read = self.subject.read(point.leaf)
        return self.always(read) or case.is_unequal(self._less_default(case, point))

    def _less_default(self, case: Case, point: Point) -> Form:
        """What a read yields less what it would if nothing were selected."""
        default = point.leaf.default
        nothing = self.subject.constant(0 if default is None else default)
        return Form(ZERO, {point: ONE}).plus(nothing, -1)

    def _copy(self, case: Case, point: Point) -> None:
        """Name the key that a query copies from."""
        if case.once("copy", point):
            key = case.new_position()
            case.select(self.subject.read(point.leaf)[0], key, point.position)
            case.relate(Form(ZERO, {point: ONE}).plus(case.at(point.leaf.args[1], key), -1), EQUAL)

    def _splits(self, case: Case) -> Iterator[list[Case]]:
        """Ways to tell all possible cases apart."""
        for term, first, second in self._compared(case):
            if case.once("split", term, first, second):
                yield self._by_order(case, term, first, second)
        for point in list(case.reads()):
            if self._can_be_copied(case, point) and case.once("found", point):
                yield self._by_finding(case, point)

    def _compared(self, case: Case) -> Iterator[tuple[Term, Position, Position]]:
        """What counts and questions order positions by, at each two positions where one is asked."""
        for one, other in combinations(list(case.reads()), 2):
            if one.leaf is not other.leaf or one.leaf.kind in (Kind.AGGREGATE, Kind.LEAST):
                continue
            for conjunction in self.subject.read(one.leaf):
                for literal in conjunction:
                    term = order_of(literal)
                    if term is not None and literal.relation in STRICT:
                        yield term, one.position, other.position

    def _by_order(self, case: Case, term: Term, first: Position, second: Position) -> list[Case]:
        """By how an s-op compares at two positions.

        Proof: it is compared by order somewhere, so of two of its values one is smaller, or they are equal.
        """
        difference = case.at(term, first).plus(case.at(term, second), -1)
        cases = []
        for sign in ORDERS:
            each = case.copy()
            each.relate(difference, frozenset(sign))
            cases.append(each)
        return cases

    def _by_finding(self, case: Case, point: Point) -> list[Case]:
        """By whether a read selects anything: if it does not, it yields its default.

        Proof: it does or it does not.
        """
        nothing, found = case.copy(), case.copy()
        nothing.once("copy", point)
        nothing.relate(self._less_default(case, point), EQUAL)
        self._copy(found, point)
        return [nothing, found]

    def _selects_unbeaten(self, among: Conjunction, question: Term, order: Literal) -> bool:
        """Of a key 0, and 1 that may beat it, at a query 2."""
        chosen, beats = self.subject.masked((among,)), self.subject.read(question)
        if len(beats) != 1:
            return False
        return self._is_beaten_by_selected(chosen, beats) and self._selected_beat(chosen, beats, order)

    def _is_beaten_by_selected(self, chosen: tuple[Conjunction, ...], beats: tuple[Conjunction, ...]) -> bool:
        """Whether what beats a selected key is selected as well."""
        case = self._case(3)
        case.select(chosen[0], 0, 2)
        case.select(beats[0], 1, 0)
        return self._leads_to(case, chosen, 2)

    def _selected_beat(
        self, chosen: tuple[Conjunction, ...], beats: tuple[Conjunction, ...], order: Literal
    ) -> bool:
        """Whether of two selected keys the one on that side of the other beats it."""
        case = self._case(3)
        case.select(chosen[0], 0, 2)
        case.select(chosen[0], 1, 2)
        case.select((order,), 1, 0)
        return self._leads_to(case, beats, 0)

    def _leads_to(self, case: Case, read: tuple[Conjunction, ...], query: Position) -> bool:
        """Whether a query surely selects the position 1."""
        self._conclude(case)
        return case.impossible or case.selects(read, 1, query)

    # something is selected

    def _covers(self, conjunction: Conjunction) -> bool:
        """Whether every query selects something by one conjunction."""
        return self._selects_itself((conjunction,)) or self._selects_an_extreme(conjunction)

    def _selects_itself(self, read: Sequence[Conjunction]) -> bool:
        """Whether every query selects its own position."""
        return self._case(1).selects(self.subject.masked(tuple(read)), 0, 0)

    def _selects_an_extreme(self, conjunction: Conjunction) -> bool:
        """Whether a conjunction asks for keys that nothing beats, among keys that its other literals select.

        Proof: start from the query itself, which the others select, and go on to a key that beats the last
        one as long as there is any. The others select all of these, and it comes to an end: at what nothing
        beats.
        """
        marks = tuple(x for x in conjunction if x.queries.kind is Kind.CONST)
        unmarked = (tuple(x for x in conjunction if x not in marks),)
        if not marks or not self._selects_itself(unmarked):
            return False
        others = self.subject.masked(unmarked)
        return any(
            self._is_descending(beats)
            and self._unbeaten_are_marked(leaf, most, others[0], marks)
            and self._beats_from_among(beats, others)
            for leaf, most, beats in self._beaten(marks)
        )

    def _beaten(self, marks: Sequence[Literal]) -> Iterator[tuple[Term, int, tuple[Conjunction, ...]]]:
        """What could say that a key is beaten: a read, what it is where the key is not, and what beats."""
        seen: dict[Term, None] = {}
        pending = [x.keys for x in marks]
        while pending:
            term = pending.pop()
            if term in seen:
                continue
            seen[term] = None
            if is_function(term):
                pending += term.args
            elif term.kind in (Kind.EXISTS, Kind.WIDTH):
                read = self.subject.read(term)
                yield term, 0, read
                if term.kind is Kind.WIDTH and self._selects_itself(read):
                    yield term, 1, tuple(map(_but_me, read))

    def _is_descending(self, read: Sequence[Conjunction]) -> bool:
        """Whether going from a query to a key that it selects, again and again, comes to an end.

        Proof: each step goes down in some s-op, or leaves that as it is and goes down in the next one, and so
        on; so none comes back, and there are finitely many positions.
        """
        left = list(read)
        while left:
            for term in (x.keys for x in left[0] if order_of(x) is not None):
                relations = [_relation(conjunction, term) for conjunction in left]
                one_way = any(all(r <= {sign, "="} for r in relations) for sign in "<>")
                rest = [c for c, r in zip(left, relations, strict=True) if r not in STRICT]
                if one_way and len(rest) < len(left):
                    left = rest
                    break
            else:
                return False
        return True

    def _unbeaten_are_marked(
        self, leaf: Term, most: int, others: Conjunction, marks: Sequence[Literal]
    ) -> bool:
        """Whether a key that the others select and that nothing beats has the marks."""
        case = self._case(2)
        case.select(others, 0, 1)
        case.relate(case.at(leaf, 0).shifted(-most), EQUAL)
        self._conclude(case)
        return case.impossible or case.selects((tuple(marks),), 0, 1)

    def _beats_from_among(self, beats: Sequence[Conjunction], others: tuple[Conjunction, ...]) -> bool:
        """Whether what beats a key that the others select is selected by them too."""
        for conjunction in beats:
            case = self._case(3)
            case.select(others[0], 1, 2)
            case.select(conjunction, 0, 1)
            self._conclude(case)
            if not case.impossible and not case.selects(others, 0, 2):
                return False
        return True


def _but_me(conjunction: Conjunction) -> Conjunction:
    """The same without the query's own position, where that is the last that can be selected."""
    return tuple(
        Literal(x.keys, x.queries, frozenset("<")) if x.keys is INDEX and x.queries is INDEX else x
        for x in conjunction
    )


def _relation(conjunction: Conjunction, term: Term) -> frozenset[str]:
    """How a key that is selected compares with the query by an s-op."""
    found = frozenset("<=>")
    for x in conjunction:
        if x.keys is term and x.queries is term:
            found &= x.relation
    return found
