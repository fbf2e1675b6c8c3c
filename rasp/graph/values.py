"""The values a RASP program works with, how they are told apart and how they are written.

Atoms are Python's `int`, `bool` and `str`, and `Fraction` for every other number; lists and dicts are
Python's, never changed once made; s-ops, selectors and functions are `Named`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import islice
from typing import ClassVar, TypeAlias

from rasp.errors import InputError, OperandError, RaspError
from rasp.graph.atoms import (
    LONGEST_SHOWN,
    TOO_MANY_DIGITS,
    article,
    decimal,
    is_atom,
    is_huge,
    shorten,
    shown,
    to_atom,
)
from rasp.limits import MAX_ITEMS
from rasp.words import Atom


class Named(ABC):
    """What is no plain value: an s-op, a selector or a function. `kind` says which, `title` is its name."""

    kind: ClassVar[str]

    @property
    @abstractmethod
    def title(self) -> str | None:
        """What a program calls it, if it has a name."""


Value: TypeAlias = "Atom | list[Value] | dict[Atom, Value] | Named"

Sequence: TypeAlias = "list[Atom]"


def truth(value: Value) -> bool:
    """False are `False`, zero, and whatever is empty; all else is true. Not for s-ops and selectors."""
    if isinstance(value, Named):
        if value.kind == "function":
            return True
        raise OperandError(f"{describe(value)} is neither true nor false as a whole")
    return bool(value)


def type_name(value: object) -> str:
    """What the language calls this kind of value."""
    if isinstance(value, Named):
        return value.kind
    names: tuple[tuple[type, str], ...] = (
        (bool, "bool"),
        (int, "int"),
        (Fraction, "float"),
        (str, "string"),
        (list, "list"),
        (dict, "dict"),
    )
    for kind, name in names:
        if isinstance(value, kind):
            return name
    return type(value).__name__


def describe(value: object) -> str:
    """The kind of a value and, shortened, the value itself: `int 3`, `s-op hist`, `an s-op`."""
    kind = type_name(value)
    if isinstance(value, Named):
        return f"{kind} `{value.title}`" if value.title else f"{article(kind)} {kind}"
    if isinstance(value, (list, dict)):
        return f"{article(kind)} {kind}"
    return f"{kind} {shorten(show(value))}" if is_atom(value) and not is_huge(value) else shown(value)


def show(value: object) -> str:
    """A value as the language writes it; strings quoted. Only for atoms, and lists and dicts of atoms."""
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Fraction):
        return decimal(value)
    if isinstance(value, list):
        return f"[{', '.join(_short_items(value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(_short_items(value))}}}"
    if isinstance(value, Named):
        return describe(value)
    return TOO_MANY_DIGITS if is_huge(value) else str(value)


def _short_items(items: Iterable[object]) -> Iterator[str]:
    """The first items of a list, or keys of a dict; nested ones only hinted at."""
    for count, item in enumerate(items):
        if count == LONGEST_SHOWN:
            yield "..."
            return
        yield "[...]" if isinstance(item, list) else "{...}" if isinstance(item, dict) else show(item)


def to_value(value: object) -> Value:
    """A Python value as a value of the language; raises `RaspError` for what has no counterpart."""
    if isinstance(value, Named):
        return value
    if isinstance(value, (list, tuple)):
        return [to_value(item) for item in value]
    if isinstance(value, Mapping):
        return {to_atom(key): to_value(item) for key, item in value.items()}
    return to_atom(value)


def input_sequence(given: object) -> list[Atom]:
    """The elements of an input: a string's characters, a list's items, a dict's keys. Raises `InputError`."""
    if isinstance(given, Named):
        raise InputError(f"expected an input (a string or a list), got {describe(given)}")
    if isinstance(given, (bytes, bytearray, memoryview)):
        raise InputError("the input is bytes: give a string, or a list of tokens")
    if isinstance(given, (set, frozenset)):
        raise InputError("the input is a set, which has no order", hint="give a list of tokens")
    try:
        elements = iter(given)  # type: ignore[call-overload]
    except TypeError:
        raise InputError(f"expected an input (a string or a list), got {shown(given)}") from None
    try:
        sequence = [to_atom(element) for element in islice(elements, MAX_ITEMS + 1)]
    except RaspError as error:
        raise InputError(f"bad element in the input: {error.message}") from None
    if len(sequence) > MAX_ITEMS:
        raise InputError(f"the input has more than {MAX_ITEMS:,} tokens")
    if not sequence:
        raise InputError("the input is empty; it needs at least one token")
    return sequence
