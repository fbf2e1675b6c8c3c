"""Atoms, the plain values at one position: Python's `int`, `bool` and `str`, and `Fraction` for every other
number. How they are told apart, made of Python's values, bounded, and shown in messages.
"""

from __future__ import annotations

import sys
from decimal import Decimal, localcontext
from fractions import Fraction
from numbers import Integral, Real
from typing import Any

from rasp.errors import InputError, LimitError
from rasp.limits import MAX_BITS, MAX_STRING
from rasp.words import Atom

LONGEST_SHOWN = 40
"""Characters of a value that an error message shows at most."""

TOO_MANY_DIGITS = "a number of very many digits"


class Answer(list[Any]):
    """A list of atoms that shows its fractions as people write them: `[1/2, 1]`."""

    def __repr__(self) -> str:
        return f"[{', '.join(str(atom) if isinstance(atom, Fraction) else repr(atom) for atom in self)}]"


def is_number(value: object) -> bool:
    """Is it a number? Bools are ints."""
    return isinstance(value, (int, Fraction))


def is_atom(value: object) -> bool:
    """Is it a plain value at one position?"""
    return isinstance(value, (int, Fraction, str))


def article(word: str) -> str:
    return "an" if word[0] in "aeiou" or word == "s-op" else "a"


def shown(value: object) -> str:
    """Any Python value in a message: never long, never failing. Whole fractions are shown as floats."""
    if is_huge(value):
        return TOO_MANY_DIGITS
    if isinstance(value, Fraction):
        return decimal(value) if value.denominator == 1 else shorten(str(value))
    if isinstance(value, str):
        return repr(value) if len(value) <= LONGEST_SHOWN else f"{value[:37]!r}... ({len(value)} characters)"
    if value is None or isinstance(value, (bool, int, float)) or _is_numpy_scalar(value):
        return shorten(repr(value))
    kind = type(value).__name__
    return f"{article(kind)} {kind}"


def is_huge(value: object) -> bool:
    """Is it a number larger than a program works with? Python does not write out more than 4,300 digits."""
    return isinstance(value, (int, Fraction)) and bits(value) > MAX_BITS


def _is_numpy_scalar(value: object) -> bool:
    numpy = sys.modules.get("numpy")  # where it is not imported, nothing is of its types
    return numpy is not None and isinstance(value, numpy.generic)


def shorten(text: str, longest: int = LONGEST_SHOWN) -> str:
    """The text, or its start if it is long."""
    return text if len(text) <= longest else text[: longest - 3] + "..."


def decimal(number: Fraction) -> str:
    """A fraction as a decimal, to the precision of a float, with a point or an exponent: `2.0`, `0.25`."""
    try:
        if not (number and abs(float(number)) < 1e-300):
            return repr(float(number))
    except OverflowError:
        pass
    with localcontext() as context:
        context.prec = 17
        return f"{(Decimal(number.numerator) / Decimal(number.denominator)).normalize():e}"


def checked(number: int | Fraction) -> int | Fraction:
    """The same number; raises `LimitError` if it is too large to carry on with."""
    found = bits(number)
    if found > MAX_BITS:
        raise LimitError(f"a number of {found:,} bits; numbers may have {MAX_BITS:,}")
    return number


def bits(number: int | Fraction) -> int:
    """How many bits the numerator or the denominator of a `number` has, whichever is longer."""
    return max(number.numerator.bit_length(), number.denominator.bit_length())


def to_atom(value: object) -> Atom:
    """A Python value as an atom: floats become the decimal they print as, NumPy's scalars and subclasses of
    `str` plain values. Raises `InputError`.
    """
    if isinstance(value, str):
        if len(value) > MAX_STRING:
            raise InputError(f"a string of {len(value):,} characters; {MAX_STRING:,} are the limit")
        return str.__str__(value)
    if isinstance(value, bool):
        return value
    numpy = sys.modules.get("numpy")  # where it is not imported, nothing is of its types
    if numpy is not None and isinstance(value, numpy.bool_):
        return bool(value)
    try:
        if isinstance(value, Integral):
            return checked(int(value))
        if isinstance(value, Fraction):
            return checked(Fraction(value))
        if isinstance(value, Real):
            return Fraction(repr(float(value)))
    except (ValueError, OverflowError):
        raise InputError(f"{value} is not a number that a program can work with") from None
    kind = type(value).__name__
    raise InputError(f"a value of type {kind} is neither a number nor a string nor a bool")
