"""Scopes: where names live."""

from __future__ import annotations

import re

import pytest

import rasp
from rasp.elaboration.scope import FROM_ELSEWHERE, Scope
from rasp.errors import ReservedNameError, UndefinedNameError


def test_inner_names_hide_outer_ones() -> None:
    outer = Scope(reserved=frozenset({"length"}))
    outer.assign("counter", 1)
    inner = Scope(outer)
    inner.assign("counter", 2)
    assert (inner.look_up("counter"), outer.look_up("counter")) == (2, 1)


def test_what_was_meant_is_guessed() -> None:
    scope = Scope()
    scope.assign("counter", 1)
    with pytest.raises(UndefinedNameError) as refused:
        scope.look_up("conter")
    assert refused.value.hint == "did you mean `counter`?"


def test_names_that_cannot_be_assigned() -> None:
    with pytest.raises(ReservedNameError, match="belongs to the language"):
        Scope().assign("indices", 1)
    with pytest.raises(ReservedNameError, match="belongs to the standard library"):
        Scope(reserved=frozenset({"length"})).assign("length", 1)


def test_names_of_other_languages_have_a_hint() -> None:
    for name, hint in FROM_ELSEWHERE.items():
        with pytest.raises(UndefinedNameError) as refused:
            rasp.parse(f"y = {name};")
        assert refused.value.hint == hint


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("floor", [-1, -1, 0]),
        ("ceil", [-1, 0, 0]),
        ("abs", [1, 0.5, 0]),
        ("sum", [-1.5, -1.5, -1.5]),
        ("mean", [-0.5, -0.5, -0.5]),
        ("cumsum", [-1, -1.5, -1.5]),
        ("reversed", [0, -0.5, -1]),
        ("sorted", [-1, -0.5, 0]),
    ],
)
def test_what_a_hint_says_is_so(name: str, answer: list[float]) -> None:
    """The code of the hint, run as it stands."""
    found = re.search("`(.*)`", FROM_ELSEWHERE[name])
    assert found is not None
    assert rasp.parse(f"x = indices / 2 - 1; y = {found[1]};").main("abc") == answer


@pytest.mark.parametrize(
    ("program", "hint"),
    [
        ("x = y + 1;\ny = 2;", "`y` is defined only on line 2: move that up, before it is read"),
        (
            "x = f(1);\n\ndef f(a) { return a; }",
            "`f` is defined only on line 3: move that up, before it is read",
        ),
        ("x = q;\nlater = q;", 'a string stands in quotes: "q"; a name gets its value by `q = ...;`'),
    ],
)
def test_a_name_that_is_defined_below(program: str, hint: str) -> None:
    with pytest.raises(UndefinedNameError) as refused:
        rasp.parse(program)
    assert refused.value.hint == hint
