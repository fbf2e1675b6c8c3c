"""`python -m tests.benchmarks.runs`: steps a second of machines, and what computing once what is the same
saves.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import compiler
import programs
import rasp
from programs.machines import accumulator, subleq
from rasp.graph.sops import SOp
from rasp.notation import read_vocab
from runtime.model import Model
from runtime.transformer import batching
from runtime.transformer.iterating import Iteration

SECONDS = 2.0
"""About so long each is measured, three times, of which the fastest counts."""


@dataclass(frozen=True)
class Measured:
    """Steps a second of a model at a batch size: with every position computed by itself, and lean."""

    name: str
    cells: int
    batch: int
    whole: float
    lean: float


def speed(model: Model, state: Sequence[int], batch: int, lean: bool, seconds: float = SECONDS) -> float:
    """Steps a second, of all inputs of the batch together."""
    encoded = model.encode(state)
    size = batching.padded_size(len(encoded), model.config.max_length)
    iteration = Iteration(model.engine, None, [encoded] * batch, batch, size, certified=lean)
    iteration.advance(2)
    count, fastest = 1, 0.0
    for _ in range(3):
        start = time.perf_counter()
        while (took := time.perf_counter() - start) < seconds / 3 and iteration.running:
            before, moved = time.perf_counter(), int(iteration.steps[0])
            iteration.advance(count)
            each = time.perf_counter() - before
            fastest = max(fastest, batch * (int(iteration.steps[0]) - moved) / each)
            count = min(2 * count, 1 << 12) if each < seconds / 9 else count
        assert took > 0
    return fastest


def model(name: str, length: int) -> Model:
    """The model of a step of the library, for states of so many tokens."""
    step = rasp.load(name)["step"]
    assert isinstance(step, SOp)
    return compiler.compile(step, read_vocab(programs.header(name).vocab), length)


def measured(batches: Sequence[int] = (1, 64), seconds: float = SECONDS) -> list[Measured]:
    """SUBLEQ of 256 cells at each batch size, and the machine with an accumulator at the first."""
    primes = subleq.program("primes", 256)
    toolbox = accumulator.assembled(accumulator.source("toolbox"), 768, [3, 1000, 0])
    found = []
    for name, state, sizes in (
        ("machines/subleq", primes, batches),
        ("machines/accumulator", toolbox, batches[:1]),
    ):
        made = model(name, len(state))
        for batch in sizes:
            speeds = [speed(made, state, batch, lean, seconds) for lean in (False, True)]
            found.append(Measured(name, len(state), batch, *speeds))
    return found


def main() -> None:
    """Print the table."""
    print(f"{'machine':22} {'tokens':>6} {'batch':>5} {'steps/s, whole':>15} {'lean':>9} {'ratio':>6}")
    for one in measured():
        ratio = one.lean / one.whole
        print(f"{one.name:22} {one.cells:6} {one.batch:5} {one.whole:15,.0f} {one.lean:9,.0f} {ratio:6.1f}")


if __name__ == "__main__":
    main()
