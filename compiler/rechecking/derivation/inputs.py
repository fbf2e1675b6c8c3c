"""What is selected on all inputs there are, where these are few: the interpreter says it of each. Of what no
token is asked there is one input of each length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, product
from typing import Any

from compiler.graph.meaning import all_values
from compiler.graph.terms import Kind, Term, reachable
from compiler.request import Request
from rasp.errors import EvaluationError
from rasp.graph.interpreter import masked

FEW_INPUTS = 1_500
"""So many inputs are tried at most."""

MOST_POSITIONS = 64
"""The longest inputs of which every position is looked at."""

FEW_TERMS = 200
"""A program of more s-ops is not tried."""

HANDED_ON = (Kind.AGGREGATE, Kind.LEAST)
"""Reads that may not be looked at where they find nothing."""

Rows = Sequence[Sequence[bool]]
"""Which keys each query selects."""


class Inputs:
    """All inputs of up to the longest."""

    def __init__(self, asked: Request) -> None:
        self._asked = asked
        self._few = sum(len(asked.vocab) ** n for n in range(1, min(asked.max_length, 12) + 1)) <= FEW_INPUTS
        self._few = self._few and asked.max_length <= 12

    def always(self, read: Term) -> bool:
        """Whether each query selects something."""
        return self._all(read.args[:1], lambda rows, values: all(map(any, rows)))

    def never_mine(self, read: Term) -> bool:
        """Whether no query selects its own position."""
        return self._all(read.args[:1], lambda rows, values: not any(row[i] for i, row in enumerate(rows)))

    def at_most_one(self, read: Term) -> bool:
        """Whether no query selects two keys."""
        return self._all(read.args[:1], lambda rows, values: all(sum(row) <= 1 for row in rows))

    def hold_alike(self, read: Term) -> bool:
        """Whether all that a query selects is one value."""

        def alike(rows: Rows, values: Sequence[Any]) -> bool:
            return all(len({v for v, chosen in zip(values, row, strict=True) if chosen}) <= 1 for row in rows)

        return self.at_most_one(read) or self._all(read.args, alike)

    def _all(self, parts: Sequence[Term], holds: Callable[[Rows, Sequence[Any]], bool]) -> bool:
        return self.tells(parts) and all(holds(rows, values) for rows, values in self._selected(parts))

    def tells(self, parts: Sequence[Term]) -> bool:
        """Whether there are few inputs that tell, and what is selected is a matter of these alone."""
        below = reachable(*parts)
        free = any(x.is_kept or (x.kind in HANDED_ON and x.read_as.unread) for x in below)
        few = self._few or (self._asked.max_length <= MOST_POSITIONS and not _asks_for_tokens(parts))
        return few and not free and len(below) <= FEW_TERMS

    def _selected(self, parts: Sequence[Term]) -> Iterator[tuple[Rows, Sequence[Any]]]:
        """What each query selects, and what is read, on each input that has an answer."""
        causal, longest = self._asked.causal, self._asked.max_length
        vocab = self._asked.vocab if _asks_for_tokens(parts) else self._asked.vocab[:1]
        for tokens in chain(*(product(vocab, repeat=n) for n in range(1, longest + 1))):
            try:
                found = [all_values(part, tokens, causal)[part.index] for part in parts]
            except EvaluationError:
                continue
            yield masked(found[0]) if causal else found[0], found[-1]


def _asks_for_tokens(parts: Sequence[Term]) -> bool:
    """Whether what is selected is a matter of the tokens, too."""
    return any(term.kind is Kind.TOKENS for term in reachable(*parts))
