"""Expressions: functions and lists are carried out at once, and s-ops remain."""

from __future__ import annotations

import pytest

from rasp.elaboration.expressions import Expressions
from rasp.elaboration.library import file_scope
from rasp.elaboration.statements import Statements
from rasp.errors import LimitError, OperandError
from rasp.graph.sops import SOp
from rasp.limits import Fuel
from rasp.syntax.parser import parse_expression


def test_what_remains_is_a_graph() -> None:
    expressions: Expressions = Statements()
    scope = file_scope()
    assert expressions.evaluate(parse_expression("[x * x for x in range(3)]"), scope) == [0, 1, 4]
    sop = expressions.evaluate(parse_expression("indices * [1, 10][1]"), scope)
    assert isinstance(sop, SOp)
    assert sop("ab") == [0, 10]
    assert sop.span is not None
    assert sop.span.text() == "indices * [1, 10][1]"


def test_every_step_costs_fuel() -> None:
    expressions = Statements()
    expressions.fuel = Fuel(10)
    with pytest.raises(LimitError, match="takes more than 10 steps to build"):
        expressions.evaluate(parse_expression("[x for x in range(100)]"), file_scope())


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[t + 1 for t in tokens]", "`tokens + 1` needs no loop"),
        ("1 if select(tokens, tokens, ==) else 0", "`selector_width(selector) > 0`"),
        ("aggregate(tokens, tokens)", "what `select` makes"),
        ("aggregate(tokens, select(tokens, tokens, ==))", "the selector comes first"),
        ("selector_width(tokens)", "what `select` makes"),
        ("range(length)", "the s-op `indices`"),
    ],
)
def test_what_is_of_another_kind_is_told_what_to_write(text: str, hint: str) -> None:
    with pytest.raises(OperandError) as refused:
        Statements().evaluate(parse_expression(text), file_scope())
    assert hint in (refused.value.hint or "")
