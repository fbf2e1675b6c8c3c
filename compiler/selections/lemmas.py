"""Lemmas: what may be concluded about positions of one input, each with its proof in a sentence.

Each takes a case and lets it learn more. Nothing is ever concluded from a domain but its bounds, nor through
an s-op that is kept (it can be replaced).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations

from compiler.graph.conjunctions import ANYTHING, Conjunction, Literal
from compiler.graph.terms import READS, Kind, Term
from compiler.selections.cases import ORDERS, ZERO, Case
from compiler.selections.points import EVERYWHERE, Form, Point, Position
from rasp.words import Operator

ONE = Fraction(1)


MOST_POSITIONS = 8
"""How many positions a case may speak of."""

Lemma = Callable[[Case], None]


def answers(case: Case) -> None:
    """What answers a question says how its operands are: an `and` that is true has two true sides, an `or`
    that is false two false ones, and a comparison is one of its operands.

    Proof: that is what the operators mean.
    """
    for point in list(case.mentioned):
        term, position = point.leaf, point.position
        if term.kind is not Kind.MAP or term.is_kept or position == EVERYWHERE:
            continue
        known = case.reduce(Form(ZERO, {point: ONE}))
        if not known.coefficients and known.constant in (0, 1):
            _answer(case, term, position, bool(known.constant))


def _answer(case: Case, term: Term, position: Position, value: bool) -> None:
    relation = ORDERS.get(term.operator)
    if relation is not None:
        if case.once("answer", term, position):
            left, right = (case.at(a, position) for a in term.args)
            case.relate(left.plus(right, -1), relation if value else ANYTHING - relation)
    elif speaks_of_both(term, value):
        if case.once("answer", term, position):
            for side in term.args:
                case.tell(side, position, value)
    elif term.operator in (Operator.AND, Operator.OR):
        for side, other in (term.args, term.args[::-1]):
            if case.truth(other, position) is (not value):
                case.tell(side, position, value)
    elif term.operator in (Operator.NOT, Operator.INDICATOR) and case.once("answer", term, position):
        case.tell(term.args[0], position, value is (term.operator is Operator.INDICATOR))


def speaks_of_both(term: Term, value: bool) -> bool:
    """Whether an answer says the same of both sides; else it says so of one, if not of the other."""
    return term.operator is (Operator.AND if value else Operator.OR)


def choices(case: Case) -> None:
    """A choice whose condition is known is the branch that it takes.

    Proof: that is what `if` means.
    """
    for point in list(case.mentioned):
        term, position = point.leaf, point.position
        if term.operator is not Operator.CHOOSE or term.is_kept or position == EVERYWHERE:
            continue
        branch = taken(case, term, position)
        if branch is not None and case.once("choice", term, position):
            case.relate(case.at(term, position).plus(case.at(branch, position), -1), frozenset("="))


def taken(case: Case, term: Term, position: Position) -> Term | None:
    """The branch that a choice is known to take."""
    condition = case.truth(term.args[0], position)
    return None if condition is None else term.args[1] if condition else term.args[2]


def same_position(case: Case) -> None:
    """At positions with equal indices every s-op has equal values.

    Proof: they are one position.
    """
    for first, second in combinations(case.positions, 2):
        if not is_one(case, first, second):
            continue
        for point in list(case.mentioned):
            if point.position in (first, second):
                other = Point(point.leaf, first if point.position == second else second)
                case.equate(Form(ZERO, {point: ONE, other: -ONE}))


def is_one(case: Case, first: Position, second: Position) -> bool:
    """Whether two positions are known to be the same."""
    return case.is_zero(case.apart(first, second))


def functions(case: Case) -> None:
    """Where the operands of an elementwise function are equal, so are its values.

    Proof: it is computed from these alone, and tells no two values apart that are equal.
    """
    for first, second in _pairs(case, lambda leaf: leaf.kind in (Kind.MAP, Kind.TOKENS)):
        difference = Form(ZERO, {first: ONE, second: -ONE})
        if not case.is_zero(difference) and alike(case, first.leaf, first.position, second.position):
            case.equate(difference)


def alike(case: Case, term: Term, first: Position, second: Position) -> bool:
    """Whether an s-op is known to be equal at two positions, by itself or as a function of what is."""
    case.patience.step()
    difference = case.at(term, first).plus(case.at(term, second), -1)
    if case.is_zero(difference):
        return True
    leaves = {p.leaf for p in difference.coefficients}
    return all(_alike_leaf(case, leaf, first, second) for leaf in leaves)


def _alike_leaf(case: Case, leaf: Term, first: Position, second: Position) -> bool:
    case.patience.step()
    if case.is_zero(Form(ZERO, {Point(leaf, first): ONE, Point(leaf, second): -ONE})):
        return True
    if leaf.kind is Kind.TOKENS and leaf.data != "asis":
        whole = {p.leaf for p in case.mentioned if p.leaf.kind is Kind.TOKENS and p.leaf.data == "asis"}
        return any(_alike_leaf(case, each, first, second) for each in whole)
    return is_function(leaf) and all_alike(case, leaf, first, second)


def all_alike(case: Case, term: Term, first: Position, second: Position) -> bool:
    """Whether all operands of an s-op are known to be equal at two positions."""
    return all(alike(case, a, first, second) for a in term.args)


def is_function(term: Term) -> bool:
    """Whether an s-op is computed from its operands, position by position, whatever is replaced."""
    return term.kind is Kind.MAP and not term.is_kept


def nothing_there(case: Case) -> None:
    """Where nothing is selected, no position is selected, ever so many as are known: so if all of a
    conjunction holds of one but a single literal, that literal does not.

    Proof: otherwise that position would be selected.
    """
    for point in case.reads():
        if not is_none(case, point):
            continue
        for key in case.positions:
            for conjunction in case.subject.read(point.leaf):
                _refuse(case, conjunction, key, point.position)


def is_none(case: Case, point: Point) -> bool:
    """Whether a read is known to select nothing."""
    if point.leaf.kind not in (Kind.EXISTS, Kind.WIDTH):
        return False
    return case.is_zero(Form(ZERO, {point: ONE}))


def _refuse(case: Case, conjunction: Conjunction, key: Position, query: Position) -> None:
    """The query does not select the key by this conjunction."""
    open_literals = [x for x in conjunction if not case.compares(case.between(x, key, query), x.relation)]
    if not open_literals:
        case.impossible = True
    elif len(open_literals) == 1:
        literal = open_literals[0]
        if case.once("refuse", literal, key, query):
            case.relate(case.between(literal, key, query), ANYTHING - literal.relation)


def counts_what_it_selects(case: Case) -> None:
    """A count is at least the number of different positions that are known to be selected.

    Proof: it counts each of them; two that might be one are not counted twice.
    """
    for point in case.reads():
        if point.leaf.kind is not Kind.WIDTH:
            continue
        chosen: list[Position] = []
        for key in case.positions:
            if all(is_another(case, key, each) for each in chosen) and is_selected(case, key, point):
                chosen.append(key)
        if chosen and case.once("counted", point, len(chosen)):
            case.order(Form(Fraction(-len(chosen)), {point: ONE}), strict=False)


def is_selected(case: Case, key: Position, point: Point) -> bool:
    """Whether a read is known to select a position."""
    return case.selects(case.subject.read(point.leaf), key, point.position)


def is_another(case: Case, first: Position, second: Position) -> bool:
    """Whether two positions are surely two."""
    return case.different(first, second)


def least_of_selected(case: Case) -> None:
    """The least of what is selected is no larger than the value at a position that is known to be selected.

    Proof: that value is one of those that it is the least of.
    """
    for point in case.reads():
        if point.leaf.kind is not Kind.LEAST:
            continue
        for key in case.positions:
            if is_selected(case, key, point) and case.once("least", point, key):
                value = case.at(point.leaf.args[1], key)
                case.mention(value)
                case.order(value.plus(Form(ZERO, {point: ONE}), -1), strict=False)


def grows(case: Case) -> None:
    """If one query selects all that another selects, its count is no smaller; and larger, if it is known to
    select something that the other does not. The same holds of sums of what is never negative, and of whether
    anything is selected. If both select the same, all reads of the two are equal.

    Proof: the count of the larger set is that of the smaller one plus that of the rest.
    """
    for first, second in _pairs(case, lambda leaf: leaf.kind in READS):
        difference = Form(ZERO, {second: ONE, first: -ONE})
        if case.impossible:
            continue
        term, mine, yours = first.leaf, first.position, second.position
        upwards, downwards = contains(case, term, mine, yours), contains(case, term, yours, mine)
        if upwards and downwards:
            case.equate(difference)
        elif upwards and adds_up(case, term):
            case.order(difference, strict=has_more(case, term, mine, yours))
        elif downwards and adds_up(case, term):
            case.order(difference.times(-1), strict=has_more(case, term, yours, mine))


def adds_up(case: Case, term: Term) -> bool:
    """Whether a read never falls when more is selected."""
    if term.kind is Kind.SUM:
        ends = case.subject.ends(term.args[1])
        return ends is not None and ends[0] >= 0
    return term.kind in (Kind.WIDTH, Kind.EXISTS)


def contains(case: Case, term: Term, first: Position, second: Position) -> bool:
    """Whether the second query surely selects all that the first selects."""
    read = case.subject.read(term)
    for conjunction in read:
        inner = case.copy()
        key = inner.new_position()
        inner.select(conjunction, key, first)
        answers(inner)
        if not inner.impossible and not inner.selects(read, key, second):
            return False
    return True


def has_more(case: Case, term: Term, first: Position, second: Position) -> bool:
    """Whether the second query surely selects (and adds up) some position that the first does not."""
    if term.kind is Kind.EXISTS:
        return False
    read = case.subject.read(term)
    for key in case.positions:
        if case.selects(read, key, second) and case.omits(read, key, first):
            if term.kind is Kind.WIDTH:
                return True
            if case.is_positive(case.at(term.args[1], key), strict=True):
                return True
    return False


def _pairs(case: Case, wanted: Callable[[Term], bool]) -> Iterator[tuple[Point, Point]]:
    """The points of one s-op at two positions."""
    found: dict[Term, list[Point]] = {}
    for point in case.mentioned:
        if wanted(point.leaf) and point.position != EVERYWHERE:
            found.setdefault(point.leaf, []).append(point)
    for points in list(found.values()):
        yield from combinations(points, 2)


def order_of(literal: Literal) -> Term | None:
    """v, of a literal that compares v of the key with v of the query."""
    return literal.keys if literal.keys is literal.queries else None


LEMMAS: tuple[Lemma, ...] = (
    answers,
    choices,
    same_position,
    functions,
    nothing_there,
    counts_what_it_selects,
    least_of_selected,
    grows,
)
