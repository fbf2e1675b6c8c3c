"""What it takes to run a model: operations, bytes, and how many operations there are for each byte.

The counting is that of "Transformer Inference Arithmetic" (kipply, 2022): a product of matrices takes two
operations for each multiplication and addition, and everything else (softmax, ReLU, additions) is left out.
Each weight is read once in a pass, whatever the batch, and each token's keys and values once by its sequence.
"""

from __future__ import annotations

from dataclasses import dataclass

from rasp.errors import InputError
from rasp.graph.atoms import shown
from runtime.inspection.tables import Table
from runtime.transformer.memory import gigabytes, needed
from runtime.weights import Weights, size


@dataclass(frozen=True)
class Running:
    """The cost of one pass over `batch` sequences of `length` tokens each.

    `operations` are those of one sequence, `operations_a_token` its part for each token; `weight_bytes` and
    `cache_bytes_a_token` (keys and values, as a decoder keeps them) are bytes; `intensity` is operations for
    each byte that is read, over the whole batch; `nonzero` is the share of weights that are not 0.
    `memory_bytes` is about what the pass holds at once: scores that would be too many take turns.
    """

    length: int
    batch: int
    operations: int
    operations_a_token: float
    weight_bytes: int
    cache_bytes_a_token: int
    intensity: float
    nonzero: float
    memory_bytes: int

    def __str__(self) -> str:
        return "\n".join([self._title(), *(f"  {name:<11}  {figures}" for name, figures in self._rows())])

    def _repr_html_(self) -> str:
        """What notebooks show."""
        return Table((self._title(), ""), self._rows(), right=2).html()

    def _title(self) -> str:
        return f"a pass over {self.batch:,} x {self.length:,} tokens"

    def _rows(self) -> tuple[tuple[str, str], ...]:
        return (
            ("operations", f"{self.operations:,} a sequence, {self.operations_a_token:,.0f} a token"),
            ("weights", f"{self.weight_bytes:,} bytes, {self.nonzero:.1%} of them not 0"),
            ("cache", f"{self.cache_bytes_a_token:,} bytes a token (keys and values)"),
            ("intensity", f"{self.intensity:,.1f} operations a byte"),
            ("memory", f"about {gigabytes(self.memory_bytes)} at once"),
        )


def running(weights: Weights, length: int, batch: int = 1) -> Running:
    """The cost of a pass. Raises InputError if there is nothing to run."""
    if length < 1 or not isinstance(batch, int) or batch < 1:
        raise InputError(f"a pass needs at least one token and one sequence, not {length} and {shown(batch)}")
    positions, width = length + 1, weights.token_embedding.shape[1]  # BOS in front
    sizes = [
        (layer.w_q.shape[0] * layer.w_q.shape[2], layer.w_in.shape[1]) for layer in weights.layers
    ]  # of all heads together, and of the neurons
    dims, neurons = (sum(each) for each in zip(*sizes, strict=True)) if sizes else (0, 0)
    attention = 4 * width * dims + 2 * positions * dims  # four matrices; scores and what they weigh
    multiplications = positions * (attention + 2 * width * neurons)
    operations = 2 * (multiplications + length * weights.unembedding.size)
    whole, item = size(weights), weights.token_embedding.dtype.itemsize
    cache = 2 * dims * item
    read = whole.parameters * item + batch * positions * cache
    return Running(
        length,
        batch,
        operations,
        operations / length,
        whole.parameters * item,
        cache,
        batch * operations / read,
        whole.nonzeros / whole.parameters,
        needed(weights, batch, positions),
    )
