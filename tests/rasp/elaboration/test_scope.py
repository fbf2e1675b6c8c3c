"""Scopes: where names live."""

from __future__ import annotations

import pytest

from rasp.elaboration.scope import Scope
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
