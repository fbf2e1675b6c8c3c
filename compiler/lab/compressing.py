"""Compression after Tracr's section 5: all weights stay as they are, and the residual stream of D columns is
squeezed into d directions by a matrix W that is learned. Every part reads W applied to what others have
written through W's transpose; so columns that are seldom needed together come to share directions.

A part reads the sum of what was written, times W W^T: the overlap of columns is all that counts.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from compiler.lab.patching import EMBEDDING, run, undisturbed
from compiler.lab.training import Teller, descend, extra, falling, whole
from compiler.underway import Told
from rasp.errors import InputError
from rasp.graph.atoms import shown
from rasp.inputs import random_inputs
from rasp.words import Atom
from runtime.inspection.circuit import Part
from runtime.model import Model
from runtime.saving import storage
from runtime.saving.certificate import Certificate
from runtime.saving.folders import refuse_unwritable, replace_folder
from runtime.transformer import tokens
from runtime.transformer.rotating import carried, directed
from runtime.weights import Array

Start = Literal["principal", "random"]
"""Where W begins: at the directions in which the stream varies most, or anywhere."""

STEPS, BATCH, RATE = 6_000, 64, 1e-2
LAYERS = 3.0
"""The weight of the loss on what parts write, beside that on answers."""

FINAL = 6
"""One step for so many before is taken at the end, on answers alone and with all inputs, by seeds that do not
answer all tokens as they should.
"""
FINAL_RATE = 1e-3

NOISE = 0.01
"""How far each seed begins from the principal directions."""

MOST = 600
"""All inputs up to the greatest length are used if they are no more, else so many of them."""

COMPRESSION = "compression.json"


@dataclass(frozen=True, eq=False)
class Squeezed:
    """What one `seed` came to: `projection` is W, [D, d]; `accuracy` the share of tokens answered right;
    `output_loss` the cross entropy of the answers and `layer_loss` the squared error of what parts write;
    `cosines` how nearly each part writes in its old direction, by the part; `curve` the loss now and then.
    """

    seed: int
    projection: Array = field(repr=False)
    accuracy: float
    output_loss: float
    layer_loss: float
    cosines: Mapping[Part, float]
    curve: tuple[float, ...] = field(repr=False)

    @property
    def overlap(self) -> Array:
        """W W^T, [D, D]: how much of each column is read where another was written."""
        found: Array = self.projection @ self.projection.T
        return found


@dataclass(frozen=True, eq=False)
class Compression:
    """A model in fewer directions: `original` is the model that was compressed, `d` the directions, `seeds`
    what each seed came to, `inputs` on how many inputs accuracy was measured.
    """

    original: Model
    d: int
    seeds: tuple[Squeezed, ...]
    inputs: int

    @property
    def best(self) -> Squeezed:
        """The seed with the most tokens right, of several the one with the least loss."""
        return max(self.seeds, key=lambda each: (each.accuracy, -each.output_loss))

    @property
    def accuracy(self) -> float:
        """The mean over the seeds of the share of tokens that are right."""
        return float(np.mean([each.accuracy for each in self.seeds]))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the D columns, in the order of `overlap` and `projection`."""
        return tuple(column.name for column in self.original.config.columns)

    @cached_property
    def model(self) -> Model:
        """The best seed's model: it runs, saves and exports as any other, with d places in its stream."""
        weights = carried(self.original.weights, self.best.projection)
        config = directed(self.original.config, weights, "a direction of a compressed stream")
        said = (
            f"not certified: compressed from {self.original.config.width} to {self.d} directions, "
            f"{self.best.accuracy:.2%} of tokens right on {self.inputs} inputs"
        )
        return Model(config, weights, Certificate(False, said), self.original.program)

    def __str__(self) -> str:
        rows = [
            f"{each.seed:4d}  {each.accuracy:8.2%}  {each.output_loss:9.4f}  {each.layer_loss:9.4f}  "
            f"{np.mean([*each.cosines.values()] or [1.0]):7.3f}"
            for each in self.seeds
        ]
        return "\n".join(
            [
                f"{self.original.config.width} columns in {self.d} directions, on {self.inputs} inputs: "
                f"{self.accuracy:.2%} of tokens right (best {self.best.accuracy:.2%})",
                "seed    tokens    answers      parts   cosine",
                *rows,
            ]
        )

    def facts(self) -> dict[str, Any]:
        """The result as plain data, with the best seed's projection."""
        return {
            "columns": list(self.columns),
            "d": self.d,
            "inputs": self.inputs,
            "accuracy": self.accuracy,
            "best": self.best.seed,
            "projection": np.asarray(self.best.projection, np.float64).tolist(),
            "seeds": [
                {
                    "seed": each.seed,
                    "accuracy": each.accuracy,
                    "output_loss": each.output_loss,
                    "layer_loss": each.layer_loss,
                    "cosines": {" ".join(map(str, part)): value for part, value in each.cosines.items()},
                }
                for each in self.seeds
            ],
        }

    def save(self, folder: str | Path) -> None:
        """Write the best seed's model to `folder`, and all facts as compression.json.

        Raises ModelError if the folder cannot be written or holds something else.
        """
        model = self.model
        files = storage.contents(model.config, model.weights, model.certificate, model.program)
        text = json.dumps(self.facts(), indent=1) + "\n"
        replace_folder(Path(folder), {**files, COMPRESSION: text.encode()}, storage.PROGRAM)


