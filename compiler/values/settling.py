"""Reads over an `or`, rewritten where its conjunctions do not simply add up.

Counts, sums and copies of a single value add up over the disjoint conjunctions of a selector. "Does anything
match" and means do not: the first becomes an `or` of their answers, the second sum over count. Nor do equal
values that several conjunctions select: of those one is read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import Literal

from compiler.graph.building import Built
from compiler.graph.conjunctions import Conjunction, selector_of
from compiler.graph.meaning import call, quotient
from compiler.graph.rewriting import rewrite
from compiler.graph.rules import NECESSARY, width_term
from compiler.graph.terms import READS, Graph, Kind, ReadAs, Term, reachable, typed
from compiler.ranges.domains import MAX_CODE, Domain, Labels, Listed, Means, Numbers, common_unit, make_domain
from compiler.request import Request
from compiler.values.asking import by_comparisons
from compiler.values.extremes import beaten_by_least, either_beaten, least_of_unbeaten
from compiler.values.fractions import as_fraction, decided_by_divisor, divisors
from compiler.values.inference import Domains
from compiler.values.windows import by_distance, is_mean_over_window
from rasp.graph.sops import Map, Node
from rasp.words import COMPARISONS, Atom, Operator

Wording = Literal["least", "counted", "whole", "fractions", "distances", "asked"]
"""How a program can be settled besides. `least`: questions with an order in them are put to the least of what
is selected (`compiler.values.extremes`). `counted`: what is counted anyway is not also asked for being there.
`whole`: a mean is compared with a number as whole numbers are, its sum with as many times that number.
`fractions`: a quotient is carried as a fraction, not told apart by a table.
`distances`: what is read over a few positions at fixed distances is read at each of them.
`asked`: numbers with very many values are selected by how many of a few they have reached.
"""


@dataclass(frozen=True, eq=False)
class Settled:
    """A program as it is lowered, the values of its s-ops, and what each node became; what nothing needs any
    more has become nothing. `rounds`: which term was replaced by which, in each round on the way there;
    `earlier`: the values of s-ops before each of them but the first, which built the program.
    """

    root: Term
    domains: Domains
    terms: Mapping[Node, Term]
    rounds: tuple[Mapping[Term, Term], ...]
    earlier: tuple[Domains, ...] = ()
    wording: frozenset[Wording] = frozenset()


def settle(built: Built, asked: Request, wording: Collection[Wording] = ()) -> Settled:
    """Separate until there is nothing left to do; then put questions otherwise, if so wished."""
    unsettled = Settled(built.root, Domains(built.root, asked), built.terms, tuple(built.graph.replaced[:1]))
    settled = _until_settled(built.graph, unsettled, ())
    return reworded(built.graph, settled, wording) if wording else settled


def reworded(graph: Graph, settled: Settled, wording: Collection[Wording]) -> Settled:
    """What is settled with its questions put otherwise: itself, if there is nothing to put otherwise."""
    found = _until_settled(graph, settled, wording)
    return settled if found.root is settled.root else replace(found, wording=frozenset(wording))


def _until_settled(graph: Graph, settled: Settled, wording: Collection[Wording]) -> Settled:
    """Separate until there is nothing left to do."""
    while True:
        root, domains = settled.root, settled.domains
        separated = separate(graph, root, domains, wording)
        terms = {
            node: separated[term.index] for node, term in settled.terms.items() if term.index in separated
        }
        found, rounds = separated[root.index], (*settled.rounds, graph.replaced[-1])
        if found is root:
            return replace(settled, terms=terms)
        earlier = (*settled.earlier, domains)
        settled = Settled(found, Domains(found, domains.asked), terms, rounds, earlier)


def separate(
    graph: Graph, root: Term, domains: Domains, wording: Collection[Wording] = ()
) -> dict[int, Term]:
    """By index of each term: the same term with every EXISTS and every mean over a single conjunction, and
    without reads that never select anything. What becomes constant narrows the domains, so this is repeated
    until nothing changes (`settle`).
    """
    graph.replaced.append({})
    rebuilt: dict[int, Term] = {}
    counted = counted_selectors(root) if "counted" in wording else set()
    dividing = divisors(root) if "fractions" in wording else set()
    for term in reachable(root):
        args = tuple(rebuilt[a.index] for a in term.args)
        same = all(a is b for a, b in zip(args, term.args, strict=True))
        copy = term
        if not same:
            copy = rewrite(graph, graph.make(term.kind, args, term.data, term.function, term), NECESSARY)
        # a read that a choice was simplified to has been separated where it stands itself
        rebuilt[term.index] = _separate(graph, copy, term, domains) if term.kind in READS else copy
        if term.kind is Kind.EXISTS and term.args[0].index in counted and rebuilt[term.index] is term:
            width = graph.make(Kind.WIDTH, term.args)
            rebuilt[term.index] = graph.operation(Operator.GT, width, graph.const(0), origin=term)
        elif "least" in wording:
            least = _by_least(graph, term, domains, rebuilt[term.index] is term)
            rebuilt[term.index] = rebuilt[term.index] if least is None else rewrite(graph, least, NECESSARY)
        if rebuilt[term.index] is term and _compares_means(term, domains):
            sums = [graph.make(Kind.SUM, mean.args) for mean in term.args]
            rebuilt[term.index] = graph.make(Kind.MAP, (sums[0], sums[1]), term.data, term.function, term)
        if "whole" in wording and rebuilt[term.index] is term:
            whole = _by_whole_numbers(graph, term, domains)
            rebuilt[term.index] = term if whole is None else rewrite(graph, whole, NECESSARY)
        if rebuilt[term.index] is term:
            rebuilt[term.index] = decided_by_divisor(graph, term, domains) or term
        if rebuilt[term.index] is term:
            asked = by_comparisons(graph, term, domains.get, "asked" in wording)
            rebuilt[term.index] = term if asked is None else rewrite(graph, asked, NECESSARY)
        if "fractions" in wording and rebuilt[term.index] is term:
            rebuilt[term.index] = as_fraction(graph, term, domains, dividing)
        if "distances" in wording and rebuilt[term.index] is term and term.kind in READS:
            mean = _mean_by_division(graph, term) if is_mean_over_window(term, domains) else None
            rebuilt[term.index] = mean or by_distance(graph, term, domains) or term
        graph.note(copy, rebuilt[term.index])
    return rebuilt


def _compares_means(term: Term, domains: Domains) -> bool:
    """Whether a comparison is one of two means over the same selection, each of too many values for a table:
    they compare as the sums do, of which each is as many times its mean.
    """
    if term.operator not in COMPARISONS or {a.kind for a in term.args} != {Kind.AGGREGATE}:
        return False
    means = term.args
    alike = means[0].args[0] is means[1].args[0] and all(mean.default in (None, 0) for mean in means)
    values = [domains.get(mean.args[1]) for mean in means if isinstance(domains.get(mean), Means)]
    return alike and len(values) == 2 and _add_up(values, domains.asked.max_length)


def _add_up(values: Sequence[Domain], length: int) -> bool:
    """Whether sums of such values are told apart in a unit of both."""
    numbers = [each for each in values if isinstance(each, Numbers)]
    if len(numbers) < len(values):
        return False
    unit = common_unit(*(each.scale for each in numbers))
    largest = (max(abs(end) for end in each.ends) * length for each in numbers)
    return sum(largest) / unit <= MAX_CODE


def compares_mean(term: Term) -> bool:
    """Whether an s-op compares what an aggregate reads with a constant."""
    return term.operator in COMPARISONS and {a.kind for a in term.args} == {Kind.AGGREGATE, Kind.CONST}


def _by_whole_numbers(graph: Graph, term: Term, domains: Domains) -> Term | None:
    """A comparison of a mean with p / q as one of q times the sum with p times the count. Both are 0 where
    nothing is selected: where the default compares otherwise than they do, that is asked besides.
    """
    if not compares_mean(term):
        return None
    mean, limit = sorted(term.args, key=lambda a: a.kind is Kind.CONST)
    values = domains.get(mean.args[1])
    averaged = not domains.reads[mean.index].picks and not mean.read_as.only
    numbers = isinstance(values, Numbers) and not domains.may_be_bool(mean.args[1])
    if not averaged or not numbers or isinstance(limit.value, str) or isinstance(mean.default, str):
        return None
    bound = Fraction(limit.value)
    if not _add_up([values, make_domain([bound])], domains.asked.max_length * bound.denominator):
        return None
    total = _times(graph, bound.denominator, graph.make(Kind.SUM, mean.args))
    count = width_term(graph, mean.args[0])
    sides = {mean: total, limit: _times(graph, bound.numerator, count)}
    compared = graph.make(Kind.MAP, tuple(sides[a] for a in term.args), term.data, term.function)
    always = domains.reads[mean.index].always
    return graph.named(compared if always else _where_selected(graph, term, mean, compared, count), term)


def _where_selected(graph: Graph, term: Term, mean: Term, compared: Term, count: Term) -> Term:
    """A comparison that is right where something is counted and compares 0 with 0 elsewhere, where the
    comparison of the mean has its default.
    """
    assert term.function is not None
    default = 0 if mean.default is None else mean.default
    wanted = call(term.function, [default if a is mean else a.value for a in term.args])
    if wanted == call(term.function, [0, 0]):
        return compared
    if wanted:
        empty = graph.operation(Operator.EQ, count, graph.const(0))
        return graph.operation(Operator.OR, empty, compared)
    found = graph.operation(Operator.GT, count, graph.const(0))
    return graph.operation(Operator.AND, found, compared)


def _times(graph: Graph, factor: int, term: Term) -> Term:
    """A multiple of an s-op, without a product where it needs none."""
    if factor in (0, 1):
        return term if factor else graph.const(0)
    return graph.operation(Operator.MUL, graph.const(factor), term)


def counted_selectors(root: Term) -> set[int]:
    """By index: the selectors of which it is counted how much they select."""
    return {term.args[0].index for term in reachable(root) if term.kind is Kind.WIDTH}


def _by_least(graph: Graph, term: Term, domains: Domains, same: bool) -> Term | None:
    """A read of a single conjunction by way of the least of what is selected, where there is one. `same`:
    nothing else changes in it; what reads a question is looked at before the question is put otherwise.
    """
    if term.kind is Kind.AGGREGATE or (term.kind is Kind.EXISTS and same):
        read = domains.conjunctions(term.args[0])
        found = beaten_by_least if term.kind is Kind.EXISTS else least_of_unbeaten
        return found(graph, term, read[0], domains) if len(read) == 1 else None
    return either_beaten(graph, term) if same else None


def _separate(graph: Graph, term: Term, original: Term, domains: Domains) -> Term:
    if term.kind not in READS:
        return term
    read, picks = domains.reads[original.index].conjunctions, domains.reads[original.index].picks
    if not read:
        return graph.const(_of_nothing(term))
    if term.kind is Kind.EXISTS:
        return term if len(read) == 1 else graph.named(_any_of(graph, read), term)
    if term.kind is not Kind.AGGREGATE:
        return term
    several = len(read) > 1
    if term.read_as.unread and not (several and not picks):
        default = typed([some_value(domains.get(original.args[1]))])[0]
        term = graph.make(Kind.AGGREGATE, term.args, ReadAs(default, term.read_as.only), origin=term)
    if isinstance(term.default, str) and not isinstance(domains.get(original.args[1]), Labels):
        number = graph.make(Kind.AGGREGATE, term.args, replace(term.read_as, default=None))
        whole = not several or picks
        return _default_apart(graph, term, read, number if whole else _mean_by_division(graph, number))
    if not several:
        return term
    if term.read_as.only and not domains.relations.at_most_one(read):
        return _first_that_selects(graph, term, read, domains.get(original.args[1]))
    if picks:
        return _copy_from_several(graph, term, original, read, domains)
    return _mean_by_division(graph, term)


def _copy_from_several(
    graph: Graph, term: Term, original: Term, read: tuple[Conjunction, ...], domains: Domains
) -> Term:
    """Copies add up if only one conjunction selects something; several equal numbers must not."""
    values = domains.get(original.args[1])
    numbers = [v for v in values.values or () if not isinstance(v, str | bool)]
    if not numbers or domains.relations.at_most_one(read):
        return term
    if isinstance(values, Listed) and values.size == 1:
        default = graph.const(0 if term.default is None else term.default)
        found = _any_of(graph, read)
        return graph.operation(Operator.CHOOSE, found, graph.const(values.values[0]), default, origin=term)
    return _first_that_selects(graph, term, read, values)


def some_value(values: Domain) -> Atom:
    """One of the values."""
    return values.values[0] if isinstance(values, Listed) else values.low * values.scale


def _first_that_selects(graph: Graph, term: Term, read: tuple[Conjunction, ...], values: Domain) -> Term:
    """`only` over several conjunctions, each of which may select something: what the first of them reads that
    selects anything. Elsewhere a conjunction gives some value of its source, which is not looked at.
    """
    *first, last = read
    found = graph.make(Kind.AGGREGATE, (selector_of(graph, last), term.args[1]), term.data)
    for conjunction in reversed(first):
        selector = selector_of(graph, conjunction)
        read_as = replace(term.read_as, default=typed([some_value(values)])[0])
        here = graph.make(Kind.AGGREGATE, (selector, term.args[1]), read_as)
        exists = graph.make(Kind.EXISTS, (selector,))
        found = graph.operation(Operator.CHOOSE, exists, here, found)
    return graph.named(found, term)


def _default_apart(graph: Graph, term: Term, read: tuple[Conjunction, ...], number: Term) -> Term:
    """A number where something is selected, a string elsewhere: a choice between the two."""
    found = _any_of(graph, read)
    assert term.default is not None
    return graph.operation(Operator.CHOOSE, found, number, graph.const(term.default), origin=term)


def _of_nothing(term: Term) -> Atom:
    """What a read yields where its selector never selects."""
    if term.kind is Kind.EXISTS:
        return False
    return term.default if term.kind is Kind.AGGREGATE and term.default is not None else 0


def _any_of(graph: Graph, read: tuple[Conjunction, ...]) -> Term:
    answers = [graph.make(Kind.EXISTS, (selector_of(graph, conjunction),)) for conjunction in read]
    return reduce(lambda a, b: graph.operation(Operator.OR, a, b), answers)


def _mean_by_division(graph: Graph, term: Term) -> Term:
    """sum / max(count, 1), and the default where the count is 0."""
    selector, values = term.args
    width = graph.make(Kind.WIDTH, (selector,))
    empty = graph.operation(Operator.EQ, width, graph.const(0))
    total = graph.make(Kind.SUM, (selector, values))
    divisor = graph.operation(Operator.ADD, width, graph.operation(Operator.INDICATOR, empty))
    mean = graph.make(Kind.MAP, (total, divisor), ("mean",), Map(args=(), function=quotient))
    if term.default in (None, 0):
        return graph.named(mean, term)
    assert term.default is not None
    return graph.operation(Operator.CHOOSE, empty, graph.const(term.default), mean, origin=term)
