"""A model ready to answer: `Model` is what compiling and loading give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import networkx as nx
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from numpy.typing import NDArray

from rasp.errors import InputError
from runtime.inspection import circuit, intervention
from runtime.inspection.intervention import Change
from runtime.inspection.trace import Trace
from runtime.places import apart
from runtime.saving import storage
from runtime.saving.certificate import NOT_CERTIFIED, Certificate
from runtime.transformer import batching, forward, generation, tokens
from runtime.weights import Array, Atom, Config, Size, Weights, check, size

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runtime.view import Source, View

SHOWN_NONZEROS = 50_000
SHOWN_TOKENS = 6
"""What a notebook shows of a model by itself: no page with more weights, and so long an input."""


def no_sources(_: Config) -> Sequence[Source]:
    """Of a model that was loaded: its own program is all that is known."""
    return ()


@dataclass(frozen=True, eq=False)
class Model:
    """A transformer and everything it needs to answer: call it with a string or a list of tokens.

    `program` is the text of the RASP program that it computes; `sources` finds what else views show of where
    it came from, such as the text that the user wrote. Raises ModelError if the weights do not fit
    the configuration; every method that takes an input raises InputError if the model cannot take it.
    """

    config: Config
    weights: Weights = field(repr=False)
    certificate: Certificate = field(default=NOT_CERTIFIED, repr=False)
    program: str = field(default="", repr=False)
    sources: Callable[[Config], Sequence[Source]] = field(default=no_sources, repr=False)

    def __post_init__(self) -> None:
        check(self.config, self.weights)

    def __call__(self, inputs: object) -> list[Atom]:
        """The answer at each position of the input."""
        return self.batch([inputs])[0]

    def batch(self, inputs: Iterable[object]) -> list[list[Atom]]:
        """The answers to many inputs, each the same as on its own."""
        encoded = self._encode_batch(inputs)
        results: list[list[Atom]] = [[] for _ in encoded]
        for places, logits in self._run_batch(encoded):
            lengths = [len(encoded[place]) for place in places]
            answers = tokens.decode_batch(self.config.output, logits, lengths)
            for place, answer in zip(places, answers, strict=True):
                results[place] = answer
        return results

    def logits(self, inputs: object) -> Array:
        """The logits [n, L] at the positions of one input of n tokens."""
        return self.batch_logits([inputs])[0]

    def batch_logits(self, inputs: Iterable[object]) -> list[Array]:
        """The logits [n, L] of each of many inputs."""
        encoded = self._encode_batch(inputs)
        results: list[Array] = [np.empty(0)] * len(encoded)
        for places, logits in self._run_batch(encoded):
            for place, row in zip(places, logits, strict=True):
                results[place] = row[: len(encoded[place])]
        return results

    def _encode_batch(self, inputs: Iterable[object]) -> list[list[int]]:
        problem = "a batch is a list of inputs, each a string or a list of tokens"
        if isinstance(inputs, str | bytes):
            raise InputError(problem)
        try:
            each = iter(inputs)
        except TypeError:  # an array without dimensions has __iter__ too
            raise InputError(problem) from None
        return [self.encode(one) for one in each]

    def _run_batch(self, encoded: list[list[int]]) -> Iterator[tuple[tuple[int, ...], Array]]:
        """Places of inputs that ran together, and their padded logits [B, T, L]."""
        lengths = [len(ids) for ids in encoded]
        for chunk in batching.chunks(self.weights, lengths, self.config.max_length):
            rows = [encoded[place] for place in chunk.places]
            logits = self.run(*tokens.padded(rows, chunk.rows, chunk.size))
            yield chunk.places, logits[: len(chunk.places)]

    def encode(self, inputs: object) -> list[int]:
        """The input's token ids: 1 + the place in the vocabulary."""
        return tokens.encode(self.config, self._ids, inputs)

    def run(self, ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> Array:
        """Logits [B, T - 1, L] for ids [B, T] with BOS (0) in front and 0 after each input's length.

        For sweeps that make their own ids: nothing is checked, and each new shape is compiled. The batch
        is spread over all of JAX's devices, filled up with empty rows to divide evenly.
        """
        rows = len(ids)
        missing = -rows % device_mesh().size
        filled = np.pad(ids, ((0, missing), (0, 0))), np.pad(lengths, (0, missing))
        with self.precision():
            spread = [jax.device_put(array, sharding("batch")) for array in filled]
            logits = np.asarray(forward.run(self.device_weights, *spread, causal=self.config.causal))
        return logits[:rows]

    def trace(self, inputs: object) -> Trace:
        """Every activation of the forward pass on one input."""
        encoded = self.encode(inputs)
        count = len(encoded)
        ids, lengths = tokens.padded([encoded], 1, batching.padded_size(count, self.config.max_length))
        with self.precision():
            recorded = forward.run_recording(self.device_weights, ids, lengths, causal=self.config.causal)
            activations = {name: np.asarray(value)[0] for name, value in recorded.items()}
        trimmed = {name: trim(name, value, count) for name, value in sorted(activations.items())}
        answers = tokens.decode(self.config.output, trimmed["logits"])
        said = tuple(self.config.vocab[index - 1] for index in encoded)
        return Trace(said, tuple(answers), self.config, trimmed, self.program)

    def generate(self, prompt: object, steps: int, stop: Sequence[Atom] = ()) -> list[Atom]:
        """The next `steps` tokens after the prompt, fewer if one of `stop` comes (it is the last, then).

        Raises InputError if the model is not causal, an output is no token of the vocabulary, or the
        sequence grows longer than the model takes.
        """
        return list(self.stream(prompt, steps, stop))

    def stream(self, prompt: object, steps: int, stop: Sequence[Atom] = ()) -> Iterator[Atom]:
        """`generate`, one token at a time."""
        return generation.stream(self, prompt, steps, stop)

    def intervene(self, inputs: object, changes: Change) -> list[Atom]:
        """The answers if some s-ops had other values: `changes` gives, by the name of an s-op that the model
        was compiled to keep, its value at every position, or a dict of values by position.

        Raises InputError for an s-op that was not kept, a value that it cannot have, or a wrong position.
        """
        return intervention.intervene(self.config, self.weights, self.encode(inputs), changes)

    def circuit(self) -> nx.MultiDiGraph:
        """The true circuit, read off the weights (`runtime.inspection.circuit`), every column on its own."""
        return circuit.circuit(self.apart.config, self.apart.weights)

    def connections(self) -> nx.DiGraph:
        """Between every two parts of the model: whether the first carries anything to the second."""
        return circuit.connections(self.apart.config, self.apart.weights)

    def view(self, inputs: object) -> View:
        """A page on which the model can be watched at work on an input, which can be changed there."""
        from runtime import view

        return view.view(self, inputs)

    def plot(self, inputs: object) -> Figure:
        """Attention and residual columns on an input as a matplotlib figure (the extra `plot`)."""
        from runtime.inspection import plot

        return plot.plot(self, inputs)

    def _repr_html_(self) -> str | None:
        """What notebooks show: the page on a small input, unless it would be large."""
        if self.size.nonzeros > SHOWN_NONZEROS:
            return None
        tokens = [*self.config.vocab, *self.config.vocab][: min(self.config.max_length, SHOWN_TOKENS)]
        return self.view(tokens)._repr_html_()

    @cached_property
    def apart(self) -> Model:
        """The same model with a place of its own for every column (see `runtime.places`), to look at or to
        export. Raises ModelError if columns share places in a way that cannot be undone.
        """
        if not self.config.places:
            return self
        config, weights = apart(self.config, self.weights)
        return replace(self, config=config, weights=weights)

    @property
    def size(self) -> Size:
        """How many layers, heads, columns and entries the model has."""
        return size(self.weights)

    def save(self, folder: str | Path) -> None:
        """Write the model to a folder, at once or not at all, replacing the model that is there.

        Raises ModelError if the folder cannot be written or holds something that is not a model.
        """
        storage.save(folder, self.config, self.weights, self.certificate, self.program)

    @cached_property
    def device_weights(self) -> Weights:
        """The weights on JAX's devices."""
        with self.precision():
            placed: Weights = jax.device_put(self.weights, sharding())
            return placed

    def precision(self) -> AbstractContextManager[Any]:
        """JAX's 64-bit types, for the time of one call, if the model needs them."""
        if self.config.dtype == "float64":
            wide: AbstractContextManager[Any] = jax.enable_x64(True)
            return wide
        return nullcontext()

    def token_id(self, token: object) -> int | None:
        """The id of the token that an answer means, None if it is not in the vocabulary. Numbers are compared
        by value: models of numbers do not tell 1 from 1.0.
        """
        return self._ids.equal_to(token)

    @cached_property
    def _ids(self) -> tokens.TokenIds:
        return tokens.token_ids(self.config)


def load(folder: str | Path, max_bytes: int = storage.MAX_BYTES) -> Model:
    """The model saved in a folder. Runs no code from it and reads at most `max_bytes` of weights.

    Raises ModelError if it is missing, damaged or inconsistent.
    """
    return Model(*storage.load(folder, max_bytes))


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
