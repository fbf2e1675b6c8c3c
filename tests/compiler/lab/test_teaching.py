"""Training on programs: measures, what is kept of it, and the paper's experiments in a small setting."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

import rasp
from compiler.lab import teaching
from compiler.lab.learner import Shape
from compiler.lab.lessons import Lesson
from compiler.lab.teaching import PAPER, Recipe, Trained, agreement, error, kept, patterns, train
from compiler.underway import Underway
from rasp.commands.researching import foretold
from rasp.errors import InputError, ModelError

pytest.importorskip("optax", reason="TRAINING WAS NOT TESTED: pip install '.[lab]'")

TINY = Recipe(inputs=40, others=20, batch=8, steps=3, at_once=1)


def test_attention_is_held_against_what_is_selected() -> None:
    there = np.array([[True, True, True]])
    chosen = np.array([[[0, 0, 0], [1, 1, 0], [1, 0, 1]]], bool)
    pattern = np.array([[[1, 0, 0], [0.5, 0.4, 0.1], [0.5, 0.1, 0.4]]])
    found = agreement(1, "same", 0, pattern, chosen, there)
    assert (found.on_selected, found.on_bos, found.share) == pytest.approx((0.4, 0.5, 0.5))
    assert found.times == pytest.approx(4)
    every = agreement(1, "all", 0, pattern, np.ones_like(chosen), there)
    assert every.times is None
    assert error(jnp.asarray(chosen / np.maximum(chosen.sum(-1, keepdims=True), 1)), chosen) == 0


def test_rates() -> None:
    assert float(Recipe(steps=100, rate=1.0).schedule()(50)) == pytest.approx(0.5)
    paper = PAPER[0]
    assert float(paper.schedule()(jnp.asarray(2500))) == pytest.approx(paper.rate * 0.98**2)
    assert [(each.rate, each.gamma) for each in PAPER] == [
        (3e-4, 0.98),
        (3e-4, 0.99),
        (1e-4, 0.98),
        (1e-4, 0.99),
    ]


def stopped_and_gone_on_with(lesson: Lesson, shape: Shape, file: Path) -> Trained:
    """What comes of a training that is stopped after its first step, which is no time to measure at."""

    def stop(_underway: Underway) -> None:
        raise KeyboardInterrupt

    recipe = replace(TINY, attention=1.0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(teaching, "LOST", 0.0)
        with pytest.raises(KeyboardInterrupt):
            train(lesson, shape, recipe, progress=stop, keep=file)
    with np.load(file) as found:
        assert found["taken"] == 1
    return train(lesson, shape, recipe, keep=file)


@pytest.mark.slow
def test_a_short_training_is_gone_on_with(tmp_path: Path) -> None:
    lesson, (layers, heads) = foretold("hist", list("ab"), 3, False)
    shape, file = Shape(layers, heads, 8, 8), tmp_path / "kept" / "state.npz"
    whole = train(lesson, shape, replace(TINY, attention=1.0), keep=file)
    assert whole.steps == 3
    assert [each.selector for each in whole.agreement] == [lesson.predicted[0][0].title]
    again = train(lesson, shape, replace(TINY, attention=1.0), keep=file)
    assert again.facts() == whole.facts()
    assert stopped_and_gone_on_with(lesson, shape, tmp_path / "stopped.npz").facts() == whole.facts()
    row, learned = patterns(whole, False)
    assert whole.examples.lengths[row] == 2
    assert learned[0].shape == (1, 4, 4)
    with pytest.raises(ModelError, match="was kept by another training"):
        train(lesson, shape, TINY, seed=1, keep=file)
    file.write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match="is damaged"):
        kept(file, "")


def test_a_kept_training_is_told_from_that_of_another_program(tmp_path: Path) -> None:
    """Both answer with letters, so only what they are asked for tells them apart."""
    file, shape = tmp_path / "state.npz", Shape(1, 1, 8, 8)
    train(foretold("sort", list("ab"), 3, False)[0], shape, TINY, keep=file)
    with pytest.raises(ModelError, match="was kept by another training"):
        train(foretold("reverse", list("ab"), 3, False)[0], shape, TINY, keep=file)


def test_what_cannot_be_trained_or_kept_is_refused_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson, _ = foretold("hist", list("ab"), 3, False)
    with pytest.raises(InputError, match="too long to learn from: what heads select of them takes 42 GB"):
        train(replace(lesson, max_length=1_000), Shape(1, 1))
    monkeypatch.setattr(teaching, "examples", None)
    with pytest.raises(InputError, match="a stream of 8 numbers has 8 heads at most"):
        train(lesson, Shape(1, 9, 8, 8))
    with pytest.raises(InputError, match="seed must be a whole number from 0 on, not -1"):
        train(lesson, Shape(1, 1), seed=-1)
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="cannot write"):
        train(lesson, Shape(1, 1), keep=tmp_path / "file" / "state.npz")


SETTINGS = {"hist": 0.98, "reverse": 0.98, "sort": 0.98, "hist2": 0.98}
LESS = {"reverse": (1, 1, 0.80), "hist2": (1, 2, 0.85)}


def lesson_of(name: str) -> tuple[Lesson, tuple[int, int]]:
    return foretold(name, list(range(10)) if name == "sort" else list("abcdefghij"), 10, False)


@pytest.mark.by_hand
@pytest.mark.parametrize("name", SETTINGS)
def test_the_layers_and_heads_that_are_foretold_are_enough(name: str) -> None:
    """`pytest -s -m by_hand tests/compiler/lab/test_teaching.py`"""
    lesson, size = lesson_of(name)
    found = train(lesson, Shape(*size))
    print(name, found.line())
    assert found.tokens >= SETTINGS[name]


@pytest.mark.by_hand
@pytest.mark.parametrize("name", LESS)
def test_a_layer_less_is_not_enough(name: str) -> None:
    layers, heads, most = LESS[name]
    found = train(lesson_of(name)[0], Shape(layers, heads))
    print(name, found.line())
    assert found.tokens < most


@pytest.mark.by_hand
def test_sort_does_not_need_its_second_layer() -> None:
    """As in the paper, whose Table 2 has 99.0 with a layer less."""
    found = train(lesson_of("sort")[0], Shape(1, 1))
    print("sort", found.line())
    assert found.tokens >= 0.98


def test_a_program_without_heads_foretells_one_all_the_same() -> None:
    lesson, size = foretold("identity", list("ab"), 3, False)
    assert size == (1, 1)
    assert isinstance(lesson.sop, rasp.SOp)
