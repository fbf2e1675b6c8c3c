"""What went wrong in other compilers of RASP, each as a test of this one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from random import Random

import numpy as np
import pytest

import compiler
import rasp
from compiler.fuzzing.generator import RandomProgram
from compiler.fuzzing.loop import check
from compiler.pipeline import run
from compiler.request import Request
from rasp import aggregate, indices, select, selector_width, tokens
from rasp.graph.sops import SOp
from rasp.inputs import random_inputs
from rasp.words import Atom
from runtime.weights import named_arrays


def assert_right(
    sop: SOp, vocab: Sequence[Atom], max_length: int, causal: bool = False, plain: bool = True
) -> None:
    """Optimized and (if `plain`) not, on every input if they are few."""
    tokens = tuple(vocab)
    inputs = random_inputs(Random(1), tokens, max_length, 150)
    if len(tokens) ** max_length < 600:
        inputs = [list(one) for n in range(1, max_length + 1) for one in product(tokens, repeat=n)]
    for optimize in (True, False) if plain else (True,):
        outcome = check(RandomProgram(sop, Request(tokens, max_length, causal, optimize)), inputs)
        assert outcome.status == "ok", outcome.detail
        assert outcome.compared == len(inputs)


def test_widths_above_nine() -> None:
    """Counts came out wrong from ten selected positions on."""
    assert_right(selector_width(select(tokens, tokens, "==")), "ab", 40, plain=False)
    assert_right(selector_width(select(tokens, tokens, "==")), "ab", 16)
    assert_right(rasp.length, "ab", 64, plain=False)
    assert_right(rasp.length, "ab", 24)


def test_nested_aggregates_keep_their_defaults() -> None:
    """The inner default was lost, and the outer aggregate read 0."""
    inner = aggregate(select(tokens, "b", "==") & select(indices, indices, "<"), indices, -3)
    assert_right(aggregate(select(indices, indices - 1, "=="), inner, 7), "ab", 6)
    assert_right(aggregate(select(indices, 5, "=="), aggregate(select(indices, 9, "=="), 1, 4), 2), "ab", 7)


@pytest.mark.parametrize("causal", [False, True])
def test_selectors_combine(causal: bool) -> None:
    """`and`, `or` and `not` of selectors were refused."""
    same, before = select(tokens, tokens, "=="), select(indices, indices, "<")
    for selector in (same & before, same | before, ~same, ~(same | before) & ~before, ~(~same & before)):
        assert_right(selector_width(selector), "ab", 6, causal)
        assert_right(aggregate(selector, indices, 9), "ab", 6, causal)


def test_names_do_not_move_columns() -> None:
    """Residual columns were sorted by label, so renaming a variable changed the model."""
    source = (
        "tokens = tokens_asis; {a} = tokens + 1; {b} = indices * 2; {c} = {a} * {b} + {a}; {d} = {c} - {b};"
    )
    arrays = []
    for names in ({"a": "p", "b": "q", "c": "r", "d": "s"}, {"a": "zz", "b": "b", "c": "y", "d": "a"}):
        main = rasp.parse(source.format(**names)).main
        arrays.append(named_arrays(run(main, Request((0, 1, 2), 5)).stored.weights))
    assert arrays[0].keys() == arrays[1].keys()
    assert all(np.array_equal(arrays[0][name], arrays[1][name]) for name in arrays[0])


def test_two_counts_in_one_layer() -> None:
    """Two selector widths in one layer shared a hidden unit, and both were wrong."""
    left = selector_width(select(tokens, "a", "=="))
    right = selector_width(select(tokens, tokens, "=="))
    third = selector_width(select(indices, indices, "<"))
    assert_right(left * 100 + right * 10 + third, "abc", 7)


def test_equal_heads_write_all_their_values() -> None:
    """Heads with the same pattern were merged although they read other values or had other defaults."""
    pick = select(indices, indices - 1, "==")
    one, two = aggregate(pick, tokens, 8), aggregate(pick, indices, 9)
    three = aggregate(pick, tokens, -5)
    assert_right(one * 10 + two, (0, 1, 2), 6)
    assert_right(one - three, (0, 1, 2), 6)
    assert_right(aggregate(select(indices, indices - 2, "=="), tokens, 8) + one, (0, 1, 2), 6)


def test_running_sum() -> None:
    """The running sum of 3, 2, 1, 1 came out as 3, 4, 3, 4."""
    total = aggregate(select(indices, indices, "<="), tokens) * (indices + 1)
    assert compiler.compile(total, range(5), 6)([3, 2, 1, 1]) == [3, 5, 6, 7]
    assert_right(total, range(5), 4)
    assert_right(aggregate(select(1, 1, "=="), tokens) * (indices + 1), range(5), 4, causal=True)


def test_shared_parts_cost_once() -> None:
    """A shared subexpression was visited once for each path to it: twice the time with each level."""
    a: SOp = tokens
    b: SOp = indices
    for _ in range(30):
        a, b = (a + b) % 3, (b - a) % 3
    run(a, Request((0, 1, 2), 4))
    assert_right(a, (0, 1, 2), 3)


def test_shared_selectors_cost_once() -> None:
    chosen = select(tokens, tokens, "==")
    for _ in range(12):
        chosen = chosen & (chosen | chosen)
    assert_right(selector_width(chosen), "ab", 5)


def test_values_of_equal_names_stay_apart() -> None:
    """S-ops were told apart by their labels."""
    first, second = tokens + 0, indices + 0
    first.bind("x")
    second.bind("x")
    assert_right(first * 10 + second, (0, 1, 2), 5)


def test_causal_reaches_every_head() -> None:
    """The causal mask was only set in the assembled model, and not where heads were made."""
    chosen = ~select(indices, indices, "<=")  # the keys after the query, which nobody sees
    assert_right(selector_width(chosen), "ab", 6, causal=True)
    assert_right(rasp.length, "ab", 6, causal=True)
