"""Requests: what a program is to be compiled for, checked when it is said."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from compiler.request import request
from rasp.errors import CompileError
from tests.support.worked import assert_text, lines


def test_what_is_asked_for_is_one_value() -> None:
    """Any iterable will do for the tokens; a float is taken as the decimal that it is written as."""
    asked = request(iter([0, 0.1, 2]), 3)
    assert asked.vocab == (0, Fraction(1, 10), 2)
    assert asked.numeric_tokens
    assert not asked.whole_tokens
    assert request([-1, 0], 3).whole_tokens
    assert not request([False, True], 3).whole_tokens
    assert asked == request([0, Fraction("0.1"), 2], 3, dtype="float32")


REFUSED: list[tuple[Any, Any]] = [("ab", 0), ("aba", 3), ([1, "a"], 3), ([], 3), ([float("nan")], 3)]


def test_what_nothing_can_be_compiled_for() -> None:
    """Each is refused in the words of its user, before any pass begins."""
    said = []
    for vocab, length in REFUSED:
        with pytest.raises(CompileError) as refused:
            request(vocab, length)
        said.append(f"{vocab!r}, {length}: {refused.value.message}")
    assert_text(
        lines(said),
        """
        'ab', 0: the maximum length must be a whole number of at least 1, not 0
        'aba', 3: the vocabulary holds 'a' twice
        [1, 'a'], 3: the vocabulary mixes numbers and strings
        [], 3: the vocabulary is empty
        [nan], 3: nan cannot be a token
        """,
    )


@pytest.mark.parametrize("name", ["causal", "optimize"])
def test_choices_are_true_or_false(name: str) -> None:
    with pytest.raises(CompileError, match=f"{name} is True or False, not 2"):
        request("ab", 3, **{name: 2})  # type: ignore[arg-type]
