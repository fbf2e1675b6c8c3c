"""What the telling needs to know of a model on an input: values in words, and sums as they are written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from runtime.inspection.duties import NUMBER, Duties
from runtime.inspection.formulas import OTHER_FORM, told
from runtime.inspection.own import CUT, as_tokens, in_words
from runtime.inspection.quoting import Quoting, unbracketed
from runtime.inspection.reading import is_truth, labels_of, less_rest, rest_of, sop_name
from runtime.inspection.spoken import Code, in_quotes, printable, sets_in_quotes
from runtime.inspection.trace import Trace
from runtime.model import Model
from runtime.sources import users_lines
from runtime.weights import Array, Atom, Column, Layer

ROUNDING = 2.0**22
"""Anything larger is the constant that rounds a column to whole numbers (see `runtime.weights.Layer`)."""

MOST_TERMS = 3

FUNCTION = "a function of "
EXTREMES = ("first position ", "last position ", "least ", "largest ")


@dataclass(frozen=True)
class Subject:
    """A model, its trace on an input, and the position that is followed (BOS is 0)."""

    model: Model
    trace: Trace
    place: int

    @cached_property
    def duties(self) -> Duties:
        """What each layer is there for."""
        config = self.model.config
        written = users_lines(self.model.sources(config))
        return Duties(config, self.model.weights, Quoting(self.model.program, config.statements, written))

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.model.config.columns

    @property
    def count(self) -> int:
        """Positions, BOS included."""
        return 1 + len(self.trace.tokens)

    def layer(self, number: int) -> Layer:
        return self.model.weights.layers[number - 1]

    def before(self, sublayer: int) -> Array:
        """The followed position before a sublayer, counted as `Column.written` does."""
        row: Array = self.trace.residual[sublayer - 1][self.place]
        return row

    def after(self, sublayer: int) -> Array:
        row: Array = self.trace.residual[sublayer][self.place]
        return row

    def said(self, column: Column) -> Code:
        """What a sentence calls a column, or a read in parts: the program's words, never a cut expression.
        Another form of an s-op is told as such.
        """
        base = sop_name(column)
        rest = column.name.removeprefix(base) if column.name.startswith(base) else None
        if rest is None or not self.duties.is_told(column):
            return Code(printable(self.helper(column)))
        name = self.duties.name(column)
        if OTHER_FORM.search(rest):
            return Code(printable(f"{FUNCTION}{name}"))
        rest = in_quotes(NUMBER.sub("", rest), self.duties.has_strings(column))
        return Code(printable(as_tokens(with_article(name) + rest)))

    def helper(self, column: Column) -> str:
        """A column that helps to compute what the program names: never a cut expression."""
        name, of = in_words(column.name), self.duties.quoting.name(column.of)
        if CUT in name and of:
            return f"a part of {of}"
        bare = OTHER_FORM.sub("", name)
        if bare == name:
            return with_article(name)
        positive = unbracketed(bare.removeprefix("-"))  # what is a function of -x is one of x
        found = positive if bare == f"-({positive})" else unbracketed(bare)
        return f"{FUNCTION}{with_article(found)}"

    def name(self, column: int) -> Code:
        """A column, as sums and tables name it: another form of an s-op by its formula."""
        return Code(printable(self._names[column]))

    @cached_property
    def _names(self) -> tuple[str, ...]:
        names = list(map(self._name, range(len(self.columns))))
        said = ["" if OTHER_FORM.search(column.name) else self.said(column).text for column in self.columns]
        told = [one or name for one, name in zip(said, names, strict=True)]
        return tuple(one if Counter(told)[one] == 1 else name for one, name in zip(told, names, strict=True))

    def _name(self, column: int) -> str:
        name = self.columns[column].name
        if not OTHER_FORM.search(name):
            return in_words(name)
        formula = told(self.model.config, self.model.weights, column)
        return sets_in_quotes(self.duties.renamed(self.columns[column], formula))

    def carried(self, column: int) -> str:
        """What the number itself is that a column carries, as sums name it."""
        name, read = self._names[column], self.columns[column]
        less = less_rest(name, read)
        grouped = less != name and name.startswith(FUNCTION)
        return printable(less_rest(f"({name})", read) if grouped else less)

    def token(self, place: int) -> str:
        """The token at a place, as it is written in a program."""
        return "BOS" if place == 0 else atom(self.trace.tokens[place - 1])

    def where(self, place: int) -> tuple[str | Code, ...]:
        """A place in words."""
        if place == 0:
            return (Code("BOS"),)
        return (f"position {place - 1} (", Code(self.token(place)), ")")

    def means(self, column: int, value: float) -> str:
        """A column's value as the program would say it."""
        return decoded(self.columns[column], value)


def with_article(name: str) -> str:
    """What no program can say is no name, and is told as `the first position in s`."""
    return f"the {name}" if name.startswith(EXTREMES) else name


def decoded(column: Column, value: float) -> str:
    """A column's number as what it stands for."""
    labels, read = labels_of(column), Fraction(value) + rest_of(column)
    if labels is not None and (read in (0, 1) or not is_truth(column)):
        return atom(labels[min(max(round(read), 0), len(labels) - 1)])
    return number(float(read * column.scale))


def atom(value: Atom) -> str:
    """An atom as it is written: strings in quotes."""
    if isinstance(value, str):
        return printable(json.dumps(value, ensure_ascii=False))
    return number(float(value)) if isinstance(value, Fraction) else str(value)


def number(value: float) -> str:
    """A number with six digits, whole ones in full."""
    value = float(value)
    whole = value.is_integer() and abs(value) < 1e15
    text = str(int(value)) if whole else f"{value:.6g}"
    return text.replace("-", "\u2212", 1) if text.startswith("-") else text


def product_sum(factors: Sequence[tuple[float, str, float]], constant: float) -> str:
    """`2*4 [rank] + 1 = 9`: each weight times a column's number, then the constant, then the sum.

    Products that are 0 are left out; of many terms only the first few are written.
    """
    present = [(weight, name, value) for weight, name, value in factors if weight and value]
    terms = [
        f"{number(weight)}\u00b7{number(value)} [{printable(name)}]"
        for weight, name, value in present[:MOST_TERMS]
    ]
    if len(present) > MOST_TERMS:
        terms.append(f"{len(present) - MOST_TERMS} more")
    if constant:
        terms.append(number(constant))
    total = number(sum(weight * value for weight, _, value in present) + constant)
    if not terms or (len(terms) == 1 and not present):
        return total
    return " + ".join(terms).replace("+ \u2212", "\u2212 ") + f" = {total}"


def read_sum(subject: Subject, row: Array, weights: Array, bias: float) -> str:
    """A projection of the residual stream, written out."""
    used = np.flatnonzero(weights).tolist()
    return product_sum([(float(weights[c]), subject.carried(c), float(row[c])) for c in used], float(bias))
