"""Which columns share a place in the residual stream: a column takes over the place of one that nothing
reads any more (see `runtime.places`), if the model gets much smaller by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from compiler.layout.assembly import Stored
from compiler.layout.schedule import Schedule
from compiler.lowering.columns import Column
from compiler.lowering.operations import Lowered, columns_read
from runtime.places import LARGEST, share
from runtime.weights import size

WORTH = 0.9
"""A model is easier to read if every column has its own place, so sharing must save a tenth."""


def share_places(lowered: Lowered, schedule: Schedule, assembled: Stored) -> Stored:
    """The model with shared places if that pays, else as it was."""
    config, weights = assembled.config, assembled.weights
    places = choose_places(assembled.columns, schedule.written, last_reads(lowered, schedule))
    count = max(places) + 1
    if count == len(places):
        alone = "every column has a place of its own: none can take over another's"
        return replace(assembled, reason=alone)
    shared, packed = share(config, weights, places)
    entries, before = size(packed).parameters, size(weights).parameters
    if entries > WORTH * before:
        reason = f"sharing {count} places would save less than a tenth ({entries:,} entries of {before:,})"
        return replace(assembled, reason=f"every column has a place of its own: {reason}")
    reason = f"{len(places)} columns share {count} places: {entries:,} entries instead of {before:,}"
    return replace(assembled, config=shared, weights=packed, reason=reason)


def last_reads(lowered: Lowered, schedule: Schedule) -> dict[Column, float]:
    """The last sublayer that reads each column; infinite for those that must stay."""
    last: dict[Column, float] = {}
    for layer, head in schedule.heads:
        last |= {column: max(last.get(column, 0), 2 * layer - 1) for column in columns_read(head)}
    for layer, hidden in schedule.hidden:
        last |= {column: max(last.get(column, 0), 2 * layer) for column in columns_read(hidden)}
    kept = [column for held in lowered.held if held.subject.is_kept for column in held.columns]
    return last | dict.fromkeys([lowered.bos, *lowered.output.coefficients, *kept], float("inf"))


def choose_places(
    columns: Sequence[Column], written: dict[Column, int], last: dict[Column, float]
) -> tuple[int, ...]:
    """A place for each column, given in the order in which they are written: one that an MLP can clear after
    the last reading of the column that is there, and before the writing of the new one, or else a new place.
    """
    tenants: list[Column] = []
    places = []
    for column in columns:
        cleared = (written[column] - 1) // 2 * 2  # the last MLP before it is written
        free = (
            place
            for place, old in enumerate(tenants)
            if written[old] < cleared and last.get(old, 0) <= cleared and can_be_cleared(old)
        )
        place = next(free, len(tenants))
        tenants[place : place + 1] = [column]
        places.append(place)
    return tuple(places)


def can_be_cleared(column: Column) -> bool:
    """Whether it holds integers that a neuron can take away exactly."""
    return not column.noise and column.bound < LARGEST
