"""Frozen records as plain JSON data and back, exactly, driven by the types of their fields.

A bool is no int, a fraction is "1/3", and an atom (a token, a label) is itself, but {"fraction": "1/3"} where
it is a fraction, so that it is not mistaken for a string. Reading trusts nothing: data that is not as it
should be is a ModelError that says where.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from rasp.errors import ModelError
from rasp.words import Atom

MAY_BE_MISSING: Mapping[str, Any] = {"may be missing": True}
"""As a field's `metadata`: data without it mean its default. It is written all the same."""

LEFT_OUT: Mapping[str, Any] = {"may be missing": True, "left out": True}
"""As a field's `metadata`: written only where it is not its default."""


def wrong(sentence: str) -> Mapping[str, Any]:
    """As (a part of) a field's `metadata`: what to say of data of another type."""
    return {"wrong": sentence}


def to_data(value: Any, hint: Any = object) -> Any:
    """A record, or what is in one, as `json` writes it; `hint` is its type, Any for what is plain data."""
    if hint is Any:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        hints = _hints(type(value))
        return {
            each.name: to_data(getattr(value, each.name), hints[each.name])
            for each in fields(value)
            if not (each.metadata.get("left out") and getattr(value, each.name) == each.default)
        }
    if isinstance(value, Fraction):
        return str(value) if hint is Fraction else {"fraction": str(value)}
    if isinstance(value, Mapping):
        return {key: to_data(inner, (object, *get_args(hint))[-1]) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [to_data(inner, (*get_args(hint), object)[0]) for inner in value]
    return value


def from_data(hint: Any, data: Any, what: str, wrong: str = "it has the wrong type") -> Any:
    """What `to_data` was given, of this type; `what` is read, and `wrong` is said of data of another type."""
    if hint is Any:
        return data
    if hint == Atom:
        return _atom(data, what)
    if hint is Fraction:
        return _fraction(data, what)
    if is_dataclass(hint):
        return _record(hint, data, what)
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _one_of(args, data, what, wrong)
    kind = {Literal: str, Mapping: dict, tuple: list}.get(origin, origin or hint)
    if type(data) is not kind or (origin is Literal and data not in args):  # a bool is no int here
        raise damaged(what, wrong)
    if origin is tuple:
        return tuple(from_data(args[0], inner, what, wrong) for inner in data)
    if origin is list:
        return [from_data(args[0], inner, what, wrong) for inner in data]
    if kind is dict:
        return {key: from_data(args[1], inner, what, wrong) for key, inner in data.items()}
    return data


def damaged(what: str, why: str) -> ModelError:
    return ModelError(f"{what} is damaged: {why}")


def part(data: Any, name: str, hint: Any, what: str, wrong: str = "") -> Any:
    """`data[name]`, which must be there and of this type."""
    if not isinstance(data, dict) or name not in data:
        raise damaged(what, f'"{name}" is missing')
    return from_data(hint, data[name], what, wrong or f'"{name}" has the wrong type')


def _record(hint: Any, data: Any, what: str) -> Any:
    hints, given = _hints(hint), data if isinstance(data, dict) else {}
    return hint(
        **{
            each.name: part(given, each.name, hints[each.name], what, each.metadata.get("wrong", ""))
            for each in fields(hint)
            if each.name in given or not each.metadata.get("may be missing")
        }
    )


def _one_of(hints: tuple[Any, ...], data: Any, what: str, wrong: str) -> Any:
    """None, or one of several records, which are told apart by their `kind`."""
    if data is None and types.NoneType in hints:
        return None
    some = [hint for hint in hints if hint is not types.NoneType]
    if len(some) == 1:
        return from_data(some[0], data, what, wrong)
    kinds = {get_args(_hints(hint)["kind"])[0]: hint for hint in some}
    kind = part(data, "kind", str, what)
    if kind not in kinds:
        raise damaged(what, '"kind" must be ' + " or ".join(f'"{each}"' for each in kinds))
    return _record(kinds[kind], data, what)


def _atom(data: Any, what: str) -> Atom:
    if isinstance(data, dict) and list(data) == ["fraction"]:
        return _fraction(data["fraction"], what)
    if isinstance(data, str | bool | int):
        return data
    raise damaged(what, "a token or label is neither a string, a bool nor a number")


def _fraction(data: Any, what: str) -> Fraction:
    try:
        return fraction(data)
    except (AttributeError, ValueError):
        raise damaged(what, 'a fraction is not written as "1/3"') from None


def fraction(text: str) -> Fraction:
    """The fraction written as "1/3" or "2" (no exponents, which may be huge); ValueError if it is none."""
    numerator, _, denominator = text.partition("/")
    try:
        return Fraction(int(numerator), int(denominator or 1))
    except ZeroDivisionError:
        raise ValueError("a fraction with the denominator 0") from None


@cache
def _hints(record: type) -> Mapping[str, Any]:
    return get_type_hints(record)
