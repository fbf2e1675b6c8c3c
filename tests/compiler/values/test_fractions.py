"""Quotients are put as fractions where they are what they were, on all small inputs."""

from __future__ import annotations

import itertools

import pytest

from compiler.graph.building import build
from compiler.graph.meaning import values_of
from compiler.graph.terms import Kind, reachable
from compiler.request import Request
from compiler.values.fractions import divisors
from compiler.values.settling import Settled, Wording, settle
from rasp.errors import EvaluationError
from tests.support.worked import sop_of

FRACTIONS: tuple[Wording, ...] = ("fractions",)

ZEROS = 'c = selector_width(select(tokens, "b", ==));'


def settled(program: str, causal: bool = False) -> Settled:
    asked = Request(("a", "b"), 3, causal=causal)
    return settle(build(sop_of(program), asked), asked, FRACTIONS)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(
    "answer",
    [
        "indices / length",
        "c / (c + 1)",
        "indices / c if c > 0 else 0",
        "indices / c if has_focus(select(tokens, 'b', ==)) else 0",
        "0 if not has_focus(select(tokens, 'b', ==)) else indices / c",
        "0 if c == 0 else round(indices / c)",
        "indices / c if c > 1 else 0",
        "indices / c if c > 0 else 2",
        "0 if c > 0 else indices / (c + 1)",
    ],
)
def test_no_input_tells_a_fraction_from_the_quotient(answer: str, causal: bool) -> None:
    program = f"{ZEROS} answer = {answer};".replace("'", '"')
    found = settled(program, causal).root
    as_written = build(sop_of(program), Request(("a", "b"), 3, causal=causal)).root
    for length in range(1, 4):
        for tokens in map(list, itertools.product("ab", repeat=length)):
            try:
                wanted = values_of(as_written, tokens, causal)
            except EvaluationError:
                continue
            assert values_of(found, tokens, causal) == wanted, tokens


@pytest.mark.parametrize(
    ("answer", "choices"),
    [
        ("indices / c if c > 0 else 0", 0),
        ("0 if 1 > c else round(indices / c)", 0),
        ("indices / c if has_focus(select(tokens, 'b', ==)) else 0", 0),
        ("indices / c if c > 1 else 0", 1),
        ("indices / c if c > 0 else 2", 0),
        ("indices / (c + 1) if c > 0 else 2", 1),
        ("indices / c if indices > 0 else 0", 1),
        ("0 if c > 0 else indices / c", 0),
        ("indices / c if has_focus(select(tokens, 'a', ==)) else 0", 1),
    ],
)
def test_nothing_is_chosen_where_what_divides_would_be_0(answer: str, choices: int) -> None:
    root = settled(f"{ZEROS} answer = {answer};".replace("'", '"')).root
    every = reachable(root)
    assert sum(str(term.operator) == "Operator.CHOOSE" for term in every) == choices


@pytest.mark.parametrize(("causal", "least"), [(False, True), (True, False)])
def test_only_a_length_that_divides_is_read_off_the_last_position(causal: bool, least: bool) -> None:
    def reads_last(program: str) -> bool:
        return any(term.kind is Kind.LEAST for term in reachable(settled(program, causal).root))

    assert reads_last("answer = indices / (length + 1);") is least
    assert not reads_last("answer = (length - indices) / (indices + 1);")


def test_means_are_added_up_as_one_where_they_are_no_whole_numbers() -> None:
    def means(program: str, length: int) -> int:
        asked = Request(("a", "b"), length)
        found = settle(build(sop_of(f"answer = {program};"), asked), asked, FRACTIONS).root
        return sum(term.kind is Kind.AGGREGATE for term in reachable(found))

    share = 'aggregate(full_s, indicator(tokens == "a"))'
    assert means(f"{share} - aggregate(full_s, indices)", 40) == 1
    assert means(f"{share} - aggregate(full_s, indices)", 3) == 2
    assert means(f"{share} - aggregate(select(indices, indices, <=), indices)", 40) == 2
    assert means(f"{share} - aggregate(full_s, indices, 1)", 40) == 2


def test_what_divides() -> None:
    root = build(sop_of("answer = length / (2 * indices + 1);"), Request(("a", "b"), 3)).root
    assert len(divisors(root)) == 5
