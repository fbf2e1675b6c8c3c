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
    """The selector whose entry (query i, key j) is `keys[j] comparison queries[i]`; the comparison is one of
    `==`, `!=`, `<`, `<=`, `>`, `>=`. Raises `OperandError` for operands that are no s-ops or atoms.
    """
    try:
        chosen = Comparison(comparison)
    except ValueError:
        raise OperandError(f"{shown(comparison)} is not a comparison: use ==, !=, <, <=, > or >=") from None
    return constructs.select(to_value(keys), to_value(queries), chosen)


def aggregate(selector: Selector, values: Operand, default: Operand | None = None) -> SOp:
    """Per query: the mean of the selected values, the value itself if there is one, or the default (0), of an
    s-op its value at the query.
    """
    return constructs.aggregate(selector, to_value(values), None if default is None else to_value(default))


def only(selector: Selector, values: Operand, default: Operand | None = None) -> SOp:
    """Per query: the value that all selected positions hold, or the default (0) where none is selected.

    Where they hold different values there is no answer (an `EvaluationError`). A compiled model relies on it:
    its certificate speaks of the inputs that have an answer.
    """
    return constructs.only(selector, to_value(values), None if default is None else to_value(default))


def where(condition: SOp, then: Operand, otherwise: Operand) -> SOp:
    """`then` where the condition is true, `otherwise` elsewhere."""
    return constructs.choose(condition, to_value(then), to_value(otherwise))


def indicator(sop: SOp) -> SOp:
    """1 where the s-op is true, 0 elsewhere."""
    return constructs.indicator(sop)


def member(sop: SOp, atoms: Iterable[Atom | float]) -> SOp:
    """Where the s-op is one of the atoms."""
    if not isinstance(atoms, Iterable):
        raise OperandError(f"`member` takes a list of atoms, not {shown(atoms)}", operand=1)
    return cast(SOp, constructs.membership(sop, [to_atom(atom) for atom in atoms]))


def look_up(container: dict[Any, Any] | list[Any] | str, index: SOp) -> SOp:
    """`container[index]` at each position."""
    return cast(SOp, constructs.index(to_value(container), index))


def map(function: Callable[..., Any], *sops: SOp) -> SOp:
    """A Python function of atoms, applied at each position to the values of the s-ops there.

    It must give an atom (or a float), and the same one for the same arguments. Numbers that are not whole
    reach it as `fractions.Fraction`, whole ones as ints. An exception in it means that there is no value.
    """
    for position, sop in enumerate(sops):
        if not isinstance(sop, SOp):
            raise OperandError("`map` applies a function to s-ops", operand=position)
    if not sops:
        raise OperandError("`map` needs at least one s-op")
    return Map(sops, function)


def _library(name: str, *arguments: object) -> Any:
    return library_function(name)(*arguments)


def selector_width(selector: Selector) -> SOp:
    """How many positions each row selects."""
    return cast(SOp, _library("selector_width", selector))


def has_focus(selector: Selector) -> SOp:
    """Whether each row selects anything."""
    return cast(SOp, _library("has_focus", selector))


def count(sop: SOp, atom: Atom | float) -> SOp:
    """How often the atom occurs, everywhere."""
    return cast(SOp, _library("count", sop, atom))


def contains(sop: SOp, atom: Atom | float) -> SOp:
    """Whether the atom occurs, everywhere."""
    return cast(SOp, _library("contains", sop, atom))


def max(a: Operand, b: Operand) -> Any:
    """The larger one, at each position."""
    return _library("max", a, b)


def min(a: Operand, b: Operand) -> Any:
    """The smaller one, at each position."""
    return _library("min", a, b)


def average(sop: SOp) -> SOp:
    """The mean of all values, everywhere."""
    return cast(SOp, _library("average", sop))


def load_from_location(sop: SOp, location: Operand) -> SOp:
    """The value at the position that `location` gives, 0 where that is outside."""
    return cast(SOp, _library("load_from_location", sop, location))


def shift(sop: SOp, n: Operand, filler: Atom | float) -> SOp:
    """The s-op moved n positions to the right; the filler where nothing arrives."""
    return cast(SOp, _library("shift", sop, n, filler))


def mark_last_instance(sop: SOp, value: Operand) -> SOp:
    """True at the last position that holds the value."""
    return cast(SOp, _library("mark_last_instance", sop, value))


def mark_first_instance(sop: SOp, value: Operand) -> SOp:
    """True at the first position that holds the value."""
    return cast(SOp, _library("mark_first_instance", sop, value))


def select_from_last(sop: SOp, value: Operand) -> Selector:
    """Every row selects the last position that holds the value."""
    return cast(Selector, _library("select_from_last", sop, value))


def select_from_first(sop: SOp, value: Operand) -> Selector:
    """Every row selects the first position that holds the value."""
    return cast(Selector, _library("select_from_first", sop, value))


def sort(sop: SOp, key: Operand) -> SOp:
    """The s-op in ascending order of the key; stable."""
    return cast(SOp, _library("sort", sop, key))


def select_next_identical(sop: SOp) -> Selector:
    """Each row selects the next position with the same value."""
    return cast(Selector, _library("select_next_identical", sop))
