"""What is the same at every position is found and computed once, and answers stay as they are."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

import compiler
import rasp
from rasp.words import Atom
from runtime.model import Model
from runtime.transformer import stepping
from runtime.transformer.iterating import Iteration, Whole
from runtime.transformer.uniform import Lean, entries, envelope, lean
from tests.support.sweeps import sweep


def model(text: str, vocab: Sequence[Atom] = range(8), length: int = 7, causal: bool = False) -> Model:
    return compiler.compile(rasp.parse(text).main, vocab, length, causal)


def made_lean(one: Model) -> Lean:
    return lean(one.config, one.weights, stepping.answer_ids(one.config))


def heads(one: Model) -> list[tuple[int, int]]:
    """Of each layer, how many heads are computed once, and how many for each position."""
    parts = [(layer.heads_once, layer.heads) for layer in made_lean(one).layers]
    return [(0 if a is None else len(a.w_q), 0 if b is None else len(b.w_q)) for a, b in parts]


AT_FIRST = "y = load_from_location(tokens_asis, tokens_asis[0]);"
EACH = "y = load_from_location(tokens_asis, tokens_asis);"


def test_heads_that_ask_the_same_everywhere() -> None:
    assert heads(model(AT_FIRST)) == [(1, 0), (1, 0)]
    assert heads(model(EACH)) == [(0, 1)]


def test_in_a_causal_model_each_position_sees_other_keys() -> None:
    assert all(once == 0 for once, _ in heads(model(AT_FIRST, causal=True)))


def test_neurons_that_read_the_same_everywhere() -> None:
    layers = made_lean(
        model("y = load_from_location(tokens_asis, max(tokens_asis[0], tokens_asis[1]));")
    ).layers
    assert all(layer.neurons is None for layer in layers)
    assert any(layer.neurons_once is not None for layer in layers)


PROGRAMS = {
    "at first": AT_FIRST,
    "each": EACH,
    "mixed": "a = tokens_asis[0]; y = load_from_location(tokens_asis, a) if indices > a else "
    "(tokens_asis + a) % 8;",
    "neighbours": "y = max(shift(tokens_asis, 1, 3), tokens_asis[2]);",
    "count": "y = min(7, selector_width(select(tokens_asis, tokens_asis[1], <=)));",
    "mean": "y = aggregate(select(indices, tokens_asis[0], <=), tokens_asis, 1);",
    "out": "y = tokens_asis + tokens_asis[-1];",
}


@pytest.mark.parametrize("name", sweep(PROGRAMS, ["each", "mixed", "count"]))
def test_runs_are_those_of_the_whole_model(name: str) -> None:
    one = model(PROGRAMS[name])
    rng = random.Random(name)
    inputs = [one.encode(rng.choices(range(8), k=rng.randint(1, 7))) for _ in range(16)]
    ends = []
    for certified, kind in ((False, Whole), (True, Lean)):
        iteration = Iteration(one.engine, None, inputs, 16, 8, certified)
        assert isinstance(iteration.step, kind)
        iteration.advance(5)
        ends.append((np.asarray(iteration.ids), iteration.steps, iteration.ended))
    for mine, theirs in zip(*ends, strict=True):
        assert np.array_equal(mine, theirs)


def test_the_largest_of_many_lines() -> None:
    rng = random.Random(1)
    for _ in range(30):
        count = rng.randint(1, 9)
        slopes, heights = ([float(rng.randint(-4, 4)) for _ in range(count)] for _ in range(2))
        found, bounds = envelope(slopes, heights)
        assert bounds == sorted(set(bounds))
        for x in np.linspace(-10, 10, 97) + 0.01:
            values = [slope * x + height for slope, height in zip(slopes, heights, strict=True)]
            assert found[int(np.searchsorted(bounds, x))] == int(np.argmax(values))


def test_an_unembedding_of_lines_needs_no_logits() -> None:
    with_lines = made_lean(model(EACH))
    assert with_lines.lines is not None
    assert with_lines.unembedding is None
    assert entries(with_lines, 100) == 100 * 100, "the scores of the one head"


def test_only_what_is_certified_is_made_lean() -> None:
    one = model(EACH)
    assert isinstance(Iteration(one.engine, None, [[1]], 1, 8).step, Whole)
