"""What soft lowering produces: variables that the residual stream holds one-hot, heads and neurons.

Nothing is rounded and nothing is large: a column is 1 where its variable has its value and 0 elsewhere (or a
number between -1 and 1 that a head has averaged), and everything is 0 at BOS but the column that marks it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from compiler.graph.terms import Term
from compiler.linear import ONE, ZERO, Linear
from rasp.words import Atom


@dataclass(frozen=True, eq=False)
class Column:
    """One direction of the residual stream, written by the sublayer `written` (0 the embedding, 2l-1 and 2l
    the attention and the MLP of layer l). `at_bos`: what it holds at BOS. `of`: the s-op that it belongs to.
    """

    name: str
    meaning: str
    written: int
    of: Term | None = None
    labels: tuple[Atom, ...] | None = None
    scale: Fraction = ONE
    at_bos: Fraction = ZERO


class Form(Linear[Column]):
    """A number that is read off the stream: weighted columns, and a constant that is 0 at BOS."""

    @property
    def ready(self) -> int:
        """The sublayer after which all of it is there."""
        return max((column.written for column in self.coefficients), default=0)


def constant(value: Fraction | int) -> Form:
    return Form(Fraction(value), {})


def of_column(column: Column) -> Form:
    return Form(ZERO, {column: ONE})


@dataclass(frozen=True, eq=False)
class Variable:
    """One of `values` at every position: the column of the same number is 1, the others are 0. The value of
    number `rest` needs no column: it is there where no column is 1.
    """

    values: tuple[Atom, ...]
    columns: tuple[Column | None, ...]
    rest: int | None = None

    def form(self, feature: Sequence[Fraction | int]) -> Form:
        """A number for each value, as a reading."""
        base = ZERO if self.rest is None else Fraction(feature[self.rest])
        weights = {
            column: Fraction(number) - base
            for number, column in zip(feature, self.columns, strict=True)
            if column is not None and number != base
        }
        return Form(base, weights)


@dataclass(frozen=True, eq=False)
class Head:
    """A head of the attention sublayer `sublayer`. A key scores minus the margin times the sum of the
    products of `dims`, of query and key, which is 0 where it is selected and at least 1 where it is not; BOS
    scores minus `bos` times the margin. The average of each reading in `values` is written to its column.
    """

    sublayer: int
    dims: tuple[tuple[Form, Form], ...]
    bos: Fraction
    values: list[tuple[Form, Column]] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Neuron:
    """relu(gain * (reading - threshold)) in the MLP sublayer `sublayer`, off at BOS (unless its gain is
    negative: then relu(gain * (reading - threshold)) rises below the threshold). Written with `weights`.
    """

    sublayer: int
    reading: Form
    threshold: float
    gain: float
    weights: Mapping[Column, float]


@dataclass(frozen=True, eq=False)
class Softened:
    """A program as soft lowering carries it: the columns in order of writing, what the embeddings fill in
    (`tokens`, `positions`: a column for each), heads and neurons, and the variable that is the answer.
    """

    bos: Column
    columns: tuple[Column, ...]
    tokens: Variable
    positions: Variable
    heads: tuple[Head, ...]
    neurons: tuple[Neuron, ...]
    answer: Variable
    labels: tuple[tuple[Atom, tuple[int, ...]], ...]
    kept: Mapping[Term, Variable]
