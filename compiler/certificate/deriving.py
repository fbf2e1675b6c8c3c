"""What the compiler noted on the way from a program's text to the terms that it compiles, written down."""

from __future__ import annotations

from collections.abc import Mapping

from compiler.certificate.derived import Compared, Derived, ReadClaim, TermClaim, Ways
from compiler.graph.conjunctions import conjunctions
from compiler.graph.terms import READS, Kind, Term, reachable
from compiler.values.inference import Domains
from compiler.values.settling import Settled

KNOWN = frozenset({Kind.TOKENS, Kind.INDICES, Kind.CONST})
"""Of these nobody need be told which values they have."""


def derived_of(settled: Settled) -> Derived:
    """The terms of a program as it is lowered and those on the way there, the values of s-ops but of those of
    which all is known by what they are, and what reads select.
    """
    terms = spoken_of(settled)
    number = {term: i for i, term in enumerate(terms)}
    told = {term: domains for term in terms if (domains := _told(term, settled)) is not None}
    reads = {term: domains for term, domains in told.items() if term.kind in READS}
    later_last = sorted(reads.items(), key=lambda item: item[1] is settled.domains)
    ways = {read.args[0]: _ways(read, domains, number) for read, domains in later_last}
    return Derived(
        tuple(TermClaim(term.kind, tuple(number[a] for a in term.args), term.data) for term in terms),
        number[settled.root],
        tuple({number[before]: number[after] for before, after in each.items()} for each in settled.rounds),
        {number[term]: domains.get(term) for term, domains in told.items() if term.kind not in KNOWN},
        {number[read]: _read(read, domains) for read, domains in reads.items()},
        {number[selector]: each for selector, each in ways.items() if each is not None},
    )


def spoken_of(settled: Settled) -> list[Term]:
    """The terms by number."""
    return reachable(
        settled.root, *(term for each in settled.rounds for pair in each.items() for term in pair)
    )


def _told(term: Term, settled: Settled) -> Domains | None:
    """Where most is known of an s-op: of what is lowered, or else as late as can be on the way there."""
    return next((each for each in (settled.domains, *settled.earlier[::-1]) if each.knows(term)), None)


def _read(read: Term, domains: Domains) -> ReadClaim:
    """What is known of what a read selects, as far as it makes a difference to one of its kind."""
    known, relations = domains.reads[read.index], domains.relations
    counts = read.kind in (Kind.WIDTH, Kind.SUM)
    return ReadClaim(
        known.always and read.kind is not Kind.SUM,
        counts and relations.never_all(known.conjunctions),
        not counts and relations.at_most_one(known.conjunctions),
        known.picks,
    )


def _ways(read: Term, domains: Domains, number: Mapping[Term, int]) -> Ways | None:
    """How its selector can come true, if it is not as its form says."""
    known = domains.reads[read.index].conjunctions
    if known == conjunctions(read.args[0]):
        return None
    return tuple(
        tuple(Compared(number[x.keys], "".join(sorted(x.relation)), number[x.queries]) for x in conjunction)
        for conjunction in known
    )
