"""Inputs to try: random ones of all lengths, and smaller ones that come to an end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import pytest

from rasp.inputs import Input, random_inputs, shrink, smaller_inputs
from rasp.words import Atom


def first(fails: Callable[[Input], bool]) -> Callable[[Iterator[Input]], Input | None]:
    return lambda candidates: next(filter(fails, candidates), None)


def test_random_inputs_are_of_all_lengths_and_repeat_tokens() -> None:
    inputs = random_inputs(Random(1), "abcde", 7, 300)
    assert len(inputs) == 300
    assert [len(one) for one in inputs[:2]] == [7, 1]
    assert {len(one) for one in inputs} == set(range(1, 8))
    assert {token for one in inputs for token in one} == set("abcde")
    assert any(len(set(one)) == 1 for one in inputs if len(one) == 7)


def test_random_inputs_come_from_the_seed() -> None:
    assert random_inputs(Random(1), range(9), 5, 20) == random_inputs(Random(1), range(9), 5, 20)
    assert random_inputs(Random(1), range(9), 5, 20) != random_inputs(Random(2), range(9), 5, 20)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_random_inputs(count: int) -> None:
    assert [len(one) for one in random_inputs(Random(1), "ab", 6, count)] == [6, 1][:count]


def test_smaller_inputs() -> None:
    assert ["".join(map(str, one)) for one in smaller_inputs("cbb", "abc")] == [
        *["b", "c"],  # all but one token left out
        *["bb", "cb", "cb"],  # one left out
        *["caa", "abb", "bbb"],  # one made another wherever it stands
        *["cab", "cba"],  # and in one position
    ]


@pytest.mark.parametrize("seed", range(20))
def test_smaller_inputs_are_smaller(seed: int) -> None:
    rng = Random(seed)
    tokens: list[Atom] = [True, "b", 1, 0, "a", False]
    vocab = tokens[: rng.randint(1, 6)]
    ranks = {(type(token), token): rank for rank, token in enumerate(vocab)}

    def size(tokens: Input) -> tuple[int, int]:
        return len(tokens), sum(ranks[type(token), token] for token in tokens)

    for one in random_inputs(rng, vocab, 9, 20):
        for smaller in smaller_inputs(one, vocab):
            assert size(smaller) < size(tuple(one))
            assert smaller


def test_tokens_that_are_not_in_the_vocabulary_are_later_ones() -> None:
    assert set(smaller_inputs(["x"], "ab")) == {("a",), ("b",)}


def test_shrinking_keeps_what_fails() -> None:
    def two_b(tokens: Input) -> bool:
        return tokens.count("b") >= 2

    assert shrink("aabcbab", "abc", first(two_b)) == ("b", "b")
    assert shrink("abcbad", "abcd", first(lambda tokens: "b" in tokens)) == ("b",)
    assert shrink("dcdc", "abcd", first(lambda tokens: len(tokens) > 1)) == ("a", "a")
    assert shrink("x)(y(z)", "()xyz", first(lambda tokens: ")" in tokens and "(" in tokens)) == ("(", ")")


def test_what_has_to_go_together_goes_together() -> None:
    """Brackets come in pairs: without a single one nothing fails."""
    balanced = first(lambda tokens: tokens.count("(") == tokens.count(")") > 0 and tokens[0] == "(")
    assert shrink("(())()()", "()", balanced) == ("(", ")")
