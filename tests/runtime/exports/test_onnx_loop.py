"""Whole runs by onnxruntime: the same states, steps and ends as ours."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import compiler
import programs
import rasp
import runtime
from programs.machines import subleq
from rasp.graph.sops import SOp
from rasp.notation import read_vocab
from runtime.exports.onnx_loop import FIXPOINT, LEFT, RUNNING, loop_graph
from runtime.model import Model
from runtime.transformer import tokens

REASONS = {RUNNING: "limit", FIXPOINT: "fixpoint", LEFT: "left"}


def session(model: Model) -> Any:
    onnx, onnxruntime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    return onnxruntime.InferenceSession(loop_graph(onnx, model.apart), providers=["CPUExecutionProvider"])


def same_runs(model: Model, inputs: list[list[Any]], limit: int) -> None:
    """A run of the graph is one of the model, for inputs of any lengths together."""
    encoded = [model.encode(one) for one in inputs]
    ids, lengths = tokens.padded(encoded, len(encoded), 1 + max(map(len, encoded)))
    mask = np.arange(ids.shape[1])[None] <= lengths[:, None]
    given = {"input_ids": ids.astype(np.int64), "attention_mask": mask.astype(np.int64)}
    found = session(model).run(["ids", "steps", "ended"], {**given, "max_steps": np.array(limit)})
    for state, steps, ended, run in zip(*found, model.iterate_batch(inputs, max_steps=limit), strict=True):
        said = [model.config.vocab[index - 1] for index in state[1 : 1 + len(run.state)]]
        assert (tuple(said), int(steps), REASONS[int(ended)]) == (run.state, run.steps, run.reason)


def model_of(text: str, vocab: range = range(9), length: int = 6) -> Model:
    return compiler.compile(rasp.parse(text).main, vocab, length)


@pytest.mark.parametrize(
    "text",
    [
        "s = tokens_asis + 1 if tokens_asis < 4 else tokens_asis;",
        "s = tokens_asis + 2;",
        "s = load_from_location(tokens_asis, tokens_asis);",
        "s = aggregate(select(indices, indices, <=), tokens_asis);",
    ],
)
@pytest.mark.parametrize("limit", [1, 20])
def test_runs(text: str, limit: int) -> None:
    """Of steps that end, that leave the vocabulary, and whose answers are numbers."""
    rng = random.Random(text)
    same_runs(model_of(text), [rng.choices(range(9), k=rng.randint(1, 6)) for _ in range(12)], limit)


def test_a_computer_in_onnx() -> None:
    """SUBLEQ prints the numbers of Fibonacci, from the first instruction to the last."""
    step = rasp.load("machines/subleq")["step"]
    assert isinstance(step, SOp)
    state = subleq.program("fibonacci", 62)
    made = compiler.compile(step, read_vocab(programs.header("machines/subleq").vocab), len(state))
    same_runs(made, [state], 1000)


def test_an_export_has_the_loop_where_answers_are_tokens(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    assert "loop.onnx" in runtime.export(model_of("s = tokens_asis;"), "onnx", tmp_path / "a").files
    letters = compiler.compile(rasp.load("hist").main, "ab", 4)
    assert "loop.onnx" not in runtime.export(letters, "onnx", tmp_path / "b").files
