"""The parser: from text to statements, one by one."""

from __future__ import annotations

from rasp.errors import RaspError
from rasp.syntax.parser import parse_expression, read_statements, read_words
from tests.support.worked import assert_text, lines


def test_a_mistake_stands_in_its_place() -> None:
    """The statements before and after it are read all the same."""
    found = list(read_statements("a = 1;\nb = (2;\nc = 3;"))
    assert_text(
        lines(each.message if isinstance(each, RaspError) else type(each).__name__ for each in found),
        """
        Assignment
        missing `)`: this `(` is never closed
        Assignment
        """,
    )


def test_words_and_comments() -> None:
    words, comments = read_words("x = 1;  # one\n")
    assert [(word.type, word.text) for word in words] == [
        ("NAME", "x"),
        ("EQUAL", "="),
        ("INT", "1"),
        ("SEMICOLON", ";"),
    ]
    assert [comment.text for comment in comments] == ["# one"]
    assert type(parse_expression("1 + x")).__name__ == "Binary"
