"""From a compiled model to one whose weights look trained, with the same circuit: strict training by
interchange interventions (SIIT), after InterpBench.

The new model has the same heads and MLPs on a wider stream in which every direction mixes all columns, and
its weights begin far off. It is trained to answer as the soft model does, also when a head's or an MLP's
output is swapped for that on another input: so each part of it comes to do what the part of that name does in
the soft model, and a part that does nothing there may do nothing here (that is what is strict about it).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from compiler.lab.patching import EMBEDDING, Stream, run, undisturbed
from compiler.lab.training import Teller, descend, extra, falling, whole
from compiler.underway import Told
from rasp.errors import InputError
from runtime.inspection.circuit import Part, to_json
from runtime.model import Model
from runtime.saving import storage
from runtime.saving.certificate import Certificate
from runtime.saving.folders import replace_folder
from runtime.transformer.rotating import carried, directed, orthogonal
from runtime.weights import Layer, Weights

INPUTS, OTHERS, BATCH, STEPS, RATE = 2_048, 256, 128, 2_000, 1e-3
WIDER, NOISE = 1.5, 0.1
"""How much wider the stream is, and how far every weight begins from where it was, as a share of itself."""

ALIGNMENT = "alignment.json"


@dataclass(frozen=True, eq=False)
class Realistic:
    """A `model` that was trained to have the circuit of `soft`: the share of tokens on which both answer
    alike, `accuracy`, and for each part the share on which they do so after its output is swapped,
    `agreement`.
    """

    soft: Model = field(repr=False)
    model: Model = field(repr=False)
    accuracy: float
    agreement: Mapping[Part, float]

    def save(self, folder: str | Path) -> None:
        """Write the model to `folder`, and how its parts stand to those of the soft one as alignment.json.

        Raises ModelError if the folder cannot be written or holds something else.
        """
        model = self.model
        files = storage.contents(model.config, model.weights, model.certificate, model.program)
        told = {
            "accuracy": self.accuracy,
            "agreement": {" ".join(map(str, part)): share for part, share in self.agreement.items()},
            "connections": to_json(self.soft.connections()),
        }
        files[ALIGNMENT] = (json.dumps(told, indent=1) + "\n").encode()
        replace_folder(Path(folder), files, storage.PROGRAM)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Inputs and others of the same lengths: ids [B, T] and lengths [B]."""

    ids: NDArray[np.int32]
    other: NDArray[np.int32]
    lengths: NDArray[np.int32]


def realistic(
    soft: Model, steps: int = STEPS, seed: int = 0, noise: float = NOISE, progress: Told | None = None
) -> Realistic:
    """Train a model with distributed weights and the circuit of a `soft` one, in so many `steps`, from
    weights that are off by so much `noise`, a share of each. The same call gives the same numbers on one
    machine.

    Raises InputError for an exact model or a number that makes no sense, RaspError without the extra `lab`.
    """
    if soft.config.style != "soft":
        raise InputError("training begins from a soft model", hint="compile with style='soft'")
    whole("steps", steps)
    whole("seed", seed, 0)
    extra()
    start = begun(soft, noise, seed)
    parts = [part for part in soft.connections().nodes if part[0] in ("head", "mlp")]
    known, others = pairs(soft, INPUTS, seed), pairs(soft, OTHERS, seed + 1)
    ids, other, lengths = (jnp.asarray(each) for each in (known.ids, known.other, known.lengths))
    teacher = jax.tree.map(jnp.asarray, soft.weights)

    def loss(weights: Weights, key: Any) -> Any:
        first, second = jax.random.split(key)
        rows = jax.random.randint(first, (BATCH,), 0, len(ids))
        chosen = jax.nn.one_hot(jax.random.randint(second, (BATCH,), 0, len(parts) + 1), len(parts) + 1)
        batch = (ids[rows], other[rows], lengths[rows])
        wanted = swapped(teacher, soft, batch, parts, chosen).argmax(-1)
        said = jax.nn.log_softmax(swapped(weights, soft, batch, parts, chosen))
        there = jnp.asarray(jnp.arange(wanted.shape[1])[None] < lengths[rows][:, None], jnp.float32)
        return -(jnp.take_along_axis(said, wanted[..., None], -1)[..., 0] * there).sum() / there.sum()

    teller, learned = Teller(progress, steps), start
    for point in descend(loss, start, falling(RATE, steps), steps, jax.random.PRNGKey(seed)):
        learned = point.parameters
        teller.tell(point.taken, f"a loss of {float(point.losses):.4f}")
    agreement = {part: alike(soft, learned, others, parts, number) for number, part in enumerate(parts)}
    accuracy = alike(soft, learned, others, parts, len(parts))
    return Realistic(soft, _model(soft, learned, accuracy), accuracy, agreement)


