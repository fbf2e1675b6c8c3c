"""An s-op as a self-contained RASP program, so that a saved model carries what it computes.

One assignment per s-op and selector, operands first, the main s-op last. Functions given in Python are
written as look-ups in dicts over the values that their arguments can take.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from compiler.graph.meaning import call
from compiler.program.opening import library_call, site_called
from rasp.errors import CompileError
from rasp.graph.sops import (
    Aggregate,
    Constant,
    Elementwise,
    Exists,
    Indices,
    LookUp,
    Map,
    Member,
    Node,
    Operation,
    Select,
    SelectorAnd,
    SelectorNot,
    SelectorOr,
    SOp,
    Tokens,
    Width,
    in_order,
    operands,
)
from rasp.words import Atom, Operator

Point = tuple[Atom, ...]

ArgumentValues = Mapping[Node, Sequence[Atom]]

DEEPEST = 200
"""How many conditions are nested at most: each is a bracket and a choice, of which 500 deep are read."""

_PREFIX = {Operator.NEG: "-", Operator.POS: "+", Operator.NOT: "not "}
_CALL = {Operator.ROUND: "round", Operator.INDICATOR: "indicator"}
_RESERVED = frozenset(
    """
    if else not and or def return for in round indicator load draw set show example examples on off exit
    quit selector range zip len get tokens tokens_asis tokens_str tokens_int tokens_bool tokens_float
    indices True False out length full_s selector_width has_focus count contains max min average
    load_from_location shift mark_last_instance mark_first_instance select_from_last select_from_first
    sort select_next_identical select aggregate only
    """.split()  # noqa: SIM905 - a list of words reads best as text
)


Text = tuple[str | Node, ...]
"""A piece of program in which the names of nodes are still to be written."""


@dataclass(frozen=True)
class Mention:
    """The characters [start, end) of a program that name a node."""

    start: int
    end: int
    node: Node


@dataclass(frozen=True)
class Line:
    """The statement that makes a node: the characters [start, end), and the nodes that it names."""

    node: Node
    name: str
    start: int
    end: int
    mentions: tuple[Mention, ...]


@dataclass(frozen=True)
class Written:
    """A program as text, one statement a line, operands first, the main s-op last."""

    text: str
    lines: tuple[Line, ...]


def write_program(root: SOp, argument_values: ArgumentValues) -> Written:
    """The program whose last s-op is `root`; `argument_values` lists what arguments of Python functions take.

    Raises:
        CompileError: a string has no spelling in RASP (it holds a quotation mark or a line break).
    """
    names: dict[Node, str] = {}
    fresh = _Fresh({node.name for node in in_order(root) if library_call(node) is None or site_called(node)})
    texts: list[str] = []
    lines: list[Line] = []
    start = 0
    for node in in_order(root):
        parts: list[Text] = [_operand(child, names) for child in operands(node)]
        if isinstance(node, Map):
            # on which of its arguments it depends, perhaps on a constant alone, shows only when it is written
            constants = [isinstance(a, Constant) for a in node.args]
            parts = [
                _everywhere(part) if plain else part for part, plain in zip(parts, constants, strict=True)
            ]
        elif isinstance(node, Elementwise) and _would_be_plain(node):
            parts = [_everywhere(parts[0]), *parts[1:]]
        if isinstance(node, Tokens | Indices | Constant) and node is not root:
            if not isinstance(node, Constant):
                names[node] = base_name(node)
            continue
        text = _expression(node, parts, argument_values)
        if isinstance(node, Constant):
            text = _everywhere(text)
        inner = library_call(node) is not None and site_called(node) is None
        name = names[node] = fresh(node.name, inner)
        line = _line(node, (f"{name} = ", *text, ";"), name, names, start)
        texts.append(line[0])
        lines.append(line[1])
        start += len(line[0]) + 1
    return Written("\n".join(texts) + "\n", tuple(lines))


def _would_be_plain(node: Elementwise) -> bool:
    """Whether the text would be worked out at once, its constants being plain values there: all operands are
    constants, or the condition is.
    """
    chosen = isinstance(node, Operation) and node.operator is Operator.CHOOSE
    return all(isinstance(a, Constant) for a in (node.args[:1] if chosen else node.args))


def _operand(node: Node, names: Mapping[Node, str]) -> Text:
    """How an operand is written: by its name if it has one, else by its value."""
    return (node,) if node in names else _expression(node, [], {})


def _line(node: Node, text: Text, name: str, names: Mapping[Node, str], start: int) -> tuple[str, Line]:
    """The text of a statement that begins at a place of the program, with all names written."""
    mentions, pieces, place = [], [], start
    for piece in text:
        written = piece if isinstance(piece, str) else names[piece]
        if not isinstance(piece, str):
            mentions.append(Mention(place, place + len(written), piece))
        pieces.append(written)
        place += len(written)
    return "".join(pieces), Line(node, name, start, place, tuple(mentions))


def _join(*parts: str | Text) -> Text:
    """Pieces one behind the other."""
    return tuple(itertools.chain.from_iterable((part,) if isinstance(part, str) else part for part in parts))


def says_the_same(root: SOp) -> bool:
    """Whether the program's text has the same s-ops, one by one: functions given in Python become others, and
    so do constants of which operators would make plain values.
    """
    others = (
        isinstance(node, Map) or (isinstance(node, Elementwise) and _would_be_plain(node))
        for node in in_order(root)
    )
    return not isinstance(root, Constant) and not any(others)


def _everywhere(text: Text) -> Text:
    """A constant as an s-op: between plain values, operators would give a plain value."""
    return _join("(", text, " if indices == 0 else ", text, ")")


class _Fresh:
    """Names for nodes: its own for each where that is free and legal, else a numbered one. What is made
    within the library's functions takes no name of the `users`.
    """

    def __init__(self, users: set[str | None]) -> None:
        self._users = users
        self._used: set[str] = set()
        self._next: dict[str, int] = {}

    def __call__(self, wanted: str | None, inner: bool = False) -> str:
        base = wanted if wanted and re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]*", wanted) else "step"
        base = f"{base}_" if base in _RESERVED else base
        name = base if base != "step" else "step1"
        while name in self._used or (inner and name in self._users):
            number = self._next.get(base, 2)  # all numbers below are taken
            name, self._next[base] = f"{base}{number}", number + 1
        self._used.add(name)
        return name


def base_name(node: Node) -> str:
    """What a base s-op is called."""
    return f"tokens_{node.conversion}" if isinstance(node, Tokens) else "indices"


def _expression(node: Node, a: list[Text], argument_values: ArgumentValues) -> Text:
    match node:
        case Tokens() | Indices():
            return (base_name(node),)
        case Constant():
            return (atom(node.value),)
        case Operation():
            return _operation(node.operator, a)
        case LookUp(container=str() as text):
            return _join(f"{atom(text)}[", a[0], "]")
        case LookUp(container=tuple() as items):
            return _join(f"{_list(items)}[", a[0], "]")
        case LookUp(container=table):
            assert not isinstance(table, str | tuple)
            return _join(f"{_dict(table.items())}[", a[0], "]")
        case Member():
            return _join("(", a[0], f" in {_list(node.items)})")
        case Map():
            return _python_function(node, a, [argument_values[arg] for arg in node.args])
        case Aggregate():
            function = "only" if node.only else "aggregate"
            return _join(f"{function}(", a[0], ", ", a[1], *_default(node.default, a), ")")
        case Width():
            return _join("selector_width(", a[0], ")")
        case Exists():
            return _join("has_focus(", a[0], ")")
        case Select():
            return _join("select(", a[0], ", ", a[1], f", {node.comparison.value})")
        case SelectorAnd():
            return _join("(", a[0], " and ", a[1], ")")
        case SelectorOr():
            return _join("(", a[0], " or ", a[1], ")")
        case SelectorNot():
            return _join("(not ", a[0], ")")
    raise AssertionError(f"unknown node {node!r}")


def _default(default: Atom | SOp | None, a: list[Text]) -> list[str | Text]:
    """The last argument of an aggregate, if it has one."""
    if default is None:
        return []
    return [", ", a[2] if isinstance(default, SOp) else atom(default)]


def _operation(operator: Operator, a: list[Text]) -> Text:
    if operator in _PREFIX:
        return _join(f"({_PREFIX[operator]}", a[0], ")")
    if operator in _CALL:
        return _join(f"{_CALL[operator]}(", a[0], ")")
    if operator is Operator.CHOOSE:
        return _join("(", a[1], " if ", a[0], " else ", a[2], ")")
    return _join("(", a[0], f" {operator.value} ", a[1], ")")


def _python_function(node: Map, a: list[Text], values: list[Sequence[Atom]]) -> Text:
    """A function of one argument is a look-up. Of several, all but the last are told apart one by one, if
    the function is defined throughout (as both branches of a condition must have a value) and conditions do
    not nest too deep; else every combination has a number, and those that are defined are found under theirs.
    Values that are equal, as 1 and True, are one key.
    """
    values = [list(dict.fromkeys(listed)) for listed in values]
    results = {point: call(node, point) for point in itertools.product(*values)}
    deep = sum(map(len, values[:-1])) > DEEPEST
    if len(values) > 1 and not deep and None not in results.values():
        return _conditions(a, values, results, ())
    keys: Iterable[Atom] = values[0] if len(values) == 1 else range(len(results))
    found = {key: result for key, result in zip(keys, results.values(), strict=True) if result is not None}
    return _join(f"{_dict(found.items())}[", a[0] if len(values) == 1 else _number(a, values), "]")


def _conditions(
    a: list[Text], values: list[Sequence[Atom]], results: Mapping[Point, Atom | None], fixed: Point
) -> Text:
    """The results with the first arguments `fixed`."""
    place = len(fixed)
    if place == len(values) - 1:
        pairs = ((v, results[(*fixed, v)]) for v in values[place])
        return _join(f"{_dict((v, result) for v, result in pairs if result is not None)}[", a[place], "]")
    *first, last = values[place]
    text = _conditions(a, values, results, (*fixed, last))
    for value in reversed(first):
        inner = _conditions(a, values, results, (*fixed, value))
        text = _join("(", inner, " if ", a[place], f" == {atom(value)} else ", text, ")")
    return text


def _number(a: list[Text], values: list[Sequence[Atom]]) -> Text:
    """The number of the combination of the arguments' values."""
    terms: list[Text] = []
    stride = math.prod(map(len, values))
    for argument, listed in zip(a, values, strict=True):
        stride //= len(listed)
        digits = _dict((v, place * stride) for place, v in enumerate(listed))
        terms.append(_join(" + " if terms else "", f"{digits}[", argument, "]"))
    return _join(*terms)


def _list(items: Iterable[Atom]) -> str:
    return "[" + ", ".join(atom(v) for v in items) + "]"


def _dict(items: Iterable[tuple[Atom, Atom]]) -> str:
    return "{" + ", ".join(f"{atom(k)}: {atom(v)}" for k, v in items) + "}"


def atom(value: Atom) -> str:
    """An atom as a RASP expression."""
    if isinstance(value, str):
        if any(c in value for c in '"\r\n'):
            raise CompileError(f"the string {value!r} has no spelling in RASP, so no model can be made of it")
        return f'"{value}"'
    if isinstance(value, Fraction):
        text = f"{abs(value.numerator)}/{value.denominator}"
        return f"({'-' if value < 0 else ''}{text})"
    if isinstance(value, bool):
        return str(value)
    return str(value) if value >= 0 else f"(-{-value})"
