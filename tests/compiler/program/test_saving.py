"""Saving: the program that goes with a model is the one that is compiled and certified."""

from __future__ import annotations

import pytest

import compiler
import rasp
from compiler.program.saving import as_saved
from compiler.rechecking.proof import recheck
from rasp.errors import CompileError
from rasp.graph.labels import label
from tests.support.worked import asked, assert_text, lines


def test_a_python_function_over_what_its_argument_can_be() -> None:
    """The argument is an index of at most three tokens, so the function becomes three values."""
    place = rasp.map(lambda index: f"number {index}", rasp.indices)
    assert_text(
        as_saved(place, asked()).program.text,
        """
        step1 = {0: "number 0", 1: "number 1", 2: "number 2"}[indices];
        """,
    )


def test_a_function_of_one_argument_is_compiled_as_its_table() -> None:
    """A function takes any argument, its table only what can come: a program that is compiled as the one and
    saved as the other is not proved.
    """
    never = rasp.map(str, rasp.tokens_asis & False)
    model = compiler.compile(rasp.aggregate(rasp.select(never, never, ">="), -rasp.indices), [False, True], 3)
    assert recheck(model).problem is None


def test_what_has_another_text_is_compiled_as_that() -> None:
    """The text of a program, read again, is what is compiled, and each s-op that the user wrote is tied to
    the one that stands for it.
    """
    saved = as_saved(rasp.tokens != "a", asked())
    assert_text(
        saved.program.text,
        """
        step1 = (tokens_asis != "a");
        """,
    )
    made = {line.node: saved.program.text[line.start : line.end] for line in saved.program.lines}
    assert_text(
        lines(f"{label(mine)} -> {made.get(theirs, label(theirs))}" for mine, theirs in saved.nodes.items()),
        """
        tokens_asis -> tokens_asis
        a -> a
        ( tokens_asis != a ) -> step1 = (tokens_asis != "a");
        """,
    )


def test_a_text_that_nobody_wrote_is_called_so() -> None:
    """A program made in Python has no place; what is said of it has one in the program that is saved."""
    mean = rasp.aggregate(
        rasp.select(rasp.tokens, rasp.tokens, "=="), rasp.map(lambda t: t * t, rasp.tokens_int)
    )
    with pytest.raises(CompileError, match=r"^<saved program>:\d+:\d+: compile error: "):
        compiler.compile(mean * mean * mean * rasp.indices, range(30), 30)
