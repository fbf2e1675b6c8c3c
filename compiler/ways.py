"""The ways in which one program can be carried, and the cheapest of them: by layers, then by parameters."""

from __future__ import annotations

from collections.abc import Iterable

from compiler.layout.answers import labels_are_dear
from compiler.layout.assembly import Stored, assemble
from compiler.layout.schedule import Schedule, assign_layers
from compiler.layout.sharing import share_places
from compiler.lowering.builder import lower
from compiler.lowering.demands import can_be_ranked
from compiler.lowering.operations import Gate, Lowered
from compiler.lowering.plan import USUAL, Way
from compiler.request import Request
from compiler.values.settling import Settled
from rasp.errors import CompileError
from runtime.weights import size

Carried = tuple[Lowered, Schedule, Stored]
"""A program as heads and neurons, and those as layers and weights."""


def cheapest(settled: Settled, asked: Request) -> Carried:
    """The program carried in the cheapest way of those that can make a difference.

    Raises:
        CompileError: it can be carried in none; what is said is said of the usual one.
    """
    found: dict[Way, Carried] = {}
    refused: list[CompileError] = []
    pending = [USUAL]
    while pending:
        way = pending.pop(0)
        try:
            found[way] = carry(settled, asked, way)
        except CompileError as error:
            refused.append(error)
        if way == USUAL:
            pending += others(settled, found.values())
    if not found:
        raise refused[0]
    return min(found.values(), key=_cost)


def others(settled: Settled, found: Iterable[Carried]) -> list[Way]:
    """The other ways that may make a difference."""
    gated = any(isinstance(neurons, Gate) for lowered, _, _ in found for neurons in lowered.hidden)
    tables = (False, True) if gated else (False,)
    ranks = (False, True) if can_be_ranked(settled.domains.get(settled.root)) else (False,)
    ways = [Way(tables_first, ranked) for tables_first in tables for ranked in ranks]
    return [way for way in ways if way != USUAL]


def carry(settled: Settled, asked: Request, way: Way) -> Carried:
    """The program in one way."""
    lowered = lower(settled.root, settled.domains, way)  # heads and neurons on named columns
    schedule = assign_layers(lowered)  # when

    def stored(as_number: bool) -> Stored:
        assembled = assemble(lowered, schedule, asked, as_number)  # where
        return share_places(lowered, schedule, assembled) if asked.optimize else assembled

    labelled = stored(as_number=False)
    return lowered, schedule, stored(as_number=True) if labels_are_dear(labelled) else labelled


def _cost(carried: Carried) -> tuple[int, int]:
    _, schedule, stored = carried
    return schedule.depth, size(stored.weights).parameters
