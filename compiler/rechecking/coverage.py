"""The heads of each read together: that they are claimed to read the whole selector, and nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

from compiler.certificate.claims import HeadClaim, LiteralClaim
from compiler.graph.conjunctions import Digit, Part, Relation
from compiler.graph.terms import READS, Kind, Term
from compiler.rechecking.report import Unproved
from compiler.rechecking.stream import Stream

Named = tuple[int, int, Relation]
"""A literal by its s-ops."""


def check_coverage(stream: Stream, claims: Sequence[HeadClaim]) -> None:
    """The heads of each read are claimed to read all disjoint conjunctions of its selector, each once: as a
    whole, or each of the digits of some of its literals and each part of the positions, where what is read
    adds up.
    """
    for number in {claim.term for claim in claims}:
        if stream.term(number).kind not in READS:
            raise Unproved(f"{stream.term(number).title} reads nothing, so no head can compute it")
        read = stream.domains.conjunctions(stream.term(number).args[0])
        mine = [claim for claim in claims if claim.term == number]
        wanted = {
            frozenset((x.keys.index, x.queries.index, x.relation) for x in conjunction)
            for conjunction in read
        }
        found = {frozenset(claimed_literals(stream, claim)) for claim in mine}
        if found != wanted or len(mine) != sum(_parts(stream, mine, conjunction) for conjunction in wanted):
            raise Unproved(f"the heads of {stream.term(number).title} do not read its selector")
        if len(mine) != len(read) and not _adds_up(stream, stream.term(number)):
            raise Unproved(f"{stream.term(number).title} does not add up over the parts of its selector")


def _parts(stream: Stream, claims: Sequence[HeadClaim], conjunction: frozenset[Named]) -> int:
    """In how many parts a conjunction is claimed to be read: all of the digits of its literals, each once,
    and of these all positions, each once.
    """
    claimed = [(claimed_digits(stream, claim), claim.part) for claim in claims]
    mine = [(digits, part) for digits, part in claimed if digits.keys() == conjunction]
    first = mine[0][0] if mine else {}
    places = {name: () if digit is None else digit.places for name, digit in first.items()}
    digits = [_all_digits(cut) for cut in places.values()]
    for cut in filter(None, places.values()):
        nested = all(above > place > 0 and above % place == 0 for above, place in pairwise(cut))
        if cut[-1] != 1 or not nested:
            raise Unproved(f"no number has digits of the place values {cut}")
    wanted = [dict(zip(places, combination, strict=True)) for combination in product(*digits)]
    found = [[part for cut, part in mine if cut == each] for each in wanted]
    if not all(found) or sum(map(len, found)) != len(mine):
        raise Unproved("the digits of a selector are not all read, each once")
    if not all(_every_position(each, stream.config.max_length) for each in found):
        raise Unproved("the positions of a selector are not all read, each once")
    return len(mine)


def _every_position(parts: Sequence[Part | None], length: int) -> bool:
    """Whether every position is in just one of the parts (None: all positions)."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return len(parts) == 1
    size = known[0].size
    numbers = list(range(-(-length // size)))
    return {part.size for part in known} == {size} and sorted(part.number for part in known) == numbers


def _all_digits(places: tuple[int, ...]) -> list[Digit | None]:
    """The digits of these place values; without any, what is compared as a whole."""
    return [Digit(places, number) for number in range(len(places))] or [None]


def claimed_digits(stream: Stream, claim: HeadClaim) -> dict[Named, Digit | None]:
    """The digit of each literal of a claimed conjunction."""
    return {named(stream, x): x.digit for x in claim.literals}


def named(stream: Stream, claim: LiteralClaim) -> Named:
    return stream.term(claim.keys).index, stream.term(claim.queries).index, frozenset(claim.relation)


def _adds_up(stream: Stream, term: Term) -> bool:
    """Whether what is read is the sum of what is read of the disjoint parts of the selector."""
    if term.kind is Kind.AGGREGATE:
        read = stream.domains.reads[term.index]
        return read.picks and read.at_most_one
    return term.kind in (Kind.WIDTH, Kind.SUM)


def claimed_literals(stream: Stream, claim: HeadClaim) -> dict[tuple[int, int, Relation], tuple[int, ...]]:
    """The dims of each literal of a claimed conjunction."""
    return {named(stream, x): x.dims for x in claim.literals}
