"""Plain arrays with our own names, for anything else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runtime.exports.report import Export
from runtime.model import Model
from runtime.saving import storage
from runtime.transformer import numpy_forward, tokens
from runtime.weights import Array

ARCHITECTURE = "plain arrays"


def build(model: Model) -> Export:
    """The folder's files."""
    return Export({"model.safetensors": storage.weights_bytes(model.weights)}, ARCHITECTURE, USAGE, (NOTE,))


def run(folder: Path, model: Model, inputs: Sequence[Sequence[Any]]) -> list[Array]:
    """The arrays read back and run with NumPy."""
    weights = storage.read_weights((folder / "model.safetensors").read_bytes())
    encoded = [model.encode(one) for one in inputs]
    ids, lengths = tokens.padded(encoded, len(encoded), 1 + max(map(len, encoded)))
    logits = numpy_forward.forward(weights, ids, lengths, model.config.causal)
    return [row[:length] for row, length in zip(logits, lengths.tolist(), strict=True)]


USAGE = """import safetensors.numpy
arrays = safetensors.numpy.load_file("model.safetensors")
print({name: array.shape for name, array in arrays.items()})"""

NOTE = """With `ids` = 0 for the beginning, then 1 + the place of each token in the vocabulary:

- `x = token_embedding[ids] + position_embedding[:len(ids)]`
- per layer l and head h (any number of heads, also none), with the arrays of `layers.l`:
  `q, k, v = x @ w_q[h] + b_q[h], ...`; scores `q @ k.T` without any scaling, those of later keys masked in a
  causal model; `heads[h] = exp(scores - max) @ v / sum(exp(scores - max))`; then
  `x = x + (concatenate(heads) @ w_o.reshape(-1, d) + b_o)`
- per layer with neurons: `x = x + (maximum(x @ w_in + b_in, 0) @ w_out + b_out)`
- `logits = x[1:] @ unembedding + unembedding_bias`

The order of the additions matters: the product first, then the bias, then x. Columns that hold integers
start at -12582912 and are rounded when the bias 12582912 is added."""
