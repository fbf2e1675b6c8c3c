"""Judging a program in another process, with limits to its time and memory."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass

from rasp import processes
from rasp.learning.course import Lesson
from rasp.learning.judging import STOPPED, Verdict
from rasp.records import from_data


@dataclass(frozen=True)
class Sandbox:
    """Where programs are judged: the module of the `worker`, which is run as a process of its own, and what
    one check may take: seconds of the processor, to which other processes add nothing, and megabytes of
    address space.
    """

    worker: str
    seconds: int = 60
    megabytes: int = 4_000

    @property
    def patience(self) -> int:
        """Seconds on the clock after which a check is ended in any case: where the system cannot count those
        of the processor, or where it waits for something.
        """
        return processes.patience(self.seconds)


def judge_apart(limits: Sandbox, lesson: Lesson, source: str, file: str) -> Verdict:
    """`judging.judge` in a process that is ended if it exceeds the limits; `file` is for messages only."""
    task = {
        "exercise": lesson.text,
        "name": lesson.exercise.name,
        "source": source,
        "file": file,
        "seconds": limits.seconds,
        "megabytes": limits.megabytes,
    }
    try:
        done = subprocess.run(
            processes.command(limits.worker),
            input=json.dumps(task).encode("utf-8"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.patience,
            env=processes.environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _too_long(limits)
    if processes.ran_out_of_time(done.returncode):
        return _too_long(limits)
    if done.returncode != 0:
        return Verdict(
            STOPPED, f"The check broke off (code {done.returncode}): too much memory or time, most likely."
        )
    verdict: Verdict = from_data(Verdict, json.loads(done.stdout), "the verdict")
    return verdict


def _too_long(limits: Sandbox) -> Verdict:
    return Verdict(STOPPED, f"It takes longer than {limits.seconds} seconds.")
