"""What terms mean: a program after any stage of rewriting, run on an input.

Everything is as the reference interpreter has it, but SUM and LEAST, which only the compiler knows: the one
adds up what is selected, the other reads the smallest of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from compiler.graph.terms import Kind, Term, reachable, unchanged
from rasp.errors import EvaluationError
from rasp.graph.interpreter import apply, convert, entrywise, masked, mean, select_rows, sole
from rasp.graph.sops import Elementwise, LookUp, Map, Member, Operation
from rasp.words import Atom, Operator


def values_of(root: Term, sequence: Sequence[Atom], causal: bool) -> list[Atom]:
    """What the root is at every position. Raises EvaluationError where there is no value."""
    result: list[Atom] = all_values(root, sequence, causal)[root.index]
    return result


def all_values(
    root: Term, sequence: Sequence[Atom], causal: bool, replaced: Mapping[int, list[Any]] | None = None
) -> dict[int, list[Any]]:
    """By index of every term below the root and itself: its values, or a selector's rows of bools (row =
    query, column = key); some may be replaced by others. Raises EvaluationError where one has no value.
    """
    found = dict(replaced or {})
    for term in reachable(root):
        if term.index not in found:
            found[term.index] = values_at(term, [found[a.index] for a in term.args], sequence, causal)
    return found


def values_at(term: Term, args: Sequence[list[Any]], sequence: Sequence[Atom], causal: bool) -> list[Any]:
    """The values of one term, or a selector's rows, given those of its operands."""
    match term.kind:
        case Kind.TOKENS:
            return [convert(term.data, token) for token in sequence]  # type: ignore[arg-type]
        case Kind.INDICES:
            return list(range(len(sequence)))
        case Kind.CONST:
            return [term.value] * len(sequence)
        case Kind.MAP:
            assert term.function is not None
            return [apply(term.function, point) for point in zip(*args, strict=True)]
        case Kind.SELECT:
            return select_rows(args[0], args[1], term.comparison)
        case Kind.AND:
            return entrywise(lambda a, b: a and b, *args)
        case Kind.OR:
            return entrywise(lambda a, b: a or b, *args)
        case Kind.NOT:
            return [[not chosen for chosen in row] for row in args[0]]
    rows = masked(args[0]) if causal else args[0]
    return [_read(term, row, args[1:], query) for query, row in enumerate(rows)]


def _read(term: Term, row: list[bool], sources: Sequence[list[Any]], query: int) -> Atom:
    """What a read gives at one query."""
    match term.kind:
        case Kind.WIDTH:
            return sum(row)
        case Kind.EXISTS:
            return any(row)
        case Kind.SUM:
            total: Atom = sum(value for value, chosen in zip(sources[0], row, strict=True) if chosen)
            return total
        case Kind.LEAST:
            nothing: Atom = 0 if term.default is None else term.default
            chosen = (value for value, selected in zip(sources[0], row, strict=True) if selected)
            return min(chosen, default=nothing)
    read = sole if term.read_as.only else mean
    result: Atom = read(row, sources[0], term.default, query)
    return result


def quotient(total: Atom, count: Atom) -> Atom:
    """A mean by its sum and count; whole ones are ints, since a mean of one position is that value itself,
    which can index.
    """
    assert not isinstance(total, str)
    assert not isinstance(count, str)
    found = Fraction(total) / count
    return int(found) if found.denominator == 1 else found


def function_of(data: Hashable) -> Elementwise:
    """The elementwise function that a term's `data` names (see `compiler.graph.terms.function_key`). Raises
    ValueError for what names none, such as functions given in Python.
    """
    match data:
        case ("op", Operator() as operator):
            return Operation(args=(), operator=operator)
        case ("text", str() as text):
            return LookUp(args=(), container=text)
        case ("list", tuple() as items):
            return LookUp(args=(), container=tuple(value for _, value in items))
        case ("dict", tuple() as items):
            return LookUp(args=(), container={key: value for (_, key), (_, value) in items})
        case ("member", tuple() as items):
            return Member(args=(), items=tuple(value for _, value in items))
        case ("fraction", inner):
            return function_of(inner)
        case ("mean",):
            return Map(args=(), function=quotient)
        case ("kept", _):
            return Map(args=(), function=unchanged)
    raise ValueError("a function that no program spells")


def call(function: Elementwise, point: Sequence[Atom]) -> Atom | None:
    """The elementwise function at one combination of values; None where the interpreter raises."""
    try:
        value: Atom = apply(function, tuple(point))
    except EvaluationError:
        return None
    return value
