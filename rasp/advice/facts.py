"""What holds of s-ops and selectors on every input, as far as it can be told cheaply: types, bounds, and
whether a comparison or selector always comes out the same. Causally, `length` is `indices + 1`, and only
pairs whose key is not after the query count.

All answers are safe: where nothing is sure, nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from rasp.graph.sops import (
    Aggregate,
    Constant,
    Exists,
    Indices,
    LookUp,
    Member,
    Node,
    Operation,
    Select,
    Selector,
    SelectorAnd,
    SelectorNot,
    SelectorOr,
    SOp,
    Tokens,
    Width,
    in_order,
)
from rasp.words import COMPARISONS, TRUTHS, Atom, Comparison, Operator

Bound = int | Fraction | None  # None: none is known
Bounds = tuple[Bound, Bound]
STRING, NUMBER = "string", "number"


@dataclass(frozen=True)
class Linear:
    """The number `slope * indices + per_length * length + offset`."""

    slope: int | Fraction = 0
    per_length: int | Fraction = 0
    offset: int | Fraction = 0

    def plus(self, other: Linear, sign: int = 1) -> Linear:
        return Linear(
            self.slope + sign * other.slope,
            self.per_length + sign * other.per_length,
            self.offset + sign * other.offset,
        )

    def times(self, factor: int | Fraction) -> Linear:
        return Linear(self.slope * factor, self.per_length * factor, self.offset * factor)


@dataclass(frozen=True)
class Fact:
    """What is known of an s-op's values: their types, their bounds, and their formula if it is linear."""

    types: frozenset[str] = frozenset({STRING, NUMBER})
    low: Bound = None
    high: Bound = None
    linear: Linear | None = None


TRUTH = Fact(frozenset({NUMBER}), 0, 1)
ANYTHING = Fact()
A_NUMBER = Fact(frozenset({NUMBER}))


class Facts:
    """The facts of all nodes below some roots."""

    def __init__(self, *roots: Node, causal: bool = False) -> None:
        self._causal = causal
        self._sops: dict[Node, Fact] = {}
        self._selectors: dict[Node, bool | None] = {}
        for node in in_order(*roots):
            if isinstance(node, SOp):
                self._sops[node] = self._fact(node)
            elif isinstance(node, Selector):
                self._selectors[node] = self._selects(node)

    def always(self, node: Node) -> bool | None:
        """The only value of a comparison, or what a selector does with every pair that counts; None if it
        varies.
        """
        if isinstance(node, Operation) and len(node.args) == 2 and node.operator in COMPARISONS:
            left, right = node.args
            return self._compare(left, right, Comparison(node.operator.value), same_position=True)
        return self._selectors.get(node)

    # S-ops

    def _fact(self, node: SOp) -> Fact:
        match node:
            case Constant(value=value):
                return _fact_of([value])
            case Indices():
                return Fact(frozenset({NUMBER}), 0, None, Linear(slope=1))
            case Tokens(conversion=conversion):
                types = {"asis": {STRING, NUMBER}, "str": {STRING}}.get(conversion, {NUMBER})
                return TRUTH if conversion == "bool" else Fact(frozenset(types))
            case Aggregate():
                return self._aggregated(node)
            case Width():
                return self._length() if _is_length(node) else A_NUMBER
            case Exists():
                return TRUTH
            case LookUp(container=container):
                values = container.values() if isinstance(container, dict) else container
                return _fact_of(list(values))
            case Member():
                return TRUTH
            case Operation():
                return self._operation(node)
        return ANYTHING

    def _length(self) -> Fact:
        linear = Linear(slope=1, offset=1) if self._causal else Linear(per_length=1)
        return Fact(frozenset({NUMBER}), 1, None, linear)

    def _operation(self, node: Operation) -> Fact:
        if node.operator in TRUTHS or node.operator is Operator.INDICATOR:
            return TRUTH
        facts = [self._sops[arg] for arg in node.args]
        if node.operator is Operator.CHOOSE:
            return _either(facts[1], facts[2])
        if any(fact.types != {NUMBER} for fact in facts):
            joined = node.operator in (Operator.ADD, Operator.MUL)
            return ANYTHING if joined else A_NUMBER
        return _bounded(_linear(node.operator, [fact.linear for fact in facts]))

    def _aggregated(self, node: Aggregate) -> Fact:
        """A mean lies between the values; where nothing is selected the default takes its place."""
        read = self._sops[node.values]
        read = Fact(read.types, read.low, read.high)
        if self._selectors[node.selector] is True:
            return read
        default = node.default
        otherwise = self._sops[default] if isinstance(default, SOp) else _fact_of([default or 0])
        return _either(read, Fact(otherwise.types, otherwise.low, otherwise.high))

    # Selectors and comparisons

    def _selects(self, node: Selector) -> bool | None:
        match node:
            case Select(keys=keys, queries=queries, comparison=comparison):
                return self._compare(keys, queries, comparison, same_position=False)
            case SelectorNot(operand=operand):
                inner = self._selectors[operand]
                return None if inner is None else not inner
            case SelectorAnd(left=left, right=right):
                if _exclude_each_other(left, right):
                    return False
                return _and(self._selectors[left], self._selectors[right])
            case SelectorOr(left=left, right=right):
                neither = _and(_not(self._selectors[left]), _not(self._selectors[right]))
                return _not(neither)
        return None

    def _compare(self, left: SOp, right: SOp, comparison: Comparison, same_position: bool) -> bool | None:
        a, b = self._sops[left], self._sops[right]
        if not a.types & b.types:
            return {Comparison.EQ: False, Comparison.NE: True}.get(comparison)
        if isinstance(left, Constant) and isinstance(right, Constant) and left.value == right.value:
            return comparison in (Comparison.EQ, Comparison.LE, Comparison.GE)
        if a.types | b.types != {NUMBER}:
            return None
        spread = _bounds_at_one if same_position else _bounds_back if self._causal else _bounds_at_any
        low, high = _difference(a, b, spread)
        return _sign_decides(low, high, comparison)


