"""The Python form builds the same graph as the text, with Python's operators."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import rasp
from rasp import aggregate, indices, select, selector_width, tokens
from rasp.errors import EvaluationError, InputError, NotCallableError, OperandError
from rasp.graph.sops import Operation
from rasp.words import Operator

SAME: list[tuple[rasp.Node, str]] = [
    (indices + 1, "indices + 1"),
    (1 + indices, "1 + indices"),
    (indices - 1, "indices - 1"),
    (7 - indices, "7 - indices"),
    (indices * 2, "indices * 2"),
    (2 * indices, "2 * indices"),
    (indices / 2, "indices / 2"),
    (1 / (indices + 1), "1 / (indices + 1)"),
    (indices % 2, "indices % 2"),
    (7 % (indices + 1), "7 % (indices + 1)"),
    (indices**2, "indices ^ 2"),
    (2**indices, "2 ^ indices"),
    (-indices, "-indices"),
    (+indices, "+indices"),
    (round(indices / 2), "round(indices / 2)"),
    (indices == 1, "indices == 1"),
    (indices != 1, "not (indices == 1)"),
    (indices < 1, "indices < 1"),
    (indices <= 1, "indices <= 1"),
    (indices > 1, "indices > 1"),
    (indices >= 1, "indices >= 1"),
    ((indices > 0) & (indices < 2), "indices > 0 and indices < 2"),
    ((indices < 1) | (indices > 1), "indices < 1 or indices > 1"),
    (~(indices == 1), "not (indices == 1)"),
    (tokens + "!", 'tokens_asis + "!"'),
    ("<" + tokens, '"<" + tokens_asis'),
    (tokens[0], "tokens_asis[0]"),
    (tokens[-1], "tokens_asis[-1]"),
    (indices * 0.5, "indices * 0.5"),
    (rasp.where(indices == 0, "x", tokens), '"x" if indices == 0 else tokens_asis'),
    (rasp.indicator(tokens == "a"), 'indicator(tokens_asis == "a")'),
    (rasp.member(tokens, ["a", "z"]), 'tokens_asis in ["a", "z"]'),
    (rasp.look_up({"a": 1, "b": 2, "c": 3}, tokens), '{"a": 1, "b": 2, "c": 3}[tokens_asis]'),
    (rasp.look_up([5, 6, 7, 8], indices), "[5, 6, 7, 8][indices]"),
    (rasp.length, "length"),
    (rasp.full_s, "full_s"),
    (select(tokens, tokens, "=="), "select(tokens_asis, tokens_asis, ==)"),
    (select(indices, 1, "!="), "select(indices, 1, !=)"),
    (
        select(indices, 1, "<") & ~select(indices, 0, "=="),
        "select(indices, 1, <) and not select(indices, 0, ==)",
    ),
    (select(indices, 1, "<") | rasp.full_s, "select(indices, 1, <) or full_s"),
    (aggregate(rasp.full_s, indices), "aggregate(full_s, indices)"),
    (aggregate(select(indices, indices - 1, "=="), tokens, "-"), 'shift(tokens_asis, 1, "-")'),
    (
        rasp.only(select(tokens, tokens, "=="), tokens),
        "only(select(tokens_asis, tokens_asis, ==), tokens_asis)",
    ),
    (rasp.only(select(tokens, "b", "=="), indices, -1), 'only(select(tokens_asis, "b", ==), indices, -1)'),
    (selector_width(select(tokens, tokens, "==")), "selector_width(select(tokens_asis, tokens_asis, ==))"),
    (rasp.has_focus(select(indices, indices, "<")), "has_focus(select(indices, indices, <))"),
    (rasp.count(tokens, "a"), 'count(tokens_asis, "a")'),
    (rasp.contains(tokens, "b"), 'contains(tokens_asis, "b")'),
    (rasp.max(indices, 1), "max(indices, 1)"),
    (rasp.min(indices, 1), "min(indices, 1)"),
    (rasp.average(indices), "average(indices)"),
    (rasp.load_from_location(tokens, 1), "load_from_location(tokens_asis, 1)"),
    (rasp.shift(tokens, 1, "_"), 'shift(tokens_asis, 1, "_")'),
    (rasp.mark_last_instance(tokens, "a"), 'mark_last_instance(tokens_asis, "a")'),
    (rasp.mark_first_instance(tokens, "a"), 'mark_first_instance(tokens_asis, "a")'),
    (rasp.select_from_last(tokens, "a"), 'select_from_last(tokens_asis, "a")'),
    (rasp.select_from_first(tokens, "a"), 'select_from_first(tokens_asis, "a")'),
    (rasp.sort(tokens, tokens), "sort(tokens_asis, tokens_asis)"),
    (rasp.select_next_identical(tokens), "select_next_identical(tokens_asis)"),
    (rasp.tokens_str, "tokens_str"),
    (rasp.tokens_bool, "tokens_bool"),
]


@pytest.mark.parametrize(("python", "text"), SAME, ids=[text for _, text in SAME])
def test_both_forms_mean_the_same(python: rasp.Node, text: str) -> None:
    written = rasp.parse(f"x = {text};")["x"]
    assert isinstance(written, rasp.Node)
    assert python("abca") == written("abca")
    assert outcome(python, "cba") == outcome(written, "cba")


def outcome(node: rasp.Node, given: str) -> object:
    """The answer in causal reading, or the kind of the error."""
    try:
        return node(given, causal=True)
    except rasp.RaspError as error:
        return type(error)


def test_a_python_function_is_applied_at_each_position() -> None:
    halves = rasp.map(lambda letter, i: f"{letter}{i}", tokens, indices)
    assert halves("ab") == ["a0", "b1"]
    assert rasp.map(lambda i: i / 2, indices)("abc") == [0, Fraction(1, 2), 1]


def failing(token: Any) -> Any:
    return {"a": 1}[token]


@pytest.mark.parametrize(
    "function", [failing, lambda token: token / 0, lambda token: None, lambda token: [1]]
)
def test_a_python_function_that_fails_is_an_evaluation_error(function: Callable[..., Any]) -> None:
    with pytest.raises(EvaluationError, match=r"the Python function .* position 0"):
        rasp.map(function, tokens)("b")


HUGE = 10**5_000
"""Python writes out no int of that many digits."""

MISUSES: list[Callable[[], object]] = [
    lambda: bool(indices == 1),
    lambda: indices == 1 and indices == 2,
    lambda: 1 < indices < 2,
    lambda: 1 in indices,
    lambda: list(indices),
    lambda: indices + [1],  # noqa: RUF005
    lambda: rasp.full_s & indices,
    lambda: select(indices, indices, "=<"),
    lambda: select([1], indices, "=="),  # type: ignore[arg-type]
    lambda: aggregate(indices, indices),  # type: ignore[arg-type]
    lambda: indices[0.5],  # type: ignore[index]
    lambda: rasp.indicator(rasp.full_s),  # type: ignore[arg-type]
    lambda: rasp.map(len),
    lambda: rasp.map(len, "ab"),  # type: ignore[arg-type]
    lambda: rasp.member(tokens, [None]),  # type: ignore[list-item]
    lambda: selector_width(tokens),  # type: ignore[arg-type]
    lambda: indices + float("nan"),
    lambda: rasp.look_up({}, None),  # type: ignore[arg-type]
    lambda: rasp.where(5, 1, 2),  # type: ignore[arg-type]
    lambda: rasp.member(tokens, None),  # type: ignore[arg-type]
    lambda: rasp.member(tokens, 5),  # type: ignore[arg-type]
    lambda: rasp.member(tokens, rasp.full_s),  # type: ignore[arg-type]
    lambda: rasp.parse(None),  # type: ignore[arg-type]
    lambda: rasp.parse(5),  # type: ignore[arg-type]
    lambda: rasp.parse(b"a"),  # type: ignore[arg-type]
    lambda: rasp.format_source(None),  # type: ignore[arg-type]
    lambda: rasp.load(None),  # type: ignore[arg-type]
    lambda: rasp.load(HUGE),  # type: ignore[arg-type]
    lambda: "a" | rasp.full_s,
    lambda: 5 & rasp.full_s,
    lambda: select(tokens, tokens, HUGE),  # type: ignore[arg-type]
    lambda: aggregate(HUGE, tokens),  # type: ignore[arg-type]
    lambda: rasp.full_s | HUGE,
    lambda: rasp.indicator(HUGE),  # type: ignore[arg-type]
    lambda: rasp.where(HUGE, 1, 2),  # type: ignore[arg-type]
    lambda: rasp.look_up([1], HUGE),  # type: ignore[arg-type]
    lambda: rasp.look_up({1: 1}, HUGE),  # type: ignore[arg-type]
    lambda: rasp.look_up([1], Fraction(HUGE)),  # type: ignore[arg-type]
    lambda: tokens[HUGE],
    lambda: tokens[-HUGE],
]


@pytest.mark.parametrize("misuse", MISUSES, ids=range(len(MISUSES)))
def test_misuse_is_a_rasp_error(misuse: Callable[[], object]) -> None:
    with pytest.raises(rasp.RaspError):
        misuse()


@pytest.mark.parametrize(
    ("misuse", "message", "hint"),
    [
        (lambda: indices // 2, "`//` does not work on s-ops", "the floor is `round((a - a % b) / b)`"),
        (lambda: 7 // indices, "`//` does not work on s-ops", "the floor is `round((a - a % b) / b)`"),
        (lambda: divmod(indices, 2), "`divmod` does not work on s-ops", "the remainder is `a % b`"),
        (lambda: divmod(7, indices), "`divmod` does not work on s-ops", "the remainder is `a % b`"),
        (lambda: indices ^ 2, "`^` does not work on s-ops in Python", "a power is `a ** b` there"),
        (lambda: 2 ^ indices, "`^` does not work on s-ops in Python", "a power is `a ** b` there"),
        (lambda: abs(indices), "`abs` does not work on s-ops", "the absolute value is `rasp.max(s, -s)`"),
        (lambda: rasp.map(3, indices), "`map` applies a function, not 3", "as in `map(f, s)`"),  # type: ignore[arg-type]
        (
            lambda: round(indices / 3, 1),
            "`round` makes whole numbers of an s-op's values",
            "write `round(s * 10) / 10`",
        ),
    ],
)
def test_python_operators_that_rasp_has_not(misuse: Callable[[], object], message: str, hint: str) -> None:
    with pytest.raises(OperandError) as caught:
        misuse()
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_what_is_called_wrongly_says_what_is_meant() -> None:
    with pytest.raises(InputError, match="causal is True or False, not 'b'"):
        tokens("a", "b")  # type: ignore[arg-type]
    with pytest.raises(NotCallableError) as caught:
        rasp.load("sort")([3, 1])
    assert caught.value.hint == "`program.main` is the one it is about"


def test_what_the_hints_say_is_right() -> None:
    a, b = indices - 3, 2
    assert ((a - a % b) / b)("abcdefg") == [(i - 3) // 2 for i in range(7)]
    assert rasp.max(a, -a)("abcde") == [3, 2, 1, 0, 1]
    assert (round(indices / 4 * 10) / 10)("abc") == [0, Fraction(1, 5), Fraction(1, 2)]


def test_nodes_are_told_apart_by_identity() -> None:
    one, other = indices + 1, indices + 1
    assert len({one, other, one}) == 2
    assert {one: "x"}[one] == "x"
    equality = one == other
    assert isinstance(equality, Operation)
    assert equality.operator is Operator.EQ


def test_unknown_attributes_are_attribute_errors() -> None:
    with pytest.raises(AttributeError):
        rasp.nothing_of_the_kind  # noqa: B018


def test_errors_of_library_functions_called_from_python_name_the_argument() -> None:
    with pytest.raises(OperandError, match=r"`sel` in `selector_width\(sel\)` must be a selector"):
        selector_width(tokens)  # type: ignore[arg-type]


def test_errors_on_an_input_name_the_position() -> None:
    with pytest.raises(EvaluationError, match="position 1"):
        (1 / (indices - 1))("abc")
