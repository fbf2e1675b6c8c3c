"""Rules of the graph as z3 has them: what a row's two sides are at every position, for any values of its
names.

An s-op is one value for each position, a selector one truth for each pair of them; both are symbols, so that
what the solver proves holds for all values at once, at one length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import z3

from compiler.graph.patterns import SELECTORS, TRUTHS, Row
from rasp.syntax.tree import (
    AggregateExpression,
    Binary,
    Builtin,
    Call,
    Constant,
    Expression,
    Name,
    Parenthesised,
    SelectExpression,
    Ternary,
    Unary,
)
from rasp.words import Operator

Values = list[Any]
"""A symbol for each position."""

COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}

COMPUTED: dict[Operator, Callable[[Any, Any], Any]] = {
    Operator.ADD: lambda a, b: a + b,
    Operator.SUB: lambda a, b: a - b,
    Operator.MUL: lambda a, b: a * b,
    Operator.DIV: lambda a, b: a / b,
    Operator.MOD: lambda a, b: a - b * z3.ToReal(z3.ToInt(a / b)),
}


@dataclass
class Meaning:
    """What the names of a row stand for at one length; `defined`: what must be so for its pattern to have a
    value.
    """

    row: Row
    length: int
    causal: bool
    names: dict[str, Any] = field(default_factory=dict)
    defined: list[Any] = field(default_factory=list)

    def _kinds(self, name: str) -> set[str]:
        conditions = self.row.text.partition(" where ")[2].split(", ")
        return {c.split(" is ")[1] for c in conditions if c.startswith(f"{name} is ")}

    def named(self, name: str, truth: bool) -> Values:
        """The symbols of a name that stands for any s-op; `truth`: as which it is read."""
        if name not in self.names:
            kinds = self._kinds(name)
            if kinds & {"true", "false"}:
                self.names[name] = [z3.BoolVal("true" in kinds)] * self.length
            elif truth or "truth" in kinds:
                self.names[name] = [z3.Bool(f"{name}{i}") for i in range(self.length)]
            else:
                made = z3.Int if "whole" in kinds else z3.Real
                at = [0] * self.length if kinds & {"constant", "uniform"} else range(self.length)
                self.names[name] = [made(f"{name}{i}") for i in at]
                if "uniform" in kinds:  # rows add it modulo the length: by as much more nothing changes
                    self.defined += [each >= 0 for each in self.names[name]]
                    self.defined += [each < self.length for each in self.names[name]]
        known: Values = self.names[name]
        return known

    def selector(self, expression: Expression) -> list[Values]:
        """Whether each query [first] selects each key [second], the mask apart."""
        n = range(self.length)
        match expression:
            case Parenthesised(inner=inner):
                return self.selector(inner)
            case Name(text="everything" | "nothing" as name):
                return [[z3.BoolVal(name == "everything") for _ in n] for _ in n]
            case Name(text=name):
                made = self.names.setdefault(name, [[z3.Bool(f"{name}{q}{k}") for k in n] for q in n])
                found: list[Values] = made
                return found
            case SelectExpression(keys=keys, queries=queries, comparison=comparison):
                left, right = self.values(keys), self.values(queries)
                return [[COMPARED[comparison.value](left[k], right[q]) for k in n] for q in n]
            case Unary(operand=operand):
                inside = self.selector(operand)
                return [[z3.Not(inside[q][k]) for k in n] for q in n]
            case Binary(operator=operator, left=first, right=second):
                one, other = self.selector(first), self.selector(second)
                joined = z3.And if operator is Operator.AND else z3.Or
                return [[joined(one[q][k], other[q][k]) for k in n] for q in n]
        raise AssertionError(f"no selector: {expression}")

    def selected(self, expression: Expression) -> list[Values]:
        """The same under the mask."""
        every = self.selector(expression)
        return [
            [z3.And(each, z3.BoolVal(not self.causal or k <= q)) for k, each in enumerate(row)]
            for q, row in enumerate(every)
        ]

    def counts(self, expression: Expression) -> Values:
        return [total([z3.If(each, 1, 0) for each in row]) for row in self.selected(expression)]

    def values(self, expression: Expression, truth: bool = False) -> Values:
        """What an s-op is at each position; `truth`: it is read as a truth value."""
        n = range(self.length)
        match expression:
            case Parenthesised(inner=inner):
                return self.values(inner, truth)
            case Constant(value=value):
                return [z3.RealVal(value)] * self.length
            case Name(text=name) if name in TRUTHS:
                return [z3.BoolVal(TRUTHS[name])] * self.length
            case Name(text="indices"):
                return [z3.RealVal(i) for i in n]
            case Name(text="length"):
                return [z3.RealVal(1 + i if self.causal else self.length) for i in n]
            case Name(text=name):
                return self.named(name, truth)
            case AggregateExpression():
                return self._means(expression)
            case Call(callee=Name(text="selector_width"), arguments=(selector,)):
                return [z3.ToReal(count) for count in self.counts(selector)]
            case Call(callee=Name(text="has_focus"), arguments=(selector,)):
                return [count > 0 for count in self.counts(selector)]
            case Call(callee=Name(text="sum"), arguments=(selector, summed)):
                return self._sums(selector, summed)
            case Builtin(function="indicator", arguments=(operand,)):
                return [
                    z3.If(value, z3.RealVal(1), z3.RealVal(0)) for value in self.values(operand, truth=True)
                ]
            case Builtin(function="round", arguments=(operand,)):
                return [z3.ToReal(z3.ToInt(value + z3.Q(1, 2))) for value in self.values(operand)]
            case Ternary(then=then, condition=condition, otherwise=otherwise):
                asked = self.values(condition, truth=True)
                branches = self.values(then), self.values(otherwise)
                return [z3.If(asked[i], branches[0][i], branches[1][i]) for i in n]
            case Unary(operator=Operator.NOT, operand=operand):
                return [z3.Not(value) for value in self.values(operand, truth=True)]
            case Unary(operand=operand):
                return self.values(operand)
            case Binary(operator=Operator.AND | Operator.OR as operator, left=first, right=second):
                joined = z3.And if operator is Operator.AND else z3.Or
                sides = self.values(first, truth=True), self.values(second, truth=True)
                return [joined(*both) for both in zip(*sides, strict=True)]
            case Binary(operator=operator, left=first, right=second):
                return self._computed(operator, self.values(first), self.values(second))
        raise AssertionError(f"no s-op: {expression}")

    def _computed(self, operator: Operator, first: Values, second: Values) -> Values:
        if operator.value in COMPARED:
            return [COMPARED[operator.value](a, b) for a, b in zip(first, second, strict=True)]
        if operator in (Operator.DIV, Operator.MOD):
            self.defined += [b != 0 for b in second]
        made = COMPUTED[operator]
        return [made(a, b) for a, b in zip(first, second, strict=True)]

    def _sums(self, selector: Expression, summed: Expression) -> Values:
        values = self.values(summed)
        return [
            total([z3.If(each, value, z3.RealVal(0)) for each, value in zip(row, values, strict=True)])
            for row in self.selected(selector)
        ]

    def _means(self, expression: AggregateExpression) -> Values:
        """The mean of what is selected; the default, or 0, where nothing is."""
        sums, counts = self._sums(expression.selector, expression.values), self.counts(expression.selector)
        default = [z3.RealVal(0)] * self.length
        if expression.default is not None:
            default = self.values(expression.default)
        found = []
        for i in range(self.length):
            mean = default[i]
            for count in range(1, 1 + self.length):
                mean = z3.If(counts[i] == count, sums[i] / count, mean)
            found.append(mean)
        return found


def total(parts: Sequence[Any]) -> Any:
    """Their sum; 0 of none."""
    return z3.Sum(*parts) if parts else z3.IntVal(0)


def counterexample(row: Row, length: int, causal: bool) -> Any:
    """Values at which the two sides of a row differ, at this length; None if there are none."""
    meaning = Meaning(row, length, causal)
    of = meaning.selected if is_selector(row.replacement) and is_selector(row.pattern) else meaning.values
    left, right = of(row.pattern), of(row.replacement)
    flat = [(a, b) for a, b in zip(left, right, strict=True)]
    if flat and isinstance(flat[0][0], list):
        flat = [pair for a, b in flat for pair in zip(a, b, strict=True)]
    return refuted(z3.And(*[a == b for a, b in flat]), *meaning.defined)


def refuted(claim: Any, *given: Any) -> Any:
    """A model in which what is given holds and the claim does not; None if there is none."""
    solver = z3.Solver()
    solver.add(*given, z3.Not(claim))
    answer = solver.check()
    assert answer != z3.unknown
    return solver.model() if answer == z3.sat else None


def is_selector(expression: Expression) -> bool:
    """Whether an expression is a selector."""
    match expression:
        case Parenthesised(inner=inner):
            return is_selector(inner)
        case Name(text=name):
            return name in (*SELECTORS, "everything", "nothing")
        case SelectExpression():
            return True
        case Unary(operand=operand):
            return is_selector(operand)
        case Binary(left=left):
            return is_selector(left)
    return False
