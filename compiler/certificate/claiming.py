"""What the compiler knows of the inside of a model, written down as claims for its certificate."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from compiler.certificate.claims import (
    Claims,
    ConstantClaim,
    FeatureClaim,
    HeadClaim,
    LiteralClaim,
    TableClaim,
    code_slope,
    numbered,
    runs,
)
from compiler.graph.terms import TOKEN, Term
from compiler.layout.schedule import Schedule
from compiler.lowering.columns import Column
from compiler.lowering.coordinates import Coordinate, VariableCoordinate
from compiler.lowering.operations import Claim, Head, Lowered, Table
from compiler.values.domains import Domain
from compiler.values.inference import Domains


class Claiming:
    """Claims about one lowered program, with columns and s-ops by number."""

    def __init__(
        self, lowered: Lowered, schedule: Schedule, columns: Sequence[Column], domains: Domains
    ) -> None:
        self._lowered = lowered
        self._schedule = schedule
        self._domains = domains
        self._terms = {t.index: i for i, t in enumerate(numbered(lowered.root))}
        self._columns = {column: i for i, column in enumerate(columns)}

    def claims(self, optimize: bool) -> Claims:
        """Everything that is claimed."""
        bos = FeatureClaim("bos", (self._columns[self._lowered.bos],))
        made = (self._feature(claim) for claim in self._lowered.claims if claim.columns)
        return Claims(
            optimize,
            (bos, *made),
            tuple(self._heads()),
            tuple(map(self._table, self._schedule.tables)),
            tuple(
                ConstantClaim(self._terms[grid.term.index], tuple(map(self._over, grid.coordinates)))
                for grid in self._lowered.constants
            ),
        )

    def _number(self, term: Term) -> int | str:
        return "token" if term.index == TOKEN.index else self._terms[term.index]

    def _feature(self, claim: Claim) -> FeatureClaim:
        columns = tuple(self._columns[c] for c in claim.columns)
        if claim.values is None:
            real = not isinstance(self._domains.get(claim.subject), Domain)
            slope = (Fraction(1), -claim.offset)
            return FeatureClaim(self._number(claim.subject), columns, slope, real=real)
        values = claim.values - int(claim.offset)
        found = code_slope(values, self._codes(claim.subject, len(values)))
        return FeatureClaim(self._number(claim.subject), columns, found, None if found else runs(values))

    def _codes(self, term: Term, size: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        domain = None if term.index == TOKEN.index else self._domains.get(term)
        return domain.codes if isinstance(domain, Domain) else np.arange(size)

    def _heads(self) -> list[HeadClaim]:
        """The heads of each s-op in the order of the columns that they write for it."""
        part = {c: i for claim in self._lowered.claims for i, c in enumerate(claim.columns)}
        found: list[tuple[int, HeadClaim]] = []
        places: dict[int, int] = {}
        for layer, head in self._schedule.heads:
            place = places.get(layer, 0)
            places[layer] = place + 1
            for claim, read in zip(self._head(layer, place, head), head.reads, strict=True):
                mine = [
                    c for known in self._lowered.claims if known.subject is read.term for c in known.columns
                ]
                parts = [part[v.column] for v in head.values if v.column in mine]
                found.append((min(parts, default=0), claim))
        return [claim for _, claim in sorted(found, key=lambda item: (item[1].term, item[0]))]

    def _head(self, layer: int, place: int, head: Head) -> list[HeadClaim]:
        return [
            HeadClaim(
                layer,
                place,
                self._terms[read.term.index],
                tuple(
                    LiteralClaim(
                        self._terms[literal.keys.index],
                        self._terms[literal.queries.index],
                        "".join(sorted(literal.relation)),
                        dims,
                    )
                    for literal, dims in read.scored
                ),
            )
            for read in head.reads
        ]

    def _table(self, placed: tuple[int, Table]) -> TableClaim:
        layer, table = placed
        columns = tuple(self._columns[c] for c in table.columns)
        return TableClaim(layer, columns, tuple(map(self._over, table.coordinates)))

    def _over(self, coordinate: Coordinate) -> int | str | dict[int, Fraction]:
        if isinstance(coordinate, VariableCoordinate):
            return self._number(coordinate.variable)
        return {self._terms[t.index]: c for t, c in coordinate.form.coefficients.items()}
