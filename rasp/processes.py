"""Processes of their own for other people's programs: how they are started, and what they may take.

A leaf, which both `learning` (one process a check) and `play` (processes that stay) stand on.
"""

from __future__ import annotations

import importlib.util
import math
import os
import signal
import sys
from pathlib import Path

COUNTED = importlib.util.find_spec("resource") is not None
"""Whether the system counts the seconds of the processor that a process takes (Windows does not)."""

SLOWEST = 10
"""Seconds on the clock that may pass for one of the processor: others may be at work, too."""


def command(worker: str) -> list[str]:
    """What starts the module `worker` as a process; because of `-P`, none of the folder's files is run."""
    return [sys.executable, "-P", "-m", worker]


def environment() -> dict[str, str]:
    """This process's, but Python finds the very same packages."""
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    paths = [str(Path(__file__).parents[1]), *(path for path in inherited if Path(path).is_absolute())]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "JAX_PLATFORMS": "cpu"}


def patience(seconds: int) -> int:
    """Seconds on the clock after which a process is ended in any case: where the system cannot count those of
    the processor, or where it waits for something.
    """
    return SLOWEST * seconds if COUNTED else seconds


def limit_memory(megabytes: int) -> None:
    """This process may take no more memory than given, and write no file; where the system can do that."""
    if not COUNTED:
        return
    import resource

    for kind, limit in (
        (resource.RLIMIT_AS, megabytes * 1_000_000),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _lower(kind, limit)


def limit_time(seconds: int) -> None:
    """From now on this process may take so many seconds of the processor, then the system ends it."""
    if not COUNTED:
        return
    import resource

    taken = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, math.ceil(taken.ru_utime + taken.ru_stime) + seconds)


def _lower(kind: int, limit: int) -> None:
    """Set a limit, below that of the system."""
    import resource

    _, hard = resource.getrlimit(kind)
    allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (allowed, hard))


def ran_out_of_time(code: int) -> bool:
    """Whether a process with this exit code was ended because its seconds were used up."""
    return code == -getattr(signal, "SIGXCPU", sys.maxsize)