def compress(
    model: Model,
    d: int,
    seeds: int = 10,
    start: Start = "principal",
    steps: int = STEPS,
    first: int = 0,
    progress: Told | None = None,
) -> Compression:
    """Compress the residual stream of a soft `model`, as section 5 of the Tracr paper does.

    The weights stay as they are; a projection to `d` directions is learned in so many `steps`, from so many
    `seeds` (numbered from `first`), so that answers and what each part writes stay the same. `start`:
    "principal", where the stream varies most, or "random". Seeds that then answer some token otherwise take a
    sixth of the steps more, on answers alone. `progress` is told of the steps. The same call
    gives the same numbers on one machine.

    Raises InputError for a model that is not soft or a number that makes no sense, RaspError without the
    extra `lab`.
    """
    refuse(model, d, seeds, start, steps, first)
    extra()
    task = Task.of(model)
    starts = jnp.stack([_start(task, d, start, seed) for seed in range(first, first + seeds)])
    teller = Teller(progress, steps + steps // FINAL)
    key = jax.random.PRNGKey(first)
    points = []
    for point in descend(task.loss, starts, falling(RATE, steps), steps, key, runs=True):
        points.append(replace(point, state=None))
        teller.tell(point.taken, f"a loss of {point.losses.mean():.4f}")
    learned = np.asarray(points[-1].parameters)
    found = [
        task.squeezed(first + n, learned[n], [float(point.losses[n]) for point in points])
        for n in range(seeds)
    ]
    wrong = [n for n, each in enumerate(found) if each.accuracy < 1]
    for n, better in zip(wrong, _final(task, [found[n] for n in wrong], steps, teller), strict=True):
        found[n] = better
    return Compression(model, d, tuple(found), len(task.ids))


def _final(task: Task, found: Sequence[Squeezed], steps: int, teller: Teller) -> list[Squeezed]:
    """What comes of some steps more on answers alone; what was there before where that is no better."""
    last = steps // FINAL
    if not found or not last:
        return [*found]
    starts = jnp.stack([jnp.asarray(each.projection) for each in found])
    learned = starts
    for point in descend(
        task.answer_loss, starts, falling(FINAL_RATE, last), last, jax.random.PRNGKey(0), runs=True
    ):
        learned = point.parameters
        teller.tell(steps + point.taken, f"a loss of {point.losses.mean():.4f} on answers")
    after = [
        task.squeezed(each.seed, w, each.curve) for each, w in zip(found, np.asarray(learned), strict=True)
    ]
    return [max(both, key=lambda each: each.accuracy) for both in zip(found, after, strict=True)]


def refuse(
    model: object,
    d: object,
    seeds: object = 1,
    start: object = "principal",
    steps: object = 1,
    first: object = 0,
) -> None:
    """Raise InputError for what cannot be compressed, or not so."""
    if not isinstance(model, Model) or model.config.style != "soft":
        raise InputError(
            "only a soft model can be compressed: an exact one rounds the columns that it is written in",
            hint="compile with style='soft', best with basis='one-hot'",
        )
    width = model.config.width
    if isinstance(d, bool) or not isinstance(d, int) or not 1 <= d <= width:
        raise InputError(f"the stream of {width} columns has 1 to {width} directions, not {shown(d)}")
    whole("seeds", seeds)
    whole("steps", steps)
    whole("first", first, 0)
    if start not in ("principal", "random"):
        raise InputError(f"there is no start {shown(start)}", hint="use principal or random")


def refuse_folder(model: Model, folder: Path) -> None:
    """Raise ModelError where a compression of `model` could not be saved to `folder`."""
    names = storage.contents(model.config, model.weights, model.certificate, model.program)
    refuse_unwritable(folder, [*names, COMPRESSION], storage.PROGRAM)


def some_inputs(model: Model) -> list[list[Atom]]:
    """All inputs up to the greatest length if they are few, else some of them."""
    vocab, longest = model.config.vocab, model.config.max_length
    if sum(len(vocab) ** n for n in range(1, longest + 1)) > MOST:
        return random_inputs(Random(0), vocab, longest, MOST)
    return [list(one) for n in range(1, longest + 1) for one in itertools.product(vocab, repeat=n)]


@dataclass(frozen=True, eq=False)
class Task:
    """A model on inputs: what it answers and writes there, to be written again in fewer directions."""

    model: Model
    ids: NDArray[np.int32]
    lengths: NDArray[np.int32]
    weights: Any
    answers: Any
    written: Mapping[Part, Any]
    stream: Array
    """What parts read, at all positions of inputs, [any, D]."""

    @classmethod
    def of(cls, model: Model) -> Task:
        """The task of a model."""
        encoded = [model.encode(one) for one in some_inputs(model)]
        ids, lengths = tokens.padded(encoded, len(encoded), 1 + model.config.max_length)
        there, seen = _there(ids, lengths), list[Any]()

        def reading(part: Part, role: str, stream: Any) -> Any:
            seen.append(np.asarray(stream.total)[there])
            return undisturbed(part, role, stream)

        logits, written = run(model.weights, ids, model.config.causal, reading, lengths=lengths)
        parts = {part: jnp.asarray(each) for part, each in written.items() if part != EMBEDDING}
        weights = jax.tree.map(jnp.asarray, model.weights)
        return cls(model, ids, lengths, weights, logits.argmax(-1), parts, np.concatenate(seen))

    @property
    def there(self) -> NDArray[np.bool_]:
        """Where an input has a token or BOS, [B, T]."""
        return _there(self.ids, self.lengths)

    def some(self, rows: Any) -> Task:
        """The same with these inputs only, by their numbers."""
        written = {part: each[rows] for part, each in self.written.items()}
        drawn: list[Any] = [jnp.asarray(each)[rows] for each in (self.ids, self.lengths, self.answers)]
        ids, lengths, answers = drawn
        return replace(self, ids=ids, lengths=lengths, answers=answers, written=written)

    def squeeze(self, w: Any) -> tuple[Any, Mapping[Part, Any]]:
        """Logits, and what each part writes, if the stream goes through W."""
        overlap = w @ w.T

        def reading(_part: Part, _role: str, stream: Any) -> Any:
            return stream.total @ overlap

        return run(self.weights, self.ids, self.model.config.causal, reading, jnp, lengths=self.lengths)

    def surprise(self, logits: Any) -> Any:
        """The cross entropy of each answer, [B, T - 1]."""
        said = jax.nn.log_softmax(logits)
        return -jnp.take_along_axis(said, self.answers[..., None], -1)[..., 0]

    def losses(self, logits: Any, written: Mapping[Part, Any]) -> tuple[Any, Any]:
        """The cross entropy of the answers, and the mean squared error of what a part writes."""
        there = jnp.asarray(self.there, jnp.float32)
        output = (self.surprise(logits) * there[:, 1:]).sum() / there[:, 1:].sum()
        errors = [jnp.square(written[part] - old).sum(-1) * there for part, old in self.written.items()]
        return output, sum(e.sum() for e in errors) / there.sum() / max(len(errors), 1)

    def loss(self, w: Any, key: Any) -> Any:
        """What is made small: the loss on some inputs that are drawn by a key."""
        some = self.some(jax.random.randint(key, (min(BATCH, len(self.ids)),), 0, len(self.ids)))
        output, parts = some.losses(*some.squeeze(w))
        return output + LAYERS * parts

    def answer_loss(self, w: Any, _key: Any) -> Any:
        """The root of the mean square of all answers' cross entropy: the few that are wrong weigh most."""
        logits, _ = self.squeeze(w)
        there = jnp.asarray(self.there, jnp.float32)[:, 1:]
        mean = (jnp.square(self.surprise(logits)) * there).sum() / there.sum()
        return jnp.sqrt(mean + 1e-12)

    def squeezed(self, seed: int, w: Array, curve: Sequence[float]) -> Squeezed:
        """What a seed came to."""
        logits, written = self.squeeze(jnp.asarray(w))
        output, parts = self.losses(logits, written)
        there = self.there
        right = (np.asarray(logits).argmax(-1) == np.asarray(self.answers))[there[:, 1:]]
        cosines = {
            part: cosine(np.asarray(written[part])[there], np.asarray(old)[there])
            for part, old in self.written.items()
        }
        return Squeezed(seed, w, float(right.mean()), float(output), float(parts), cosines, tuple(curve))


def _there(ids: NDArray[np.int32], lengths: NDArray[np.int32]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.arange(ids.shape[1])[None] <= lengths[:, None]
    return found


def cosine(one: Array, other: Array) -> float:
    """The mean cosine between rows; rows that are 0 in one of the two are left out."""
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    some = lengths > 1e-9
    return float(((one * other).sum(-1)[some] / lengths[some]).mean()) if some.any() else 1.0


def _start(task: Task, d: int, start: Start, seed: int) -> Any:
    """Where a seed's W begins, [D, d]."""
    noise = np.random.default_rng(seed).standard_normal((task.stream.shape[1], d))
    if start == "random":
        return jnp.asarray(noise / np.sqrt(d), jnp.float32)
    moments = task.stream.T.astype(np.float64) @ task.stream
    directions = np.linalg.eigh(moments)[1][:, ::-1][:, :d]
    return jnp.asarray(directions + NOISE * noise, jnp.float32)
