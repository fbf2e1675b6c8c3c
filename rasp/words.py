"""The words that programs are made of: operators, comparisons, conversions of tokens, and plain values.

A leaf: the syntax tree and the s-op graph share it, so that neither needs the other.
"""

from __future__ import annotations

from enum import Enum
from fractions import Fraction
from typing import Literal

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


MIRRORED = {
    Comparison.EQ: Comparison.EQ,
    Comparison.NE: Comparison.NE,
    Comparison.LT: Comparison.GT,
    Comparison.LE: Comparison.GE,
    Comparison.GT: Comparison.LT,
    Comparison.GE: Comparison.LE,
}
"""How the second stands to the first where the first stands so to the second."""

COMPARISONS = tuple(Operator(comparison.value) for comparison in Comparison)
"""The operators that compare, position by position."""

TRUTHS = frozenset({*COMPARISONS, Operator.AND, Operator.OR, Operator.NOT})
"""The operators that give bools."""
