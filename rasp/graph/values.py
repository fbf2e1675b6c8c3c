"""The values a RASP program works with, how they are told apart and how they are written.

Atoms are Python's `int`, `bool` and `str`, and `Fraction` for every other number; lists and dicts are
Python's, never changed once made; s-ops and selectors are nodes of `rasp.graph.sops`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from rasp.errors import InputError, OperandError, RaspError
from rasp.graph.sops import Node, Selector, SOp
from rasp.limits import MAX_ITEMS
from rasp.words import Atom

if TYPE_CHECKING:
    from rasp.elaboration.scope import Scope
    from rasp.syntax.tree import FunctionDefinition
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

Value: TypeAlias = "Atom | list[Value] | dict[Atom, Value] | Node | Function"

Sequence: TypeAlias = "list[Atom]"


@dataclass(frozen=True, eq=False)
class Function:
    """What `def` makes: called with values, it gives a value."""

    definition: FunctionDefinition = field(repr=False)
    scope: Scope = field(repr=False)  # where it was defined, so where its free names are looked up
    origin: str  # "console", or the name of the loaded file as given to `load`
    library: bool = False

    @property
    def name(self) -> str:
        return self.definition.name.text

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(parameter.text for parameter in self.definition.parameters)

    @property
    def signature(self) -> str:
        """`name(a, b)`."""
        return f"{self.name}({', '.join(self.parameters)})"

    def __call__(self, *arguments: object) -> Value:
        """Call it from Python; atoms may be given as Python numbers and strings."""
        from rasp.elaboration.expressions import call_from_python  # the elaborator builds on this module

        return call_from_python(self, arguments)


class Applied(list["Value"]):
    """What an s-op or selector gave on an input within a program: a list that remembers how it came about."""

    def __init__(self, values: Iterable[Value], node: Node, given: Value) -> None:
        super().__init__(values)
        self.node = node
        self.given = given


def truth(value: Value) -> bool:
    """False are `False`, zero, and whatever is empty; all else is true. Not for s-ops and selectors."""
    if isinstance(value, Node):
        raise OperandError(f"{describe(value)} is neither true nor false as a whole")
    return True if isinstance(value, Function) else bool(value)


def type_name(value: object) -> str:
    """What the language calls this kind of value."""
    if isinstance(value, Node):
        return "s-op" if isinstance(value, SOp) else "selector"
    names: tuple[tuple[type, str], ...] = (
        (bool, "bool"),
        (int, "int"),
        (Fraction, "float"),
        (str, "string"),
        (list, "list"),
        (dict, "dict"),
        (Function, "function"),
    )
    for kind, name in names:
        if isinstance(value, kind):
            return name
    return type(value).__name__


def describe(value: object) -> str:
    """The kind of a value and, shortened, the value itself: `int 3`, `s-op hist`, `an s-op`."""
    kind = type_name(value)
    if isinstance(value, Node):
        return f"{kind} `{value.name}`" if value.name else f"{article(kind)} {kind}"
    if isinstance(value, Function):
        return f"function `{value.name}`"
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
    if isinstance(value, (Node, Function)):
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
    if isinstance(value, (Node, Function)):
        return value
    if isinstance(value, (list, tuple)):
        return [to_value(item) for item in value]
    if isinstance(value, Mapping):
        return {to_atom(key): to_value(item) for key, item in value.items()}
    return to_atom(value)


def input_sequence(given: object) -> list[Atom]:
    """The elements of an input: a string's characters, a list's items, a dict's keys. Raises `InputError`."""
    if isinstance(given, (Node, Function)):
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


def kind_of_node(value: object) -> str:
    """For messages that say what was expected: `selector`, `s-op` or `value`."""
    return "selector" if isinstance(value, Selector) else "s-op" if isinstance(value, SOp) else "value"
