"""Inference: the values that every s-op can take."""

from __future__ import annotations

import pytest

from compiler import texts
from compiler.values.inference import Domains
from rasp.errors import CompileError
from tests.support.worked import COUNT, asked, assert_text, stages

HALF = """
    share = aggregate(full_s, indicator(tokens == "a"));
    answer = share * 2;
"""


def test_the_values_of_a_count() -> None:
    """Every token is like itself at least, so a count over up to three tokens is 1, 2 or 3, never 0."""
    root = stages(COUNT).settled.root
    assert_text(
        texts.domains(root, Domains(root, asked())),
        """
        tokens_str: {"a", "b"}
        copies: {1, 2, 3}
        2: {2}
        (copies == 2): {False, True}
        "twice": {"twice"}
        "not": {"not"}
        answer: {"not", "twice"}
        """,
    )


def test_the_values_of_a_mean() -> None:
    """Of up to three tokens, thirds and halves are possible; twice as much is still tried value by value."""
    root = stages(HALF).settled.root
    assert_text(
        texts.domains(root, Domains(root, asked())),
        """
        1: {1}
        tokens_str: {"a", "b"}
        "a": {"a"}
        (tokens_str == "a"): {False, True}
        indicator((tokens_str == "a")): {0, 1}
        share: {0, 1/3, 1/2, 2/3, 1}
        2: {2}
        answer: {0, 2/3, 1, 4/3, 2}
        """,
    )


@pytest.mark.parametrize(("comparison", "most"), [("!=", 10), ("==", 15)])
def test_what_leaves_out_its_own_position_adds_one_value_less(comparison: str, most: int) -> None:
    source = (
        f"s = select(tokens, tokens, {comparison}); answer = selector_width(s) * aggregate(s, tokens_int);"
    )
    root = stages(source, vocab=(2, 5)).settled.root
    assert Domains(root, asked(vocab=(2, 5))).numbers(root).highest == most


def test_sums_of_more_than_a_float_holds_are_refused_in_words() -> None:
    with pytest.raises(CompileError, match=r"1100 values from 1 to 6\.79e\+330"):
        stages("x = aggregate(full_s, 2 ^ indices) * length;", max_length=1_100)
