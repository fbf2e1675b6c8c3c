"""Jobs of many hands: the same results in the same order, also when one of them is killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from compiler.workers import ALONE, Crew, connected, results
from rasp.errors import RaspError
from tests.support.paths import ROOT

on_posix = pytest.mark.skipif(os.name != "posix", reason="signals are another matter elsewhere")


def die_once(flag: Path, number: int) -> int:
    """A job that kills its process the first time."""
    if number == 3 and not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die(_number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def never_done(_number: int) -> None:
    """A job that says that it has begun, in one piece."""
    os.write(1, b"begun\n")
    time.sleep(3600)


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


@on_posix
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SIGKILL", ""),
        pytest.param("SIGTERM", "", marks=pytest.mark.slow),
        pytest.param("SIGINT", "interrupted\n", marks=pytest.mark.slow),
    ],
)
def test_workers_end_with_who_began_them(name: str, words: str) -> None:
    """They hold the command's output open: its end is read when the last of them is gone."""
    script = (
        "from rasp import interrupts; interrupts.end_at_once();"
        "from compiler.workers import Crew, results;"
        "from tests.compiler.test_workers import never_done;"
        "next(results(never_done, [1, 2], Crew(2)))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as begun:
        try:
            assert begun.stdout is not None
            assert [begun.stdout.readline() for _ in range(2)] == ["begun\n"] * 2
            begun.send_signal(signal.Signals[name])
            assert begun.communicate(timeout=60) == ("", words)
        finally:
            with contextlib.suppress(ProcessLookupError):  # all are gone, as they should be
                os.killpg(begun.pid, signal.SIGKILL)


@on_posix
@pytest.mark.slow
def test_ctrl_c_while_workers_start_is_no_traceback(tmp_path: Path) -> None:
    """Python runs `sitecustomize` as it starts: there each worker gets the signal."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "if '--multiprocessing-fork' in sys.orig_argv:\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
    )
    script = (
        "from compiler import workers; workers.RESTARTS = 0;"
        "next(workers.results(abs, [1, 2], workers.Crew(2)), None)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.stderr.endswith("the processes that work die again and again\n")
    assert "KeyboardInterrupt" not in ran.stderr


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
