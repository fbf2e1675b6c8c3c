"""Of the keys that one selector selects, another selects just those whose value none of them undercuts.

That is a statement about three positions: a query, a key, and one that might beat it. How values compare is
all that matters there.
"""

from __future__ import annotations

from fractions import Fraction

from compiler.graph.terms import Graph, Kind, Term, folded
from compiler.rechecking.derivation.orders import Orders, compared_pairs
from compiler.rechecking.derivation.pointwise import NotShown
from rasp.words import COMPARISONS, TRUTHS, Comparison, Operator

QUERY, KEY, OTHER = 0, 1, 2
"""The three positions."""


def are_unbeaten(graph: Graph, among: Term, beats: Term, values: Term) -> bool:
    """Whether a key that `among` selects is beaten by another, as `beats` has it (there the key is the
    query), if and only if the same query selects, by `among`, a key with a smaller value.
    """
    value, sign = rising(values)
    among, beats = opened(graph, among), opened(graph, beats)
    try:
        orders = Orders(graph, [*compared_pairs([among, beats]), (value, value)], 3)
        less = orders.compare(Comparison.LT if sign > 0 else Comparison.GT, (value, OTHER), (value, KEY))
        chosen, others = orders.at(among, KEY, QUERY), orders.at(among, OTHER, QUERY)
        wrong = chosen & (orders.at(beats, OTHER, KEY) != (others & less))
    except NotShown:
        return False
    return not (wrong & orders.one_position).any()


def rising(term: Term) -> tuple[Term, int]:
    """The s-op with which another grows (1) or falls (-1)."""
    sign = 1
    while term.kind is Kind.MAP and not term.is_kept:
        others = [a for a in term.args if a.kind is not Kind.CONST]
        constants = [a.value for a in term.args if a.kind is Kind.CONST]
        if len(others) != 1 or any(isinstance(value, str) for value in constants):
            break
        if term.operator is Operator.NEG or (term.operator is Operator.SUB and others[0] is term.args[1]):
            sign = -sign
        elif term.operator is Operator.MUL and constants[0]:
            sign *= 1 if Fraction(constants[0]) > 0 else -1
        elif term.operator not in (Operator.ADD, Operator.SUB):
            break
        term = others[0]
    return term, sign


def opened(graph: Graph, selector: Term) -> Term:
    """A selector of flags by what the flags say: that `a and not b` is True, by comparisons of a and b."""

    def parts(term: Term) -> tuple[Term, ...]:
        if term.kind is not Kind.SELECT:
            return term.args
        says = _says(graph, term)
        return () if says is term else (says,)

    def made(term: Term, found: list[Term]) -> Term:
        if term.kind is Kind.SELECT:
            return found[0] if found else term
        return graph.with_args(term, found)

    return folded(selector, parts, made)


def _says(graph: Graph, select: Term) -> Term:
    """A comparison of a flag with True or False as a selector of what the flag is made of; any other as it
    is.
    """
    flag, wanted = select.args
    negated = select.comparison is Comparison.NE
    if wanted.kind is not Kind.CONST or not isinstance(wanted.value, bool):
        return select
    if select.comparison not in (Comparison.EQ, Comparison.NE) or not is_flag(flag):
        return select
    match flag.operator:
        case Operator.AND | Operator.OR if all(map(is_flag, flag.args)):
            one, other = (graph.select(a, graph.const(True), Comparison.EQ) for a in flag.args)
            says = graph.make(Kind.AND if flag.operator is Operator.AND else Kind.OR, (one, other))
        case Operator.NOT if is_flag(flag.args[0]):
            return graph.select(flag.args[0], graph.const(not wanted.value), select.comparison)
        case operator if operator in COMPARISONS and flag.args[1].kind is Kind.CONST:
            keys, queries = flag.args
            says = graph.select(keys, queries, Comparison(operator.value))
        case _:
            return select
    return says if wanted.value is not negated else graph.make(Kind.NOT, (says,))


def is_flag(term: Term) -> bool:
    """Whether an s-op is True or False."""
    return term.kind is Kind.EXISTS or term.operator in TRUTHS
