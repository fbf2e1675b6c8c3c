"""How the command line reads programs, inputs and vocabularies, and how it writes answers."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rasp.errors import InputError
from rasp.graph.atoms import shorten
from rasp.limits import MAX_BITS
from rasp.words import Atom

_MOST_DIGITS = int(MAX_BITS * 0.3)
_LONGEST_EXPONENT = 400  # more than any double has; keeps 1e999999999 from being written out in full


def read_input(text: str, as_text: bool = False) -> list[Atom]:
    """The tokens of an INPUT argument: a JSON list if it parses as one, else its characters.

    Raises InputError for a list that holds anything but strings, booleans and finite numbers.
    """
    items = None if as_text else _json_list(text)
    return list(text) if items is None else items


def read_json_input(line: str) -> list[Atom]:
    """The tokens of one line of an inputs file: a JSON list, or a JSON string for its characters."""
    try:
        value = _parse_json(line)
    except ValueError:
        raise InputError('not JSON (a list such as [1, 2], or a string such as "abc")') from None
    if isinstance(value, str):
        return list(value)
    if isinstance(value, list):
        return [_atom(item) for item in value]
    raise InputError(f"an input is a JSON list or string, not {json.dumps(value, default=str)}")


def read_vocab(text: str) -> list[Atom]:
    """The tokens of a --vocab option: a range of ints (0:26), a JSON list, or single characters.

    Raises InputError if it is empty, names a token twice or holds something that is no token.
    """
    limits = re.fullmatch(r"(-?[0-9]{1,18}):(-?[0-9]{1,18})", text)
    if limits:
        low, high = int(limits[1]), int(limits[2])
        if high - low > 1_000_000:
            raise InputError(f"the vocabulary {text} has {high - low} tokens; a million is the limit")
        tokens: list[Atom] = list(range(low, high))
    else:
        tokens = read_input(text)
    if not tokens:
        raise InputError(f"the vocabulary {text!r} is empty")
    seen: set[tuple[type, Atom]] = set()
    for token in tokens:
        if (type(token), token) in seen:
            raise InputError(f"the vocabulary has {show_atom(token, quoted=True)} twice")
        seen.add((type(token), token))
    return tokens


@dataclass(frozen=True)
class _Refused:
    """A number that JSON can write and a program cannot work with. It may yet be part of a text that is no
    JSON list, so that only its use as a token is an error.
    """

    text: str
    reason: str

    def __str__(self) -> str:
        return shorten(self.text)


def _json_list(text: str) -> list[Atom] | None:
    try:
        value = _parse_json(text)
    except ValueError:
        return None
    return [_atom(item) for item in value] if isinstance(value, list) else None


def _parse_json(text: str) -> Any:
    """Raises ValueError only for what is no JSON."""
    try:
        return json.loads(text, parse_int=_whole, parse_float=_fraction, parse_constant=_no_such_number)
    except RecursionError:
        raise InputError("the input is nested too deeply; it should be a flat list") from None


def _whole(text: str) -> int | _Refused:
    return int(text) if len(text) <= _MOST_DIGITS else _too_many_digits(text)


def _fraction(text: str) -> Fraction | _Refused:
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > _MOST_DIGITS:
        return _too_many_digits(text)
    digits = exponent.lstrip("+-0")
    if len(digits) > len(str(_LONGEST_EXPONENT)) or int(digits or 0) > _LONGEST_EXPONENT:
        return _Refused(text, "is a number out of range")
    return Fraction(text)


def _too_many_digits(text: str) -> _Refused:
    return _Refused(text, f"is a number of more than {_MOST_DIGITS:,} digits")


def _no_such_number(text: str) -> _Refused:
    return _Refused(text, "is not a number that a program can work with")


def _atom(value: Any) -> Atom:
    if isinstance(value, str | bool | int | Fraction):
        return value
    if isinstance(value, _Refused):
        raise InputError(f"{value} {value.reason}")
    shown = json.dumps(value, default=str)
    raise InputError(f"a token is a string, a number or a boolean, not {shown}")


def to_json(value: Any) -> Any:
    """An answer made of atoms, lists and dicts, as `json.dumps` takes it: other numbers become floats."""
    if isinstance(value, Fraction):
        try:
            return float(value)
        except OverflowError:
            return round(value)
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    return value


def dump_json(value: Any) -> str:
    """One line of JSON."""
    return json.dumps(to_json(value), ensure_ascii=False)


def show_atom(atom: Atom, quoted: bool = False) -> str:
    """An atom as answers show it: T and F, decimals to three places, strings bare unless `quoted`."""
    if isinstance(atom, bool):
        return "T" if atom else "F"
    if isinstance(atom, Fraction):
        return str(round(to_json(atom), 3))
    return json.dumps(atom, ensure_ascii=False) if quoted and isinstance(atom, str) else str(atom)


def show_sequence(values: Sequence[Atom]) -> str:
    """An answer for people: `[1, 2] (ints)`, and `[1]*5 (ints)` where all five are equal."""
    shown = [show_atom(value) for value in values]
    if len(values) > 1 and all(value == values[0] for value in values):
        return f"[{shown[0]}]*{len(values)} ({type_name(values)})"
    return f"[{', '.join(shown)}] ({type_name(values)})"


def show_matrix(rows: Sequence[Sequence[bool]], tokens: Sequence[Atom]) -> str:
    """A selector's matrix for people: one row for each query, one column for each key."""
    names = [show_atom(token) for token in tokens]
    width = max(map(len, names))
    lines = [" " * (width + 3) + " ".join(name.rjust(width) for name in names)]
    for name, row in zip(names, rows, strict=True):
        cells = " ".join(("1" if cell else " ").rjust(width) for cell in row)
        lines.append(f"{name.rjust(width)} | {cells}".rstrip())
    return "\n".join(lines)


def type_name(values: Sequence[Atom]) -> str:
    """What kind of atoms an answer holds; a mix of ints and other numbers counts as floats."""
    kinds = {type(value) for value in values}
    if kinds == {str}:
        return "strings"
    if kinds == {bool}:
        return "bools"
    return "floats" if Fraction in kinds else "ints"
