"""What the compiler knows of the inside of a model, written down as claims for its certificate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from compiler.certificate.claims import (
    Claims,
    ConstantClaim,
    FeatureClaim,
    HeadClaim,
    HiddenClaim,
    LiteralClaim,
    code_slope,
    numbered,
    runs,
)
from compiler.certificate.deriving import derived_of
from compiler.certificate.needing import needs_of
from compiler.graph.terms import INDEX, TOKEN, Term
from compiler.layout.schedule import Schedule
from compiler.lowering.columns import Column
from compiler.lowering.coordinates import Coordinate, VariableCoordinate
from compiler.lowering.operations import Head, Held, Lowered, Neurons
from compiler.ranges.domains import Listed
from compiler.values.settling import Settled


class Claiming:
    """Claims about one lowered program, with columns and s-ops by number."""

    def __init__(
        self, lowered: Lowered, schedule: Schedule, columns: Sequence[Column], settled: Settled
    ) -> None:
        self._lowered = lowered
        self._schedule = schedule
        self._settled, self._domains = settled, settled.domains
        self._terms = {t.index: i for i, t in enumerate(numbered(lowered.root))}
        self._columns = {column: i for i, column in enumerate(columns)}

    def claims(self, optimize: bool) -> Claims:
        """Everything that is claimed."""
        bos = FeatureClaim("bos", (self._columns[self._lowered.bos],))
        made = (self._feature(held) for held in self._lowered.held if held.columns)
        return Claims(
            optimize,
            (bos, *made),
            tuple(self._heads()),
            tuple(map(self._hidden, self._schedule.hidden)),
            tuple(
                ConstantClaim(self._terms[grid.term.index], tuple(map(self._over, grid.coordinates)))
                for grid in self._lowered.constants
            ),
            needs_of(self._schedule, self._domains),
            derived_of(self._settled),
        )

    def _number(self, term: Term) -> int | str:
        apart = {TOKEN.index: "token", INDEX.index: "position"}.get(term.index)
        return self._terms[term.index] if apart is None else apart

    def _feature(self, held: Held) -> FeatureClaim:
        columns = tuple(self._columns[c] for c in held.columns)
        if held.values is None:
            real = not isinstance(self._domains.get(held.subject), Listed)
            slope = (Fraction(1), -held.offset)
            return FeatureClaim(self._number(held.subject), columns, slope, real=real)
        values = held.values - int(held.offset)
        found = code_slope(values, self._codes(held.subject, len(values)))
        return FeatureClaim(self._number(held.subject), columns, found, None if found else runs(values))

    def _codes(self, term: Term, size: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        domain = None if term.index == TOKEN.index else self._domains.get(term)
        return domain.codes if isinstance(domain, Listed) else np.arange(size)

    def _heads(self) -> list[HeadClaim]:
        """The heads of each s-op in the order of the columns that they write for it."""
        head_of = {c: i for held in self._lowered.held for i, c in enumerate(held.columns)}
        found: list[tuple[int, HeadClaim]] = []
        made: Counter[int] = Counter()
        for layer, head in self._schedule.heads:
            claims = self._head(layer, made[layer], head)
            made[layer] += 1
            for claim, read in zip(claims, head.reads, strict=True):
                mine = [c for held in self._lowered.held if held.subject is read.term for c in held.columns]
                numbers = [head_of[v.column] for v in head.values if v.column in mine]
                found.append((min(numbers, default=0), claim))
        return [claim for _, claim in sorted(found, key=lambda item: (item[1].term, item[0]))]

    def _head(self, layer: int, number: int, head: Head) -> list[HeadClaim]:
        return [
            HeadClaim(
                layer,
                number,
                self._terms[read.term.index],
                tuple(
                    LiteralClaim(
                        self._terms[literal.keys.index],
                        self._terms[literal.queries.index],
                        "".join(sorted(literal.relation)),
                        dims,
                        literal.digit,
                    )
                    for literal, dims in read.literals
                ),
                read.order,
                read.part,
                read.part_dims,
            )
            for read in head.reads
        ]

    def _hidden(self, placed: tuple[int, Neurons]) -> HiddenClaim:
        layer, hidden = placed
        columns = tuple(self._columns[c] for c in hidden.columns)
        return HiddenClaim(layer, columns, tuple(map(self._over, hidden.coordinates)))

    def _over(self, coordinate: Coordinate) -> int | str | dict[int, Fraction]:
        if isinstance(coordinate, VariableCoordinate):
            return self._number(coordinate.variable)
        return {self._terms[t.index]: c for t, c in coordinate.form.coefficients.items()}
