"""How a residual column reads: the s-op that it belongs to, and whether it holds truths."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.weights import Column


def sop_name(column: Column) -> str:
    """What people call the s-op that a column belongs to; its own name if it belongs to none."""
    return column.sop or column.name


def together(columns: Sequence[Column], numbers: Sequence[int]) -> list[list[int]]:
    """Columns, given by number, in groups of one s-op each, told apart by identity and not by name."""
    groups: dict[object, list[int]] = {}
    for number in numbers:
        of = columns[number].of
        groups.setdefault(("alone", number) if of is None else of, []).append(number)
    return list(groups.values())


def is_truth(column: Column) -> bool:
    """Whether the column holds 1 for true and 0 for false."""
    match column.labels:
        case (False, True):
            return True
    return False
