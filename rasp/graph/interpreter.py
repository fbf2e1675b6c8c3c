"""The reference meaning of the s-op graph: exact values, every node in a few lines, no cleverness."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, cast

from rasp.errors import (
    AggregateError,
    EvaluationError,
    InputError,
    LimitError,
    LookUpFailure,
    OperandError,
    RaspError,
)
from rasp.graph.atoms import Answer, checked, decimal, shown, to_atom
from rasp.graph.operators import OPERATIONS, item_at
from rasp.graph.sops import (
    Aggregate,
    Constant,
    Elementwise,
    Exists,
    Indices,
    LookUp,
    Map,
    Member,
    Node,
    Operation,
    Read,
    Select,
    Selector,
    SelectorAnd,
    SelectorNot,
    SelectorOr,
    SOp,
    Tokens,
    Width,
    in_order,
    operands,
)
from rasp.graph.values import Value, describe, input_sequence, show, type_name
from rasp.limits import MAX_BITS, MAX_PAIRS
from rasp.words import Atom, Comparison, Conversion, Operator

Row = list[Any]  # of atoms for an s-op, of rows of bools for a selector
Values = dict[Node, Row]


def evaluate(node: Node, inputs: object, causal: bool = False) -> list[Any]:
    """The values of an s-op on an input, or the rows of a selector (row = query, column = key).

    `node`: an s-op or selector; `inputs`: a string, for its characters, or a list of n tokens, which gives n
    values or n rows of n bools. `causal` masks the keys after each query wherever a selector is read. Raises
    `InputError` for an unsuitable input and `EvaluationError` where some s-op has no value.
    """
    if not isinstance(node, Node):
        raise InputError(f"what is evaluated is an s-op or a selector, not {shown(node)}")
    sequence = input_sequence(inputs)
    nodes = list(in_order(node))
    check_length(nodes, len(sequence))
    values: Values = {}
    for each in nodes:
        try:
            values[each] = node_values(each, sequence, values, causal)
        except RaspError as error:
            placed = each if each.span is not None else first_reader(each, node)
            error.locate(placed.span, placed.site)
            raise
    if isinstance(node, Selector):
        return masked(values[node]) if causal else values[node]
    return Answer(values[node])


def longest_input(nodes: Iterable[Node]) -> int | None:
    """The most tokens on which a program of these nodes is evaluated; None if it has no selectors, and so no
    such limit.
    """
    matrices = count_matrices(nodes)
    return math.isqrt(MAX_PAIRS // matrices) if matrices else None


def count_matrices(nodes: Iterable[Node]) -> int:
    """How many of the nodes go through all pairs of positions."""
    return sum(isinstance(node, (Selector, Read)) for node in nodes)


def check_length(nodes: Sequence[Node], length: int) -> None:
    """Raise `InputError` if the input is too long for a program of these nodes.

    Not a `LimitError`, which would say that the program has no value on the input.
    """
    longest = longest_input(nodes)
    if longest is not None and length > longest:
        matrices = count_matrices(nodes)
        raise InputError(
            f"the input has {length:,} tokens, which makes {matrices * length**2:,} pairs of positions "
            f"in {matrices:,} selectors and aggregates; {MAX_PAIRS:,} pairs are the limit",
            hint=f"the interpreter runs this program on up to {longest:,} tokens",
        )


def first_reader(base: Node, root: Node) -> Node:
    """The first node with a place that reads this one, which has none of its own (the tokens)."""
    readers = (each for each in in_order(root) if any(base is read for read in operands(each)))
    return next((reader for reader in readers if reader.span is not None), root)


def masked(rows: Row) -> Row:
    """The rows with all keys after the query unselected."""
    return [[chosen and key <= query for key, chosen in enumerate(row)] for query, row in enumerate(rows)]


def node_values(node: Node, sequence: list[Atom], values: Values, causal: bool) -> Row:
    """The values of one node, given those of its operands."""
    n = len(sequence)
    match node:
        case Tokens(conversion=conversion):
            return of_one_type([at(i, convert, conversion, token) for i, token in enumerate(sequence)])
        case Indices():
            return list(range(n))
        case Constant(value=value):
            return [value] * n
        case Elementwise(args=args):
            columns = [values[arg] for arg in args]
            return of_one_type([at(i, apply, node, tuple(c[i] for c in columns)) for i in range(n)])
        case Aggregate(selector=selector, values=read, default=default):
            rows = masked(values[selector]) if causal else values[selector]
            of_row = sole if node.only else mean
            otherwise = values[default] if isinstance(default, SOp) else [default] * n
            found = [of_row(row, values[read], otherwise[i], i) for i, row in enumerate(rows)]
            return of_one_type(found, forgotten_default=default is None and not all(map(any, rows)))
        case Width(selector=selector):
            return [sum(row) for row in (masked(values[selector]) if causal else values[selector])]
        case Exists(selector=selector):
            return [any(row) for row in (masked(values[selector]) if causal else values[selector])]
        case Select(keys=keys, queries=queries, comparison=comparison):
            return select_rows(values[keys], values[queries], comparison)
        case SelectorAnd(left=left, right=right):
            return entrywise(lambda a, b: a and b, values[left], values[right])
        case SelectorOr(left=left, right=right):
            return entrywise(lambda a, b: a or b, values[left], values[right])
        case SelectorNot(operand=operand):
            return [[not chosen for chosen in row] for row in values[operand]]
    raise TypeError(f"no such node: {node!r}")


def at(position: int, function: Any, *arguments: Any) -> Any:
    """The function's result; an error in it says at which position of the sequence it happened."""
    try:
        return function(*arguments)
    except EvaluationError as error:
        error.message += f", at position {position}"
        if isinstance(error, (OperandError, LimitError)):
            error.hint = error.hint or hint_for(arguments[-1])
        raise


