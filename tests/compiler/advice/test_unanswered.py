"""Inputs without an answer: a program that has none on any is refused, and others are warned of."""

from __future__ import annotations

from pathlib import Path

import pytest

import compiler
import rasp
from compiler.advice.unanswered import unanswered
from compiler.request import Request
from tests.support.command_line import rasp_command


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("x = 1 / indices;", "divided by zero"),
        ("x = indices % indices;", "zero"),
        ('x = {"z": 1}[tokens];', "no key"),
        ("x = selector_width(select(1 / indices, 1, ==));", "divided by zero"),
    ],
)
def test_a_program_without_any_answer_is_refused(source: str, reason: str) -> None:
    program = rasp.parse(source).main
    for given in ("a", "ab", "bba"):
        with pytest.raises(rasp.EvaluationError):
            program(given)
    with pytest.raises(rasp.CompileError, match="no answer on any input") as refused:
        compiler.compile(program, vocab="ab", max_length=4)
    assert reason in refused.value.message
    assert refused.value.span is not None
    about_tokens = "token" in reason or "key" in reason
    assert ("no token of the vocabulary" in (refused.value.hint or "")) == about_tokens


@pytest.mark.parametrize(
    ("source", "why", "change"),
    [
        ("x = 1 / (length - length);", "1 divided by zero, at position 0", "never 0"),
        ("x = 1 / (selector_width(select(tokens, tokens, ==)) * 0);", "1 divided by zero", "never 0"),
        ("x = 1 / indices if indices > 0 else 0;", "1 divided by zero", "both values of an `if`"),
        ("x = selector_width(select(tokens, 3, <));", "between string", "tokens_int"),
    ],
)
def test_the_refusal_says_why_and_what_to_change(source: str, why: str, change: str) -> None:
    with pytest.raises(rasp.CompileError) as refused:
        compiler.compile(rasp.parse(source).main, vocab="ab", max_length=4)
    assert "on any input" in refused.value.message
    assert why in refused.value.message
    assert change in (refused.value.hint or "")


@pytest.mark.parametrize(
    "source",
    [
        "x = 1 / (indices + 1);",
        'x = {"a": 1}[tokens];',  # some tokens have an answer
        "x = 1 / (indices - 2);",  # short inputs have one
        "x = 1 / (length - 1);",  # longer ones have one
    ],
)
def test_one_with_answers_is_compiled(source: str) -> None:
    compiler.compile(rasp.parse(source).main, vocab="ab", max_length=4)


@pytest.mark.parametrize(
    ("source", "example", "lacking"),
    [
        ('x = {"a": 1}[tokens];', ("b",), ("b", "c")),
        ("x = 1 / (length - 1);", ("a",), ()),
        ("x = 1 / (indices - 1);", None, ()),
    ],
)
def test_what_has_no_answer_is_told_with_an_example(
    source: str, example: tuple[str, ...] | None, lacking: tuple[str, ...]
) -> None:
    sop = rasp.parse(source).main
    found = unanswered(sop, Request(tuple("abc"), 4))
    assert found is not None
    assert 0 < found.count < found.tried
    assert example in (None, found.example)
    assert found.lacking == lacking
    with pytest.raises(rasp.EvaluationError):
        sop(list(found.example))


def test_nothing_is_said_where_all_have_one() -> None:
    assert unanswered(rasp.load("sort").main, Request(tuple(range(5)), 6)) is None


def test_a_model_has_the_warning() -> None:
    """In its short form it is counted, and `print` shows it whole."""
    model = compiler.compile(rasp.parse('x = {"a": 1}[tokens];').main, vocab="ab", max_length=4)
    (warning,) = model.warnings
    assert "no answer on" in warning.message
    assert 'such as ["b"]' in warning.message
    assert warning.span is not None
    assert repr(model).endswith("; certified; 1 warning>")
    assert str(warning) in str(model)
    assert "such as [&quot;b&quot;]" in (model._repr_html_() or "")


def test_a_causal_model_warns_of_what_makes_no_sense_there() -> None:
    sop = rasp.parse("x = selector_width(select(indices, indices, >));").main
    (warning,) = compiler.compile(sop, vocab="ab", max_length=4, causal=True).warnings
    assert "never selects anything" in warning.message
    assert compiler.compile(sop, vocab="ab", max_length=4).warnings == ()


def test_the_command_warns_and_the_line_says_what_is_certified(tmp_path: Path) -> None:
    file = tmp_path / "number.rasp"
    file.write_text('number = {"a": 1, "b": 2}[tokens];\n')
    ran = rasp_command("compile", file, "--vocab", "abcd", "--max-length", 4)
    assert ran.code == 0
    assert f"{file}:1:10: warning: the program has no answer on" in ran.err
    assert 'such as ["c"]: the dict has no key "c"' in ran.err
    assert 'the tokens without an answer: "c" "d"' in ran.err
    assert "exact on every input of up to 4 tokens that the program answers" in ran.out
    assert rasp_command("compile", file, "--vocab", "ab", "--max-length", 4).err == ""
