"""A selector as the parts without common cells of which each is a head of a model.

A head adds up what its comparisons say, so it expresses an `and` of them. Counts over parts that have nothing
in common add up, so `a or (b and c)` is two heads. What compares with constants alone is a question to
one position, however it is nested, and so counts as one comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rasp.graph.sops import (
    Constant,
    Indices,
    Node,
    Select,
    Selector,
    SelectorAnd,
    SelectorNot,
    SelectorOr,
    SOp,
    Tokens,
    operands,
)
from rasp.words import Comparison

MOST_PARTS, MOST_STEPS = 16, 2000
"""More parts than a picture can show are not told apart, nor what takes longer to find."""

ALLOWED = {
    Comparison.EQ: "=",
    Comparison.NE: "<>",
    Comparison.LT: "<",
    Comparison.LE: "<=",
    Comparison.GT: ">",
    Comparison.GE: "=>",
}
"""The orders of a key and a query that a comparison allows."""
WRITTEN = {frozenset(orders): comparison.value for comparison, orders in ALLOWED.items()}

Matrix = tuple[tuple[bool, ...], ...]
Truths = tuple[bool, ...]


class TooMany(Exception):
    """There are more parts than are told apart."""


@dataclass(frozen=True, eq=False)
class Question:
    """Comparisons of one key with one query, or a nest of comparisons with constants; and the ways in which
    its `asked` can be true or false together, each with the orders that are meant (none for a nest).
    """

    asked: tuple[Selector, ...]
    ways: tuple[tuple[Truths, str], ...]


Part = dict[Question, frozenset[Truths]]
"""The answers that a part allows, of what it asks."""


def parts(selector: Selector) -> list[Part]:
    """The disjoint parts of a selector: one that asks nothing if they are too many."""
    questions = list(questions_of(selector))
    budget = iter(range(MOST_STEPS))
    try:
        return list(paths(selector, questions, {}, budget))
    except TooMany:
        return [{}]


def questions_of(selector: Selector) -> Iterator[Question]:
    """What a selector asks, in the order in which it is written."""
    pairs: dict[tuple[object, object], list[Selector]] = {}
    nests: list[Selector] = []
    pending = [selector]
    while pending:
        each = pending.pop()
        if sides(each) != {True, False}:
            nests.append(each)
        elif isinstance(each, Select):
            pairs.setdefault((same(each.keys), same(each.queries)), []).append(each)
        else:
            pending += reversed([operand for operand in operands(each) if isinstance(operand, Selector)])
    for asked in pairs.values():
        ways: dict[Truths, str] = {}
        for order in "<=>":
            truths = tuple(isinstance(each, Select) and order in ALLOWED[each.comparison] for each in asked)
            ways[truths] = ways.get(truths, "") + order
        yield Question(tuple(asked), tuple(ways.items()))
    for nest in dict.fromkeys(nests):
        yield Question((nest,), (((True,), ""), ((False,), "")))


def sides(selector: Selector) -> set[bool]:
    """Whether what a selector compares are keys (True), queries (False) or both: constants aside."""
    if isinstance(selector, Select):
        return {
            is_key
            for is_key, each in ((True, selector.keys), (False, selector.queries))
            if not isinstance(each, Constant)
        }
    return {side for each in operands(selector) if isinstance(each, Selector) for side in sides(each)}


def same(sop: SOp) -> object:
    """One object for s-ops that are the same however often they are written."""
    match sop:
        case Tokens(conversion=conversion):
            return (Tokens, conversion)
        case Indices():
            return Indices
    return sop


def paths(
    selector: Selector, questions: list[Question], known: dict[Selector, bool], budget: Iterator[int]
) -> tuple[Part, ...]:
    """The ways to make a selector true by answering one question after the other; answers that leave the same
    ways are taken together.
    """
    if next(budget, None) is None:
        raise TooMany
    truth = decided(selector, known)
    if truth is not None:
        return ({},) if truth else ()
    question, *others = questions
    found: dict[frozenset[frozenset[tuple[Question, frozenset[Truths]]]], set[Truths]] = {}
    rests: list[tuple[Part, ...]] = []
    for truths, _ in question.ways:
        rest = paths(selector, others, known | dict(zip(question.asked, truths, strict=True)), budget)
        key = frozenset(frozenset(part.items()) for part in rest)
        if key not in found:
            rests.append(rest)
        found.setdefault(key, set()).add(truths)
    result = tuple(
        part if len(answers) == len(question.ways) else {question: frozenset(answers)} | part
        for answers, rest in zip(found.values(), rests, strict=True)
        for part in rest
    )
    if len(result) > MOST_PARTS:
        raise TooMany
    return result


def decided(selector: Selector, known: dict[Selector, bool]) -> bool | None:
    """Whether a selector selects, as far as what is known decides it."""
    if selector in known:
        return known[selector]
    match selector:
        case SelectorNot(operand=operand):
            truth = decided(operand, known)
            return None if truth is None else not truth
        case SelectorAnd(left=left, right=right) | SelectorOr(left=left, right=right):
            decisive = isinstance(selector, SelectorOr)
            truths = (decided(left, known), decided(right, known))
            if decisive in truths:
                return decisive
            return None if None in truths else not decisive
    return None


def cells(part: Part, whole: Matrix, values: Callable[[Selector], Matrix]) -> Matrix:
    """The cells of the whole selector that a part has."""
    asked = [([values(each) for each in question.asked], answers) for question, answers in part.items()]
    return tuple(
        tuple(
            chosen and all(tuple(each[i][j] for each in matrices) in answers for matrices, answers in asked)
            for j, chosen in enumerate(row)
        )
        for i, row in enumerate(whole)
    )


def text(part: Part, title: Callable[[Node], str]) -> str:
    """How a part could be written."""
    return " and ".join(said(question, answers, title) for question, answers in part.items())


def said(question: Question, answers: frozenset[Truths], title: Callable[[Node], str]) -> str:
    """A question with the answers that are allowed, written."""
    for number, each in enumerate(question.asked):
        if answers == {truths for truths, _ in question.ways if truths[number]}:
            shown = title(each)
            return f"({shown})" if isinstance(each, SelectorOr) and each.name is None else shown
    first = question.asked[0]
    if not isinstance(first, Select) or not question.ways[0][1]:
        return f"not ({title(first)})" if first.name is None else f"not {first.name}"
    orders = frozenset(order for truths, meant in question.ways if truths in answers for order in meant)
    return f"select({title(first.keys)}, {title(first.queries)}, {WRITTEN[orders]})"
