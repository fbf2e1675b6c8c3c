"""Which lines of a text say on their own what a statement makes."""

from __future__ import annotations

import pytest

import rasp
from compiler.program.quotable import users_lines
from rasp.graph.sops import in_order


def quotable(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    main = rasp.parse(text).main
    places = {node: number for number, node in enumerate(in_order(main))}
    return [(line.name, line.formula, line.before) for line in users_lines(main, text, places)]


def test_a_line_is_the_users_without_comments() -> None:
    found = quotable("x = indices  # here\n    + 1;\nanswer = (x == 2);")
    assert found == [("x", "indices + 1", ()), ("answer", "(x == 2)", ())]


@pytest.mark.parametrize(
    "text",
    [
        "def f(x) { return x + 1; } answer = f(indices);",
        "for i in [1, 2] { answer = indices + i; }",
        "answer = indices; answer = answer;",
        "a, answer = 1, indices + 2;",
    ],
)
def test_a_line_that_says_too_little_is_none(text: str) -> None:
    """Functions of the user, rounds of a loop, other names for what has one already, several names."""
    assert not [name for name, *_ in quotable(text) if name == "answer"]


def test_what_it_mentions_of_plain_values_goes_with_it() -> None:
    """As it was then, and with what that mentions; not what is a value for one round or one call."""
    found = quotable("n = 1; m = [n, 3]; x = indices in m; n = 5; answer = x and indices == n;")
    assert found == [
        ("x", "indices in m", ("n = 1;", "m = [n, 3];")),
        ("answer", "x and indices == n", ("n = 5;",)),
    ]
    assert quotable("n = 1; for i in [1] { n = 2; } answer = indices == n;") == [
        ("answer", "indices == n", ())
    ]
