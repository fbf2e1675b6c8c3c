"""The syntax tree as text."""

from __future__ import annotations

from rasp.syntax.parser import parse_statements
from rasp.syntax.text import syntax_text
from tests.support.worked import assert_text


def test_how_operators_group() -> None:
    """`*` binds more than `-`, and `-` groups from the left."""
    assert_text(
        syntax_text(parse_statements("a - b * c - d;")),
        """
        ExpressionStatement  1:1
          expression: Binary operator=-  1:1
            left: Binary operator=-  1:1
              left: Name text='a'  1:1
              right: Binary operator=*  1:5
                left: Name text='b'  1:5
                right: Name text='c'  1:9
            right: Name text='d'  1:13
        """,
    )
