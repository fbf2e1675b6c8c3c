"""The layers as operators: the logits of the runtime, from a graph of nothing else."""

from __future__ import annotations

import numpy as np
import pytest

import compiler
import rasp
from runtime.exports.onnx_graph import Graph
from runtime.exports.onnx_layers import logits_of, plain_positions


def test_logits_of_a_graph_of_layers() -> None:
    onnx = pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    model = compiler.compile(rasp.load("reverse").main, "abc", 5).apart
    graph = Graph(onnx, model.config.dtype)
    ids, mask = graph.input("input_ids", ["batch", "length"]), graph.input("mask", ["batch", "length"])
    positions, visible = plain_positions(graph, ids, mask, causal=False)
    graph.output("logits", logits_of(graph, model, ids, positions, visible), ["batch", "length", 3])
    session = onnxruntime.InferenceSession(graph.serialized(), providers=["CPUExecutionProvider"])
    given = np.array([[0, *model.encode("abca")]])
    (found,) = session.run(["logits"], {"input_ids": given, "mask": given * 0 + 1})
    assert np.array_equal(found[0, 1:], model.logits("abca"))
