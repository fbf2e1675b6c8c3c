"""Many jobs done by several processes of this machine, or by those of a Dask cluster (the extra `cluster`).

Results come in the order of the jobs, whoever does them: so what is made of them is the same with any number
of workers. What a worker had in hand when it was killed is done again, by another.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import Any, TypeVar

from rasp.errors import RaspError

MASKED = hasattr(signal, "pthread_sigmask")
"""Whether the system lets a thread put signals off."""

AHEAD = 4
"""So many jobs are in work for each process."""

RESTARTS = 5
"""So often, without a result between, processes may die before we give up."""

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Crew:
    """Who works: so many `workers`, processes of this machine, or those of the Dask `cluster` there."""

    workers: int = 1
    cluster: str | None = None


ALONE = Crew()


def results(
    work: Callable[[Job], Result], jobs: Iterable[Job], crew: Crew = ALONE
) -> Generator[Result, None, None]:
    """The results of all jobs, in their order; `jobs` may be endless.

    Raises RaspError where processes die again and again, a cluster is not reached, or the extra is missing.
    """
    if crew.cluster is not None:
        yield from _by_cluster(work, jobs, crew.cluster)
    elif crew.workers == 1:
        yield from map(work, jobs)
    else:
        yield from _by_processes(work, iter(jobs), crew.workers)


def _by_processes(
    work: Callable[[Job], Result], jobs: Iterator[Job], workers: int
) -> Generator[Result, None, None]:
    """Processes of this machine; where one dies, all are begun anew."""
    waiting: deque[Job] = deque()
    deaths = 0
    track_quietly()
    while True:
        pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=begin)
        try:
            futures = deque(map(_to(pool, work), waiting))
            while _fill(waiting, futures, jobs, AHEAD * workers, _to(pool, work)):
                result = futures[0].result()
                futures.popleft()
                waiting.popleft()
                deaths = 0
                yield result
            return
        except BrokenProcessPool:
            deaths += 1
            if deaths > RESTARTS:
                raise RaspError("the processes that work die again and again") from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _to(pool: ProcessPoolExecutor, work: Callable[[Job], Result]) -> Callable[[Job], Future[Result]]:
    """What gives a job to a pool."""

    def submit(job: Job) -> Future[Result]:
        with without_interrupts():  # a process is begun with the first jobs
            return pool.submit(work, job)

    return submit


def _fill(
    waiting: deque[Job],
    futures: deque[Future[Result]],
    jobs: Iterator[Job],
    most: int,
    submit: Callable[[Job], Future[Result]],
) -> bool:
    """Give jobs away until so many are in work; whether any is."""
    while len(futures) < most:
        try:
            job = next(jobs)
        except StopIteration:
            break
        waiting.append(job)
        futures.append(submit(job))
    return bool(futures)


def _by_cluster(
    work: Callable[[Job], Result], jobs: Iterable[Job], address: str
) -> Generator[Result, None, None]:
    """The workers of a Dask cluster, which itself gives to others what a dead one had in hand."""
    client = connected(address)
    try:
        waiting: deque[Any] = deque()
        most = AHEAD * max(1, len(client.scheduler_info()["workers"]))
        for job in jobs:
            waiting.append(client.submit(work, job, pure=False))
            if len(waiting) >= most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        client.close()


def refuse_unreachable(crew: Crew) -> None:
    """Raise RaspError where the cluster of `crew` is not reached: before what it should do is begun."""
    if crew.cluster is not None:
        connected(crew.cluster).close()


def connected(address: str) -> Any:
    """A client of the cluster at an address. Raises RaspError without the extra, or if there is none."""
    try:
        from distributed import Client

        client: Callable[..., Any] = Client
    except ImportError:
        raise RaspError(
            "a cluster needs dask.distributed", hint='pip install "rasp-compiler[cluster]"'
        ) from None
    try:
        return client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise RaspError(
            f"there is no cluster at {address}: {error}", hint="start one with `dask scheduler`"
        ) from None


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Within, Ctrl-C waits, also for a process that is begun there, until `begin`: Python's own start has
    nothing but a traceback for it.
    """
    if not MASKED:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def track_quietly() -> None:
    """Begin the process of Python that removes what a killed one left of its semaphores. It would complain of
    them after Ctrl-C, at which we end at once.
    """
    if os.name != "posix":
        return
    before = sys.warnoptions[:]
    sys.warnoptions.append("ignore:resource_tracker:UserWarning")  # Python hands them on to its processes
    try:
        resource_tracker.ensure_running()
    finally:
        sys.warnoptions[:] = before


def begin() -> None:
    """A worker ends at Ctrl-C without a word, and with the process that began it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if MASKED:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Wait until the process that began this one is gone, then end. A killed process can tell nobody: the
    system does, as it closes what that one held open.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
