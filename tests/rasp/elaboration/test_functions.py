"""Functions: what `def` makes."""

from __future__ import annotations

import pytest

import rasp
from rasp.elaboration.functions import Function, check_arguments
from rasp.elaboration.library import library_function
from rasp.errors import OperandError


def test_a_function_called_from_python() -> None:
    double = rasp.parse("def double(x) { return x * 2; }")["double"]
    assert isinstance(double, Function)
    assert (double.signature, double.origin) == ("double(x)", "console")
    assert double(4) == 8
    doubled = double(rasp.indices)
    assert isinstance(doubled, rasp.SOp)
    assert doubled("abc") == [0, 2, 4]


def test_arguments_of_the_library() -> None:
    focus = library_function("has_focus")
    with pytest.raises(OperandError, match=r"`sel` in `has_focus\(sel\)` must be a selector, got s-op"):
        check_arguments(focus, [rasp.indices])
