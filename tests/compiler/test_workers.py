"""Jobs of many hands: the same results in the same order, also when one of them is killed."""

from __future__ import annotations

import os
import signal
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from compiler.workers import ALONE, Crew, connected, results
from rasp.errors import RaspError


def die_once(flag: Path, number: int) -> int:
    """A job that kills its process the first time."""
    if number == 3 and not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die(_number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_alone() -> None:
    found = results(abs, count(-2), ALONE)
    assert [next(found) for _ in range(3)] == [2, 1, 0]


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_when_a_worker_is_killed(tmp_path: Path) -> None:
    found = results(partial(die_once, tmp_path / "died"), count(), Crew(2))
    assert [next(found) for _ in range(10)] == list(range(10))
    found.close()
    assert (tmp_path / "died").exists()
    assert list(results(abs, range(-9, 0), Crew(2))) == list(range(9, 0, -1))


@pytest.mark.by_hand
def test_jobs_that_always_kill() -> None:
    with pytest.raises(RaspError, match="die again and again"):
        list(results(die, [1], Crew(2)))


@pytest.mark.by_hand
@pytest.mark.filterwarnings("ignore")
def test_a_local_cluster(tmp_path: Path) -> None:
    """`pytest -m by_hand tests/compiler/test_workers.py`: 1 and 4 workers, and one that is killed."""
    distributed = pytest.importorskip("distributed")
    for workers in (1, 4):
        with distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None
        ) as here:
            crew = Crew(cluster=here.scheduler_address)
            assert list(results(abs, range(-9, 0), crew)) == list(range(9, 0, -1))
            job = partial(die_once, tmp_path / f"died-{workers}")
            found = results(job, count(), crew)
            assert [next(found) for _ in range(10)] == list(range(10))
            found.close()


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(RaspError, match=r"a cluster needs dask\.distributed"):
        connected("tcp://127.0.0.1:1")
