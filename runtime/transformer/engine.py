"""Ids in, logits and answers out: a configuration and weights at work on JAX's devices.

The engine knows nothing of programs, certificates or pages; `runtime.model.Model` adds those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from numpy.typing import NDArray

from rasp.errors import InputError
from runtime.transformer import batching, device, forward, memory, tokens
from runtime.weights import Array, Atom, Config, Weights


@dataclass(frozen=True, eq=False)
class Engine:
    """A transformer that answers. What takes an input raises InputError if the model cannot take it."""

    config: Config
    weights: Weights = field(repr=False)

    def encode(self, inputs: object) -> list[int]:
        """The input's token ids: 1 + the place in the vocabulary."""
        return tokens.encode(self.config, self.ids, inputs)

    def token_id(self, token: object) -> int | None:
        """The id of the token that an answer means, None if it is not in the vocabulary. Numbers are compared
        by value: models of numbers do not tell 1 from 1.0.
        """
        return self.ids.equal_to(token)

    @cached_property
    def ids(self) -> tokens.TokenIds:
        """The ids of the vocabulary's tokens."""
        return tokens.token_ids(self.config)

    def answers(self, inputs: Iterable[object]) -> list[list[Atom]]:
        """The answers to many inputs, each the same as on its own."""
        encoded = self.encoded(inputs)
        results: list[list[Atom]] = [[] for _ in encoded]
        for rows, logits in self._run_batch(encoded):
            lengths = [len(encoded[row]) for row in rows]
            answers = tokens.decode_batch(self.config.output, logits, lengths)
            for row, answer in zip(rows, answers, strict=True):
                results[row] = answer
        return results

    def logits(self, inputs: Iterable[object]) -> list[Array]:
        """The logits [n, L] of each of many inputs."""
        encoded = self.encoded(inputs)
        results: list[Array] = [np.empty(0)] * len(encoded)
        for rows, logits in self._run_batch(encoded):
            for row, padded in zip(rows, logits, strict=True):
                results[row] = padded[: len(encoded[row])]
        return results

    def encoded(self, inputs: Iterable[object]) -> list[list[int]]:
        """The token ids of many inputs. Raises InputError if they are none."""
        problem = "a batch is a list of inputs, each a string or a list of tokens"
        if isinstance(inputs, str | bytes):
            raise InputError(problem)
        try:
            each = iter(inputs)
        except TypeError:  # an array without dimensions has __iter__ too
            raise InputError(problem) from None
        return [self.encode(one) for one in each]

    def _run_batch(self, encoded: list[list[int]]) -> Iterator[tuple[tuple[int, ...], Array]]:
        """Rows of inputs that ran together, and their padded logits [B, T, L]."""
        lengths = [len(ids) for ids in encoded]
        for chunk in batching.chunks(self.weights, lengths, self.config.max_length):
            rows = [encoded[row] for row in chunk.inputs]
            logits = self.run(*tokens.padded(rows, chunk.rows, chunk.size))
            yield chunk.inputs, logits[: len(chunk.inputs)]

    def run(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> Array:
        """Logits [B, T - 1, L] for ids [B, T] with BOS (0) in front and 0 after each input's length.

        For sweeps that make their own ids: nothing is checked, and each new shape is compiled. The batch
        is spread over all of JAX's devices, filled up with empty rows to divide evenly.
        """
        rows = len(ids)
        missing = -rows % device_mesh().size
        memory.require(self.weights, -(-rows // device_mesh().size), ids.shape[1])
        filled = np.pad(ids, ((0, missing), (0, 0))), np.pad(lengths, (0, missing))
        with self.precision():
            spread = [jax.device_put(array, sharding("batch")) for array in filled]
            logits = np.asarray(forward.run(self.device_weights, *spread, causal=self.config.causal))
        return logits[:rows]

    def record(self, encoded: Sequence[list[int]]) -> list[dict[str, Array]]:
        """For each input every activation of the forward pass, by name, without the padding."""
        results: list[dict[str, Array]] = [{} for _ in encoded]
        lengths = [len(ids) for ids in encoded]
        for chunk in batching.chunks(self.weights, lengths, self.config.max_length):
            rows = [encoded[row] for row in chunk.inputs]
            ids, sizes = tokens.padded(rows, chunk.rows, chunk.size)
            memory.require(self.weights, chunk.rows, chunk.size, recorded=True)
            with self.precision():
                recorded = forward.run_recording(self.device_weights, ids, sizes, causal=self.config.causal)
                activations = {name: np.asarray(value) for name, value in sorted(recorded.items())}
            for place, row in enumerate(chunk.inputs):
                results[row] = {
                    name: trim(name, value[place], lengths[row]) for name, value in activations.items()
                }
        return results

    @cached_property
    def device_weights(self) -> Weights:
        """The weights on JAX's devices. Raises ModelError where these do not compute exactly enough."""
        device.require_exact()
        with self.precision():
            placed: Weights = jax.device_put(self.weights, sharding())
            return placed

    def precision(self) -> AbstractContextManager[Any]:
        """JAX's 64-bit types, for the time of one call, if the model needs them."""
        if self.config.dtype == "float64":
            wide: AbstractContextManager[Any] = jax.enable_x64(True)
            return wide
        return nullcontext()


def device_mesh() -> Mesh:
    """All of JAX's devices in a row."""
    return Mesh(np.asarray(jax.devices()), ("batch",))


def sharding(*axes: str) -> NamedSharding:
    """Arrays whose leading dimensions are split over these axes of the mesh; without any, a copy on each."""
    split: Callable[..., PartitionSpec] = PartitionSpec
    return NamedSharding(device_mesh(), split(*axes))


def trim(name: str, activation: Array, count: int) -> Array:
    """One input's activation without the padding: 1 + count positions, for logits count."""
    if name == "logits":
        return activation[:count]
    used = slice(0, 1 + count)
    if name.endswith((".scores", ".pattern")):
        return activation[:, used, used]
    if name.endswith((".queries", ".keys", ".values")):
        return activation[:, used]
    return activation[used]
