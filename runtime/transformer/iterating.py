"""A model as a step: its answers are its next input, on the device, in one `while_loop` over token ids.

The loop takes many inputs along, each until it ends in its own way; between pieces of it the host looks
whether anybody wants to stop. What ends a run, and in which order, is told in `rasp.graph.iterating`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from rasp import interrupts
from rasp.errors import InputError, ModelError
from rasp.runs import DEFAULT_STEPS, HALT_HINT, Reason, Run, check_steps
from runtime.transformer import batching, forward, stepping, tokens
from runtime.transformer.engine import Engine, device_mesh, sharding
from runtime.transformer.stepping import AnswerIds
from runtime.transformer.uniform import Lean, entries, lean, token_answers
from runtime.weights import Atom, LabelOutput, Weights

jax.tree_util.register_dataclass(AnswerIds, ["ids", "low", "high"], [])

State = tuple[Atom, ...]
Each = Callable[[int, State], None]
Progress = Callable[[int], None]

RUNNING, FIXPOINT, HALT, LEFT, OVERFLOW = range(5)
"""What has become of an input."""

REASONS: dict[int, Reason] = {FIXPOINT: "fixpoint", HALT: "halt", LEFT: "left"}

FIRST_PIECE, LARGEST_PIECE = 64, 1 << 20
"""Steps that are taken before the host looks, at first and at most."""

MOST_ENTRIES = 1 << 26
"""The lean step holds at most so many numbers at once, 256 MiB in float32: what takes more runs as it is."""

PIECE_SECONDS = 0.25
"""About so long a piece of the loop takes."""

RECORDED = 64
"""Steps whose states are kept on the device before the host takes them."""


class Whole(NamedTuple):
    """What the device needs of a model that is not made lean: its weights, and which token each answer is."""

    weights: Weights
    answers: AnswerIds


Step = Whole | Lean


class Batch(NamedTuple):
    """Inputs on their way: their ids [B, T] with BOS in front, how many steps each has taken in this piece of
    the loop, and what has become of it; and the last ids after each step of the piece, where they are kept.
    """

    ids: jax.Array
    lengths: jax.Array
    steps: jax.Array
    ended: jax.Array
    done: jax.Array
    kept: jax.Array


def token_of_answers(answers: AnswerIds, logits: jax.Array) -> jax.Array:
    """The ids [B, n] of the answers, 0 where one is no token; see `AnswerIds`."""
    ids = jnp.asarray(answers.ids)
    if answers.low is None or answers.high is None:
        return ids[logits.argmax(axis=-1)]
    if not len(answers.ids):
        return jnp.zeros(logits.shape[:-1], ids.dtype)
    number = logits[..., 0]
    place = jnp.searchsorted(jnp.asarray(answers.low), number, side="right") - 1
    at = jnp.maximum(place, 0)
    return jnp.where((place >= 0) & (number <= jnp.asarray(answers.high)[at]), ids[at], 0)


def answers_of(step: Step, batch: Batch, causal: bool) -> tuple[jax.Array, jax.Array]:
    """The ids of a model's answers, and which of them are read from numbers that are finite."""
    if isinstance(step, Lean):
        return token_answers(step, batch.ids, batch.lengths, causal, token_of_answers)
    logits = forward.forward(step.weights, batch.ids, batch.lengths, causal)
    return token_of_answers(step.answers, logits), jnp.isfinite(logits).all(axis=-1)


def is_halted(halt: Step, batch: Batch, causal: bool) -> jax.Array:
    """For each input whether `halt` is true at some position: the ids of its answers are 1 where they are."""
    return (inside(batch) & (answers_of(halt, batch, causal)[0] == 1)).any(axis=1)


def inside(batch: Batch) -> jax.Array:
    """[B, T - 1]: the positions of each input's own tokens."""
    return jnp.arange(batch.ids.shape[1] - 1, dtype=batch.lengths.dtype)[None] < batch.lengths[:, None]


def taken(step: Step, halt: Step | None, causal: tuple[bool, bool], batch: Batch) -> Batch:
    """One step of every input that is still running."""
    running = batch.ended == RUNNING
    halted = jnp.zeros_like(running) if halt is None else is_halted(halt, batch, causal[1])
    answered, is_finite = answers_of(step, batch, causal[0])
    within = inside(batch)
    finite = (is_finite | ~within).all(axis=1)
    found = jnp.where(within, answered, 0).astype(batch.ids.dtype)
    left = (within & (found == 0)).any(axis=1)
    same = (found == batch.ids[:, 1:]).all(axis=1)
    outcomes = [(halted, HALT), (~finite, OVERFLOW), (left, LEFT), (same, FIXPOINT)]
    ended = jnp.select([case for case, _ in outcomes], [jnp.int32(what) for _, what in outcomes], RUNNING)
    moves = running & (ended == RUNNING)
    following = jnp.pad(found, ((0, 0), (1, 0)))
    ids = jnp.where(moves[:, None], following, batch.ids)
    kept = batch.kept
    if kept.shape[0]:
        kept = jax.lax.dynamic_update_slice_in_dim(kept, ids[None], batch.done, 0)
    ended = jnp.where(running, ended, batch.ended).astype(batch.ended.dtype)
    return Batch(
        ids, batch.lengths, batch.steps + moves.astype(batch.steps.dtype), ended, batch.done + 1, kept
    )


