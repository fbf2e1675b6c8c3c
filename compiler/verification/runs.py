"""Runs of a model against those of the interpreter: the same state after every step, and the same end.

The model takes its steps on the device, in one loop; the oracle says, state by state, what each should be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compiler.verification.oracle import Oracle
from rasp.words import Atom
from runtime.model import Model
from runtime.transformer import batching
from runtime.transformer.iterating import FIXPOINT, LEFT, RECORDED, RUNNING, Iteration

Ids = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Deviation:
    """A state from which the run of the model goes on otherwise, and where it goes (it stays there if it
    ends).
    """

    state: tuple[Atom, ...]
    answer: tuple[Atom, ...]


@dataclass(frozen=True)
class Compared:
    """Inputs [B] whose runs were compared: which have an answer at all, how many states were compared, and
    where runs go on otherwise.
    """

    defined: Bools
    states: int
    deviations: tuple[Deviation, ...]


def compare_runs(model: Model, oracle: Oracle, ids: Ids, steps: int, rows: int) -> Compared:
    """The runs from inputs of one length [B, n] on, given as places in the vocabulary."""
    parts = [compare_batch(model, oracle, ids[i : i + rows], steps, rows) for i in range(0, len(ids), rows)]
    return Compared(
        np.concatenate([part.defined for part in parts]),
        sum(part.states for part in parts),
        tuple(found for part in parts for found in part.deviations),
    )


def compare_batch(model: Model, oracle: Oracle, ids: Ids, steps: int, rows: int) -> Compared:
    """The runs of one batch."""
    size = batching.padded_size(ids.shape[1], model.config.max_length)
    iteration = Iteration(model.engine, None, (ids + 1).tolist(), rows, size)
    alive = np.arange(len(ids))
    current = np.asarray(ids)
    defined = np.ones(len(ids), bool)
    states = 0
    found: list[Deviation] = []
    for number, (went_on, following, ended) in enumerate(device_states(iteration, steps)):
        if not len(alive):
            break
        answers = oracle.answers(current[alive])
        places = [(model.engine.ids.by_value(atom) or 0) - 1 for atom in answers.atoms]
        wanted = np.array(places, dtype=np.int64)[answers.codes]
        if not number:
            defined = answers.defined
        leaves, stays = (wanted < 0).any(axis=1), (wanted == current[alive]).all(axis=1)
        given = following[alive, 1 : 1 + ids.shape[1]] - 1
        right = np.where(
            leaves,
            ended[alive] == LEFT,
            np.where(stays, ended[alive] == FIXPOINT, went_on[alive] & (given == wanted).all(axis=1)),
        )
        states += int(answers.defined.sum())
        for row in alive[answers.defined & ~right].tolist():
            state = oracle_state(model, current[row])
            found.append(Deviation(state, iteration.state(following[row], row)))
        goes_on = answers.defined & right & ~leaves & ~stays
        alive = alive[goes_on]
        current = following[: len(ids), 1 : 1 + ids.shape[1]].astype(np.int64) - 1
    return Compared(defined, states, tuple(found))


def device_states(
    iteration: Iteration, steps: int
) -> Iterator[tuple[Bools, NDArray[np.int32], NDArray[np.int32]]]:
    """After each step: which inputs it took further, their ids, and what has become of each by then."""
    done = 0
    while done < steps and iteration.running:
        count = min(RECORDED, steps - done)
        moved, kept = iteration.advance(count, RECORDED)
        for number in range(count):
            went_on = moved > number
            yield went_on, kept[number], np.where(went_on, RUNNING, iteration.ended)
        done += count


def oracle_state(model: Model, places: Ids) -> tuple[Atom, ...]:
    """The tokens at these places of the vocabulary."""
    return tuple(model.config.vocab[place] for place in places.tolist())
