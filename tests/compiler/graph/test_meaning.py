"""Terms can be run: simplifying and settling change no answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rasp
from compiler.fuzzing.loop import numbered_program
from compiler.graph.building import build
from compiler.graph.meaning import values_of
from compiler.graph.terms import Term
from compiler.request import Request, request
from compiler.values.settling import settle
from compiler.verification.comparison import expected
from rasp.errors import CompileError
from rasp.graph.sops import SOp
from rasp.words import Atom

SEEDS = st.integers(0, 2**40)


@pytest.mark.parametrize(
    ("source", "causal", "answer"),
    [
        ("selector_width(select(tokens, tokens, ==))", False, [1, 1, 2, 2, 1]),
        ('has_focus(select(tokens, "l", ==))', True, [False, False, True, True, True]),
        ("length * aggregate(full_s, indices)", False, [10, 10, 10, 10, 10]),
        ('aggregate(select(indices, indices - 1, ==), tokens, "?")', False, ["?", "h", "e", "l", "l"]),
    ],
)
def test_a_program_of_one_line(source: str, causal: bool, answer: list[Atom]) -> None:
    sop = rasp.parse(f"answer = {source};").main
    root = build(sop, request("helo", 5, causal)).root
    assert values_of(root, list("hello"), causal) == answer


def assert_means(sop: SOp, root: Term, inputs: list[list[Atom]], asked: Request) -> None:
    """The term is what the s-op is, wherever the interpreter has an answer."""
    for one in inputs:
        wanted = expected(sop, one, asked.causal)
        if wanted is not None:
            assert values_of(root, one, asked.causal) == wanted, one


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_simplifying_changes_nothing(seed: int) -> None:
    program, inputs = numbered_program(seed)
    built = build(program.sop, program.asked)
    assert_means(program.sop, built.root, inputs, program.asked)


@settings(max_examples=25, deadline=None)
@given(SEEDS)
def test_settling_changes_nothing(seed: int) -> None:
    program, inputs = numbered_program(seed)
    try:
        settled = settle(build(program.sop, program.asked), program.asked)
    except CompileError:
        return
    assert_means(program.sop, settled.root, inputs, program.asked)


@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_every_node_is_what_it_became(seed: int) -> None:
    program, inputs = numbered_program(seed)
    built = build(program.sop, program.asked)
    for node, term in built.terms.items():
        if isinstance(node, SOp):
            assert_means(node, term, inputs[:4], program.asked)