def _fact_of(values: list[Atom]) -> Fact:
    """The fact of an s-op that takes just these values."""
    types = frozenset(STRING if isinstance(value, str) else NUMBER for value in values)
    numbers = [value for value in values if not isinstance(value, str)]
    if STRING in types or not numbers:
        return Fact(types)
    linear = Linear(offset=int(numbers[0]) if isinstance(numbers[0], bool) else numbers[0])
    return Fact(types, min(numbers), max(numbers), linear if len(numbers) == 1 else None)


def _either(a: Fact, b: Fact) -> Fact:
    low = None if a.low is None or b.low is None else min(a.low, b.low)
    high = None if a.high is None or b.high is None else max(a.high, b.high)
    return Fact(a.types | b.types, low, high)


def _linear(operator: Operator, parts: list[Linear | None]) -> Linear | None:
    """The formula of an operation, if it stays linear."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    if len(known) == 1:
        factor = {Operator.NEG: -1, Operator.POS: 1}.get(operator)
        return known[0].times(factor) if factor is not None else None
    left, right = known
    if operator is Operator.ADD:
        return left.plus(right)
    if operator is Operator.SUB:
        return left.plus(right, -1)
    constant = Linear(offset=right.offset)
    if operator is Operator.MUL and right == constant:
        return left.times(right.offset)
    if operator is Operator.MUL and left == Linear(offset=left.offset):
        return right.times(left.offset)
    if operator is Operator.DIV and right == constant and right.offset != 0:
        return left.times(1 / Fraction(right.offset))
    return None


def _bounded(linear: Linear | None) -> Fact:
    """The fact of a number with this formula, for 0 <= indices < length."""
    if linear is None:
        return A_NUMBER
    # With length = 1 + indices + k, all that is known is that indices and k are not negative.
    rest = linear.slope + linear.per_length
    base = linear.per_length + linear.offset
    low = base if rest >= 0 and linear.per_length >= 0 else None
    high = base if rest <= 0 and linear.per_length <= 0 else None
    return Fact(frozenset({NUMBER}), low, high, linear)


def _difference(a: Fact, b: Fact, spread: Callable[[Linear, Linear], Bounds]) -> Bounds:
    """Bounds of a - b; `spread` gives those for two formulas at the positions where both are taken."""
    bounds: list[Bounds] = [
        (
            None if a.low is None or b.high is None else a.low - b.high,
            None if a.high is None or b.low is None else a.high - b.low,
        )
    ]
    if a.linear is not None and b.linear is not None:
        bounds.append(spread(a.linear, b.linear))
    lows = [low for low, _ in bounds if low is not None]
    highs = [high for _, high in bounds if high is not None]
    return (max(lows) if lows else None, min(highs) if highs else None)


def _bounds_at_one(a: Linear, b: Linear) -> Bounds:
    """Bounds of a - b at the same position."""
    fact = _bounded(a.plus(b, -1))
    return fact.low, fact.high


def _bounds_at_any(a: Linear, b: Linear) -> Bounds:
    """Bounds of a - b at any two positions, each from 0 to m = length - 1: linear in m at the extremes."""
    per_length = a.per_length - b.per_length
    base = per_length + a.offset - b.offset
    lowest = min(0, a.slope) + min(0, -b.slope) + per_length
    highest = max(0, a.slope) + max(0, -b.slope) + per_length
    return (base if lowest >= 0 else None, base if highest <= 0 else None)


def _bounds_back(a: Linear, b: Linear) -> Bounds:
    """Bounds of a at a position minus b at one that is not before it; neither formula has a length.

    The pairs of positions are (0, 0) plus any number of steps (0, 1), of b alone, and (1, 1), of both.
    """
    base = a.offset - b.offset
    steps = (-b.slope, a.slope - b.slope)
    return (base if min(steps) >= 0 else None, base if max(steps) <= 0 else None)


def _sign_decides(low: Bound, high: Bound, comparison: Comparison) -> bool | None:
    """What a comparison says if the difference of its sides lies within these bounds."""
    positive, negative = low is not None and low > 0, high is not None and high < 0
    at_least, at_most = low is not None and low >= 0, high is not None and high <= 0
    zero = low is not None and low == high == 0
    yes, no = {
        Comparison.EQ: (zero, positive or negative),
        Comparison.NE: (positive or negative, zero),
        Comparison.LT: (negative, at_least),
        Comparison.LE: (at_most, positive),
        Comparison.GT: (positive, at_most),
        Comparison.GE: (at_least, negative),
    }[comparison]
    return True if yes else False if no else None


def _and(a: bool | None, b: bool | None) -> bool | None:
    if a is False or b is False:
        return False
    return True if a is True and b is True else None


def _not(a: bool | None) -> bool | None:
    return None if a is None else not a


DISJOINT = {
    frozenset({Comparison.LT, Comparison.GT}),
    frozenset({Comparison.LT, Comparison.GE}),
    frozenset({Comparison.LT, Comparison.EQ}),
    frozenset({Comparison.GT, Comparison.LE}),
    frozenset({Comparison.GT, Comparison.EQ}),
    frozenset({Comparison.EQ, Comparison.NE}),
}


def _exclude_each_other(a: Selector, b: Selector) -> bool:
    """Do two comparisons of the same s-ops contradict each other, or is one the other's negation?"""
    if (isinstance(a, SelectorNot) and a.operand is b) or (isinstance(b, SelectorNot) and b.operand is a):
        return True
    if not (isinstance(a, Select) and isinstance(b, Select)):
        return False
    same = a.keys is b.keys and a.queries is b.queries
    return same and frozenset({a.comparison, b.comparison}) in DISJOINT


def _is_length(node: Node) -> bool:
    from rasp.elaboration.library import length  # the library is elaborated with modules that this one serves

    return node.name == "length" and node is length()
