"""What a model takes as an input, and the message where it does not."""

from __future__ import annotations

from collections import UserList
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import compiler
import rasp
from rasp.errors import InputError, RaspError
from runtime import Model
from runtime.transformer.tokens import decode, encode, padded, token_ids
from tests.support.random_models import random_model
from tests.support.worked import COUNT, stages

LETTERS = random_model(1, vocab="abc", max_length=5)
NUMBERS = random_model(1, vocab=(0, 1, Fraction(1, 2), 10**20), max_length=5)
FLOATS = random_model(1, vocab=(Fraction(2), Fraction(1, 2), Fraction(10**20)), max_length=5)
BOOLS = random_model(1, vocab=(False, True), max_length=5)
DIGITS = random_model(1, vocab=("0", "1", "ab", "\ud800"), max_length=5)


@pytest.mark.parametrize(
    ("some", "one", "other"),
    [
        (LETTERS, "abc", ["a", "b", "c"]),
        (LETTERS, ("a", "b"), UserList("ab")),
        (LETTERS, np.array(["a", "b"]), "ab"),
        (NUMBERS, [0.5], [Fraction(1, 2)]),
        (FLOATS, [2.0, 0.5], [Fraction(2), np.float32(0.5)]),
        (FLOATS, np.array([2.0, 0.5]), [2.0, 0.5]),
        (NUMBERS, np.array([0, 1]), range(2)),
        (NUMBERS, [np.int64(1), np.float64(0.5)], [1, 0.5]),
        (BOOLS, [True, False], [np.True_, np.False_]),
        (DIGITS, "01", ["0", "1"]),
        (DIGITS, ["\ud800", "ab"], ("\ud800", "ab")),
    ],
)
def test_equal_ways_to_write_an_input(some: Model, one: Any, other: Any) -> None:
    assert some.encode(one) == some.encode(other)
    assert some(one) == some(other)


@pytest.mark.parametrize(
    ("some", "inputs", "message"),
    [
        (LETTERS, "", "the input is empty: a model needs at least one token"),
        (LETTERS, [], "the input is empty: a model needs at least one token"),
        (LETTERS, "abcabc", "the input has 6 tokens, but the model takes at most 5"),
        (LETTERS, range(10**15), f"the input has {10**15} tokens, but the model takes at most 5"),
        (LETTERS, "abx", "position 2 holds 'x', which is not in the vocabulary 'a', 'b', 'c'"),
        (LETTERS, ["a", 1], "position 1 holds 1, a number, but each token of this model is a string"),
        (LETTERS, ["a", ["b"]], "position 1 holds a list: tokens are strings, bools or numbers, not nested"),
        (LETTERS, ["a", b"b"], "position 1 holds a bytes: tokens are strings, bools or numbers, not nested"),
        (LETTERS, ["a", None], "position 1 holds None, which is not in the vocabulary 'a', 'b', 'c'"),
        (LETTERS, ["a" * 99], f"position 0 holds '{'a' * 37}'... (99 characters), which is not in the voc"),
        (LETTERS, "a\ud800", r"position 1 holds '\ud800', which is not in the vocabulary"),
        (LETTERS, b"ab", "the input is bytes: give a string, or a list of tokens"),
        (LETTERS, 7, "the input must be a string or a list of tokens, not 7"),
        (LETTERS, None, "the input must be a string or a list of tokens, not None"),
        (LETTERS, {"a": 1}, "the input must be a string or a list of tokens, not a dict"),
        (LETTERS, {"a"}, "the input must be a string or a list of tokens, not a set"),
        (
            LETTERS,
            (letter for letter in "ab"),
            "the input must be a string or a list of tokens, not a generator",
        ),
        (LETTERS, np.zeros((2, 2)), "the input must be a string or a list of tokens, not a ndarray"),
        (NUMBERS, [float("nan")], "position 0 holds nan, which is not a number a model can take"),
        (NUMBERS, [1, float("-inf")], "position 1 holds -inf, which is not a number a model can take"),
        (NUMBERS, [True], "position 0 holds True, a bool, but each token of this model is a number"),
        (NUMBERS, ["1"], "position 0 holds '1', a string, but each token of this model is a number"),
        (
            NUMBERS,
            [0.1],
            "position 0 holds 0.1, which is not in the vocabulary 0, 1, 1/2, 100000000000000000000",
        ),
        (NUMBERS, [10**5000], "position 0 holds a number of very many digits, which is not in the voc"),
        (NUMBERS, [1 + 0j], "position 0 holds a complex, which is not in the vocabulary"),
        (NUMBERS, [0, 1.0], "position 1 holds 1.0, and the vocabulary has 1, an int: write 1"),
        (NUMBERS, np.array([1.0]), "position 0 holds 1.0, and the vocabulary has 1, an int: write 1"),
        (
            NUMBERS,
            [np.float64(1)],
            "position 0 holds np.float64(1.0), and the vocabulary has 1, an int: write 1",
        ),
        (NUMBERS, [Fraction(1)], "position 0 holds 1.0, and the vocabulary has 1, an int: write 1"),
        (FLOATS, [2], "position 0 holds 2, and the vocabulary has 2.0, a float: write 2.0"),
        (FLOATS, [np.int8(2)], "position 0 holds np.int8(2), and the vocabulary has 2.0, a float: write 2.0"),
        (
            FLOATS,
            [10**20],
            "position 0 holds 100000000000000000000, and the vocabulary has 1e+20, a float: write 1e+20",
        ),
        (FLOATS, [3.0], "position 0 holds 3.0, which is not in the vocabulary 2.0, 1/2, 1e+20"),
        (BOOLS, [1], "position 0 holds 1, a number, but each token of this model is a bool"),
        (DIGITS, [0], "position 0 holds 0, a number, but each token of this model is a string"),
    ],
)
def test_other_inputs_are_refused(some: Model, inputs: Any, message: str) -> None:
    for ask in (some, some.logits, some.trace):
        with pytest.raises(InputError) as caught:
            ask(inputs)
        assert caught.value.message.startswith(message)
        str(caught.value).encode()  # printable


