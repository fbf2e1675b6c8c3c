"""Statements are carried out one after the other, and tell what there is to show."""

from __future__ import annotations

from rasp.elaboration.library import file_scope
from rasp.elaboration.statements import Drawn, Shown, Statements
from rasp.syntax.parser import parse_statements


def test_what_each_statement_shows() -> None:
    scope, statements = file_scope(), Statements()
    events = [
        statements.execute(each, scope) for each in parse_statements('x = 1; x + 1; draw(indices, "ab");')
    ]
    [[assigned], [shown], [drawn]] = events
    assert assigned == Shown("x", 1, assigned=True)
    assert shown == Shown("out", 2, assigned=False)
    assert isinstance(drawn, Drawn)
    assert (drawn.name, drawn.input) == ("indices", "ab")
