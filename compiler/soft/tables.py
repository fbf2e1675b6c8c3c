"""Terms as tables over the variables that the stream holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from compiler.soft.parts import Variable
from rasp.words import Atom

Ranks = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Table:
    """The value of a term for every combination of its variables' values: `values[ranks[...]]`, one axis for
    each variable; -1 where it has none.
    """

    variables: tuple[Variable, ...]
    values: tuple[Atom, ...]
    ranks: Ranks

    def feature(self, number: Callable[[Atom], Fraction | int]) -> list[Fraction | int]:
        """Of a table over one variable: a number for each of the variable's values, 0 where there is none."""
        return [0 if rank < 0 else number(self.values[rank]) for rank in self.ranks.reshape(-1).tolist()]


def itself(variable: Variable) -> Table:
    """The table of a variable's own value."""
    return Table((variable,), variable.values, np.arange(len(variable.values), dtype=np.int64))


def cells(tables: Iterable[Table]) -> int:
    """How many combinations the variables of some tables have together."""
    return math.prod(len(v.values) for v in together(tables))


def together(tables: Iterable[Table]) -> tuple[Variable, ...]:
    """All their variables, each once."""
    return tuple(dict.fromkeys(variable for table in tables for variable in table.variables))


def combined(tables: Sequence[Table], call: Callable[[tuple[Atom, ...]], Atom | None]) -> Table:
    """A function of the values of tables, as a table."""
    variables = together(tables)
    shape = tuple(len(v.values) for v in variables)
    points = np.stack([_spread(table, variables, shape).reshape(-1) for table in tables])
    different, inverse = np.unique(points, axis=1, return_inverse=True)
    found: dict[Atom, int] = {}
    ranks = np.full(different.shape[1], -1, dtype=np.int64)
    for place, point in enumerate(different.T.tolist()):
        if min(point) >= 0:
            value = call(tuple(table.values[rank] for table, rank in zip(tables, point, strict=True)))
            if value is not None:
                ranks[place] = found.setdefault(value, len(found))
    return Table(variables, tuple(found), ranks[inverse.reshape(-1)].reshape(shape))


def _spread(table: Table, variables: Sequence[Variable], shape: tuple[int, ...]) -> Ranks:
    """The ranks over all variables, of which the table has some."""
    order = sorted(range(len(table.variables)), key=lambda axis: variables.index(table.variables[axis]))
    own = [len(v.values) if v in table.variables else 1 for v in variables]
    return np.broadcast_to(table.ranks.transpose(order).reshape(own), shape)


def classes(ranks: Ranks) -> tuple[list[Ranks], Ranks]:
    """The values of each axis that make no difference taken together: the class of each, and the ranks over
    classes.
    """
    found: list[Ranks] = []
    for axis in range(ranks.ndim):
        rows = np.moveaxis(ranks, axis, 0)
        _, first, inverse = np.unique(
            rows.reshape(len(rows), -1), axis=0, return_index=True, return_inverse=True
        )
        found.append(inverse.reshape(-1))
        ranks = np.take(ranks, first, axis=axis)
    return found, ranks


def defined_everywhere(ranks: Ranks) -> tuple[Ranks, int]:
    """The ranks with the most frequent one where there is none, and that one."""
    present = ranks[ranks >= 0]
    most = int(np.bincount(present.reshape(-1)).argmax()) if present.size else 0
    return np.where(ranks < 0, most, ranks), most


def numbers_of(values: Sequence[Atom]) -> Mapping[Atom, Fraction]:
    """Values that are numbers, as fractions."""
    return {value: Fraction(value) for value in values if not isinstance(value, str)}
