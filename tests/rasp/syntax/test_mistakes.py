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
          hint: a value is given by `=` alone: `x = 1;`
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


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('x = tokens == "a" ? 1 : 0;', "`a if condition else b`"),
        ('x = if tokens == "a" then 1 else 0;', "`a if condition else b`"),
        ('x = tokens is "a";', "`==`"),
        ("x = lambda t: t;", "`def f(a) { return a; }`"),
        ("let x = 1;", "`x = 1;`"),
        ("x++;", "`x = x + 1;`"),
        ("// a comment", "begins with `#`"),
        ("x = tokens y;", "is a `;` missing"),
    ],
)
def test_other_languages_are_told_how_it_is_written_here(text: str, hint: str) -> None:
    assert hint in said(text).split("hint: ")[1]


def test_a_statement_that_ended() -> None:
    words, _ = read_words("x = (1")
    error = explain(words, {"RPAR"}, at_end=True)
    assert error.unfinished
