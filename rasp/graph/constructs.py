"""The constructs of the language as functions of values: plain values in, a plain value out; as soon as an
s-op or a selector is among them, a node of the graph comes out.

Both forms of the language, text and Python, are built with these. All raise `OperandError` (or another
`EvaluationError`) for values that a construct does not take; `operand` says which one is to blame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import cast

from rasp.errors import (
    LimitError,
    LookUpFailure,
    OperandError,
    ZeroDivision,
)
from rasp.graph.atoms import is_atom
from rasp.graph.operators import OPERATIONS, equal, item_at
from rasp.graph.sops import (
    SELECT,
    Aggregate,
    Applied,
    Constant,
    Exists,
    LookUp,
    Member,
    Node,
    Operation,
    Select,
    Selector,
    SelectorNot,
    SOp,
    Width,
    as_selector,
    as_sop,
    combined,
    value_at,
)
from rasp.graph.values import Value, describe, show, truth
from rasp.limits import MAX_ITEMS
from rasp.words import Atom, Comparison, Operator

ATOMS = (int, str, Fraction)
"""The types of atoms, for `isinstance`."""


def unary(operator: Operator, value: Value) -> Value:
    """`not`, `-` and `+`."""
    if isinstance(value, SOp):
        return Operation((value,), operator)
    if isinstance(value, Selector):
        if operator is Operator.NOT:
            return SelectorNot(value)
        sign = {Operator.NEG: "-", Operator.POS: "+"}[operator]
        raise OperandError(f"unary `{sign}` does not work on {describe(value)}", operand=0)
    return OPERATIONS[operator](value)


def binary(operator: Operator, left: Value, right: Value) -> Value:
    """Arithmetic, comparisons, `and` and `or`."""
    if isinstance(left, Node) or isinstance(right, Node):
        return combined(operator, left, right)
    if operator is Operator.AND:
        return right if truth(left) else left
    if operator is Operator.OR:
        return left if truth(left) else right
    if isinstance(left, Applied) != isinstance(right, Applied) and (is_atom(left) or is_atom(right)):
        raise OperandError(
            f"`{operator.value}` does not work on the result of an application",
            hint="apply last: write `(s + 1)([1, 2])`, not `s([1, 2]) + 1`",
        )
    return OPERATIONS[operator](left, right)


def choose(condition: Value, then: Value, otherwise: Value) -> SOp:
    """`then if condition else otherwise` with an s-op as condition."""
    if not isinstance(condition, SOp):
        raise OperandError(f"the condition must be an s-op, got {describe(condition)}", operand=0)
    what = "a branch of an s-op condition"
    return Operation((condition, as_sop(then, 1, what), as_sop(otherwise, 2, what)), Operator.CHOOSE)


def rounded(value: Value) -> Value:
    """`round(value)`."""
    if isinstance(value, SOp):
        return Operation((value,), Operator.ROUND)
    if isinstance(value, Selector):
        raise OperandError(f"`round` does not work on {describe(value)}", operand=0)
    return OPERATIONS[Operator.ROUND](value)


def indicator(value: Value) -> SOp:
    """`indicator(value)`: 1 where it is true, 0 elsewhere."""
    if not isinstance(value, SOp):
        raise OperandError(f"`indicator` needs an s-op, got {describe(value)}", operand=0)
    return Operation((value,), Operator.INDICATOR)


def select(keys: Value, queries: Value, comparison: Comparison) -> Select:
    """`select(keys, queries, comparison)`."""
    return Select(
        as_sop(keys, 0, "the keys of `select`"), as_sop(queries, 1, "the queries of `select`"), comparison
    )


def aggregate(selector: Value, values: Value, default: Value | None = None) -> Aggregate:
    """`aggregate(selector, values, default)`."""
    return _read("aggregate", selector, values, default)


def only(selector: Value, values: Value, default: Value | None = None) -> Aggregate:
    """`only(selector, values, default)`."""
    return replace(_read("only", selector, values, default), only=True)


def width(selector: Value) -> Width:
    """How many positions each row of a selector selects."""
    return Width(as_selector(selector, 0, "what is counted"))


def exists(selector: Value) -> Exists:
    """Whether each row of a selector selects any position."""
    return Exists(as_selector(selector, 0, "what is looked for"))


def _read(function: str, selector: Value, values: Value, default: Value | None) -> Aggregate:
    """What a function of a selector, values and a default makes of them."""
    swapped = isinstance(values, Selector) and not isinstance(selector, Selector)
    hint = "the selector comes first, and then what is read" if swapped else SELECT
    chosen = as_selector(selector, 0, f"the first argument of `{function}`", hint)
    read = as_sop(values, 1, f"the second argument of `{function}`")
    if default is None or is_atom(default):
        return Aggregate(chosen, read, cast("Atom | None", default))
    otherwise = as_sop(default, 2, f"the default of `{function}`")
    if selects_everything(chosen):
        raise OperandError("every position is selected, so a default s-op would never be read", operand=2)
    return Aggregate(chosen, read, otherwise.value if isinstance(otherwise, Constant) else otherwise)


def selects_everything(selector: Selector) -> bool:
    """Whether the selector compares two constants that always fit, as `full_s` does."""
    match selector:
        case Select(keys=Constant(value=key), queries=Constant(value=query), comparison=comparison):
            return OPERATIONS[Operator(comparison.value)](key, query) is True
    return False


def membership(item: Value, container: Value) -> Value:
    """`item in container`."""
    if isinstance(container, SOp):
        if not is_atom(item):
            raise OperandError(f"only an atom can be in an s-op, not {describe(item)}", operand=0)
        return Exists(select(indicator(binary(Operator.EQ, container, item)), 1, Comparison.EQ))
    if not isinstance(container, list):
        raise OperandError(
            f"`in` needs a list or an s-op on its right, got {describe(container)}",
            operand=1,
            hint="`in` binds loosest of all: put it in brackets, as in `(x in l) and y`"
            if isinstance(container, bool)
            else 'characters are written as a list: `x in ["a", "b"]`'
            if isinstance(container, str)
            else None,
        )
    if isinstance(item, SOp):
        return Member((item,), _atoms(container, "a list that an s-op is looked for in"))
    if not isinstance(item, (int, Fraction, str)):
        raise OperandError(f"only an atom or an s-op can be in a list, not {describe(item)}", operand=0)
    if any(isinstance(member, (SOp, Selector)) for member in container):
        raise OperandError("a list that holds s-ops or selectors cannot be searched", operand=1)
    return any(equal(item, member) for member in container)


def _atoms(items: Sequence[Value], what: str) -> tuple[Atom, ...]:
    """All items, once it is sure that they are atoms."""
    atoms: list[Atom] = []
    for item in items:
        if not isinstance(item, (int, Fraction, str)):
            raise OperandError(f"{what} may hold atoms only, but it holds {describe(item)}", operand=1)
        atoms.append(item)
    return tuple(atoms)


def index(value: Value, position: Value) -> Value:
    """`value[position]`."""
    if isinstance(value, SOp):
        return value_at(value, position)
    if isinstance(value, (list, str)):
        return _item(value, position)
    if isinstance(value, dict):
        return _entry(value, position)
    raise OperandError(f"{describe(value)} cannot be indexed", operand=0)


def _item(items: list[Value] | str, position: Value) -> Value:
    if isinstance(position, SOp):
        container = items if isinstance(items, str) else _atoms(items, "a list indexed by an s-op")
        return LookUp((position,), container)
    return item_at(items, position)


def _entry(entries: dict[Atom, Value], key: Value) -> Value:
    if isinstance(key, SOp):
        atoms = _atoms(list(entries.values()), "a dict indexed by an s-op")
        return LookUp((key,), dict(zip(entries, atoms, strict=True)))
    if not isinstance(key, (int, Fraction, str)):
        raise OperandError(f"a key must be an atom, got {describe(key)}", operand=1)
    if key not in entries:
        raise LookUpFailure(f"the dict has no key {show(key)}", operand=1)
    return entries[key]


def range_list(bounds: Sequence[Value]) -> list[Value]:
    """`range(...)`: one to three ints."""
    if not 1 <= len(bounds) <= 3:
        raise OperandError(f"`range` takes one to three ints, got {len(bounds)} arguments")
    ints: list[int] = []
    for position, bound in enumerate(bounds):
        if not isinstance(bound, int):
            hint = "each position's index is the s-op `indices`" if isinstance(bound, SOp) else None
            raise OperandError(f"`range` takes ints, got {describe(bound)}", operand=position, hint=hint)
        ints.append(int(bound))
    if len(ints) == 3 and ints[2] == 0:
        raise ZeroDivision("the step of `range` is zero", operand=2)
    numbers = range(*ints)
    # The length of a huge range does not fit what `len` may return.
    if numbers and abs(numbers[-1] - numbers[0]) // abs(numbers.step) >= MAX_ITEMS:
        raise LimitError(f"`range` would have more than {MAX_ITEMS:,} items")
    return list(numbers)


def zipped(lists: Sequence[Value]) -> list[Value]:
    """`zip(...)`: lists of equal length."""
    rows: list[list[Value]] = []
    for position, items in enumerate(lists):
        if not isinstance(items, list):
            raise OperandError(f"`zip` takes lists, got {describe(items)}", operand=position)
        if rows and len(items) != len(rows[0]):
            raise OperandError(
                f"`zip` takes lists of equal length, got {len(rows[0])} and {len(items)} items",
                operand=position,
            )
        rows.append(items)
    return [list(row) for row in zip(*rows, strict=True)]


def length_of(items: Value) -> int:
    """`len(list)`."""
    if not isinstance(items, list):
        hint = "the number of tokens is the s-op `length`" if isinstance(items, SOp) else None
        raise OperandError(f"`len` needs a list, got {describe(items)}", operand=0, hint=hint)
    return len(items)
