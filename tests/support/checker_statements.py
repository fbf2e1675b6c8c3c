"""What the tests of the derivation ask, as small questions: whether what is so is shown, and only that."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from itertools import product
from typing import Any, cast

import pytest

from tests.support.paths import TESTS

DERIVATION = TESTS / "compiler" / "rechecking" / "derivation"

PATCH = "monkeypatch"


def all_stated() -> Iterator[tuple[str, Callable[[], object]]]:
    """Each quick test that needs no fixture but `monkeypatch`, with each of its arguments."""
    for file in sorted([*DERIVATION.glob("test_*.py"), DERIVATION.parent / "test_claimed.py"]):
        name = ".".join(file.relative_to(TESTS.parent).with_suffix("").parts)
        for test, function in vars(import_module(name)).items():
            if test.startswith("test_"):
                for number, arguments in enumerate(_arguments(function)):
                    yield f"{file.stem}, {test} {number}", partial(_passes, function, arguments)


def _arguments(test: Callable[..., object]) -> Iterator[dict[str, Any]]:
    """With what a test is called; nothing for one that is slow, or has another fixture."""
    marks = getattr(test, "pytestmark", [])
    rows = [mark.args for mark in marks if mark.name == "parametrize"]
    names = [_names(row[0]) for row in rows]
    if any(mark.name not in ("parametrize",) for mark in marks):
        return
    if set(inspect.signature(test).parameters) - {PATCH} != {name for some in names for name in some}:
        return
    for values in product(*(row[1] for row in rows)):
        chosen = dict[str, Any]()
        for some, value in zip(names, values, strict=True):
            value = getattr(value, "values", value) if hasattr(value, "marks") else value
            chosen |= dict(zip(some, value if len(some) > 1 else [value], strict=True))
        yield chosen


def _names(named: object) -> list[str]:
    if isinstance(named, str):
        return [name.strip() for name in named.split(",")]
    return list(cast(Any, named))


def _passes(test: Callable[..., object], arguments: dict[str, Any]) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        patches = {PATCH: patch} if PATCH in inspect.signature(test).parameters else {}
        try:
            test(**arguments, **patches)
        except (AssertionError, pytest.fail.Exception):  # the other one is what `pytest.raises` says
            return False
    return True
