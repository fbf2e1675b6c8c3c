"""Training transformers on programs, after section 5 of "Thinking Like Transformers": does one with the
layers and heads that the program foretells learn it, and do its heads attend to what the program selects?
"""

from __future__ import annotations

import io
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import jax
import jax.numpy as jnp
import numpy as np

from compiler.lab.learner import Shape, apply, begun
from compiler.lab.lessons import NONE, Bools, Examples, Lesson, examples
from compiler.lab.training import AT_ONCE, Point, Teller, descend, extra, falling, whole
from compiler.underway import Told
from rasp.errors import InputError, ModelError
from runtime.saving.folders import probe
from runtime.weights import Array

LOOK = 250
"""Steps between two measurements, at which the state is kept, too."""

LOST = 20.0
"""Seconds of work that a stop may lose, about: so long after the last time, the state is kept again."""


@dataclass(frozen=True)
class Recipe:
    """How one trains: on so many `inputs`, measured on `others` that are drawn apart; steps of Adam with
    `batch` inputs each, until `enough` tokens are right or after `steps`; a `rate` that falls to 0, or, with
    `gamma`, by that factor after each epoch. `attention`: the weight of the loss on attention. `at_once`:
    steps that are taken without a look.
    """

    inputs: int = 20_000
    others: int = 1_000
    batch: int = 64
    steps: int = 5_000
    rate: float = 1e-3
    gamma: float | None = None
    enough: float = 0.99
    attention: float = 0.0
    at_once: int = AT_ONCE

    def schedule(self) -> Callable[[Any], Any]:
        """The rate by the step."""
        if self.gamma is None:
            return falling(self.rate, self.steps)
        gamma, epoch = self.gamma, max(1, self.inputs // self.batch)
        return lambda step: self.rate * gamma ** (step // epoch)


SUPERVISED = 100.0
"""The paper's weight of the loss on attention."""

PAPER = tuple(
    Recipe(50_000, 1_000, 50, 100_000, rate, gamma, enough=1.0, at_once=10)
    for rate in (3e-4, 1e-4)
    for gamma in (0.98, 0.99)
)
"""The paper's four runs: 100 epochs of 50,000 inputs. A step takes seconds on a CPU."""

PAPER_WIDTH, PAPER_NEURONS = 256, 512


@dataclass(frozen=True)
class Agreement:
    """How a trained head agrees with a selector of the program, on average over queries: `on_selected`, its
    attention on what is selected, `on_bos`, that on BOS, `share`, how many positions are selected; a selected
    position gets so many `times` what another gets (None where there is no other).
    """

    layer: int
    selector: str
    head: int
    on_selected: float
    on_bos: float
    share: float
    times: float | None


@dataclass(frozen=True, eq=False)
class Trained:
    """What came of a training: shares of tokens and of whole inputs that are right on inputs drawn apart,
    after so many steps; for each selector of the program the head that agrees most.
    """

    shape: Shape
    tokens: float
    sequences: float
    steps: int
    agreement: tuple[Agreement, ...]
    parameters: Any = field(repr=False)
    examples: Examples = field(repr=False)
    """Those on which it was measured."""

    def facts(self) -> dict[str, Any]:
        """The result as plain data."""
        return {
            **asdict(self.shape),
            "tokens": self.tokens,
            "sequences": self.sequences,
            "steps": self.steps,
            "agreement": [asdict(each) for each in self.agreement],
        }

    def line(self) -> str:
        """The result in one line."""
        return (
            f"{self.shape.layers} layer{'s' * (self.shape.layers > 1)}, "
            f"{self.shape.heads} head{'s' * (self.shape.heads > 1)}: {self.tokens:.1%} of tokens, "
            f"{self.sequences:.1%} of inputs right after {self.steps:,} steps"
        )


def train(
    lesson: Lesson,
    shape: Shape,
    recipe: Recipe = Recipe(),
    seed: int = 0,
    progress: Told | None = None,
    keep: Path | None = None,
) -> Trained:
    """Train a transformer of this shape on a lesson. `keep` is a file in which it is kept how far it has
    come, so that a training that was stopped goes on. The same call gives the same numbers on one machine.

    Raises InputError for a program that hardly ever has an answer, for inputs that are too long and for more
    heads than the stream has numbers, ModelError where `keep` cannot be written or is another's, RaspError
    without the extra `lab`.
    """
    whole("seed", seed, 0)
    if shape.heads > shape.width:
        raise InputError(f"a stream of {shape.width} numbers has {shape.width} heads at most")
    extra()
    refuse_kept(keep, lesson, shape, recipe, seed)
    both = examples(lesson, recipe.inputs + recipe.others, seed)
    known, others = both.some(0, recipe.inputs), both.some(recipe.inputs, len(both))
    key = jax.random.PRNGKey(seed)
    start = begun(shape, len(lesson.vocab), lesson.max_length, len(both.values), key)
    teller = Teller(progress, recipe.steps)
    asked = asked_for(lesson, shape, recipe, seed) + both.digest
    point = Point(0, start, None, None)
    tokens = sequences = 0.0
    loss, begun_at = loss_on(known, lesson.causal, recipe), kept(keep, asked)
    rate, at_once = recipe.schedule(), recipe.at_once
    safe = time.monotonic()
    for point in descend(loss, start, rate, recipe.steps, key, begun=begun_at, at_once=at_once):
        looked = point.taken % LOOK == 0 or point.taken == recipe.steps
        if looked:
            tokens, sequences = measured(point.parameters, others, lesson.causal)
        if looked or time.monotonic() - safe >= LOST:
            keep_point(keep, point, asked)
            safe = time.monotonic()
        if tokens >= recipe.enough:
            break
        teller.tell(point.taken, f"{tokens:.1%} of tokens right")
    found = tuple(agreements(point.parameters, others, lesson))
    return Trained(shape, tokens, sequences, point.taken, found, point.parameters, others)


def loss_on(known: Examples, causal: bool, recipe: Recipe) -> Callable[[Any, Any], Any]:
    """The loss on a batch that is drawn by a key: cross entropy of labels, and perhaps the squared error of
    attention.
    """
    ids, labels = jnp.asarray(known.ids), jnp.asarray(known.labels, jnp.int32)
    visible = jnp.asarray(known.visible(causal))
    selected = [[jnp.asarray(each) for each in layer] for layer in known.selected] if recipe.attention else []

    def loss(parameters: Any, key: Any) -> Any:
        rows = jax.random.randint(key, (recipe.batch,), 0, len(ids))
        logits, patterns = apply(parameters, ids[rows], visible[rows])
        there = jnp.asarray(labels[rows] != NONE, jnp.float32)
        right = jnp.maximum(labels[rows], 0)[..., None]
        said = jnp.take_along_axis(jax.nn.log_softmax(logits), right, -1)[..., 0]
        total = -(said * there).sum() / there.sum()
        for pattern, heads in zip(patterns, selected, strict=False):
            for head, wanted in enumerate(heads[: pattern.shape[1]]):
                total = total + recipe.attention * error(pattern[:, head], wanted[rows])
        return total

    return loss


def error(pattern: Any, wanted: Any) -> Any:
    """The mean squared distance of attention from an equal share for all that is selected."""
    target = jnp.asarray(wanted, jnp.float32)
    counts = target.sum(-1, keepdims=True)
    there = jnp.asarray(counts > 0, jnp.float32)
    distance = jnp.square(pattern - target / jnp.maximum(counts, 1.0)) * there
    return distance.sum() / (there.sum() * pattern.shape[-1])


def measured(parameters: Any, others: Examples, causal: bool) -> tuple[float, float]:
    """The shares of tokens and of whole inputs that are right."""
    logits, _ = apply(parameters, jnp.asarray(others.ids), jnp.asarray(others.visible(causal)))
    there = others.labels != NONE
    right = np.asarray(logits).argmax(-1) == others.labels
    return float(right[there].mean()), float((right | ~there).all(-1).mean())


def patterns(found: Trained, causal: bool) -> tuple[int, list[Array]]:
    """An input of middling length by its number, and each layer's attention on it, [H, T, T]."""
    others = found.examples
    middle = int(np.argmin(np.abs(others.lengths - (others.ids.shape[1] + 1) // 2)))
    some = others.some(middle, middle + 1)
    _, learned = apply(found.parameters, jnp.asarray(some.ids), jnp.asarray(some.visible(causal)))
    return middle, [np.asarray(each[0]) for each in learned]


def agreements(parameters: Any, others: Examples, lesson: Lesson) -> Iterator[Agreement]:
    """For each selector of the program the head of its layer that attends most to what it selects."""
    _, patterns = apply(parameters, jnp.asarray(others.ids), jnp.asarray(others.visible(lesson.causal)))
    there = np.arange(others.ids.shape[1])[None] <= others.lengths[:, None]
    layers = zip(patterns, lesson.predicted, others.selected, strict=False)
    for number, (pattern, predicted, selected) in enumerate(layers, start=1):
        for one, chosen in zip(predicted, selected, strict=True):
            each = [
                agreement(number, one.title, head, np.asarray(pattern[:, head]), chosen, there)
                for head in range(pattern.shape[1])
            ]
            yield max(each, key=lambda found: found.on_selected)


def agreement(layer: int, title: str, head: int, pattern: Array, chosen: Bools, there: Bools) -> Agreement:
    """How one head agrees with one selector. `pattern` and `chosen` are [B, T, T], `there` [B, T]."""
    tokens = there.copy()
    tokens[:, 0] = False
    pairs = tokens[:, :, None] & tokens[:, None, :]
    yes, no = pairs & chosen, pairs & ~chosen
    queries = tokens.sum()
    apart = float(pattern[yes].mean() / pattern[no].mean()) if yes.any() and no.any() else None
    return Agreement(
        layer,
        title,
        head,
        float((pattern * yes).sum() / queries),
        float(pattern[..., 0][tokens].mean()),
        float(yes.sum() / pairs.sum()),
        apart if apart is None or math.isfinite(apart) else None,
    )


# What is kept of a training on its way -------------------------------------------------------------


def asked_for(lesson: Lesson, shape: Shape, recipe: Recipe, seed: int) -> str:
    """What a training is told from others by, as far as that is known before there are examples."""
    return repr((lesson.vocab, lesson.max_length, lesson.causal, shape, recipe, seed))


def refuse_kept(file: Path | None, lesson: Lesson, shape: Shape, recipe: Recipe, seed: int) -> None:
    """Raise ModelError where a training cannot be kept in `file`, or it holds another one."""
    if file is None:
        return
    kept(file, asked_for(lesson, shape, recipe, seed))
    try:
        probe(file.parent)
    except OSError as problem:
        raise ModelError(f"cannot write {file}: {problem.strerror}") from None


def keep_point(file: Path | None, point: Point, asked: str) -> None:
    """Write how far a training is, at once or not at all."""
    if file is None:
        return
    leaves: Any = {
        f"leaf{n}": np.asarray(leaf)
        for n, leaf in enumerate(jax.tree.leaves((point.parameters, point.state)))
    }
    out = io.BytesIO()
    np.savez(out, taken=point.taken, asked=asked, **leaves)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(f"{file.name}.new")
        beside.write_bytes(out.getvalue())
        os.replace(beside, file)
    except OSError as problem:
        raise ModelError(f"cannot write {file}: {problem.strerror}") from None


@dataclass(frozen=True)
class Kept:
    """Leaves of a point, of which the tree is made again."""

    taken: int
    leaves: tuple[Array, ...]

    def point(self, parameters: Any, state: Any) -> Point:
        """The point, in trees like these."""
        tree = jax.tree.structure((parameters, state))
        parameters, state = jax.tree.unflatten(tree, map(jnp.asarray, self.leaves))
        return Point(self.taken, parameters, state, None)


def kept(file: Path | None, asked: str) -> Kept | None:
    """What was kept in a file, if there is one; `asked` is how its training's text begins. Raises ModelError
    where it is damaged, or another's.
    """
    if file is None or not file.exists():
        return None
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as found:
            same = str(found["asked"]).startswith(asked)
            point = Kept(int(found["taken"]), tuple(found[f"leaf{n}"] for n in range(len(found.files) - 2)))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as problem:
        raise ModelError(f"{file} is damaged: {problem}", hint="remove it to begin anew") from None
    if not same:
        raise ModelError(f"{file} was kept by another training", hint="give a new folder")
    return point
