"""The s-op graph: what a RASP program means once functions, loops, lists and dicts have been run.

Nodes are immutable and compared by identity (two selectors written twice are two selectors, which is
how the paper counts heads); a node's `name` is set once, by the first assignment that binds it.
The reference meaning of every node is in `rasp.interpreter`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import Literal

from rasp.errors import Span

Atom = int | bool | str | Fraction
"""A plain value at one position. Every number that is not an int is an exact `Fraction`."""

Conversion = Literal["asis", "str", "int", "float", "bool"]


class Comparison(Enum):
    """How `select` compares a key (left) with a query (right)."""

    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


class Operator(Enum):
    """The operators of the language that work position by position."""

    ADD = "+"
    SUB = "-"
    MUL = "*"
    DIV = "/"
    MOD = "%"
    POW = "^"
    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    AND = "and"
    OR = "or"
    NOT = "not"
    NEG = "neg"
    POS = "pos"
    ROUND = "round"
    INDICATOR = "indicator"
    CHOOSE = "choose"  # args: condition, value if true, value if false


@dataclass(frozen=True, eq=False, kw_only=True)
class Node:
    """An s-op or a selector, with the place that made it and the name it was first bound to."""

    span: Span | None = field(default=None, repr=False)
    name: str | None = field(default=None)

    def bind(self, name: str) -> None:
        """Name the node, once: the first binding is the one that displays and dumps use."""
        if self.name is None:
            object.__setattr__(self, "name", name)


class SOp(Node):
    """A function from an input sequence to a sequence of equal length."""


class Selector(Node):
    """A function from an input of length n to an n x n boolean matrix: row = query, column = key."""


@dataclass(frozen=True, eq=False)
class Tokens(SOp):
    """The input's elements, each converted."""

    conversion: Conversion = "asis"


@dataclass(frozen=True, eq=False)
class Indices(SOp):
    """0, 1, ... n-1."""


@dataclass(frozen=True, eq=False)
class Constant(SOp):
    """The same atom at every position."""

    value: Atom


@dataclass(frozen=True, eq=False)
class Elementwise(SOp):
    """Base of all s-ops computed position by position from `args` (see `interpreter.apply`)."""

    args: tuple[SOp, ...]


@dataclass(frozen=True, eq=False)
class Operation(Elementwise):
    """An operator of the language applied at each position."""

    operator: Operator


@dataclass(frozen=True, eq=False)
class LookUp(Elementwise):
    """`container[index]` with a list, string or dict of atoms; the only arg is the index s-op."""

    container: tuple[Atom, ...] | str | Mapping[Atom, Atom]


@dataclass(frozen=True, eq=False)
class Member(Elementwise):
    """`s in [atoms]`; the only arg is s."""

    items: tuple[Atom, ...]


@dataclass(frozen=True, eq=False)
class Map(Elementwise):
    """A Python function of atoms applied at each position (embedded form only)."""

    function: Callable[..., Atom]


@dataclass(frozen=True, eq=False)
class Aggregate(SOp):
    """Per query: the mean of the selected values (the value itself if one, the default if none)."""

    selector: Selector
    values: SOp
    default: Atom | None = None


@dataclass(frozen=True, eq=False)
class Select(Selector):
    """Entry (query i, key j) is `keys[j] comparison queries[i]`."""

    keys: SOp
    queries: SOp
    comparison: Comparison


@dataclass(frozen=True, eq=False)
class SelectorAnd(Selector):
    """Entrywise and."""

    left: Selector
    right: Selector


@dataclass(frozen=True, eq=False)
class SelectorOr(Selector):
    """Entrywise or."""

    left: Selector
    right: Selector


@dataclass(frozen=True, eq=False)
class SelectorNot(Selector):
    """Entrywise not."""

    operand: Selector
