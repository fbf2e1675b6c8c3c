"""Shifts and look-ups at lengths up to the largest that can be asked for: equality of two numbers is scored
in closed form, digit by digit where one square would leave the exact integers.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

import compiler
import rasp
from compiler.graph.conjunctions import EQUAL, Literal
from compiler.graph.terms import Graph
from compiler.lowering.scores import MAX_SCORE_RANGE, literal_dims
from compiler.ranges.domains import int_domain, make_domain
from compiler.request import MAX_SIZE
from rasp.graph.sops import SOp
from rasp.words import Atom
from tests.support.sweeps import sweep

LOOK_UPS: dict[str, Callable[[int], int]] = {
    'aggregate(select(indices, indices - 1, ==), tokens, "_")': lambda i: i - 1,
    "aggregate(select(indices, 0, ==), tokens)": lambda i: 0,
    'aggregate(select(indices + 3, indices, ==), tokens, "_")': lambda i: i - 3,
    'aggregate(select(indices, 2 * indices + 1, ==), tokens, "_")': lambda i: 2 * i + 1,
    'aggregate(select(indices, indices / 2, ==), tokens, "_")': lambda i: i // 2 if i % 2 == 0 else -1,
    'aggregate(select(indices, 9000 - indices, ==), tokens, "_")': lambda i: 9000 - i,
    'shift(tokens, -2, "_")': lambda i: i + 2,
    'aggregate(select(indices, indices - 1, ==) or select(indices, indices + 16383, ==), tokens, "_")': (
        lambda i: i - 1 if i else 16383
    ),
}
"""Each with the position that it reads."""


def program(expression: str) -> SOp:
    return rasp.parse(f"x = {expression};").main


@pytest.mark.parametrize("length", [4096, MAX_SIZE])
@pytest.mark.parametrize("expression", LOOK_UPS)
def test_look_ups_compile_at_every_length(expression: str, length: int) -> None:
    """The longest are too long to be run here; what is asked of the weights does not depend on it."""
    model = compiler.compile(program(expression), "abc", length)
    assert model.certificate.certified
    assert len(model.weights.layers) == 1
    assert model.weights.layers[0].w_q.shape[2] <= 5


@pytest.mark.parametrize("causal", sweep([False, True], [True]))
@pytest.mark.parametrize("length", sweep([4095, 4096, 4300], [4096]))
def test_a_look_up_beside_a_computed_position(length: int, causal: bool) -> None:
    """A third of the way there, and one further: what is copied brings its digits along."""
    text = """
        where = aggregate(select(3 * indices, indices, ==), indices, -5);
        x = aggregate(select(indices, where + 1, ==), tokens, "?");
    """
    model = compiler.compile(rasp.parse(text).main, "abc", length, causal)
    assert model.certificate.certified
    assert compiler.recheck(model).ok
    tokens: list[Atom] = [random.Random(length).choice("abc") for _ in range(length)]
    where = {i: i // 3 + 1 for i in range(0, length, 3) if i // 3 + 1 < length}
    seen = {i: at for i, at in where.items() if at <= i or not causal}
    assert list(model(tokens)) == [tokens[seen[i]] if i in seen else "?" for i in range(length)]


@pytest.mark.slow
@pytest.mark.parametrize("expression", ['aggregate(select(indices, indices - 1, ==), tokens, "_")'])
def test_the_largest_length_is_proved(expression: str) -> None:
    proof = compiler.recheck(compiler.compile(program(expression), "abc", MAX_SIZE))
    assert proof.ok, proof.summary()


@pytest.mark.parametrize("expression", sweep(LOOK_UPS, list(LOOK_UPS)[:1]))
def test_long_inputs_are_answered(expression: str) -> None:
    rng = random.Random(0)
    tokens: list[Atom] = [rng.choice("abc") for _ in range(4500)]
    model = compiler.compile(program(expression), "abc", MAX_SIZE)
    where = LOOK_UPS[expression]
    wanted = [tokens[where(i)] if 0 <= where(i) < len(tokens) else "_" for i in range(len(tokens))]
    assert list(model(tokens)) == wanted


@pytest.mark.parametrize("length", sweep([2900, 4000, 4096], [2900]))
def test_numbers_of_a_long_input_are_proved_again(length: int) -> None:
    model = compiler.compile(
        program("aggregate(select(indices, indices - 1, ==), indices, -1)"), "ab", length
    )
    assert compiler.recheck(model).ok
    assert list(model("a" * length)) == list(range(-1, length - 1))


@pytest.mark.parametrize("spread", [MAX_SCORE_RANGE, 9_001, 70_000])
@pytest.mark.parametrize("needs_level", [False, True])
def test_digits_tell_equal_numbers_from_others(spread: int, needs_level: bool) -> None:
    """The score is the same wherever key and query are equal, and at least 1 less elsewhere."""
    graph, rng = Graph(causal=False), np.random.default_rng(0)
    literal = Literal(graph.indices(), graph.const(1), EQUAL)
    some = np.unique(rng.integers(-spread // 3, spread, 500)).tolist()
    keys, queries = make_domain([*some, spread]), int_domain(-spread // 3, -spread // 3 + 300)
    dims, _ = literal_dims(literal, keys, queries, needs_level)
    score = np.zeros((queries.size, keys.size), dtype=np.int64)
    for dim in dims:
        query = np.ones(queries.size, dtype=np.int64) if dim.query is None else dim.query
        key = np.ones(keys.size, dtype=np.int64) if dim.key is None else dim.key
        score += query[:, None] * key
    equal = np.array(queries.values)[:, None] == np.array(keys.values)[None, :]
    assert equal.any()
    assert sum(d.bound for d in dims) < 1 << 24
    for row, same in zip(score, equal, strict=True):
        if same.any():
            assert row[~same].max() <= row[same].max() - 1
            assert not needs_level or row[same].max() == 0
        elif needs_level:
            assert row.max() <= -1
