"""Bools among numbers. A domain lists 1 for True where it has both, and no column holds the difference.

Only a function given in Python can tell them apart; compiling refuses one that does where it may get either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from compiler.graph.terms import Kind, Term
from rasp.errors import CompileError
from rasp.words import Atom, Operator


def passed_on(term: Term) -> tuple[Term, ...]:
    """The operands of which the term hands on values as they are."""
    if term.kind in (Kind.AGGREGATE, Kind.LEAST):
        return term.args[1:]
    return term.args[1:] if term.operator is Operator.CHOOSE else ()


def any_bool(values: Iterable[Atom | None]) -> bool:
    """Whether there is a bool among the values."""
    return bool in map(type, values)  # there may be a million, and no type is derived from bool


def with_bools(values: Sequence[Atom]) -> Sequence[Atom]:
    """The values, both as an int and as a bool where they may be either: not if all numbers are bools."""
    if all(isinstance(v, str | bool) for v in values):
        return values
    both = [value for number in (0, 1) if number in values for value in (number, bool(number))]
    return [*(v for v in values if v not in (0, 1)), *both]


def check_alike(term: Term, points: Sequence[Sequence[Atom]], images: Sequence[Atom | None]) -> None:
    """Raise CompileError if the function gives something else for True than for 1."""
    known: dict[Sequence[Atom], Atom | None] = {}
    for point, image in zip(points, images, strict=True):
        if known.setdefault(point, image) != image:
            raise CompileError(
                f"{term.title} gives something else for {', '.join(map(repr, point))} than for equal "
                "arguments of other types, and may get either",
                span=term.span,
                hint="let the function treat True as 1 and False as 0, or give it values of one type",
            )