def hint_for(operands: object) -> str | None:
    """What to say where strings meet numbers, or an operator for numbers alone."""
    values = operands if isinstance(operands, tuple) else ()
    if any(isinstance(value, str) for value in values) and not any(type(value) is bool for value in values):
        return "use `tokens_int` (or `tokens_float`) where the tokens are meant as numbers"
    return None


def of_one_type(values: Row, forgotten_default: bool = False) -> Row:
    """The same values, once it is sure that they are all strings or all numbers (bools are numbers)."""
    hint = (
        "where nothing is selected the value is 0; give `aggregate` a default" if forgotten_default else None
    )
    first = isinstance(values[0], str)
    for position, value in enumerate(values):
        if isinstance(value, str) != first:
            raise OperandError(
                f"the values are not of one type: {describe(values[0])} at position 0, "
                f"{describe(value)} at position {position}",
                hint=hint,
            )
    return values


def apply(node: Elementwise, values: tuple[Atom, ...]) -> Atom:
    """An elementwise node at one position, given its arguments' values there.

    Raises `EvaluationError` where it has no value (division by zero, a missing key, ...).
    """
    match node:
        case Operation(operator=operator):
            return cast(Atom, OPERATIONS[operator](*values))  # atoms give atoms
        case LookUp(container=container):
            if not isinstance(container, Mapping):
                return cast(Atom, item_at(cast("Sequence[Value]", container), values[0]))
            if values[0] not in container:
                raise LookUpFailure(f"the dict has no key {show(values[0])}")
            return container[values[0]]
        case Member(searched=items):
            return values[0] in items
        case Map(function=function):
            return called(function, values)
    raise TypeError(f"no such elementwise node: {node!r}")


def called(function: Callable[..., Any], values: tuple[Atom, ...]) -> Atom:
    """What a Python function gives for the values, if it gives an atom. Whole numbers reach it as ints: equal
    fractions and ints must give the same.
    """
    values = tuple(int(v) if isinstance(v, Fraction) and v.denominator == 1 else v for v in values)
    given = ", ".join(show(value) for value in values)
    try:
        return to_atom(function(*values))
    except RaspError as error:
        raise EvaluationError(f"the Python function gave no atom on {given}: {error.message}") from error
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise EvaluationError(f"the Python function failed on {given}: {error}") from error


def mean(row: Row, values: Row, default: Atom | None, query: int) -> Atom:
    """What one query reads: the mean of the selected values, the only one as it is, or the default."""
    selected = [value for value, chosen in zip(values, row, strict=True) if chosen]
    if not selected:
        return 0 if default is None else default
    if len(selected) == 1:
        return selected[0]  # type: ignore[no-any-return]
    kind = type_name(values[0])
    if kind in ("string", "bool") and all(type_name(value) == kind for value in values):
        raise AggregateError(
            f"{len(selected)} {kind}s are selected, and only numbers have a mean, at position {query}",
            hint="select one position only"
            + (", or take the mean of `indicator(...)`" if kind == "bool" else ""),
        )
    return checked(sum(selected, Fraction(0)) / len(selected))


def sole(row: Row, values: Row, default: Atom | None, query: int) -> Atom:
    """What one query reads with `only`: the value that all selected positions hold, as the first of them has
    it (1, 1.0 and True are equal), or the default.
    """
    selected = [value for value, chosen in zip(values, row, strict=True) if chosen]
    if not selected:
        return 0 if default is None else default
    different = next((value for value in selected if value != selected[0]), None)
    if different is not None:
        raise AggregateError(
            f"several different values are selected, {show(selected[0])} and {show(different)}, "
            f"at position {query}",
            hint="`only` reads what all selected positions hold; the mean of numbers is `aggregate`",
        )
    return selected[0]  # type: ignore[no-any-return]


def select_rows(keys: Row, queries: Row, comparison: Comparison) -> Row:
    """Row i, column j: `keys[j] comparison queries[i]`."""
    compare = OPERATIONS[Operator(comparison.value)]
    rows: Row = []
    for i, query in enumerate(queries):
        try:
            rows.append([compare(key, query) for key in keys])
        except OperandError as error:
            error.message += f" (keys against the query at position {i})"
            error.hint = error.hint or hint_for((keys[0], query))
            raise
    return rows


def entrywise(combine: Any, left: Row, right: Row) -> Row:
    """Two matrices combined entry by entry."""
    return [[combine(a, b) for a, b in zip(x, y, strict=True)] for x, y in zip(left, right, strict=True)]


def convert(conversion: Conversion, token: Atom) -> Atom:
    """One input element, converted."""
    if conversion == "str":
        return text_of(token)
    if conversion == "bool":
        return bool(token)
    if conversion == "int":
        return int(number_of(token, r"\s*[+-]?[0-9]+\s*", "an int"))
    if conversion == "float":
        return Fraction(
            number_of(token, r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", "a number")
        )
    return token


def text_of(token: Atom) -> str:
    """The element as a string: numbers as they are printed."""
    return decimal(token) if isinstance(token, Fraction) else str(token)


def number_of(token: Atom, pattern: str, what: str) -> int | Fraction:
    """The element as a number, if it is one or (as a string) spells one."""
    if not isinstance(token, str):
        return token
    if not re.fullmatch(pattern, token, re.ASCII):
        raise OperandError(f"the token {show(token)} is not {what}")
    _, _, exponent = token.lower().partition("e")
    if len(token) > MAX_BITS // 4 or abs(int(exponent or 0)) > MAX_BITS // 4:
        raise LimitError("a token spells too large a number")
    return checked(Fraction(token))
