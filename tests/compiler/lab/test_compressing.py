"""Compression: what W does to a model, what is refused, and Tracr's own program at the size of its paper."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import compiler
import rasp
from compiler.lab import compressing
from compiler.lab.compressing import COMPRESSION, MOST, Task, cosine, some_inputs
from compiler.lab.training import Teller
from runtime.model import Model, load
from runtime.weights import Array


@cache
def small() -> Model:
    return compiler.compile(rasp.load("hist").main, "ab", 3, style="soft", basis="one-hot")


def test_in_as_many_directions_nothing_is_lost() -> None:
    model = small()
    task = Task.of(model)
    whole: Array = np.eye(model.config.width, dtype=np.float32)
    same = task.squeezed(0, whole, [])
    assert (same.accuracy, len(task.ids)) == (1, 14)
    assert same.layer_loss < 1e-10
    assert [*same.cosines.values()] == pytest.approx([1, 1], abs=1e-5)
    assert same.cosines.keys() == {("head", 1, 0), ("mlp", 1)}
    none = task.squeezed(0, 0 * whole, [])
    assert none.accuracy < 1
    assert none.layer_loss > 0.1


def test_a_batch_is_a_task_of_its_own() -> None:
    task = Task.of(small())
    some = task.some(np.array([9, 2]))
    for part, old in task.written.items():
        assert np.array_equal(some.written[part], np.asarray(old)[[9, 2]])
    for mine, whole in ((some.ids, task.ids), (some.lengths, task.lengths), (some.answers, task.answers)):
        assert np.array_equal(mine, np.asarray(whole)[[9, 2]])


def test_few_inputs_are_all_tried() -> None:
    assert len(some_inputs(small())) == 14
    long = compiler.compile(rasp.load("length").main, "abc", 7, style="soft")
    assert len(some_inputs(long)) == MOST


def test_cosines() -> None:
    one, other = np.array([[1.0, 0], [0, 2], [0, 0]]), np.array([[3.0, 0], [2, 0], [1, 0]])
    assert cosine(one, other) == pytest.approx(0.5)
    assert cosine(0 * one, other) == 1


def test_a_short_compression_gives_a_model_that_runs(tmp_path: Path) -> None:
    pytest.importorskip("optax")
    told: list[Any] = []
    found = compiler.compress(small(), 4, seeds=2, steps=3, progress=told.append)
    again = compiler.compress(small(), 4, seeds=2, steps=3)
    assert str(found) == str(again)
    assert told[0].step.startswith("step 3 of 3, a loss of ")
    best = found.best
    assert best.projection.shape == (small().config.width, 4)
    assert np.allclose(best.overlap, best.overlap.T)
    logits, _ = Task.of(small()).squeeze(best.projection)
    model = found.model
    assert model.size.d_model == 4
    assert np.allclose(model.logits("ab"), logits[some_inputs(small()).index(["a", "b"]), :2], atol=1e-4)
    assert f"compressed from {small().config.width} to 4 directions" in model.certificate.summary
    found.save(tmp_path / "saved")
    assert load(tmp_path / "saved")("ab") == model("ab")
    assert json.loads((tmp_path / "saved" / COMPRESSION).read_text())["best"] == best.seed


def test_seeds_with_a_wrong_answer_learn_answers_alone_at_the_end() -> None:
    pytest.importorskip("optax")
    task, told = Task.of(small()), list[Any]()
    whole: Array = np.eye(small().config.width, dtype=np.float32)
    off = whole + 0.3 * np.random.default_rng(4).standard_normal(whole.shape).astype(np.float32)
    before = task.squeezed(7, off, [1.0])
    (after,) = compressing._final(task, [before], 1_200, Teller(told.append, 1_400))
    assert before.accuracy < after.accuracy
    assert (after.seed, after.curve) == (7, (1.0,))
    assert told[-1].step.startswith("step 1,400 of 1,400, a loss of ")
    assert compressing._final(task, [before], 3, Teller(None, 3)) == [before]


def test_the_loss_on_answers() -> None:
    task = Task.of(small())
    none = 0 * np.eye(small().config.width, dtype=np.float32)
    logits, written = task.squeeze(none)
    mean, _ = task.losses(logits, written)
    assert float(task.answer_loss(none, None)) >= float(mean) > 0.1


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"d": 0}, "has 1 to"),
        ({"d": 99}, "has 1 to"),
        ({"d": 2.5}, "has 1 to"),
        ({"seeds": 0}, "seeds must be a whole number"),
        ({"steps": "x"}, "steps must be a whole number"),
        ({"first": -1}, "first must be a whole number from 0 on, not -1"),
        ({"start": "middle"}, "there is no start 'middle'"),
    ],
)
def test_what_makes_no_sense(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(rasp.InputError, match=message):
        compiler.compress(small(), **{"d": 3, **changed})


def test_exact_models_are_not_compressed() -> None:
    exact = compiler.compile(rasp.load("hist").main, "ab", 3)
    with pytest.raises(rasp.InputError, match="only a soft model can be compressed") as refused:
        compiler.compress(exact, 3)
    assert "style='soft'" in str(refused.value.hint)


@pytest.mark.by_hand
@pytest.mark.parametrize(
    ("name", "vocab", "length", "d", "mean"),
    [("frac_prevs", "xyz", 5, 6, 1.0), ("hist", "xyz", 5, 7, 0.998), ("sort_unique", range(4), 4, 14, 0.999)],
)
def test_the_paper(name: str, vocab: Any, length: int, d: int, mean: float) -> None:
    """`pytest -s -m by_hand -k the_paper tests/compiler/lab`"""
    model = compiler.compile(rasp.load(name).main, vocab, length, style="soft", basis="one-hot")
    found = compiler.compress(model, d)
    print(name, found)
    assert found.accuracy >= mean
    assert found.best.accuracy > 0.99
