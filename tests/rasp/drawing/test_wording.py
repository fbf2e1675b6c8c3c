"""How s-ops are written without more brackets than it takes: what is read back is the same s-op."""

from __future__ import annotations

import pytest

import rasp
from compiler.fuzzing.loop import numbered_program
from rasp.drawing.wording import worded
from rasp.errors import EvaluationError, InputError
from rasp.graph.sops import Map, Node, SOp, in_order
from rasp.words import Atom

LONGEST = 4_000


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("((a) + (b))", "a + b"),
        ("a - (b - c)", "a - (b - c)"),
        ("(a - b) + c", "a - b + c"),
        ("a * (b + c)", "a * (b + c)"),
        ("(a * b) % (c * b)", "a * b % (c * b)"),
        ("(a + b) % c", "(a + b) % c"),
        ("-(a + b) ^ 2", "(-(a + b)) ^ 2"),
        ("(a ^ b) ^ c", "(a ^ b) ^ c"),
        ("a / b / c", "a / b / c"),
        ("(a < b and b < c) and a == c", "a < b and b < c and a == c"),
        ("(a < b and b < c) or a == c", "(a < b and b < c) or a == c"),
        ("(a < b) == (b < c)", "(a < b) == (b < c)"),
        ("not (a < b)", "not (a < b)"),
        ("(not (a < b)) == (a < c)", "(not (a < b)) == (a < c)"),
        ("a if a < b else (b if b < c else c)", "a if a < b else (b if b < c else c)"),
        ("(a in [1, 2]) and a < b", "(a in [1, 2]) and a < b"),
        ("a + 1/2", "a + 1 / 2"),
        ("a - (0 - 1)", "a - -1"),
        ('aggregate(select(tokens_asis, "a", ==), a, 7)', 'aggregate(select(tokens_asis, "a", ==), a, 7)'),
        ("round(a / 2) + indicator(a == b)", "round(a / 2) + indicator(a == b)"),
        ('{"a": 1, "b": 2}[tokens_asis]', '{"a": 1, "b": 2}[tokens_asis]'),
    ],
)
def test_brackets_stand_where_it_takes_them(text: str, written: str) -> None:
    program = rasp.parse(f"a = indices + 0; b = indices * 2; c = length + 1; x = {text};")
    assert worded(program.main, LONGEST) == written


def test_what_is_too_deep_is_left_out() -> None:
    sop: SOp = rasp.indices
    for _ in range(9):
        sop = sop * sop + 1
    assert worded(sop, 40) == "(… * … + 1) * (… * … + 1) + 1"


@pytest.mark.parametrize("number", range(10))
def test_what_is_read_back_is_the_same(number: int) -> None:
    """Every s-op and selector of a random program, as far as it is written whole."""
    program, inputs = numbered_program(number)
    for node in in_order(program.sop):
        text = worded(node, LONGEST)
        if "…" in text or any(each.name or isinstance(each, Map) for each in in_order(node)):
            continue
        again = rasp.parse(f"x = {text};")["x"]
        if not isinstance(again, Node):  # a constant is the value that it has
            continue
        for one in inputs[:3]:
            assert answered(again, one) == answered(node, one), text


def answered(node: Node, given: list[Atom]) -> object:
    """What a node is on an input; nothing where it has no answer."""
    try:
        return node(given)
    except (EvaluationError, InputError):
        return None
