"""From the program's text to the terms that are compiled: each step of it shown.

The compiler notes which term it replaced by which. Here the s-ops of the text become terms one by one, as
they stand; each replacement is made again, if a statement of `equations` says that it may be; and what comes
out must be the very term that is compiled. So no rule of the simplifier is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product

from compiler.graph.terms import Graph, Kind, ReadAs, Term, folded, function_key, reachable, typed
from compiler.rechecking.derivation.equations import Equations
from compiler.rechecking.derivation.known import Known
from compiler.rechecking.report import Unproved
from rasp.graph import sops
from rasp.graph.sops import Node, SOp, in_order, operands
from rasp.words import Operator

Hold = Callable[[Term, Term], bool]
"""Whether a term may be replaced by another."""


class Derivation:
    """The replacements of one graph, made again round by round.

    In each round operands come first, and what replaces a term may be made of terms as they were before the
    round. So each term of theirs goes with one of ours, which is the same with what is shown of its operands.
    """

    def __init__(self, graph: Graph, rounds: Sequence[Mapping[Term, Term]], hold: Hold) -> None:
        self._graph, self._hold = graph, hold
        self.steps = 0
        """How many replacements are shown so far."""
        self._first, *self._later = rounds

    def first(self, term: Term) -> Term:
        """What becomes of a term while the program is built; its operands are what has become of them."""
        seen = {term}
        while (after := self._first.get(term)) is not None and after not in seen:
            self._require(term, after)
            term = after
            seen.add(term)
        return term

    def later(self, term: Term) -> tuple[Term, Term]:
        """What becomes of a whole program after that, theirs and ours."""
        ours: dict[Term, Term] = {}
        for replaced in self._later:
            term, ours = self._round(replaced, term, ours)
        return term, ours.get(term, term)

    def _round(
        self, replaced: Mapping[Term, Term], root: Term, before: Mapping[Term, Term]
    ) -> tuple[Term, dict[Term, Term]]:
        """What becomes of the root in a round, and our term for each of theirs."""
        theirs: dict[Term, Term] = {}
        ours: dict[Term, Term] = {}
        for term in reachable(root):
            top = self._graph.with_args(term, [theirs[a] for a in term.args])
            mine = self._graph.with_args(term, [ours[theirs[a]] for a in term.args])
            kept = self._ours(before.get(term, term), theirs, ours)
            if before.get(term, term) is not term and not self._hold(kept, mine):
                mine = kept
            seen = {top}
            while (after := replaced.get(top)) is not None and after not in seen:
                goal = self._ours(after, theirs, ours)
                mine = self._shown((mine, before.get(term, term)), after, goal)
                top = after
                seen.add(top)
            theirs[term] = top
            ours.setdefault(top, mine)
        return theirs[root], ours

    def _ours(self, term: Term, theirs: Mapping[Term, Term], ours: Mapping[Term, Term]) -> Term:
        """Our term for one of theirs, made of what was there before the round or came up in it."""

        def known(each: Term) -> Term | None:
            return ours.get(theirs.get(each, each))

        def made(each: Term, parts: list[Term]) -> Term:
            return known(each) or self._graph.with_args(each, parts)

        return folded(term, lambda each: () if known(each) else each.args, made)

    def _shown(self, mine: Sequence[Term], after: Term, goal: Term) -> Term:
        """What our term, as it is now or was before the round, may be replaced by: theirs, or ours for it."""
        self.steps += 1
        for one, each in product(dict.fromkeys(mine), dict.fromkeys((goal, after))):
            if self._hold(one, each):
                return each
        raise Unproved(f"it is not shown that {mine[0].title} is {goal.title}")

    def _require(self, before: Term, after: Term) -> None:
        self.steps += 1
        if not self._hold(before, after):
            raise Unproved(f"it is not shown that {before.title} is {after.title}")


def require_same(ours: Term, theirs: Term, graph: Graph, hold: Hold) -> None:
    """Require that a term is another, but for parts that may be replaced by one another."""
    known: dict[Term, Term] = {}
    pending = [(ours, theirs)]
    while pending:
        one, other = pending.pop()
        alike = one.kind is other.kind and len(one.args) == len(other.args)
        if one is other or known.get(one) is other:
            continue
        known[one] = other
        if not alike and hold(one, other):
            continue
        if not alike or (one.data != other.data and not _may_be(one, other, graph, hold)):
            raise Unproved(f"it is not shown that {one.title} is {other.title}")
        pending += zip(one.args, other.args, strict=True)


def _may_be(one: Term, other: Term, graph: Graph, hold: Hold) -> bool:
    return hold(graph.make(one.kind, other.args, one.data, one.function), other)


def require_text(
    program: SOp,
    kept: Mapping[Node, str],
    graph: Graph,
    rounds: Sequence[Mapping[Term, Term]],
    root: Term,
    known: Known,
) -> int:
    """Require that what is compiled is what a program's text says; how many steps lead there.

    Args:
        program: The s-op of the text.
        kept: Its s-ops that get columns of their own, and under which names.
        graph: Where terms are made.
        rounds: Which of them are said to be replaced by which, round by round.
        root: The term that is compiled.
        known: What s-ops can be, as the statements take it.

    Raises:
        Unproved: a step is none that a statement speaks of.
    """
    equations = Equations(graph, known)
    derivation = Derivation(graph, rounds, equations.hold)
    theirs, ours = derived(program, kept, graph, derivation)
    if theirs is not root:
        raise Unproved("the steps from the text do not lead to what is compiled")
    require_same(ours, theirs, graph, equations.hold)
    return derivation.steps


def derived(
    program: SOp, kept: Mapping[Node, str], graph: Graph, derivation: Derivation
) -> tuple[Term, Term]:
    """The term that a program's text becomes, theirs and ours."""
    terms: dict[Node, Term] = {}
    for node in in_order(program):
        term = derivation.first(
            as_written(graph, node, tuple(terms[child] for child in operands(node)), derivation)
        )
        terms[node] = graph.keep(term, kept[node], node) if node in kept else term
    return derivation.later(terms[program])


def as_written(graph: Graph, node: Node, args: tuple[Term, ...], derivation: Derivation) -> Term:
    """A node of the text as a term, whose operands are terms already."""
    match node:
        case sops.Tokens(conversion=conversion):
            return graph.make(Kind.TOKENS, data=conversion)
        case sops.Indices():
            return graph.make(Kind.INDICES)
        case sops.Constant(value=value):
            return graph.const(value)
        case sops.Elementwise():
            return graph.make(Kind.MAP, args, function_key(node), node)
        case sops.Aggregate(default=SOp()):
            selector, values, default = args
            read = graph.make(Kind.AGGREGATE, (selector, values), ReadAs(only=node.only, unread=True))
            found = graph.make(Kind.EXISTS, (selector,))
            choice = derivation.first(found), derivation.first(read), default
            return graph.operation(Operator.CHOOSE, *choice)  # a read that finds nothing is not looked at
        case sops.Aggregate(default=default):
            given = None if default is None else typed([default])[0]  # type: ignore[list-item]
            return graph.make(Kind.AGGREGATE, args, ReadAs(given, node.only))
        case sops.Select(comparison=comparison):
            return graph.make(Kind.SELECT, args, comparison)
    return graph.make(_KINDS[type(node)], args)


_KINDS = {
    sops.Width: Kind.WIDTH,
    sops.Exists: Kind.EXISTS,
    sops.SelectorAnd: Kind.AND,
    sops.SelectorOr: Kind.OR,
    sops.SelectorNot: Kind.NOT,
}
