"""Alignment search, a baseline: where in a stream whose directions mean nothing does an s-op live?

After distributed alignment search (DAS): a subspace of the stream is learned, so that swapping what lies in
it between two inputs answers as the program does if the s-op had the other input's values. Of a soft model
that was turned or compressed the truth is known: the subspace to which the s-op's columns were taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from compiler.lab.training import Teller, descend, extra, falling
from compiler.underway import Told
from rasp.errors import InputError
from runtime.model import Model
from runtime.transformer import numpy_forward, tokens
from runtime.transformer.forward import forward
from runtime.weights import Array, Kept, LabelOutput

PAIRS, STEPS, RATE = 256, 400, 1e-2


@dataclass(frozen=True, eq=False)
class Swaps:
    """Pairs of inputs, and the right answers to the first if the s-op had the second's values: `ids` and
    `lengths` of the first, `other` [B, T, d] the stream of the second at the sublayer, `wanted` [B, T - 1].
    """

    ids: NDArray[np.int32]
    lengths: NDArray[np.int32]
    other: Array
    wanted: NDArray[np.int64]

    @property
    def there(self) -> NDArray[np.bool_]:
        """Where an answer is, [B, T - 1]."""
        found: NDArray[np.bool_] = np.arange(self.wanted.shape[1])[None] < self.lengths[:, None]
        return found


@dataclass(frozen=True, eq=False)
class Task:
    """An s-op to be found in `hidden`, a model, after `sublayer`: in the subspace `truth`, [d, k] with
    orthonormal columns. `known` are swaps to learn from, `others` those to be measured on.
    """

    hidden: Model
    sublayer: int
    truth: Array = field(repr=False)
    known: Swaps = field(repr=False)
    others: Swaps = field(repr=False)


@dataclass(frozen=True, eq=False)
class Aligned:
    """What was found: `subspace` [d, k]; the shares of tokens that are right after swaps in it, in the true
    one, and without a swap; and `overlap`, how much of it lies in the true one, from 0 to 1.
    """

    subspace: Array = field(repr=False)
    right: float
    truth: float
    untouched: float
    overlap: float


def task(model: Model, name: str, matrix: Array, hidden: Model, pairs: int = PAIRS, seed: int = 0) -> Task:
    """The s-op of that name, which `model` keeps, hidden in a model whose stream is `model`'s taken through
    `matrix` [D, d].

    Raises InputError if the model keeps no such s-op.
    """
    kept = next((one for one in model.config.kept if one.name == name), None)
    if kept is None or not isinstance(model.config.output, LabelOutput):
        raise InputError(f"the model keeps no s-op {name!r}", hint=f"compile with keep=[{name!r}]")
    sublayer = max(model.config.columns[column].written for column in kept.columns)
    truth, _ = np.linalg.qr(matrix[list(kept.columns)].T)
    rng = Random(seed)
    made = [_swaps(model, kept, sublayer, hidden, pairs, rng) for _ in range(2)]
    return Task(hidden, sublayer, truth, *made)


def _swaps(model: Model, kept: Kept, sublayer: int, hidden: Model, pairs: int, rng: Random) -> Swaps:
    config = model.config
    lengths = [rng.randint(1, config.max_length) for _ in range(pairs)]
    first, second = ([rng.choices(config.vocab, k=n) for n in lengths] for _ in range(2))
    values = _values(model, kept, sublayer, second)
    answers = model.batch_intervene(first, [{kept.name: each} for each in values])
    assert isinstance(config.output, LabelOutput)
    label = {value: n for n, value in enumerate(config.output.labels)}
    wanted = np.zeros((pairs, config.max_length), np.int64)
    for row, answer in enumerate(answers):
        wanted[row, : len(answer)] = [label[value] for value in answer]
    ids, sizes = tokens.padded([model.encode(one) for one in first], pairs, 1 + config.max_length)
    return Swaps(ids, sizes, _stream(hidden, sublayer, second), wanted)


def _stream(model: Model, sublayer: int, inputs: list[list[Any]]) -> Array:
    """The residual stream after a sublayer, [B, T, d]."""
    seen: list[Array] = []

    def see(x: Array) -> Array:
        seen.append(x)
        return x

    encoded = [model.encode(one) for one in inputs]
    ids, lengths = tokens.padded(encoded, len(encoded), 1 + model.config.max_length)
    numpy_forward.forward(model.weights, ids, lengths, model.config.causal, {sublayer: see})
    return seen[0]


def _values(model: Model, kept: Kept, sublayer: int, inputs: list[list[Any]]) -> list[list[Any]]:
    """The values of a kept s-op at the positions of inputs."""
    held = _stream(model, sublayer, inputs)[..., list(kept.columns)]
    numbers = np.asarray(kept.numbers)
    near = np.square(held[:, :, None, :] - numbers[None, None]).sum(-1).argmin(-1)
    return [
        [kept.values[rank] for rank in row[1 : 1 + len(one)].tolist()]
        for row, one in zip(near, inputs, strict=True)
    ]


def align(task: Task, size: int, steps: int = STEPS, seed: int = 0, progress: Told | None = None) -> Aligned:
    """Look for the s-op in a subspace of so many dimensions. The same call gives the same numbers on one
    machine.

    Raises InputError for a size that the stream does not have, RaspError without the extra `lab`.
    """
    width = task.hidden.config.width
    if not 1 <= size <= width:
        raise InputError(f"a stream of {width} directions has no subspace of {size}")
    extra()
    answer = swapped(task.hidden, task.sublayer, task.known)
    there, wanted = jnp.asarray(task.known.there, jnp.float32), jnp.asarray(task.known.wanted)

    def loss(matrix: Any, _key: Any) -> Any:
        said = jax.nn.log_softmax(answer(jnp.linalg.qr(matrix)[0]))
        return -(jnp.take_along_axis(said, wanted[..., None], -1)[..., 0] * there).sum() / there.sum()

    start = jnp.asarray(np.random.default_rng(seed).standard_normal((width, size)), jnp.float32)
    teller, point = Teller(progress, steps), None
    for point in descend(loss, start, falling(RATE, steps), steps, jax.random.PRNGKey(seed)):
        teller.tell(point.taken, f"a loss of {float(point.losses):.4f}")
    found: Array = np.linalg.qr(np.asarray(start if point is None else point.parameters))[0]
    none = np.zeros((width, 1))
    overlap = float(np.square(found.T @ task.truth).sum() / size)
    return Aligned(found, right(task, found), right(task, task.truth), right(task, none), overlap)


def swapped(model: Model, sublayer: int, swaps: Swaps) -> Callable[[Any], Any]:
    """The logits by the subspace [d, k] in which the stream is the other input's."""
    weights = jax.tree.map(jnp.asarray, model.weights)
    ids, lengths, other = map(jnp.asarray, (swaps.ids, swaps.lengths, swaps.other))

    def logits(subspace: Any) -> Any:
        def hook(name: str, x: Any) -> Any:
            if name != f"residual.{sublayer}":
                return x
            return x + (other - x) @ subspace @ subspace.T

        return forward(weights, ids, lengths, model.config.causal, hook)

    return logits


def right(task: Task, subspace: Array) -> float:
    """The share of tokens that are right after swaps in a subspace."""
    logits = swapped(task.hidden, task.sublayer, task.others)(jnp.asarray(subspace, jnp.float32))
    found = np.asarray(logits).argmax(-1) == task.others.wanted
    return float(found[task.others.there].mean())
