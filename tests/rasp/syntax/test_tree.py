"""The syntax tree, and the text that people see of it."""

from __future__ import annotations

from rasp.syntax.parser import parse_statements
from rasp.syntax.text import syntax_text
from rasp.syntax.tree import Assignment, children
from tests.support.worked import FIRST, assert_text


def test_a_program_as_a_tree() -> None:
    """A node a line, with the line and column where it begins; its parts stand below it."""
    [first, answer] = parse_statements(FIRST)
    assert isinstance(first, Assignment)
    assert [type(child).__name__ for child in children(first)] == ["Identifier", "AggregateExpression"]
    assert_text(
        syntax_text([answer]),
        """
        Assignment  3:5
          targets: Identifier text='answer'  3:5
          values: Binary operator===  3:14
            left: Name text='first'  3:14
            right: Name text='tokens'  3:23
        """,
    )
