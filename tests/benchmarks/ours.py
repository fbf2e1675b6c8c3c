"""This compiler, measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from functools import partial

import jax
import numpy as np

import compiler
import rasp
from rasp.graph.sops import SOp
from runtime import LabelOutput, Model, Weights
from runtime.transformer.batching import largest_rows
from runtime.transformer.forward import forward
from tests.benchmarks.tasks import TASKS, Task
from tests.benchmarks.timing import seconds_per_call, timed
from tests.benchmarks.worker import Measured, Request, serve


def main_sop(task: Task) -> SOp:
    """The task's program."""
    program = rasp.parse(task.ours) if ";" in task.ours else rasp.load(task.ours)
    assert isinstance(program.main, SOp)
    return program.main


def warm_up() -> None:
    """Compile and run a small model, so that what is measured later is not the loading of libraries."""
    compiler.compile(main_sop(TASKS["reverse"]), "ab", 3)("ab")


def measure(request: Request) -> Iterator[Measured]:
    """Compile, answer, and time the forward pass."""
    sop = main_sop(TASKS[request.task])
    compiled = partial(compiler.compile, sop, request.vocab, request.length)
    model, seconds = timed(compiled)
    yield {"compile_seconds": seconds, "certified": model.certificate.certified, **asdict(model.size)}
    yield {"again_seconds": timed(compiled)[1]}
    answers = model.batch(request.inputs)
    yield {"answers": [[plain(value) for value in answer] for answer in answers]}
    rates, speeds = {}, {}
    for batch in request.batches:
        rows = min(batch, largest_rows(model.weights, 1 + request.length))
        seconds = time_forward(model, rows)
        rates[batch] = rows / seconds
        running = model.running(batch=rows)
        speeds[batch] = rows * running.operations / seconds
        yield {"per_second": rates, "flops": speeds, "running": asdict(running)}


def plain(value: object) -> object:
    """An answer as JSON holds it."""
    return float(value) if isinstance(value, Fraction) else value


def time_forward(model: Model, rows: int) -> float:
    """Seconds that the jitted forward pass takes for this many inputs of the greatest length."""
    labels, causal = isinstance(model.config.output, LabelOutput), model.config.causal

    @jax.jit
    def answer(weights: Weights, ids: jax.Array, lengths: jax.Array) -> jax.Array:
        logits = forward(weights, ids, lengths, causal)
        return logits.argmax(axis=-1) if labels else logits[..., 0]

    longest = model.config.max_length
    ids = np.random.default_rng(0).integers(
        1, 1 + len(model.config.vocab), (rows, 1 + longest), dtype=np.int32
    )
    ids[:, 0] = 0
    lengths = np.full(rows, longest, dtype=np.int32)
    return seconds_per_call(partial(answer, model.engine.device_weights, ids, lengths))


if __name__ == "__main__":
    serve(measure, warm_up)
