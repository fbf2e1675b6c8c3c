"""Usage: names that are never read."""

from __future__ import annotations

from rasp.advice.usage import unused_names
from rasp.syntax.parser import parse_statements
from tests.support.worked import assert_text, lines


def test_names_that_nothing_reads() -> None:
    """A parameter and a name within a function; `_` says that it is not meant to be read."""
    text = "def f(x, y) { z = x; return x; } for _ in range(2) { w = f(1, 2); } w;"
    assert_text(
        lines(unused_names(parse_statements(text))),
        """
        Unused(identifier=Identifier(text='y'), what='parameter', top_level=False)
        Unused(identifier=Identifier(text='z'), what='name', top_level=False)
        """,
    )
