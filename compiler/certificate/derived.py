"""The way from a program's text to the terms that are compiled, and what values these have, as plain data.

Terms go by number, operands first. The checker makes them anew in a graph of its own, and shows each step and
each value itself (`compiler.rechecking.derivation`).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from compiler.graph.meaning import function_of
from compiler.graph.terms import Graph, Kind, Term
from compiler.ranges.domains import Domain


@dataclass(frozen=True)
class TermClaim:
    """A term, its operands by number."""

    kind: Kind
    args: tuple[int, ...] = ()
    data: Hashable = None


@dataclass(frozen=True)
class ReadClaim:
    """What a read selects: whether every query selects something (`always`), and none its own position
    (`not_mine`) or two keys (`one_key`); whether a single value is handed on (`one_value`).
    """

    always: bool = False
    not_mine: bool = False
    one_key: bool = False
    one_value: bool = False


@dataclass(frozen=True)
class Compared:
    """A literal, its s-ops by number."""

    keys: int
    relation: str
    queries: int


Ways = tuple[tuple[Compared, ...], ...]
"""How a selector can come true: the disjoint conjunctions of literals."""


@dataclass(frozen=True)
class Derived:
    """`terms`: all that are spoken of; `root`: the one that is compiled; `rounds`: which of them was replaced
    by which, while the program was built and then time after time. `domains`: the values of s-ops; `reads`:
    what reads select; `ways`: of selectors that have fewer ways or literals than their form says, all that
    count.
    """

    terms: tuple[TermClaim, ...]
    root: int
    rounds: tuple[Mapping[int, int], ...] = field(hash=False)
    domains: Mapping[int, Domain] = field(hash=False, compare=False)
    reads: Mapping[int, ReadClaim] = field(hash=False, default_factory=dict)
    ways: Mapping[int, Ways] = field(hash=False, default_factory=dict)

    def made(self, graph: Graph) -> list[Term]:
        """The terms, made in a graph; ValueError for what is none."""
        found: list[Term] = []
        for term in self.terms:
            function = function_of(term.data) if term.kind is Kind.MAP else None
            made = graph.make(term.kind, tuple(found[a] for a in term.args), term.data, function)
            if made.is_kept and isinstance(term.data, tuple):
                object.__setattr__(made, "name", term.data[1])
            found.append(made)
        return found
