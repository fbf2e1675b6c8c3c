"""Groupings: expressions that group otherwise than they look."""

from __future__ import annotations

from rasp.syntax.groupings import surprise, unusual_grouping
from rasp.syntax.parser import parse_expression
from tests.support.worked import assert_text, lines


def test_what_is_surprising() -> None:
    """One that is as it looks, and those that are not."""
    expressions = ["1 + 2 * 3", "-2 ^ 2", "1 < 2 < 3", "not a == b"]
    assert_text(
        lines(f"{text}: {unusual_grouping(parse_expression(text))}" for text in expressions),
        """
        1 + 2 * 3: None
        -2 ^ 2: `-a ^ b` means `(-a) ^ b`; use brackets
        1 < 2 < 3: `a < b < c` compares a bool with c; write `a < b and b < c`
        not a == b: `not x == y` means `(not x) == y`; write `not (x == y)`
        """,
    )
    assert surprise(parse_expression("1 + 2 * 3")) is None
