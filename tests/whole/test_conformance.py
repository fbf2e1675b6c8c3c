"""The answers of the original implementation (tests/conformance), case by case.

Where a case carries `verdict: "mend"`, the original's answer is a defect, and `MENDED` says what is right.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from rasp.elaboration.functions import Function
from rasp.elaboration.statements import Shown
from rasp.errors import (
    AggregateError,
    ArityError,
    InputError,
    LoadError,
    LookUpFailure,
    NotCallableError,
    OperandError,
    RaspError,
    RaspSyntaxError,
    ReservedNameError,
    UndefinedNameError,
    UnfinishedError,
    UnpackError,
    ZeroDivision,
)
from rasp.graph.sops import Applied, Node, Selector
from rasp.session import Session
from rasp.syntax.parser import parse_statements
from tests.support.paths import CONFORMANCE

Case = dict[str, Any]

KINDS: dict[str, tuple[type[RaspError], ...]] = {
    "syntax": (RaspSyntaxError,),
    "unfinished": (RaspSyntaxError,),
    "name": (UndefinedNameError,),
    "reserved": (ReservedNameError,),
    "arity": (ArityError,),
    "not-callable": (NotCallableError,),
    "unpack": (UnpackError,),
    "type": (OperandError, InputError),
    "lookup": (LookUpFailure,),
    "zero": (ZeroDivision,),
    "aggregate": (AggregateError,),
    "load": (LoadError,),
}
"""The errors that answer to each label of the cases."""

MENDED: dict[str, Any] = {
    "errors: two statements on one line": 1,
    "errors: missing semicolon at the end of the program": (UnfinishedError,),
    "errors: missing semicolon between statements": (RaspSyntaxError,),
    "indexing: no slices": (RaspSyntaxError,),
    # The note of this case gives the values without the index; with it, position 0 is read everywhere.
    "indexing: s-op of bools by int": [True, True, True],
    "oddities: parenthesised list cannot be indexed": 5,
    "oddities: parenthesised index": 6,
    "oddities: parenthesised s-op cannot be indexed": [1, 1, 1],
    "oddities: brackets around a name in indexing": 5,
    "oddities: space between select and parenthesis": [[1, 0], [0, 1]],
    "oddities: space between range and parenthesis": [0, 1, 2],
    "oddities: space between len and parenthesis": 1,
    "oddities: space between zip and parenthesis": [[1, 2]],
    "oddities: space between aggregate and parenthesis": [0.5, 0.5],
    "oddities: name s minus name op": 1,
    "oddities: name s minus name opening": 1,
    "oddities: two statements on one line": 2,
    "oddities: statement after a function on the same line": 1,
    "oddities: trailing comment in the middle of a list": [1, 2],
    "oddities: trailing comment after an equals sign": 3,
    "oddities: trailing comment inside a call": 3,
    "oddities: percent formats strings": (OperandError,),
    "oddities: atom in list of s-ops": (OperandError,),
    "oddities: list equals s-op": (OperandError,),
    "oddities: value of an application cannot be used": (OperandError,),
    "oddities: value of an application compared": (OperandError,),
    "oddities: reserved name inside a loaded file takes effect there": Function,
    "oddities: s-op failing on the running example is refused": 1,
    "oddities: s-op failing inside a function on the running example": [6, 8],
    "oddities: complex numbers leak out": (OperandError,),
}
"""Cases whose original answer is a defect: the right value, or the class of the right error."""


def cases() -> list[Any]:
    found = []
    for path in sorted(CONFORMANCE.glob("*.json")):
        found += [pytest.param(case, id=case["name"]) for case in json.loads(path.read_text())]
    return found


def run(case: Case, folder: Path) -> Any:
    """The case's answer in the notation of the cases."""
    for name, text in case.get("files", {}).items():
        (folder / name).write_text(text)
    skip = case.get("on_error") == "skip"
    session = Session(folder, on_error="skip" if skip else "raise")
    for statement in parse_statements(case["program"], "program"):
        try:
            session.execute(statement)
        except RaspError:
            if not skip:
                raise
    (statement,) = parse_statements(case["expr"] + "\n;", "expr")
    (event,) = session.execute(statement)
    assert isinstance(event, Shown)
    return answer(event.value, case["input"])


def rows(matrix: list[list[bool]]) -> list[list[int]]:
    """A selector's rows as the cases write them."""
    return [[int(entry) for entry in row] for row in matrix]


def answer(value: Any, given: Any) -> Any:
    """S-ops and selectors applied, also within lists and dicts."""
    if isinstance(value, Node):
        assert given is not None
        return rows(value(given)) if isinstance(value, Selector) else value(given)
    if isinstance(value, Applied) and isinstance(value.node, Selector):
        return rows(value)  # type: ignore[arg-type]
    if isinstance(value, list):
        return [answer(item, given) for item in value]
    if isinstance(value, dict):
        return {key: answer(item, given) for key, item in value.items()}
    return value


def matches(got: Any, expected: Any) -> bool:
    """Equal in value and in type: ints stay ints, means stay numbers with a decimal form, bools bools."""
    if isinstance(expected, dict):
        entries = dict(expected["__dict__"]) if "__dict__" in expected else expected
        return list(got) == list(entries) and all(matches(got[key], entries[key]) for key in entries)
    if isinstance(expected, list):
        return len(got) == len(expected) and all(matches(a, b) for a, b in zip(got, expected, strict=True))
    if isinstance(expected, float):
        return isinstance(got, Fraction) and abs(got - Fraction(expected)) < 1e-9
    return type(got) is type(expected) and got == expected


@pytest.mark.parametrize("case", cases())
def test_case(case: Case, tmp_path: Path) -> None:
    if case.get("verdict") == "mend":
        expected = MENDED[case["name"]]
    else:
        expected = KINDS[case["error_kind"]] if case["error"] else case["expected"]
    if isinstance(expected, tuple):
        with pytest.raises(expected):
            run(case, tmp_path)
        return
    got = run(case, tmp_path)
    if case["kind"] == "function" or expected is Function:
        assert isinstance(got, Function)
        return
    assert matches(got, expected), f"{case['expr']} gave {got}, not {expected}"
