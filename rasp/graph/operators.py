"""What the operators of the language do to plain values, exactly.

The same functions serve a program's own values (numbers, strings, bools, lists) while it is elaborated and
an s-op's values at one position when it is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

from rasp.errors import LimitError, LookUpFailure, OperandError, ZeroDivision
from rasp.graph.atoms import checked, shorten, shown
from rasp.graph.sops import Node
from rasp.graph.values import Value, describe, show, truth
from rasp.limits import MAX_BITS, MAX_ITEMS, MAX_STRING
from rasp.words import Operator

Number = int | Fraction


def equal(left: Value, right: Value) -> bool:
    """Values of different types are unequal, but 1, 1.0 and True are equal. Works on any depth of nesting."""
    if isinstance(left, (str, int, Fraction)) and isinstance(right, (str, int, Fraction)):
        return left == right
    pairs = [(left, right)]
    compared: set[tuple[int, int]] = set()  # lists may share parts, so that walking each anew takes for ever
    while pairs:
        a, b = pairs.pop()
        if isinstance(a, Node) or isinstance(b, Node):
            raise OperandError("lists and dicts that hold s-ops or selectors cannot be compared")
        if not (isinstance(a, (list, dict)) and isinstance(b, (list, dict))):
            if isinstance(a, (list, dict)) or isinstance(b, (list, dict)) or a != b:
                return False
            continue
        if (id(a), id(b)) in compared:
            continue
        compared.add((id(a), id(b)))
        if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
            pairs += zip(a, b, strict=True)
        elif isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
            pairs += [(a[key], b[key]) for key in a]
        else:
            return False
    return True


def order(sign: str, left: Value, right: Value) -> int:
    """-1, 0 or 1 for less, equal or greater: of two numbers, two strings or two lists (by their first
    unequal items).
    """
    while isinstance(left, list) and isinstance(right, list):
        unequal = [i for i, (a, b) in enumerate(zip(left, right, strict=False)) if not equal(a, b)][:1]
        if not unequal:
            return (len(left) > len(right)) - (len(left) < len(right))
        left, right = left[unequal[0]], right[unequal[0]]
    if isinstance(left, (int, Fraction)) and isinstance(right, (int, Fraction)):
        return (left > right) - (left < right)
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    raise unsuitable(sign, left, right)


def unsuitable(sign: str, left: Value, right: Value) -> OperandError:
    """The error for operands that an operator does not take."""
    return OperandError(f"`{sign}` does not work between {describe(left)} and {describe(right)}")


def add(left: Value, right: Value) -> Value:
    """Sum of numbers; strings and lists are joined."""
    if isinstance(left, (int, Fraction)) and isinstance(right, (int, Fraction)):
        return checked(left + right)
    if isinstance(left, str) and isinstance(right, str):
        _check_size(len(left) + len(right), MAX_STRING, "characters")
        return left + right
    if isinstance(left, list) and isinstance(right, list):
        _check_size(len(left) + len(right), MAX_ITEMS, "items")
        return [*left, *right]
    raise unsuitable("+", left, right)


def multiply(left: Value, right: Value) -> Value:
    """Product of numbers; a string or list is repeated."""
    if isinstance(left, (int, Fraction)) and isinstance(right, (int, Fraction)):
        return checked(left * right)
    if isinstance(left, int) and isinstance(right, (str, list)):
        left, right = right, left
    if isinstance(left, str) and isinstance(right, int):
        _check_size(len(left) * right, MAX_STRING, "characters")
        return left * _times(right)
    if isinstance(left, list) and isinstance(right, int):
        _check_size(len(left) * right, MAX_ITEMS, "items")
        return list(left) * _times(right)
    raise unsuitable("*", left, right)


def _times(count: int) -> int:
    """How often to repeat; bounded, as what is empty may be repeated as often as one likes."""
    return min(max(count, 0), MAX_ITEMS)


def _check_size(size: int, limit: int, what: str) -> None:
    if size > limit:
        raise LimitError(f"more than {limit:,} {what}")


def numbers(sign: str, left: Value, right: Value) -> tuple[Number, Number]:
    """Both operands, once it is sure that they are numbers."""
    if isinstance(left, (int, Fraction)) and isinstance(right, (int, Fraction)):
        return left, right
    raise unsuitable(sign, left, right)


NEVER_ZERO = "divide by what is never 0, such as (d if d != 0 else 1); both values of an `if` are computed"


def subtract(left: Value, right: Value) -> Value:
    a, b = numbers("-", left, right)
    return checked(a - b)


def divide(left: Value, right: Value) -> Value:
    """Always a fraction, also where it comes out even."""
    a, b = numbers("/", left, right)
    if b == 0:
        raise ZeroDivision(f"{show(left)} divided by zero", hint=NEVER_ZERO)
    return checked(Fraction(a) / b)


def remainder(left: Value, right: Value) -> Value:
    """What is left of a division that rounds down, so it has the sign of the divisor."""
    a, b = numbers("%", left, right)
    if b == 0:
        raise ZeroDivision(f"remainder of {show(left)} divided by zero", hint=NEVER_ZERO)
    return checked(a % b)


def power(left: Value, right: Value) -> Value:
    """Whole powers exactly, others exactly where the root is rational and as the nearest double if not.

    The result is an int only for an int to the power of a non-negative int.
    """
    base, exponent = numbers("^", left, right)
    if base == 0 and exponent < 0:
        raise ZeroDivision("zero to a negative power")
    if exponent.denominator == 1:
        size = max(base.numerator.bit_length(), base.denominator.bit_length()) - 1
        if size > 0 and abs(exponent.numerator) * size > MAX_BITS:
            raise LimitError(f"{shorten(show(base))} to the power {shorten(show(exponent))} is too large")
        whole = isinstance(base, int) and isinstance(exponent, int) and exponent >= 0
        times = exponent.numerator
        if base in (0, 1, -1):  # the only ones that can stand a huge exponent
            times = min(abs(times), 2 + times % 2) if times else 0
        return checked(int(base) ** times if whole else Fraction(base) ** times)
    if base < 0:
        raise OperandError(f"{show(base)} to the power {show(exponent)} is not a real number")
    return checked(_fractional_power(Fraction(base), Fraction(exponent)))


def _fractional_power(base: Fraction, exponent: Fraction) -> Fraction:
    degree, times = exponent.denominator, exponent.numerator
    if base in (0, 1):
        return base
    if degree <= MAX_BITS:
        top, bottom = _root(base.numerator, degree), _root(base.denominator, degree)
        if top is not None and bottom is not None:
            exact = power(Fraction(top, bottom), times)
            assert isinstance(exact, Fraction)
            return exact
    with localcontext() as context:
        context.prec = 60  # enough that rounding to a double afterwards gives the nearest one
        logarithm = Decimal(base.numerator).ln() - Decimal(base.denominator).ln()
        logarithm *= Decimal(times) / Decimal(degree)
        if abs(logarithm) > 700:
            raise LimitError(f"{shorten(show(base))} to the power {shorten(show(exponent))} is too large")
        return Fraction(float(logarithm.exp()))


def _root(number: int, degree: int) -> int | None:
    """The root of a positive number if it is whole."""
    low, high = 1, 1 << (number.bit_length() // degree + 1)
    while low < high:
        middle = (low + high) // 2
        if middle**degree < number:
            low = middle + 1
        else:
            high = middle
    return low if low**degree == number else None


def number(sign: str, value: Value) -> Number:
    """The operand, once it is sure that it is a number."""
    if isinstance(value, (int, Fraction)):
        return value
    raise OperandError(f"{sign} needs a number, got {describe(value)}")


def negate(value: Value) -> Value:
    return -number("unary `-`", value)


def plus(value: Value) -> Value:
    return +number("unary `+`", value)


def round_half_even(value: Value) -> Value:
    """The nearest int; halves go to the even one."""
    return round(number("`round`", value))


OPERATIONS: dict[Operator, Callable[..., Value]] = {
    Operator.ADD: add,
    Operator.SUB: subtract,
    Operator.MUL: multiply,
    Operator.DIV: divide,
    Operator.MOD: remainder,
    Operator.POW: power,
    Operator.EQ: equal,
    Operator.NE: lambda a, b: not equal(a, b),
    Operator.LT: lambda a, b: order("<", a, b) < 0,
    Operator.LE: lambda a, b: order("<=", a, b) <= 0,
    Operator.GT: lambda a, b: order(">", a, b) > 0,
    Operator.GE: lambda a, b: order(">=", a, b) >= 0,
    Operator.AND: lambda a, b: truth(a) and truth(b),
    Operator.OR: lambda a, b: truth(a) or truth(b),
    Operator.NOT: lambda a: not truth(a),
    Operator.NEG: negate,
    Operator.POS: plus,
    Operator.ROUND: round_half_even,
    Operator.INDICATOR: lambda a: 1 if truth(a) else 0,
    Operator.CHOOSE: lambda condition, a, b: a if truth(condition) else b,
}
"""Each operator at one position of its s-ops: plain values in, a plain value out."""


def item_at(items: Sequence[Value], position: Value) -> Value:
    """An item of a list, tuple or string; negative positions count from the end."""
    if not isinstance(position, int):
        hint = "use `round` to make it an int" if isinstance(position, Fraction) else None
        raise OperandError(f"an index must be an int, got {describe(position)}", operand=1, hint=hint)
    if not -len(items) <= position < len(items):
        kind = "string" if isinstance(items, str) else "list"
        what = f"{len(items)} {'character' if kind == 'string' else 'item'}{'s' * (len(items) != 1)}"
        raise LookUpFailure(f"index {shown(position)} is outside the {kind}, which has {what}", operand=1)
    return items[position]
