"""Generation: the cache gives what recomputation gives, and every way it can end."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from rasp.errors import InputError
from runtime import Model
from runtime.transformer.generation import Continuation
from runtime.weights import Atom
from tests.support.random_models import random_inputs, random_model
from tests.support.sweeps import sweep

MODELS = {
    "two layers": random_model(1, causal=True, max_length=24),
    "long": random_model(7, causal=True, max_length=16, heads=(1, 2, 1), neurons=(4, 5, 0)),
    "empty sublayers": random_model(3, causal=True, heads=(0, 2, 0), neurons=(5, 0, 0)),
    "no heads at all": random_model(4, causal=True, heads=(0,), neurons=(5,)),
    "float64": random_model(1, causal=True, dtype="float64"),
}
FEW = ["two layers", "empty sublayers", "no heads at all"]


def recomputed(some: Model, prompt: list[Atom], steps: int) -> list[Atom]:
    """The same continuation with the whole sequence run again at every step."""
    sequence = list(prompt)
    for _ in range(steps):
        sequence.append(some(sequence)[-1])
    return sequence[len(prompt) :]


@pytest.mark.parametrize("name", sweep(MODELS, FEW))
def test_generation_equals_recomputation(name: str) -> None:
    some = MODELS[name]
    for prompt in random_inputs(some, 1, seed=2):
        steps = some.config.max_length - len(prompt) + 1
        assert some.generate(prompt, steps) == recomputed(some, prompt, steps)


@pytest.mark.parametrize("name", sweep(MODELS, FEW))
def test_logits_with_cache_equal_those_without(name: str) -> None:
    some = MODELS[name]
    sequence = random_inputs(some, 1)[0]
    ids = some.encode(sequence)
    made = Continuation(some.engine, ids[:1])
    expected = some.logits(sequence)
    for place in range(len(ids)):
        np.testing.assert_allclose(made.logits[0], expected[place], rtol=1e-5, atol=2e-4)
        if place + 1 < len(ids):
            made.append(ids[place + 1])


def test_streaming_is_lazy_and_gives_the_same_tokens() -> None:
    some = MODELS["two layers"]
    stream = some.stream("ab", 10)
    assert list(itertools.islice(stream, 3)) == some.generate("ab", 3)
    assert some.generate("ab", 0) == []


def test_a_stop_token_is_the_last() -> None:
    some = MODELS["two layers"]
    free = some.generate("ab", 20)
    for stop in some.config.vocab:
        wanted = free[: 1 + free.index(stop)] if stop in free else free
        assert some.generate("ab", 20, stop=[stop]) == wanted


def test_the_length_running_out_is_an_error() -> None:
    some = MODELS["empty sublayers"]
    assert len(some.generate("a" * 9, 1)) == 1
    with pytest.raises(InputError, match="reached the 9 tokens that the model takes at most"):
        some.generate("a" * 9, 2)


def test_an_output_outside_the_vocabulary_is_an_error() -> None:
    some = random_model(1, causal=True, labels=("x", "y"))
    with pytest.raises(InputError, match=r"output '[xy]' is no token of its vocabulary"):
        some.generate("ab", 2)


def test_only_causal_models_generate() -> None:
    with pytest.raises(InputError, match="only a causal model can generate"):
        random_model(1).generate("ab", 2)


@pytest.mark.parametrize("steps", [-1, 1.5, True, None, "3"])
def test_the_number_of_steps_is_checked(steps: Any) -> None:
    with pytest.raises(InputError, match="number of steps"):
        MODELS["two layers"].generate("ab", steps)


@pytest.mark.parametrize("prompt", ["", "xy", "a" * 25])
def test_the_prompt_is_checked_at_once(prompt: str) -> None:
    with pytest.raises(InputError):
        MODELS["two layers"].stream(prompt, 3)


@pytest.mark.parametrize("stop", [None, 5, 1.5])
def test_what_stops_is_checked_at_once(stop: Any) -> None:
    with pytest.raises(InputError, match=f"what stops the model is a list of tokens, not {stop}"):
        MODELS["two layers"].stream("ab", 3, stop)


def test_what_is_no_token_stops_nothing() -> None:
    some = MODELS["two layers"]
    stop: Any = [[], None, "z", 10**5_000, b"a"]
    assert some.generate("ab", 5, stop=stop) == some.generate("ab", 5)
