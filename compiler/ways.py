"""The ways in which one program can be carried, and the best of them: what is certified comes first, then
what has fewer layers (unless it is many times larger), then what has fewer parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from compiler.certificate.bounds import certify
from compiler.graph.building import Built
from compiler.graph.terms import Kind, reachable
from compiler.layout.answers import labels_are_dear
from compiler.layout.assembly import Stored, assemble
from compiler.layout.schedule import Schedule, assign_layers
from compiler.layout.sharing import share_places
from compiler.lowering.builder import lower
from compiler.lowering.demands import FEW_NEURONS, can_be_ranked
from compiler.lowering.operations import Gate, HiddenLayer, Lowered
from compiler.lowering.plan import USUAL, Way
from compiler.request import Request
from compiler.underway import Watch
from compiler.values.asking import asks_otherwise
from compiler.values.extremes import may_count_none
from compiler.values.fractions import adds_means, divides
from compiler.values.settling import Settled, Wording, compares_mean, counted_selectors, reworded, settle
from rasp.errors import CompileError
from rasp.words import Comparison
from runtime.saving.certificate import Certificate
from runtime.weights import size

LARGE = 2_000
"""Models of fewer parameters are small enough: there fewer layers come first in any case."""

WORTH = 8
"""How many times smaller a model is for which a layer more is taken."""

GROWN = 40
"""Whether a layer more is worth it at a shorter maximum length is decided at this one: so no model is much
smaller than those for shorter inputs only because a layer has come to be worth it.
"""

HUGE = 100_000
"""A program whose model is larger than this is not tried at a longer length besides: it could take long."""

SMALLER = Fraction(5, 4)
"""How many times smaller a model is at least that has a layer more."""

MUCH = 256
"""A whole order of more values than this is much larger than its digits: it is not even tried."""


@dataclass(frozen=True, eq=False)
class Carried:
    """A program settled, in one way as heads and neurons, and those as layers and weights."""

    settled: Settled
    way: Way
    lowered: Lowered
    schedule: Schedule
    stored: Stored

    @cached_property
    def certificate(self) -> Certificate:
        """Why it is right, if it is."""
        return certify(self.lowered, self.schedule, self.settled.domains)

    @property
    def cost(self) -> tuple[int, int]:
        return self.schedule.depth, size(self.stored.weights).parameters

    @property
    def largest_split(self) -> int:
        """How many values the largest order has that is compared digit by digit; 0 if there is none."""
        scored = (
            literal for head in self.lowered.heads for read in head.reads for literal, _ in read.literals
        )
        orders = (literal.keys for literal in scored if literal.digit is not None)
        return max((len(self.settled.domains.get(keys).values or ()) for keys in orders), default=0)

    @property
    def largest_table(self) -> int:
        """How many neurons the largest table has."""
        return max(
            (len(each.signs) for each in self.lowered.hidden if isinstance(each, HiddenLayer)), default=0
        )


Builds = Callable[[Request], Sequence[Built]]
"""The builds of one program, as many for each request that differs in the maximum length alone."""


def cheapest_of(
    built: Sequence[Built], asked: Request, builds: Builds, watch: Watch | None = None
) -> tuple[Built, Carried]:
    """The best of several builds of one program, carried in the best way.

    Args:
        built: The builds.
        asked: What is asked for.
        builds: The builds for another request.
        watch: Who is told of each step.

    Raises:
        CompileError: it can be carried in none; what is said is said of the first build.
    """
    watch = watch or Watch()
    found: dict[Carried, int] = {}
    refused: list[CompileError] = []
    for number, each in enumerate(built):
        try:
            found |= dict.fromkeys(ways_of(each, asked, watch).found, number)
        except CompileError as error:
            refused.append(error)
    if not found:
        raise refused[0]
    best = best_of([*found])
    if len(found) > 1 and asked.max_length < GROWN and best.cost[1] < HUGE:
        best = _worth_it_when_grown(found, best, builds, asked, watch)
    return built[found[best]], best


def _worth_it_when_grown(
    found: Mapping[Carried, int], best: Carried, builds: Builds, asked: Request, watch: Watch
) -> Carried:
    """The smallest that has more layers than the best and is so much smaller at a larger maximum length that
    they are worth it there; the best, if there is none.
    """
    smaller = [each for each in found if SMALLER * each.cost[1] < best.cost[1]]
    deeper = [each for each in smaller if each.cost > best.cost and each.certificate.certified]
    if not deeper:
        return best
    watch.step("whether a layer more is worth it for longer inputs")
    larger = replace(asked, max_length=GROWN)
    built = builds(larger)

    def grown(carried: Carried) -> Carried | None:
        try:
            settled = settle(built[found[carried]], larger, carried.settled.wording)
            again = carry(settled, larger, carried.way)
        except (CompileError, IndexError):
            return None
        return again if again.certificate.certified else None

    shallow = grown(best)
    for each in sorted(deeper, key=lambda carried: carried.cost[1]):
        deep = grown(each)
        if deep is not None and (shallow is None or deserved(sorted([deep, shallow], key=_cost))[0] is deep):
            return each
    return best


def best_of(found: Sequence[Carried]) -> Carried:
    """The cheapest that is certified; if none is, the cheapest."""
    if len(found) == 1:
        return found[0]  # whether it is certified need not be known
    ranked = sorted(found, key=_cost)
    return next((each for each in deserved(ranked) if each.certificate.certified), ranked[0])


def ways_of(built: Built, asked: Request, watch: Watch | None = None) -> Tried:
    """The program carried in the ways that can make a difference. Not all combinations are tried: each
    wording on top of the best so far, and what lowering can do otherwise with the best wording. `watch` is
    told of each.

    Raises:
        CompileError: it can be carried in none; what is said is said of the usual one.
    """
    watch = watch or Watch()
    watch.step("what every value can be")
    usual = settle(built, asked)
    tried = Tried(asked, watch)
    tried.carry_usually(usual)
    settled = [usual]
    for wording in _wordings(built, asked):
        best = tried.best
        base = usual if best is None else best.settled
        one = _otherwise(built, base, wording)
        if one is not None and all(one.root is not other.root for other in settled):
            settled.append(one)
            tried.carry_usually(one)
    best = tried.best
    left = [(one, way) for one in (settled if best is None else [best.settled]) for way in others(one, best)]
    watch.expect(len(left))
    for one, way in left:
        tried.carry(one, way)
    for wording in _late_wordings(usual, asked):
        # a question that is put otherwise already is asked of a whole window, if that is not undone; and what
        # is smallest may be too deep only as it is worded so far
        carried = (tried.best, None if wording == "distances" else tried.smallest)
        for base in dict.fromkeys(usual if each is None else each.settled for each in carried):
            if (besides := _otherwise(built, base, wording)) is not None:
                tried.carry_anew(base, besides)
    if tried.best is None:
        raise tried.refused[0]
    return tried


def _cost(carried: Carried) -> tuple[int, int]:
    return carried.cost


def _otherwise(built: Built, base: Settled, wording: Wording) -> Settled | None:
    """What is settled with its questions put otherwise besides; None where s-ops get too many values."""
    try:
        return reworded(built.graph, base, base.wording | {wording})
    except CompileError:
        return None


def deserved(ranked: Sequence[Carried]) -> list[Carried]:
    """The cheapest first, but before it what is deeper and so much smaller that its layers are worth it."""
    first: list[Carried] = []
    for found in ranked:
        parameters = found.cost[1]
        worth = first and first[0].cost[1] > max(LARGE, WORTH * parameters)
        first.insert(0 if worth else len(first), found)
    return first


class Tried:
    """What has been tried: the program as it was carried, or why it could not be."""

    def __init__(self, asked: Request, watch: Watch) -> None:
        self._asked = asked
        self._watch = watch
        self.found: list[Carried] = []
        self.refused: list[CompileError] = []

    @property
    def best(self) -> Carried | None:
        """The cheapest that is certified; if none is, the cheapest."""
        return best_of(self.found) if self.found else None

    @property
    def smallest(self) -> Carried | None:
        """Of what is certified, what has the fewest parameters."""
        ranked = sorted(self.found, key=lambda carried: carried.cost[1])
        return next((carried for carried in ranked if carried.certificate.certified), None)

    def carry(self, settled: Settled, way: Way) -> Carried | None:
        try:
            with self._watch.way():
                found = carry(settled, self._asked, way)
        except CompileError as error:
            self.refused.append(error)
            return None
        self.found.append(found)
        return found

    def carry_anew(self, settled: Settled, besides: Settled) -> None:
        """A program settled otherwise than before, if it is, and if that is better also in the other ways."""
        if besides.root is settled.root:
            return
        self._watch.expect(None)
        self.carry_usually(besides)
        best = self.best
        ways: list[Way] = []
        if best is not None and best.settled is besides:
            ways = others(besides, best)
        elif "asked" in besides.wording:  # one large table may keep it from being the best
            ways = [replace(USUAL if best is None else best.way, small_tables=True)]
        for way in ways:
            self.carry(besides, way)

    def carry_usually(self, settled: Settled) -> None:
        """With orders whole, and digit by digit where that is another model: alone where that is sure to be
        much smaller.
        """
        if not self._asked.optimize or self._asked.heads == "fewest":
            self.carry(settled, USUAL)
            return
        split = self.carry(settled, Way(digits=True))
        if split is None:
            self.refused.pop()  # what is said is said of the usual way
        if split is None or 0 < split.largest_split <= MUCH or not split.certificate.certified:
            self.carry(settled, USUAL)


def _wordings(built: Built, asked: Request) -> Iterator[Wording]:
    """How its questions may be put besides."""
    asking = {term.args[0].index for term in reachable(built.root) if term.kind is Kind.EXISTS}
    if asked.optimize and (asking or may_count_none(built.root)):
        yield "least"
        if not asking.isdisjoint(counted_selectors(built.root)):
            yield "counted"


def _late_wordings(usual: Settled, asked: Request) -> Iterator[Wording]:
    """How its numbers may be compared and divided besides."""
    every = reachable(usual.root) if asked.optimize else []
    many = any(asks_otherwise(term, usual.domains.get) for term in every)
    if many:
        yield "asked"
    orders = any(x.kind is Kind.SELECT and x.comparison is not Comparison.EQ for x in every)
    if orders and asked.heads != "fewest":
        yield "distances"
    if many or any(map(compares_mean, every)):
        yield "whole"
    if any(divides(term) or adds_means(term) for term in every):
        yield "fractions"


def others(settled: Settled, found: Carried | None) -> list[Way]:
    """The other ways that may make a difference to a program settled, and so far found."""
    gated = found is not None and any(isinstance(neurons, Gate) for neurons in found.lowered.hidden)
    tables = (False, True) if gated else (False,)
    ranks = (False, True) if can_be_ranked(settled.domains.get(settled.root)) else (False,)
    base = USUAL if found is None else found.way
    ways = [replace(base, tables_first=first, ranked=ranked) for first in tables for ranked in ranks]
    if found is None or found.largest_table > FEW_NEURONS:
        ways += [replace(base, small_tables=True, ranked=ranked) for ranked in ranks]
    if found is not None and found.lowered.branching:
        ways.append(replace(base, branches=True))
    return [way for way in ways if way != base]


def carry(settled: Settled, asked: Request, way: Way) -> Carried:
    """A program settled, in one way."""
    lowered = lower(settled.root, settled.domains, way)  # heads and neurons on named columns
    schedule = assign_layers(lowered)  # when

    def stored(as_number: bool) -> Stored:
        assembled = assemble(lowered, schedule, asked, as_number)  # where
        return share_places(lowered, schedule, assembled) if asked.optimize else assembled

    labelled = stored(as_number=False)
    best = stored(as_number=True) if labels_are_dear(labelled) else labelled
    return Carried(settled, way, lowered, schedule, best)
