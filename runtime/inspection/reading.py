"""How a residual column reads: the s-op that it belongs to, whether it holds truths, and of which read it is
one of several parts.

A read that several heads compute, each a digit of an order or some of the positions, is one number to its
readers: the sum of its parts, under the name that all of them have as `part_of`. Where nothing is selected, a
read is 0 in the residual stream, whatever its default: its readers add that (`Column.rest`), and so does
whoever tells a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from runtime.weights import Atom, Column


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


def meaning_of(column: Column) -> str:
    """What the column holds, or the read of which it is a part."""
    return column.part_of or column.meaning


def wholes(columns: Sequence[Column]) -> dict[str, tuple[int, ...]]:
    """The reads that several columns add up to, by name: the numbers of these."""
    found: dict[str, tuple[int, ...]] = {}
    for number, column in enumerate(columns):
        if column.part_of:
            found[column.part_of] = (*found.get(column.part_of, ()), number)
    return found


def whole(columns: Sequence[Column], parts: Sequence[int]) -> Column:
    """The sum of the parts as if it were a column, written when the last of them is."""
    first, written = columns[parts[0]], max(columns[part].written for part in parts)
    return replace(first, name=first.part_of, meaning=first.part_of, written=written, part_of="")


def as_reads(
    columns: Sequence[Column], numbers: Iterable[int], after: int | None = None
) -> list[tuple[Column, tuple[int, ...]]]:
    """Columns, given by number, as people think of them: a read once in place of its parts, with the numbers
    of those; after so many sublayers, only if all of them are written by then.
    """
    known, found = wholes(columns), dict[str, tuple[Column, tuple[int, ...]]]()
    for number in numbers:
        column = columns[number]
        parts = known.get(column.part_of, ())
        if parts and (after is None or whole(columns, parts).written <= after):
            found.setdefault(column.part_of, (whole(columns, parts), parts))
        else:
            found[column.name] = column, (number,)
    return list(found.values())


def labels_of(column: Column) -> tuple[Atom, ...] | None:
    """What the column's numbers stand for. A part of a value is none: only the sum of the parts has a label,
    unless it is a truth, which one of them finds.
    """
    found = is_truth(column) and not column.rest
    return None if column.part_of and not found else column.labels


def rest_of(column: Column) -> Fraction:
    """What is added to the column's number to read it: to the sum of parts once, and not to each of them."""
    return Fraction(0) if column.part_of else column.rest


def less_rest(name: str, column: Column) -> str:
    """What the number itself is that a column of this name carries: x less 7 if 7 is the default of x."""
    rest = rest_of(column) * column.scale
    return name if not rest else f"{name} {'+' if rest < 0 else chr(0x2212)} {abs(rest)}"


def is_truth(column: Column) -> bool:
    """Whether the column holds 1 for true and 0 for false."""
    match column.labels:
        case (False, True):
            return True
    return False
