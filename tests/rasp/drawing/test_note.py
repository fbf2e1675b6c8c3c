"""What a drawing says about the heads of the model."""

from __future__ import annotations

from dataclasses import replace

import pytest

import rasp
from compiler.pipeline import run
from compiler.request import request
from rasp.commands.drawn import compiled
from rasp.drawing import Compiled, dot, flow_of, note, svg
from tests.support.program_cases import CASES, Case, Setting

MADE = Compiled((2, 1), (), 26, 10)
SORT = flow_of(rasp.load("sort").main)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (MADE, "has the same heads."),
        (
            replace(MADE, heads=(4, 1), shared=("rank",)),
            "has 4 and 1 heads in its 2 layers: rank is shared by several heads.",
        ),
        (replace(MADE, heads=(1,)), "has 1 head: the compiler has simplified"),
        (replace(MADE, heads=(2, 2)), "has 2 and 2 heads in its 2 layers: the compiler has divided"),
        (replace(MADE, heads=(3, 0, 1), shared=("a", "b")), "a and b are shared by several heads, and"),
        (None, "Heads as a model of short inputs has them."),
    ],
)
def test_what_is_said(made: Compiled | None, said: str) -> None:
    assert said in note(SORT, made)


def test_a_drawing_says_it() -> None:
    below = note(SORT, MADE)
    assert below.startswith("The model for a vocabulary of 26 tokens and inputs of up to 10 ")
    assert ">The model for a vocabulary of 26 tokens" in svg(SORT, "sort", below)
    assert "has the same heads." in dot(SORT, "sort", below)


def test_nothing_is_said_of_heads_that_there_are_not() -> None:
    flow = flow_of(rasp.load("identity").main)
    assert note(flow, None) == note(flow, Compiled((0,), (), 3, 10)) == ""


@pytest.mark.parametrize("name", ["rotate", "majority", "shuffle_dyck2", "greatest_depth"])
def test_drawn_heads_are_the_models_or_the_drawing_says_not(name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    assert_told(case, case.small)


@pytest.mark.slow
def test_so_for_the_whole_library() -> None:
    for case in CASES:
        assert_told(case, case.small)


@pytest.mark.by_hand
def test_so_for_long_inputs() -> None:
    for case in CASES:
        assert_told(case, case.large)


def assert_told(case: Case, setting: Setting) -> None:
    """The drawing has the heads of the model, layer by layer, or says which there are and why."""
    flow = flow_of(rasp.load(case.name).main, causal=case.causal)
    stored = run(flow.root, request(setting.vocab, setting.max_length, case.causal)).stored
    heads = tuple(len(layer.w_q) for layer in stored.weights.layers)
    said = note(flow, compiled(stored.config, stored.weights))
    if any(heads):
        assert ("has the same heads." in said) == (heads == flow.heads_by_layer)
        assert "the same" in said or all(str(each) in said for each in heads)
    else:
        assert not any(flow.heads_by_layer)