def begun(soft: Model, noise: float, seed: int) -> Weights:
    """The soft weights on a wider stream in which every direction mixes all columns, each off by some."""
    width = soft.config.width
    matrix = orthogonal(int(WIDER * width) + 1, seed)[:width]
    source = np.random.default_rng(seed)

    def off(array: Any) -> Any:
        scale = np.abs(array).mean() if array.size else 0.0
        moved = array * (1 + noise * source.standard_normal(array.shape))
        return jnp.asarray(moved + 0.1 * noise * scale * source.standard_normal(array.shape), jnp.float32)

    weights = carried(soft.weights, matrix)
    layers = tuple(
        Layer(**{name: off(array) for name, array in vars(layer).items()}) for layer in weights.layers
    )
    others = {name: off(array) for name, array in vars(weights).items() if name != "layers"}
    return Weights(layers=layers, **others)


def pairs(model: Model, count: int, seed: int) -> Pairs:
    """So many random pairs, of all lengths."""
    rng = np.random.default_rng(seed)
    longest = model.config.max_length
    lengths = rng.integers(1, 1 + longest, count, dtype=np.int32)
    shape = (2, count, longest)
    drawn = rng.integers(1, 1 + len(model.config.vocab), shape, dtype=np.int32)
    drawn = np.where(np.arange(longest)[None, None] < lengths[None, :, None], drawn, 0)
    first, second = (np.pad(each, ((0, 0), (1, 0))).astype(np.int32) for each in drawn)
    return Pairs(first, second, lengths)


def swapped(
    weights: Weights, soft: Model, batch: tuple[Any, Any, Any], parts: list[Part], chosen: Any
) -> Any:
    """The logits on inputs if the outputs of the chosen parts were those on the others: `chosen` [B, P] holds
    1 for those of each input, in the order of `parts`.
    """
    ids, other, lengths = batch
    causal = soft.config.causal
    _, theirs = run(weights, other, causal, undisturbed, jnp, lengths=lengths)
    place = {part: number for number, part in enumerate(parts)}

    def reading(_part: Part, _role: str, stream: Stream) -> Any:
        return stream.again(
            {
                part: mine
                if part == EMBEDDING
                else mine + chosen[:, place[part], None, None] * (theirs[part] - mine)
                for part, mine in stream.written.items()
            }
        )

    return run(weights, ids, causal, reading, jnp, lengths=lengths)[0]


def alike(soft: Model, weights: Weights, others: Pairs, parts: list[Part], number: int) -> float:
    """The share of tokens on which both models answer alike after the part of that number is swapped."""
    chosen = np.eye(len(parts) + 1, dtype=np.float32)[None, number]
    batch = (others.ids, others.other, others.lengths)
    teacher = jax.tree.map(jnp.asarray, soft.weights)
    one, two = (np.asarray(swapped(w, soft, batch, parts, chosen)).argmax(-1) for w in (teacher, weights))
    there = np.arange(one.shape[1])[None] < others.lengths[:, None]
    return float((one == two)[there].mean())


def _model(soft: Model, learned: Weights, accuracy: float) -> Model:
    weights = jax.tree.map(np.asarray, learned)
    config = directed(soft.config, weights, "a direction of a trained stream")
    said = f"not certified: trained to the circuit of a soft model, {accuracy:.2%} of tokens answered alike"
    return Model(config, weights, Certificate(False, said), soft.program)
