"""S-ops that positions and the length alone decide: what they are at every position of every input.

One input of each length tells. So such an s-op takes just the values that it has there, where all
combinations of its operands' values would give more: `indices - length` is never 0.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from compiler.graph.meaning import values_at, values_of
from compiler.graph.terms import READS, Kind, Term, reachable
from compiler.request import Request
from rasp.errors import EvaluationError
from rasp.graph.interpreter import masked
from rasp.words import Atom

MAX_LENGTH = 64
"""Of longer inputs there are too many positions."""

MAX_WORK = 2_000_000
"""How many values and entries of selectors are worked out for one program."""


MAX_ADDENDS = 20_000
"""How many positions of inputs are looked at to bound one sum."""


class Positional:
    """What is decided by positions and the length, of one program."""

    def __init__(self, asked: Request) -> None:
        self._asked = asked
        self._decided: dict[int, bool] = {}
        self._known: dict[int, list[list[Any]] | None] = {}
        self._work = MAX_WORK

    def values(self, term: Term) -> set[Atom] | None:
        """All values of an s-op, if positions and the length decide it and that is not too much work.

        The s-ops below are known to this, and asked for or not. Where some position has no value, the input
        has no answer; but that may be an s-op that nothing needs, so nothing is said of any.
        """
        rows = self._rows(term)
        return None if rows is None else {value for row in rows for value in row}

    def selected(self, selector: Term) -> list[list[bool]] | None:
        """Which keys each query of an input of each length selects, of those that it sees, if positions and
        the length decide it and that is not too much work.
        """
        inputs = self._rows(selector)
        if inputs is None:
            return None
        seen = (masked(rows) if self._asked.causal else rows for rows in inputs)
        return [row for rows in seen for row in rows]

    def _rows(self, term: Term) -> list[Any] | None:
        """The values of an s-op, or rows of a selector, on an input of each length."""
        if self._asked.max_length > MAX_LENGTH or not self._is_decided(term):
            return None
        for inner in reachable(term):
            if inner.index not in self._known:
                self._known[inner.index] = self._evaluated(inner)
        return self._known[term.index]

    def sums(self, addend: Term) -> tuple[Fraction, Fraction] | None:
        """What sums of an s-op over positions lie between: its least, and its largest, of any token at each
        position, added up. Of an s-op that its own token, positions and the length decide, inputs of one
        token all along tell that. None of any other, and where that is much work or some has no value.
        """
        vocab, longest = self._asked.vocab, self._asked.max_length
        if len(vocab) * longest**2 > MAX_ADDENDS or not self._is_of_token(addend):
            return None
        ends: list[tuple[Fraction, Fraction]] = []
        for n in range(1, longest + 1):
            try:
                rows = [values_of(addend, [token] * n, self._asked.causal) for token in vocab]
            except EvaluationError:
                return None
            if any(isinstance(value, str) for row in rows for value in row):
                return None
            at = [[Fraction(0), *map(Fraction, column)] for column in zip(*rows, strict=True)]
            ends.append((sum(map(min, at), Fraction(0)), sum(map(max, at), Fraction(0))))
        return min(low for low, _ in ends), max(high for _, high in ends)

    def _is_of_token(self, root: Term) -> bool:
        """Whether an s-op is made of its own token and what positions decide, and of nothing kept."""
        pending = [root]
        while pending:
            term = pending.pop()
            if term.kind is Kind.TOKENS or self._is_decided(term):
                continue
            if term.kind is not Kind.MAP or term.is_kept:
                return False
            pending.extend(term.args)
        return True

    def _is_decided(self, term: Term) -> bool:
        """Whether no token and nothing that can be replaced is below a term."""
        for inner in reachable(term):
            if inner.index not in self._decided:
                free = (
                    inner.kind is Kind.TOKENS or inner.is_kept or (inner.kind in READS and _is_unread(inner))
                )
                self._decided[inner.index] = not free and all(self._decided[a.index] for a in inner.args)
        return self._decided[term.index]

    def _evaluated(self, term: Term) -> list[list[Any]] | None:
        """The values of a term, or rows of a selector, at the positions of an input of each length."""
        lengths = range(1, self._asked.max_length + 1)
        self._work -= sum(n * n if term.is_selector else n for n in lengths)
        args = [self._known[a.index] for a in term.args]
        if self._work < 0 or any(each is None for each in args):
            return None
        rows = []
        for n in lengths:
            operands = [each[n - 1] for each in args if each is not None]
            try:
                rows.append(values_at(term, operands, [0] * n, self._asked.causal))
            except EvaluationError:
                return None
        return rows


def _is_unread(term: Term) -> bool:
    """Whether nobody looks at what a read yields where it selects nothing, which may be any value then."""
    return term.kind in (Kind.AGGREGATE, Kind.LEAST) and term.read_as.unread
