"""How the command line reads programs, inputs and vocabularies, and how it writes answers."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from rasp.errors import InputError, Span
from rasp.graph.atoms import shorten, shown
from rasp.limits import MAX_BITS
from rasp.words import Atom

_MOST_DIGITS = int(MAX_BITS * 0.3)
_LONGEST_HINT = 70
_LONGEST_EXPONENT = 400  # more than any double has; keeps 1e999999999 from being written out in full


def read_input(text: str, as_text: bool = False) -> list[Atom]:
    """The tokens of an INPUT argument: a JSON list if it parses as one, else its characters.

    Raises InputError for a list that holds anything but strings, booleans and finite numbers, and for text
    that looks like JSON and is none, such as `[3, 1,` or `{"a": 1}`; `as_text` takes any text as it is.
    """
    items = None if as_text else _json_list(text, "INPUT", _list_or_text(text))
    if items is None and not as_text:
        _refuse_misleading_input(text)
    return list(text) if items is None else items


def _list_or_text(text: str) -> str:
    """How to write what is nearly a list, and how to have it taken as it is."""
    spelt = _as_json_list(text)
    return f"{f'for a list write {spelt}; ' if spelt.startswith(chr(39)) else ''}to take it as text: --string"


def _refuse_misleading_input(text: str) -> None:
    """Raise InputError for what nobody means as characters: numbers between commas, a word in quotes."""
    if re.fullmatch(r"[({]?\s*-?[0-9]+(\s*[,;]\s*-?[0-9]+|\s+-?[0-9]+)+\s*[)}]?", text):
        hint = _list_or_text(text.strip("(){}"))
        raise InputError("numbers between commas or blanks are no list yet", hint=hint)
    if quoted := re.fullmatch(r"""(["'])([^"']+)\1""", text):
        hint = f"without quotes of its own: {quoted[2]}; to take it as text: --string"
        raise InputError("the INPUT is in quotes that would be tokens", hint=hint)


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


def read_line(line: str) -> list[Atom]:
    """The tokens of one line of inputs: a JSON list, a JSON string for its characters, or text as in an INPUT
    argument.
    """
    try:
        _parse_json(line)
    except ValueError:
        return read_input(line)
    return read_json_input(line)


def read_vocab(text: str) -> list[Atom]:
    """The tokens of a --vocab option: a range of ints (0:26, upper end excluded), a range of letters (a-z,
    both ends included), a JSON list, or single characters.

    Raises InputError if it is empty, names a token twice or holds something that is no token; and if it looks
    like another way of writing a list or a range, with the right spelling as a hint.
    """
    _refuse_dressed_range(text)
    tokens = _range(text) or _json_list(text, "vocabulary", _as_json_list(text))
    if tokens is None:
        _refuse_misleading(text)
        tokens = list(text)
    if not tokens:
        raise InputError(f"the vocabulary {text!r} is empty")
    known = {(type(token), token): token for token in tokens}
    if len(known) < len(tokens):
        _refuse_words(text)
        double = next(token for i, token in enumerate(tokens) if token in tokens[:i])
        once = list(known.values())
        plain = all(isinstance(token, str) and len(token) == 1 for token in once)
        spelt = "".join(map(str, once)) if plain else f"'{dump_json(once)}'"
        raise InputError(
            f"the vocabulary has {show_atom(double, quoted=True)} twice",
            hint=f"each token is named once: {spelt}{_word_itself(text)}"
            if len(spelt) <= _LONGEST_HINT
            else None,
        )
    return tokens


T = TypeVar("T")


def read_header(source: str, key: str, read: Callable[[str], T], file: str) -> T | None:
    """What the header of a program's text says for a `key` such as `vocab`, as `read` takes it; None if
    nothing. What `read` raises has the place of that line in the `file`.
    """
    import programs

    said = programs.said(source, key)
    if said is None:
        return None
    try:
        return read(said)
    except InputError as error:
        lines = source.splitlines()
        start = f"# {key}: "
        row = next(row for row, line in enumerate(lines, 1) if line.startswith(start))
        error.span = Span(file, row, len(start) + 1, row, len(lines[row - 1]) + 1, source)
        raise


def read_header_input(source: str, file: str) -> list[Atom] | None:
    """The first input of which the header of a program's text tells what comes of it; None if of none."""

    def given(text: str) -> list[Atom]:
        return read_json_input(text.partition(" -> ")[0])

    found = (read_header(source, key, given, file) for key in ("example", "generate", "run"))
    return next((tokens for tokens in found if tokens is not None), None)


def _word_itself(text: str) -> str:
    """How to write a word that is to be one token, for a hint."""
    return f"; for the word as one token '{dump_json([text])}'" if len(text) > 2 and text.isalpha() else ""


def _refuse_words(text: str) -> None:
    """Raise InputError for a text that is no set of characters at all, as it has one of them twice."""
    if quoted := re.fullmatch(r"""(["'])([^"']+)\1""", text):
        raise InputError(f"the vocabulary {text} is in quotes", hint=f"write {quoted[2]}")
    if re.fullmatch(r"(?i)(digits?|letters?|ascii|numbers?|chars?|characters|words?|ints?)", text):
        hint = "write the tokens: a-z for letters, 0:10 for numbers, 0123456789 for digits as characters"
        raise InputError(f"there is no vocabulary called {text}", hint=hint)


def _range(text: str) -> list[Atom] | None:
    """The tokens of `0:26` or `a-z`; None for anything else."""
    limits = re.fullmatch(r"(-?[0-9]{1,18}):(-?[0-9]{1,18})", text)
    if limits:
        low, high = int(limits[1]), int(limits[2])
        if high - low > 1_000_000:
            raise InputError(f"the vocabulary {text} has {high - low} tokens; a million is the limit")
        if high <= low:
            ends = f"; write {high}:{low}" if high < low else f"; write {low}:{low + 1} for {low} alone"
            raise InputError(f"the vocabulary {text!r} is empty", hint=f"the upper end is excluded{ends}")
        return list(range(low, high))
    if re.fullmatch("[a-z]-[a-z]|[A-Z]-[A-Z]", text) and text[0] < text[2]:
        return [chr(code) for code in range(ord(text[0]), ord(text[2]) + 1)]
    return None


def _refuse_dressed_range(text: str) -> None:
    """Raise InputError for a range in brackets or quotes, with blanks, or with a dash from a text program."""
    undressed = re.sub(r"[\s\[\](){}\"'\u201c\u201d]", "", text)
    bare = re.sub("[\u2013\u2014\u2212]", "-", undressed)
    if re.fullmatch(r"-?[0-9]+\.\.+-?[0-9]+", bare):
        _refuse_misleading(bare)
    if bare != text and re.fullmatch("-?[0-9]{1,9}:-?[0-9]{1,9}|[a-z]-[a-z]|[A-Z]-[A-Z]", bare):
        hint = f"a range is written without brackets, quotes or blanks: {bare}"
        raise InputError(f"{text} could be misread as a vocabulary", hint=hint)


_NUMBER = r"-?[0-9]{1,18}(\.[0-9]{1,18})?"


def _refuse_misleading(text: str) -> None:
    """Raise InputError for what is no list of characters to anybody who reads it."""
    if re.fullmatch(r"\S+\.(txt|json|jsonl|csv|tsv|vocab)", text):
        hint = f'if it is a file that holds one: --vocab "$(cat {text})"'
        raise InputError(f"a vocabulary is written out, and {text} looks like a file", hint=hint)
    if steps := re.fullmatch(r"(-?[0-9]{1,9}):(-?[0-9]{1,9}):(-?[1-9][0-9]{0,8})", text):
        numbers = range(*map(int, steps.groups()))
        spelt = f"'{dump_json(list(numbers))}'" if 0 < len(numbers) <= 20 else "a JSON list"
        raise InputError(f"a range of the vocabulary has no steps: {text}", hint=f"write {spelt}")
    if dots := re.fullmatch(r"(-?[0-9]{1,18})(?:\.\.+|-|\u2013)(-?[0-9]{1,18})", text):
        low, high = map(int, dots.groups())
        digits = "".join(map(str, range(low, high + 1))) if 0 <= low < high <= 9 else ""
        characters = f"; for the digits as characters {digits}" if digits else ""
        raise InputError(
            f"{text} could be misread as a vocabulary",
            hint=f"for the numbers from {low} to {high} write {low}:{high + 1}{characters}",
        )
    if re.fullmatch("[1-9][0-9]+", text) and (len(text) == 2 or text not in "123456789"):
        spelt = f"for the numbers below {shorten(text)} write 0:{text}; " if len(text) <= 6 else ""
        raise InputError(
            f"{shorten(text)} could be misread as a vocabulary",
            hint=f"{spelt}for its digits as characters {_characters(text)}",
        )
    if re.fullmatch(_NUMBER, text) and not text.isdigit():
        hint = f"for the number write '[{text}]'; for its characters {_characters(text)}"
        raise InputError(f"{text} could be misread as a vocabulary", hint=hint)
    if opened := re.fullmatch("(-?[0-9]{1,18}):", text):
        raise InputError(
            f"{text} could be misread as a vocabulary",
            hint=f"a range has an upper end, which is excluded: {text}{max(10, int(opened[1]) + 10)}; "
            f"for characters write {_characters(text)}",
        )
    if called := re.fullmatch(r"range\((?:(-?[0-9]{1,9}),\s*)?(-?[0-9]{1,9})\)|:([0-9]{1,9})", text):
        spelt = f"{called[1] or 0}:{called[2] or called[3]}"
        raise InputError(f"{text} could be misread as a vocabulary", hint=f"for numbers write {spelt}")
    if re.match(r"-?[0-9]*\.?[0-9]+:-?[0-9]", text):
        hint = "one range of whole numbers (0:10), or a JSON list of all numbers"
        raise InputError(f"{text} could be misread as a vocabulary", hint=hint)
    if ends := re.fullmatch("([a-z]):([a-z])|([A-Z]):([A-Z])", text):
        low, high = sorted(filter(None, ends.groups()))
        raise InputError(
            f"{text} could be misread as a vocabulary",
            hint=f"for letters in a row write {low}-{high}; a colon that is a token stands last",
        )
    if re.search(r"[^\W\d_]-[^\W\d_]|[0-9]-[0-9]|\.\.", text):
        whole = re.fullmatch(r"([a-z])(?:-|\.\.+)([a-z])", text)
        letters = f"write {min(whole[1], whole[2])}-{max(whole[1], whole[2])}; " if whole else ""
        raise InputError(
            f"{text} could be misread as a vocabulary",
            hint=f"{letters}ranges stand alone (a-z, 0:10); a hyphen that is a token stands last",
        )
    inner = text[1:-1] if re.fullmatch(r"\(.+\)|\{.+\}|<.+>", text) else text
    parts = [part for part in re.split(r"[,;\s]+", inner) if part]
    if len(parts) > 1 and all(part.isalnum() or re.fullmatch(_NUMBER, part) for part in parts):
        single = all(len(part) == 1 for part in parts)
        characters = f" for these characters write {''.join(parts)};" if single else ""
        apart = re.search(r"[,;\s]", text)
        name = {",": "comma", ";": "semicolon"}.get(apart[0] if apart else "", "blank")
        raise InputError(
            f"the vocabulary {text!r} could be misread: its tokens are characters, with nothing between",
            hint=f"{characters} for a list write {_as_json_list(text)}; a {name} that is a token stands "
            "first or last".lstrip(),
        )


def _characters(text: str) -> str:
    """The characters of a text, each once, as a JSON list; ready for a shell."""
    return f"'{dump_json(list(dict.fromkeys(text)))}'"


def _as_json_list(text: str) -> str:
    """What looks like a list in proper JSON, ready for a shell."""
    inner = text.strip().lstrip("[({<").rstrip("])}>")
    quotes = "\"'\u201c\u201d\u2018\u2019"
    parts = [part.strip(quotes) for part in re.split(r"[,;\s]+", inner) if part.strip(quotes)]
    whole = all(re.fullmatch("-?[0-9]{1,18}", part) for part in parts)
    bools = all(part in ("True", "False") for part in parts)
    items = [int(part) if whole else part == "True" if bools else part for part in parts]
    spelt = f"'{json.dumps(items, ensure_ascii=False)}'"
    simple = parts and not re.search("[{:]", text[1:]) and "\\" not in spelt
    return spelt if simple and len(spelt) <= _LONGEST_HINT else """a JSON list such as '["ab", "c"]'"""


@dataclass(frozen=True)
class _Refused:
    """A number that JSON can write and a program cannot work with. It may yet be part of a text that is no
    JSON list, so that only its use as a token is an error.
    """

    text: str
    reason: str

    def __str__(self) -> str:
        return shorten(self.text)


def _json_list(text: str, what: str, otherwise: str) -> list[Atom] | None:
    """The items of a JSON list; None for text. InputError, with the place, for JSON that is broken or is
    something else than a list; `otherwise` is what to write instead.
    """
    try:
        value = _parse_json(text)
    except ValueError as broken:
        if not re.match(_LIKE_JSON, text):
            return None
        place = broken if isinstance(broken, json.JSONDecodeError) else None
        raise InputError(
            f"this looks like a JSON list and is none: {_problem(place, text)}",
            span=None if place is None else _character(text, what, place),
            hint=otherwise,
        ) from None
    if isinstance(value, dict) and value:
        whole = Span(what, 1, 1, 1, len(text) + 1, text) if "\n" not in text else None
        raise InputError(f"the {what} is a JSON object, and should be a list", span=whole, hint=otherwise)
    return [_atom(item) for item in value] if isinstance(value, list) else None


_LIKE_JSON = (
    r"""\s*(\[\s*(["'\u201c\u2018]|-?[0-9]|([Tt]rue|[Ff]alse|null|None|NaN)\b|[^\[\](){}]*,)|\{\s*["'])"""
)
"""How a text begins that is meant as JSON: with a bracket, and then a value or things between commas."""


def _problem(error: json.JSONDecodeError | None, text: str) -> str:
    if error is None:
        return "it holds something that JSON has not"
    if not text[error.pos :].strip():
        return "it ends too early"
    return {"Expecting value": "a value is expected here", "Extra data": "this follows after its end"}.get(
        error.msg, error.msg[0].lower() + error.msg[1:]
    )


def _character(text: str, what: str, error: json.JSONDecodeError) -> Span:
    """The place of one character of an argument."""
    return Span(what, error.lineno, error.colno, error.lineno, error.colno + 1, text)


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


def could_be_misread(value: Atom) -> bool:
    """Whether a string, bare between others, could be taken for a number, for several values, or for none."""
    return isinstance(value, str) and (
        not value.isprintable() or not re.search(r"\S", value) or bool(re.search(_MISREAD, value))
    )


_MISREAD = r"""[\s,"']|^[-+.]?[0-9]"""


def show_sequence(values: Sequence[Atom], bare: bool = False) -> str:
    """An answer for people: `[1, 2] (ints)`, and `[1]*5 (ints)` where all five are equal. Where a string of
    several could be misread, all are quoted, unless they have to be `bare`.
    """
    quoted = not bare and any(map(could_be_misread, values))
    shown = [show_atom(value, quoted) for value in values]
    if len(values) > 1 and all(value == values[0] for value in values):
        return f"[{shown[0]}]*{len(values)} ({type_name(values)})"
    return f"[{', '.join(shown)}] ({type_name(values)})"


def show(values: Sequence[Atom]) -> str:
    """An answer as the command line shows it: `[0, 0.5, 1] (floats)`, decimals to three places.

    `values`: what an s-op or model answers, a list of strings, bools, ints and `Fraction`s.
    """
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise InputError(f"an answer is a list of values, not {shown(values)}")
    return show_sequence(values)


def show_matrix(rows: Sequence[Sequence[bool]], tokens: Sequence[Atom]) -> str:
    """A selector's matrix for people: one row for each query, one column for each key."""
    quoted = any(map(could_be_misread, tokens))
    names = [show_atom(token, quoted) for token in tokens]
    width = max(map(len, names))
    lines = [" " * (width + 3) + " ".join(name.rjust(width) for name in names)]
    for name, row in zip(names, rows, strict=True):
        cells = " ".join(("1" if cell else " ").rjust(width) for cell in row)
        lines.append(f"{name.rjust(width)} | {cells}".rstrip())
    return "\n".join(lines)


def approximate(number: int) -> str:
    """A number that people can read, however large."""
    return f"{number:,}" if number < 10**15 else f"about 10^{math.log10(number):.0f}"


def time_left(seconds: int) -> str:
    """So many seconds as people say it."""
    if seconds < 100:
        return f"{seconds} s left"
    if seconds < 5_400:
        return f"{seconds // 60} min left"
    if seconds < 86_400:
        return f"{seconds // 3600}:{seconds // 60 % 60:02} h left"
    days = seconds // 86_400
    return f"{days:,} days left" if days < 36_500 else "more than a century left"


def type_name(values: Sequence[Atom]) -> str:
    """What kind of atoms an answer holds; a mix of ints and other numbers counts as floats."""
    kinds = {type(value) for value in values}
    if kinds == {str}:
        return "strings"
    if kinds == {bool}:
        return "bools"
    return "floats" if Fraction in kinds else "ints"
