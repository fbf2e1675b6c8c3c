"""The values that the s-ops of a Tracr program can take, over a vocabulary and up to a length."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from rasp.errors import LimitError
from rasp.importers.symbolic import FAILURES

MAX_VALUES = 20_000
"""Values that one s-op may have, where they are needed one by one."""

Values = frozenset[Any]


@dataclass
class ValueSets:
    """Supersets of what each s-op can take: Tracr's own values, its functions called on each."""

    peer: Any  # Tracr's module of s-ops
    vocab: Values
    max_length: int
    known: dict[int, Values] = field(default_factory=dict)

    def of(self, sop: Any) -> Values:
        """The values of an s-op; raises `LimitError` if there are too many."""
        if id(sop) not in self.known:
            values = self._infer(sop)
            if len(values) > MAX_VALUES:
                raise LimitError(f"{sop.name!r} can take more than {MAX_VALUES:,} values")
            self.known[id(sop)] = values
        return self.known[id(sop)]

    def _infer(self, sop: Any) -> Values:
        peer, n = self.peer, self.max_length
        if isinstance(sop, peer.TokensType):
            return self.vocab
        if isinstance(sop, peer.IndicesType):
            return frozenset(range(n))
        if isinstance(sop, peer.LengthType):
            return frozenset(range(1, n + 1))
        if isinstance(sop, peer.SelectorWidth):
            return frozenset(range(n + 1))
        if isinstance(sop, peer.Full):
            return frozenset([sop.fill])
        if isinstance(sop, peer.Map):
            return self._images(sop, self.of(sop.inner))
        if isinstance(sop, peer.SequenceMap):
            return self._images(sop, self.of(sop.fst), self.of(sop.snd))
        return self._means(self.of(sop.sop)) | {sop.default}

    def _images(self, sop: Any, *arguments: Values) -> Values:
        if math.prod(map(len, arguments)) > MAX_VALUES:
            raise LimitError(f"{sop.name!r} depends on more than {MAX_VALUES:,} combinations of values")
        results = set()
        for values in product(*arguments):
            try:
                results.add(None if None in values else sop.f(*values))
            except FAILURES:
                continue  # no value there: combinations that do not occur may fail
        return frozenset(results)

    def _means(self, values: Values) -> Values:
        """The values themselves, and all means of up to `max_length` of them where all are whole numbers."""
        if not all(isinstance(value, int) for value in values):
            return values
        low, high = min(values, default=0), max(values, default=0)
        means = (s / n for n in range(2, self.max_length + 1) for s in range(n * low, n * high + 1))
        return values | frozenset(means)