@partial(jax.jit, static_argnames=("causal", "keep"))
def advance(
    step: Step,
    halt: Step | None,
    ids: jax.Array,
    lengths: jax.Array,
    ended: jax.Array,
    count: jax.Array,
    causal: tuple[bool, bool],
    keep: int,
) -> Batch:
    """At most `count` steps, fewer if every input ends before; the states of at most `keep` are kept."""
    none = jnp.zeros_like(lengths)
    start = Batch(ids, lengths, none, ended, jnp.int32(0), jnp.zeros((keep, *ids.shape), ids.dtype))

    def goes_on(batch: Batch) -> jax.Array:
        return (batch.done < count) & (batch.ended == RUNNING).any()

    return jax.lax.while_loop(goes_on, partial(taken, step, halt, causal), start)


@partial(jax.jit, static_argnames="causal")
def halted_now(halt: Step, ids: jax.Array, lengths: jax.Array, causal: bool) -> jax.Array:
    """For each input whether `halt` is true at some position."""
    none = jnp.zeros_like(lengths)
    return is_halted(halt, Batch(ids, lengths, none, none, jnp.int32(0), ids[None]), causal)


class Iteration:
    """Inputs of one shape on their way through a model, piece by piece."""

    def __init__(
        self,
        engine: Engine,
        halt: Engine | None,
        encoded: Sequence[Sequence[int]],
        rows: int,
        size: int,
        certified: bool = False,
    ) -> None:
        self.engine, self.halt = engine, halt
        self.count = len(encoded)
        rows += -rows % device_mesh().size
        ids, lengths = tokens.padded(encoded, rows, size)
        self.lengths = lengths
        self.causal = (engine.config.causal, halt is not None and halt.config.causal)
        self.steps: NDArray[np.int64] = np.zeros(rows, np.int64)
        self.ended = np.where(np.arange(rows) < self.count, RUNNING, FIXPOINT).astype(np.int32)
        with engine.precision():
            self.step = on_device(engine, stepping.answer_ids(engine.config), certified, rows, size)
            self.asked = None if halt is None else on_device(halt, truths(halt), certified, rows, size)
            self.ids, self.on_device = (jax.device_put(array, sharding("batch")) for array in (ids, lengths))

    @property
    def running(self) -> bool:
        """Whether any input is."""
        return bool((self.ended == RUNNING).any())

    def advance(self, count: int, keep: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Take at most so many steps: how many each input took, and the ids after each where they are
        kept.
        """
        with self.engine.precision():
            ended = jax.device_put(self.ended, sharding("batch"))
            limit = jnp.int32(count)
            batch = advance(self.step, self.asked, self.ids, self.on_device, ended, limit, self.causal, keep)
            self.ids = batch.ids
            moved = np.asarray(batch.steps).astype(np.int64)
            self.ended = np.array(batch.ended)
            kept = np.asarray(batch.kept)
        self.steps = self.steps + moved
        if (self.ended == OVERFLOW).any():
            raise ModelError("the model's numbers overflow in a run: its weights are too large")
        return moved, kept

    def state(self, ids: NDArray[np.int32], row: int) -> State:
        """The tokens of one input's ids."""
        vocab = self.engine.config.vocab
        return tuple(vocab[index - 1] for index in ids[1 : 1 + self.lengths[row]].tolist())

    def runs(self, otherwise: Reason) -> list[Run]:
        """How each input's run ended; what still runs has taken all the steps it may, or was stopped."""
        ids = np.asarray(self.ids)
        halted = np.zeros(len(ids), bool)
        if self.asked is not None and otherwise == "limit":
            with self.engine.precision():
                halted = np.asarray(halted_now(self.asked, self.ids, self.on_device, self.causal[1]))
        found = []
        for row in range(self.count):
            reason = REASONS.get(int(self.ended[row]), "halt" if halted[row] else otherwise)
            state = self.state(ids[row], row)
            outside = self.outside(state) if reason == "left" else None
            found.append(Run(state, int(self.steps[row]), reason, outside))
        return found

    def outside(self, state: State) -> tuple[int, Atom]:
        """The first position at which the next state holds what is no token, and what that is."""
        (answer,) = self.engine.answers([state])
        return next((i, value) for i, value in enumerate(answer) if self.engine.ids.by_value(value) is None)


def on_device(engine: Engine, answers: AnswerIds, certified: bool, rows: int, size: int) -> Step:
    """A model with its answers as ids, where JAX computes; lean if it is certified, and if the scores that
    are left fit all at once.
    """
    weights = engine.device_weights  # which asks, too, whether the device computes exactly enough
    made = lean(engine.config, engine.weights, answers) if certified else None
    if made is None or rows * entries(made, size) > MOST_ENTRIES:
        placed: AnswerIds = jax.device_put(answers, sharding())
        return Whole(weights, placed)
    on: Lean = jax.device_put(made, sharding())
    return on


def truths(halt: Engine) -> AnswerIds:
    """What the answers of a model of truth values say: 1 for true. Raises InputError if they are others."""
    output = halt.config.output
    if not isinstance(output, LabelOutput) or not all(isinstance(label, bool) for label in output.labels):
        raise InputError("what halts a run must be a model whose answers are truth values", hint=HALT_HINT)
    return AnswerIds(np.array([int(label == 1) for label in output.labels], np.int32))


def check_halt(engine: Engine, halt: Engine) -> None:
    """Raise InputError if a model cannot say when the runs of another one end."""
    same = [(type(token), token) for token in engine.config.vocab]
    if same != [(type(token), token) for token in halt.config.vocab]:
        raise InputError("the model that halts a run must have the vocabulary of the one that steps")
    longest = engine.config.max_length
    if halt.config.max_length < longest:
        raise InputError(
            f"the model that halts a run takes {halt.config.max_length} tokens, "
            f"and the one that steps {longest}"
        )
    if halt.config.dtype != engine.config.dtype:
        raise InputError(f"the model that halts a run must be {engine.config.dtype} as the one that steps")
    truths(halt)


def iterate(
    engine: Engine,
    inputs: Iterable[object],
    halt: Engine | None = None,
    max_steps: int = DEFAULT_STEPS,
    each: Each | None = None,
    progress: Progress | None = None,
    certified: bool = False,
) -> list[Run]:
    """The runs of a model from many inputs on; `each` is called with the states of the first alone.
    `certified`: the model, and the one that halts it, are proved right, so that they may be made lean.
    """
    limit = check_steps(max_steps)
    if halt is not None:
        check_halt(engine, halt)
    encoded = engine.encoded(inputs)
    found: dict[int, Run] = {}
    stopping = False
    with interrupts.noted() as stopped:
        for chunk in chunks(engine, [len(ids) for ids in encoded], certified):
            rows = [encoded[row] for row in chunk.inputs]
            iteration = Iteration(engine, halt, rows, chunk.rows, chunk.size, certified)
            stopping = stopping or go_on(
                iteration, limit, each if 0 in chunk.inputs else None, progress, stopped
            )
            runs = iteration.runs("stopped" if stopping else "limit")
            found.update(zip(chunk.inputs, runs, strict=True))
    return [found[row] for row in range(len(encoded))]


def chunks(engine: Engine, lengths: Sequence[int], certified: bool) -> Iterator[batching.Chunk]:
    """The inputs in batches: larger ones of a model that is made lean."""
    longest = engine.config.max_length
    if not certified:
        return batching.chunks(engine.weights, lengths, longest)
    made = lean(engine.config, engine.weights, stepping.answer_ids(engine.config))
    return batching.grouped(lambda size: batching.rows_within(entries(made, size)), lengths, longest)


def go_on(
    iteration: Iteration,
    limit: int,
    each: Each | None,
    progress: Progress | None,
    stopped: Callable[[], bool],
) -> bool:
    """Take steps until every input has ended or the limit is reached; whether somebody stopped it first."""
    with contextlib.suppress(KeyboardInterrupt):
        if each is not None:
            each(0, iteration.state(np.asarray(iteration.ids)[0], 0))
        for total in pieces(iteration, limit, each):
            if progress is not None:
                progress(total)
            if stopped() and iteration.running and total < limit:
                return True
        return False
    return True


def pieces(iteration: Iteration, limit: int, each: Each | None) -> Iterator[int]:
    """Run piece by piece, each about as long as people wait; after each, how many steps were allowed so
    far.
    """
    total, count = 0, FIRST_PIECE
    while iteration.running and total < limit:
        keep = RECORDED if each is not None else 0
        count = min(count, limit - total, keep or count)
        start, before = time.monotonic(), int(iteration.steps[0])
        moved, kept = iteration.advance(count, keep)
        total += count
        if each is not None:
            for number in range(int(moved[0])):
                each(before + number + 1, iteration.state(kept[number, 0], 0))
        yield total
        if time.monotonic() - start < PIECE_SECONDS:
            count = min(2 * count, LARGEST_PIECE)
