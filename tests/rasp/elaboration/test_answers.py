"""Answers: the interpreter's, with a hint where the expression that failed is a surprising one."""

from __future__ import annotations

import pytest

import rasp
from rasp.elaboration.answers import answer
from rasp.errors import RaspError


def test_an_answer_and_an_error() -> None:
    assert answer(rasp.indices + 1, "ab", causal=False) == [1, 2]
    program = rasp.parse("x = tokens_int ^ 2;")
    with pytest.raises(RaspError, match="position 1"):
        answer(program.main, "1x", causal=False)