@pytest.mark.parametrize("vocab", [[2.0, 0.5], [2, 0.5]])
def test_whole_numbers_are_the_tokens_that_the_interpreter_sees(vocab: list[float]) -> None:
    sop = rasp.parse("x = tokens_str;").main
    model = compiler.compile(sop, vocab, 3)
    answered = [model.encode([token]) and model([token]) == sop([token]) for token in vocab]
    assert answered == [True, True]
    for other in [2] if isinstance(vocab[0], float) else [2.0]:
        with pytest.raises(InputError, match=f"holds {other}, and the vocabulary has {vocab[0]}"):
            model([other])


@pytest.mark.parametrize("vocab", [[0, 0.5, 1], [0.0, 1.0, 2.0], [0, 1, 2]])
def test_generated_numbers_are_tokens_of_the_vocabulary(vocab: list[Any]) -> None:
    following = rasp.parse(
        "x = ((2 * tokens_float + 1) % 3) / 2;" if 0.5 in vocab else "x = (tokens_float + 1) % 3;"
    )
    model = compiler.compile(following.main, vocab, 6, causal=True)
    generated = model.generate([vocab[0]], 4)
    assert generated == [vocab[i % 3] for i in range(1, 5)]
    assert {type(token) for token in generated} <= {type(token) for token in model.config.vocab}
    assert model.generate([vocab[0]], 4, stop=[vocab[2]]) == vocab[1:]


def test_a_long_vocabulary_is_shortened_in_messages() -> None:
    some = random_model(1, vocab=range(1000))
    with pytest.raises(InputError, match=r"vocabulary 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, \.\.\., 999$"):
        some([1000])


@pytest.mark.parametrize("inputs", ["ab", b"ab", 3, None, np.array(3)])
def test_a_batch_is_a_list_of_inputs(inputs: Any) -> None:
    with pytest.raises(InputError, match="a batch is a list of inputs"):
        LETTERS.batch(inputs)


@pytest.mark.parametrize("inputs", [np.array(3), range(10**18), 3, None])
def test_the_interpreter_refuses_what_is_no_input(inputs: Any) -> None:
    with pytest.raises(InputError, match=r"expected an input|more than 500,000 tokens"):
        rasp.tokens(inputs)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.fractions(),
    lambda inner: (
        st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner) | st.sets(st.integers())
    ),
)


@settings(max_examples=20, deadline=None)
@given(ANYTHING)
def test_any_object_gives_answers_or_a_clear_error(inputs: Any) -> None:
    for some in (LETTERS, NUMBERS, BOOLS, DIGITS):
        try:
            encoded = some.encode(inputs)
        except RaspError:
            continue
        assert 1 <= len(encoded) <= 5
        assert all(1 <= token <= len(some.config.vocab) for token in encoded)


def test_from_tokens_to_ids_and_from_logits_to_answers() -> None:
    """Ids are 1 + the place in the vocabulary, BOS is 0 and comes first; the largest logit is the answer."""
    config = stages(COUNT).stored.config
    ids = encode(config, token_ids(config), "abb")
    assert ids == [1, 2, 2]
    batch, lengths = padded([ids], rows=2, size=5)
    assert (batch.tolist(), lengths.tolist()) == ([[0, 1, 2, 2, 0], [0, 0, 0, 0, 0]], [3, 0])
    assert decode(config.output, np.array([[1.0, 0.0], [0.0, 1.0]])) == ["not", "twice"]
