"""An ONNX graph, built node by node."""

from __future__ import annotations

import numpy as np
import pytest

from runtime.exports.onnx_graph import Graph


def test_equal_constants_are_stored_once() -> None:
    onnx = pytest.importorskip("onnx")
    graph = Graph(onnx, "float32")
    one, again, other = (graph.constant(np.array(number)) for number in (1, 1, 2))
    assert one == again != other
    assert graph.node("Add", one, other) == "add_0"
