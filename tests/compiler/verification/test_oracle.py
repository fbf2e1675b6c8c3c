"""The batched oracle says exactly what the reference interpreter says, type by type, and much faster."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rasp
from compiler.fuzzing.generator import random_program
from compiler.verification.comparison import expected
from compiler.verification.oracle import DENSE, Memo, Oracle, read_sums
from rasp import aggregate, indices, look_up, select, tokens, tokens_str
from rasp.errors import InputError, LimitError
from rasp.graph.sops import SOp
from rasp.inputs import random_inputs
from rasp.words import Atom


def typed(answer: Sequence[Atom] | None) -> list[tuple[type, Atom]] | None:
    """1, 1.0 and True told apart."""
    return None if answer is None else [(type(value), value) for value in answer]


def assert_same(
    sop: SOp, vocab: Sequence[Atom], inputs: Sequence[Sequence[Atom]], causal: bool = False
) -> None:
    oracle = Oracle(sop, vocab, causal)
    for one, answer in zip(inputs, oracle(inputs), strict=True):
        assert typed(answer) == typed(expected(sop, one, causal)), one


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**40))
def test_random_programs(seed: int) -> None:
    rng = Random(seed)
    program = random_program(rng)
    oracle = Oracle(program.sop, program.asked.vocab, program.asked.causal)
    for _ in range(2):  # the second batch meets the tables that the first has left
        inputs = program.inputs(rng, 12)
        for one, answer in zip(inputs, oracle(inputs), strict=True):
            assert typed(answer) == typed(expected(program.sop, one, program.asked.causal)), one


def test_undefined_inputs() -> None:
    inverse = 1 / tokens
    inputs = [[1, 2], [0], [2, 0, 1], [4]]
    answers = Oracle(inverse, (0, 1, 2, 4))(inputs)
    assert answers == [[Fraction(1), Fraction(1, 2)], None, None, [Fraction(1, 4)]]


def test_undefined_where_the_result_is_not_needed() -> None:
    broken = look_up({1: 5}, tokens)
    assert_same(rasp.where(tokens == 1, broken, 0), (0, 1), [[1], [1, 0], [0], [1, 1]])


def test_strings_and_numbers_do_not_mix() -> None:
    mixed = rasp.where(indices == 0, "a", 1)
    ordered = aggregate(select(tokens, mixed, "<"), 1, 0)
    for sop in (mixed, ordered):
        assert_same(sop, ("a", "b"), [["a"], ["a", "b"]])


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("vocab", [(True, False), ("x", "y"), (1, 2), (Fraction(1, 3), Fraction(1, 7))])
def test_means_and_defaults(vocab: tuple[Atom, ...], causal: bool) -> None:
    inputs = random_inputs(Random(1), vocab, 5, 40)
    for comparison in ("==", "!=", "<", "<=", ">", ">="):
        for default in (None, 7, "none"):
            sop = aggregate(select(tokens, vocab[0], comparison), tokens, default)
            assert_same(sop, vocab, inputs, causal)


def test_sums_beyond_what_floats_hold() -> None:
    huge = aggregate(select(1, 1, "=="), 3 ** (indices * 9) + tokens / 7)
    assert_same(huge, (0, 1, 5), random_inputs(Random(2), (0, 1, 5), 9, 30))


def test_sums_by_width() -> None:
    chosen = np.ones((1, 2, 2), dtype=bool)
    for largest in (1, 2**23, 2**52, 2**60):
        numbers = np.array([[largest - 1, 1]], dtype=object)
        counts, places, sums = read_sums(chosen, numbers, 2 * largest)
        assert counts.tolist() == [[2, 2]]
        assert places.tolist() == [[1, 1]]
        assert sums.tolist() == [[largest, largest]]


def test_memo_computes_each_key_once() -> None:
    seen: list[int] = []

    def compute(key: int) -> int:
        seen.append(key)
        return key % 7

    memo = Memo()
    keys = np.array([[3, 100, 3], [DENSE + 5, 2, 100]])
    for _ in range(2):
        assert memo.look_up(keys, compute).tolist() == (keys % 7).tolist()
    assert memo.look_up(np.array([3, 2]), compute).tolist() == [3, 2]
    assert len(seen) <= 2 * len(set(keys.ravel().tolist()))


def test_long_strings_and_conversions() -> None:
    inputs = random_inputs(Random(3), ("1", "20", "x"), 4, 30)
    for sop in (
        tokens_str + "!",
        rasp.tokens_int + 1,
        rasp.tokens_float / 2,
        rasp.tokens_bool,
        "ab" * indices,
    ):
        assert_same(sop, ("1", "20", "x"), inputs)


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ([[]], "the input is empty: the oracle needs at least one token"),
        (["ab", ""], "the input is empty: the oracle needs at least one token"),
        ([["a"], ["z"]], "position 0 holds 'z', which is not in the vocabulary 'a', 'b'"),
        ([["a", 1]], "position 1 holds 1, which is not in the vocabulary 'a', 'b'"),
        ([["a", ["b"]]], "position 1 holds a "),
        ([[float("nan")]], "position 0 holds nan, which is not in the vocabulary 'a', 'b'"),
        ([[10**5_000]], "position 0 holds a number of very many digits, which is not in the vocabulary"),
        ([5], "the input must be a string or a list of tokens, not 5"),
        ([None], "the input must be a string or a list of tokens, not None"),
        ([b"ab"], "the input is bytes: give a string, or a list of tokens"),
        ([{"a"}], "the input must be a string or a list of tokens, not a "),
        ("ab", "a batch is a list of inputs"),
        (5, "a batch is a list of inputs"),
    ],
)
def test_what_is_no_batch(batch: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Oracle(tokens, "ab")(batch)
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("sop", "vocab", "batch", "answers"),
    [
        (tokens, "ab", ["ab", ("b",), np.array(["a"])], [["a", "b"], ["b"], ["a"]]),
        (tokens + 1, np.arange(3), np.array([[1, 2], [0, 1]]), [[2, 3], [1, 2]]),
        (tokens, [0.5, True], [[0.5, True]], [[Fraction(1, 2), True]]),
        (tokens, "ab", [], []),
    ],
    ids=["mixed", "arrays", "floats", "empty"],
)
def test_other_ways_to_write_a_batch(sop: SOp, vocab: Any, batch: Any, answers: Any) -> None:
    assert Oracle(sop, vocab)(batch) == answers


@pytest.mark.parametrize("no_sop", [5, select(tokens, tokens, "==")])
def test_only_sops_have_an_oracle(no_sop: Any) -> None:
    with pytest.raises(InputError, match="an oracle answers for an s-op"):
        Oracle(no_sop, "ab")


def test_inputs_too_long_for_the_memory_are_refused() -> None:
    reverse = Oracle(rasp.load("reverse").main, "ab")
    with pytest.raises(LimitError, match=r"an input of 20,000 tokens needs about 4,000,000,000 bytes"):
        reverse(["ab" * 10_000])
    ids = np.zeros((1, 20_000), dtype=np.int64)
    for ask in (reverse.answers, reverse.traced):
        with pytest.raises(LimitError, match="2 selectors; 2,147,483,648 are the limit"):
            ask(ids)
    assert Oracle(tokens, "ab")(["ab" * 10_000]) == [list("ab" * 10_000)]
