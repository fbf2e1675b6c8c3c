"""What is felt at the command line: how fast it starts, and how fast verifying knows the right answers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np

import rasp
from compiler.verification.oracle import Oracle
from tests.benchmarks.timing import timed
from tests.benchmarks.worker import Measured

STARTS = {
    "rasp run": ("-m", "rasp", "run", "sort", "[2, 1]"),
    "import compiler": ("-c", "import compiler"),
}
"""What is started in a process of its own, for Python."""


def measured(tries: int = 5) -> Measured:
    """Seconds of each start, the fastest of some, and how many times the oracle outruns the interpreter."""
    starts = {name: min(start(command) for _ in range(tries)) for name, command in STARTS.items()}
    return {"start_seconds": starts, "oracle_speedup": oracle_speedup(tries)}


def start(arguments: tuple[str, ...]) -> float:
    """Seconds of a whole process."""
    return timed(lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True))[1]


def oracle_speedup(tries: int) -> float:
    """10,000 inputs of sort at length 16, warm and on arrays, against the interpreter."""
    sort = rasp.load("sort").main
    ids = np.random.default_rng(0).integers(10, size=(10_000, 16))
    oracle = Oracle(sort, tuple(range(10)))
    fast = min(timed(lambda: oracle.answers(ids))[1] for _ in range(tries))
    few = ids[:100].tolist()
    slow = min(timed(lambda: [sort(one) for one in few])[1] for _ in range(tries)) * len(ids) / len(few)
    return slow / fast


def summary(felt: Measured) -> list[str]:
    """The figures in words."""
    starts = [f"`{name}` takes {seconds:.2f} s." for name, seconds in felt["start_seconds"].items()]
    return [*starts, f"The oracle is {felt['oracle_speedup']:.0f} times faster than the interpreter."]
