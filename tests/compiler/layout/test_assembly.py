"""Assembly: heads and neurons on named columns become matrices."""

from __future__ import annotations

import numpy as np

from compiler.layout.assembly import assemble
from tests.support.worked import COUNT, assert_text, stages


def matrix(array: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> str:
    """One row a line."""
    return "\n".join("  " + " ".join(f"{x:g}" for x in row) for row in np.atleast_2d(array).tolist())


def test_a_count_as_matrices() -> None:
    """Columns 0 to 3 of the stream are bos, tokens, copies and the answer. The head reads columns 0 and 1 and
    writes column 2, which starts at minus 1.5 * 2**23 and gets the same added, so that it is rounded to a
    whole number. Two neurons read column 2 and write column 3.
    """
    made = stages(COUNT)
    stored = assemble(made.lowered, made.schedule, made.asked)
    layer = stored.weights.layers[0]
    shown = {
        "embedding of BOS, a and b": stored.weights.token_embedding,
        "head 0, three queries": layer.w_q[0],
        "biases of the queries": layer.b_q,
        "head 0, three keys": layer.w_k[0],
        "biases of the keys": layer.b_k,
        "head 0, values": layer.w_v[0],
        "biases of the values": layer.b_v,
        "head 0, output": layer.w_o[0],
        "bias of the attention's output": layer.b_o,
        "neurons, input": layer.w_in,
        "biases of the neurons": layer.b_in,
        "neurons, output": layer.w_out,
    }
    assert_text(
        "\n".join(f"{name}\n{matrix(array)}" for name, array in shown.items()),
        """
        embedding of BOS, a and b
          1 0 -1.25829e+07 0
          0 0 -1.25829e+07 0
          0 1 -1.25829e+07 0
        head 0, three queries
          256 0 1024
          256 -256 0
          0 0 0
          0 0 0
        biases of the queries
          -256 0 8.32031
        head 0, three keys
          0 -1 1
          1 -1 0
          0 0 0
          0 0 0
        biases of the keys
          0 1 0
        head 0, values
          -1 0 0
          0 0 0
          0 0 0
          0 0 0
        biases of the values
          1 0 0
        head 0, output
          0 0 4107.94 0
          0 0 0 0
          0 0 0 0
        bias of the attention's output
          0 0 1.25829e+07 0
        neurons, input
          0 0
          0 0
          1 1
          0 0
        biases of the neurons
          -1 -2
        neurons, output
          0 0 0 1
          0 0 0 -2
        """,
    )
