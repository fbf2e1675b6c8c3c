"""Saving: the program that goes with a model is the one that is compiled and certified."""

from __future__ import annotations

import rasp
from compiler.program.saving import as_saved
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
