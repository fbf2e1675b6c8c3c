"""Building an ONNX graph node by node."""

from __future__ import annotations

from typing import Any

import numpy as np

from runtime.exports.report import ExportError
from runtime.weights import Array

OPSET, IR_VERSION = 17, 10
LARGEST = (1 << 31) - 1


class Graph:
    """Nodes, constants, inputs and outputs in the making; every method gives the name of a value."""

    def __init__(self, onnx: Any, dtype: str, around: Graph | None = None, name: str = "") -> None:
        self._onnx = onnx
        self._dtype, self._around, self._name = dtype, around, name
        self._number = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        self._nodes: list[Any] = []
        self._constants: dict[tuple[Any, ...], str] = {}
        self._initializers: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._bytes = 0
        self.boolean: int = onnx.TensorProto.BOOL
        self.integer: int = onnx.TensorProto.INT64

    def input(self, name: str, shape: list[str | int], numbers: bool = False) -> str:
        """An input of ids, or of the model's numbers."""
        kind = self._number if numbers else self._onnx.TensorProto.INT64
        self._inputs.append(self._onnx.helper.make_tensor_value_info(name, kind, shape))
        return name

    def flag(self, name: str) -> str:
        """An input that is one truth value."""
        self._inputs.append(self._onnx.helper.make_tensor_value_info(name, self.boolean, []))
        return name

    def body(self, name: str) -> Graph:
        """A graph within this one, which may read its values and shares its constants."""
        return Graph(self._onnx, self._dtype, self, f"{name}_")

    def loop(
        self, body: Graph, after: dict[str, str], limit: str, goes: str, start: list[str], names: list[str]
    ) -> None:
        """The body again and again, at most `limit` times: `start` are the values to begin with, `after`
        those after a step, first whether there is a further one, and `names` those at the end.
        """
        for name, value in after.items():
            body._nodes.append(self._onnx.helper.make_node("Identity", [value], [name], name=name))
        _, _, *kept = body._inputs
        ends = [self._onnx.helper.make_tensor_value_info(next(iter(after)), self.boolean, [])]
        for name, given in zip([*after][1:], kept, strict=True):
            ends.append(self._onnx.ValueInfoProto())
            ends[-1].CopyFrom(given)
            ends[-1].name = name
        inner = self._onnx.helper.make_graph(body._nodes, "body", body._inputs, ends)
        self._nodes.append(
            self._onnx.helper.make_node("Loop", [limit, goes, *start], names, name="loop", body=inner)
        )

    def whole(self, name: str, shape: list[str | int]) -> None:
        """Give a value of whole numbers out as it is called."""
        self._outputs.append(self._onnx.helper.make_tensor_value_info(name, self.integer, shape))

    def output(self, name: str, value: str, shape: list[str | int], first: bool = False) -> None:
        """Give a value of the model's numbers out under a name."""
        self._nodes.append(self._onnx.helper.make_node("Identity", [value], [name], name=name))
        place = 0 if first else len(self._outputs)
        self._outputs.insert(place, self._onnx.helper.make_tensor_value_info(name, self._number, shape))

    def constant(self, array: Array | Any) -> str:
        """A constant, stored once for equal contents."""
        if self._around is not None:
            return self._around.constant(array)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            name = f"constant_{len(self._constants)}"
            self._bytes += array.nbytes
            if self._bytes > LARGEST:
                raise ExportError("an ONNX file holds at most 2 GB, and this model's weights are larger")
            self._initializers.append(self._onnx.numpy_helper.from_array(array, name))
            self._constants[key] = name
        return self._constants[key]

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """One operator's only output."""
        name = f"{self._name}{operator.lower()}_{len(self._nodes)}"
        self._nodes.append(self._onnx.helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def add(self, left: str, right: str) -> str:
        """The sum of two values."""
        return self.node("Add", left, right)

    def matmul(self, value: str, matrix: Array) -> str:
        """A value times a constant matrix."""
        return self.node("MatMul", value, self.constant(matrix))

    def add_to_residual(self, x: str, update: str, bias: Array) -> str:
        """`x + (update + bias)`; the operator Sum keeps runtimes from making the bias part of the product."""
        return self.add(x, self.node("Sum", update, self.constant(bias)))

    def unsqueeze(self, value: str, *axes: int) -> str:
        """New dimensions of size 1."""
        return self.node("Unsqueeze", value, self.constant(np.array(axes)))

    def serialized(self) -> bytes:
        """The finished model, checked."""
        graph = self._onnx.helper.make_graph(
            self._nodes, "rasp", self._inputs, self._outputs, self._initializers
        )
        opset = self._onnx.helper.make_opsetid("", OPSET)
        model = self._onnx.helper.make_model(
            graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="rasp-compiler"
        )
        self._onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))
