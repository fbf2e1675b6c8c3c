"""A process of its own that judges one program, so that a harmful one can be stopped from outside.

It reads a task as JSON from standard input and writes the verdict as JSON to standard output.
"""

from __future__ import annotations

import json
import sys

from compiler.pipeline import run
from compiler.request import Request
from rasp.graph.sops import SOp
from rasp.learning.exercise import MEASURES, Exercise, read_exercise
from rasp.learning.judging import STOPPED, Size, Verdict, judge
from rasp.processes import limit_memory, limit_time
from rasp.records import to_data
from runtime.weights import size


def main() -> None:
    """Judge the program of one task."""
    task = json.loads(sys.stdin.buffer.read().decode("utf-8"))
    limit_memory(task["megabytes"])
    limit_time(task["seconds"])
    try:
        exercise = read_exercise(task["exercise"], task["name"], task["name"])
        verdict = judge(exercise, task["source"], task["file"], measure)
    except MemoryError:
        verdict = Verdict(STOPPED, f"It takes more than {task['megabytes']:,} MB of memory.")
    sys.stdout.write(json.dumps(to_data(verdict)))


def measure(sop: SOp, exercise: Exercise) -> Size:
    """The size of the transformer that a program compiles to at the exercise's vocabulary and length.

    Raises CompileError if it cannot be compiled.
    """
    asked = Request(exercise.vocab, exercise.max_length, exercise.causal)
    measured = size(run(sop, asked).stored.weights)
    return {key: getattr(measured, key) for key in MEASURES}


if __name__ == "__main__":
    main()
