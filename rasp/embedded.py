"""RASP in Python: the same s-op graph, built by Python expressions.

    from rasp import aggregate, indices, length, select, tokens
    reverse = aggregate(select(indices, length - 1 - indices, "=="), tokens)
    reverse("abc")

S-ops take Python's operators (`**` for power; `&`, `|`, `~` for and, or, not), `s[0]`, `s[-1]`, `round(s)`;
selectors take `&`, `|` and `~`. `tokens` are the input's elements as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, cast

import rasp.drawing.shown  # noqa: F401 - hands in how notebooks show s-ops
from rasp.elaboration.library import library_function, library_names
from rasp.errors import OperandError
from rasp.graph import constructs
from rasp.graph.atoms import shown, to_atom
from rasp.graph.sops import INDICES, TOKENS, Map, Selector, SOp
from rasp.graph.values import to_value
from rasp.words import Atom, Comparison

if TYPE_CHECKING:
    length: SOp
    full_s: Selector

Operand = SOp | Atom | float

indices: SOp = INDICES
tokens_asis: SOp = TOKENS["asis"]
tokens_str: SOp = TOKENS["str"]
tokens_int: SOp = TOKENS["int"]
tokens_float: SOp = TOKENS["float"]
tokens_bool: SOp = TOKENS["bool"]
tokens: SOp = tokens_asis


def __getattr__(name: str) -> Any:
    """`length` and `full_s`, which are not there before the library has been elaborated."""
    if name in ("length", "full_s"):
        return library_names()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def select(keys: Operand, queries: Operand, comparison: Comparison | str) -> Selector:
    """The selector whose entry (query i, key j) is `keys[j] comparison queries[i]`.

    `keys`, `queries`: s-ops, or atoms, which are the same everywhere; `comparison`: one of `==`, `!=`, `<`,
    `<=`, `>`, `>=`. On an input of n tokens it is an n x n matrix: a row for each query, a column for each
    key. Raises `OperandError` for operands that are no s-ops or atoms, and for any other comparison.
    """
    try:
        chosen = Comparison(comparison)
    except ValueError:
        raise OperandError(f"{shown(comparison)} is not a comparison: use ==, !=, <, <=, > or >=") from None
    return constructs.select(to_value(keys), to_value(queries), chosen)


def aggregate(selector: Selector, values: Operand, default: Operand | None = None) -> SOp:
    """At each position: what the selected `values` are on average; of one value, the value itself.

    `selector`: its row at a position says which positions are selected; `values`: an s-op, or an atom, which
    is the same everywhere; `default`: what stands where nothing is selected (without it: 0), of an s-op its
    value at that position. Only numbers have a mean: where several strings or bools are selected there is no
    answer (an `EvaluationError`). Raises `OperandError` for operands of another kind.
    """
    return constructs.aggregate(selector, to_value(values), None if default is None else to_value(default))


def only(selector: Selector, values: Operand, default: Operand | None = None) -> SOp:
    """At each position: the value that all selected positions hold.

    `selector`, `values` and `default` are those of `aggregate`. Where the selected values differ there is no
    answer (an `EvaluationError`). A compiled model relies on it: its certificate speaks of the inputs that
    have an answer. Raises `OperandError` for operands of another kind.
    """
    return constructs.only(selector, to_value(values), None if default is None else to_value(default))


def where(condition: SOp, then: Operand, otherwise: Operand) -> SOp:
    """`then` where the `condition` is true, `otherwise` elsewhere.

    `condition`: an s-op of bools (a number counts as true unless it is 0, a string unless it is empty);
    `then`, `otherwise`: s-ops or atoms. Raises `OperandError` for operands of another kind.
    """
    return constructs.choose(condition, to_value(then), to_value(otherwise))


def indicator(sop: SOp) -> SOp:
    """1 where `sop` is true (see `where`), 0 elsewhere. Raises `OperandError` for what is no s-op."""
    return constructs.indicator(sop)


def member(sop: SOp, atoms: Iterable[Atom | float]) -> SOp:
    """At each position: whether the value of the s-op `sop` is one of `atoms`, a list, tuple or set of atoms
    or a string (its characters). Raises `OperandError` if `atoms` is something else.
    """
    if not isinstance(atoms, Iterable):
        raise OperandError(f"`member` takes a list of atoms, not {shown(atoms)}", operand=1)
    return cast(SOp, constructs.membership(sop, [to_atom(atom) for atom in atoms]))


def look_up(container: dict[Any, Any] | list[Any] | str, index: SOp) -> SOp:
    """`container[index]` at each position.

    `container`: a dict of atoms, or a list of atoms or a string; `index`: an s-op of the dict's keys, or of
    places from 0 (-1 is the last). Where there is no such key or place, there is no answer (an
    `EvaluationError`). Raises `OperandError` for a container of another kind.
    """
    return cast(SOp, constructs.index(to_value(container), index))


def map(function: Callable[..., Any], *sops: SOp) -> SOp:
    """A Python function of atoms, applied at each position to the values of the s-ops there.

    `function` takes as many atoms as there are `sops`. It must give an atom (or a float), and the same one
    for the same arguments. Numbers that are not whole reach it as `fractions.Fraction`, whole ones as ints.
    An exception in it means that there is no value. Raises `OperandError` without s-ops.
    """
    if not callable(function):
        raise OperandError(
            f"`map` applies a function, not {shown(function)}", hint="as in `map(f, s)`", operand=0
        )
    for position, sop in enumerate(sops):
        if not isinstance(sop, SOp):
            raise OperandError("`map` applies a function to s-ops", operand=position)
    if not sops:
        raise OperandError("`map` needs at least one s-op")
    return Map(sops, function)


def _library(name: str, *arguments: object) -> Any:
    return library_function(name)(*arguments)


def selector_width(selector: Selector) -> SOp:
    """At each position: how many positions its row of `selector` selects, 0 to n of n tokens. Raises
    `OperandError` for what is no selector.
    """
    return cast(SOp, _library("selector_width", selector))


def has_focus(selector: Selector) -> SOp:
    """At each position: whether its row of `selector` selects anything, a bool. Raises `OperandError` for
    what is no selector.
    """
    return cast(SOp, _library("has_focus", selector))


def count(sop: SOp, atom: Atom | float) -> SOp:
    """How often the value `atom` occurs in the s-op `sop`, the same number at every position."""
    return cast(SOp, _library("count", sop, atom))


def contains(sop: SOp, atom: Atom | float) -> SOp:
    """Whether the value `atom` occurs in the s-op `sop`, the same bool at every position."""
    return cast(SOp, _library("contains", sop, atom))


def max(a: Operand, b: Operand) -> Any:
    """The larger of `a` and `b` at each position, s-ops or atoms (of two atoms: an atom). Where one is a
    string and the other a number there is no answer (an `EvaluationError`).
    """
    return _library("max", a, b)


def min(a: Operand, b: Operand) -> Any:
    """The smaller of `a` and `b` at each position, s-ops or atoms (of two atoms: an atom). Where one is a
    string and the other a number there is no answer (an `EvaluationError`).
    """
    return _library("min", a, b)


def average(sop: SOp) -> SOp:
    """The mean of all values of `sop`, an s-op of numbers, the same exact number at every position."""
    return cast(SOp, _library("average", sop))


def load_from_location(sop: SOp, location: Operand) -> SOp:
    """The value of the s-op `sop` at the position (from 0) that `location`, an s-op or a number, gives; 0
    where that is outside.
    """
    return cast(SOp, _library("load_from_location", sop, location))


def shift(sop: SOp, n: Operand, filler: Atom | float) -> SOp:
    """The s-op `sop` moved `n` positions to the right (to the left, if negative); the atom `filler` where
    nothing arrives. `n` may be an s-op, too: how far each value moves.
    """
    return cast(SOp, _library("shift", sop, n, filler))


def mark_last_instance(sop: SOp, value: Operand) -> SOp:
    """True at the last position where the s-op `sop` holds `value` (an atom or an s-op), False elsewhere."""
    return cast(SOp, _library("mark_last_instance", sop, value))


def mark_first_instance(sop: SOp, value: Operand) -> SOp:
    """True at the first position where the s-op `sop` holds `value` (an atom or an s-op), False elsewhere."""
    return cast(SOp, _library("mark_first_instance", sop, value))


def select_from_last(sop: SOp, value: Operand) -> Selector:
    """Every row selects the last position where the s-op `sop` holds `value` (an atom or an s-op)."""
    return cast(Selector, _library("select_from_last", sop, value))


def select_from_first(sop: SOp, value: Operand) -> Selector:
    """Every row selects the first position where the s-op `sop` holds `value` (an atom or an s-op)."""
    return cast(Selector, _library("select_from_first", sop, value))


def sort(sop: SOp, key: Operand) -> SOp:
    """The values of the s-op `sop` in ascending order of `key`, an s-op of numbers or of strings; of equal
    keys the earlier position comes first.
    """
    return cast(SOp, _library("sort", sop, key))


def select_next_identical(sop: SOp) -> Selector:
    """Each row selects the next position at which the s-op `sop` has the same value."""
    return cast(Selector, _library("select_next_identical", sop))
