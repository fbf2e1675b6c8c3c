"""`python -m tests.benchmarks.meaning`: tokens a second near the end of a long text, by the cache of keys and
values, and by meaning.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import compiler
import programs
import rasp
from programs.machines import subleq
from rasp.notation import read_vocab
from runtime.model import Model
from runtime.transformer.generation import Continuation, Growing

TOKENS = 200
"""So many tokens are added and measured."""

STRETCHES = 10
"""In so many parts."""

PROGRAMS = {
    "auto_count": 16_384,
    "auto_text": 16_384,
    "aab_next": 16_384,
    "hist": 16_384,
    "running_count": 16_384,
    "auto_induction": 2_048,
    "auto_subleq": 1_600,
}
"""The lengths at which programs are measured: the longest that is compiled, of those that are tried."""


@dataclass(frozen=True)
class Measured:
    """Tokens a second of a program's model near the end of its length."""

    name: str
    context: int
    cached: float
    meant: float


def speed(begin: Callable[[], Growing], following: Sequence[int]) -> float:
    """Tokens a second at which a sequence grows, its beginning and first token apart: the median of some
    stretches, as what else the machine does may take longer than all tokens together.
    """
    sequence = begin()
    sequence.append(following[0])
    sequence.answer()
    stretch = max(1, (len(following) - 1) // STRETCHES)
    seconds = []
    for start in range(1, len(following) - stretch + 1, stretch):
        before = time.perf_counter()
        for token in following[start : start + stretch]:
            sequence.append(token)
            sequence.answer()
        seconds.append(time.perf_counter() - before)
    return stretch / statistics.median(seconds)


def model(name: str, length: int) -> Model:
    """The causal model of a library program, with the vocabulary in its header."""
    return compiler.compile(
        rasp.load(name).main, read_vocab(programs.header(name).vocab), length, causal=True
    )


def text(made: Model, name: str, count: int) -> list[int]:
    """The ids of a text: the trace of a run for SUBLEQ, else what comes at random."""
    if name == "auto_subleq":
        prompt = subleq.prompt("fibonacci")
        run = compiler.by_meaning(made).generate(prompt, count - len(prompt))
        return made.encode([*prompt, *run])
    return random.Random(name).choices(range(1, 1 + len(made.config.vocab)), k=count)


def measured(name: str, length: int, added: int = TOKENS) -> Measured:
    """Both speeds of a program's model, after the same text."""
    made = model(name, length)
    ids = text(made, name, length - 1)
    before, following = ids[:-added], ids[-added:]
    fast = compiler.by_meaning(made)
    cached = speed(lambda: Continuation(made.engine, before), following)
    meant = speed(lambda: fast.begin(before), following)
    return Measured(name, length, cached, meant)


def main() -> None:
    """Print the table."""
    print(f"{'program':16} {'context':>7} {'cache, tokens/s':>16} {'by meaning':>11} {'ratio':>7}")
    for name, length in PROGRAMS.items():
        one = measured(name, length)
        ratio = one.meant / one.cached
        print(f"{name:16} {length:7,} {one.cached:16,.0f} {one.meant:11,.0f} {ratio:7,.0f}", flush=True)


if __name__ == "__main__":
    main()
