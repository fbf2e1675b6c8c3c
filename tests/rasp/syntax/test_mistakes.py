"""Mistakes: what is said of a text that is no program."""

from __future__ import annotations

import pytest

from rasp.errors import RaspSyntaxError
from rasp.syntax.mistakes import explain
from rasp.syntax.parser import parse_statements, read_words
from tests.support.worked import assert_text, lines


def said(text: str) -> str:
    with pytest.raises(RaspSyntaxError) as refused:
        parse_statements(text)
    return f"{text}\n  {refused.value.message}\n  hint: {refused.value.hint}"


def test_in_the_words_of_the_user() -> None:
    """What came, what was expected, and what may have been meant."""
    assert_text(
        lines(map(said, ["x := 1;", "x = 1 if a;", "select(tokens, tokens);", "x = 1"])),
        """
        x := 1;
          unexpected `:`
          hint: None
        x = 1 if a;
          a conditional needs an `else`
          hint: write `a if condition else b`
        select(tokens, tokens);
          `select` needs three arguments: keys, queries and a comparison
          hint: write for example `select(indices, indices, <)`
        x = 1
          missing `;` at the end of this statement
          hint: every statement ends with `;`
        """,
    )


def test_a_statement_that_ended() -> None:
    words, _ = read_words("x = (1")
    error = explain(words, {"RPAR"}, at_end=True)
    assert error.unfinished
