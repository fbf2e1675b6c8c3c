"""Long commands with two workers of which one is killed: they tell what one process tells alone."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import compiler.workers
from compiler.fuzzing import loop
from compiler.workers import Crew, results
from tests.support.command_line import rasp_command
from tests.support.paths import ROOT

CREWS = ("processes", "cluster")
FUZZ = ("fuzz", "--count", 6, "--seed", 5, "--json")
TRAIN = ("train", "hist2", "--vocab", "ab", "--max-length", 3, "--steps", 20, "--ablate", "--json")


def killed_once(work: Callable[[Any], Any], flag: Path, job: Any) -> Any:
    """Does the job; the first process to be done with one is killed before it can tell."""
    done = work(job)
    try:
        flag.touch(exist_ok=False)
    except FileExistsError:
        return done
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


@contextlib.contextmanager
def workers(kind: str) -> Iterator[tuple[object, ...]]:
    """The options for two workers of a kind."""
    if kind == "processes":
        yield "--workers", 2
        return
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as here:
        yield "--cluster", here.scheduler_address


@pytest.fixture
def flag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that is there once a worker has been killed, as one is from now on."""
    flag = tmp_path / "killed"

    def with_a_death(work: Callable[[Any], Any], jobs: Iterable[Any], crew: Crew) -> Iterator[Any]:
        return results(partial(killed_once, work, flag) if crew != Crew() else work, jobs, crew)

    monkeypatch.setattr(loop, "results", with_a_death)
    monkeypatch.setattr(compiler.workers, "results", with_a_death)
    return flag


@pytest.mark.by_hand
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", CREWS)
def test_fuzzing_goes_on_without_a_worker(kind: str, flag: Path) -> None:
    alone = rasp_command(*FUZZ)
    assert not flag.exists()
    with workers(kind) as options:
        ran = rasp_command(*FUZZ, *options)
    assert flag.exists()
    assert (ran.code, untimed(ran.out)) == (0, untimed(alone.out))
    assert untimed(ran.out)["programs"] == 6


def untimed(told: str) -> dict[str, Any]:
    """What was told, without how long it took."""
    facts: dict[str, Any] = json.loads(told)
    del facts["seconds"]
    return facts


@pytest.mark.by_hand
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", CREWS)
def test_trainings_go_on_without_a_worker(kind: str, flag: Path) -> None:
    pytest.importorskip("optax")
    alone = rasp_command(*TRAIN)
    assert not flag.exists()
    with workers(kind) as options:
        ran = rasp_command(*TRAIN, *options)
    assert flag.exists()
    assert (ran.code, ran.out) == (0, alone.out)
    assert len(json.loads(ran.out)) == 3


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals are another matter elsewhere")
@pytest.mark.parametrize(
    ("words", "begun"),
    [
        (("bench", "set", "--count", 9999), "set/candidates.jsonl"),
        pytest.param(
            ("train", "sort", "--vocab", "a-j", "--ablate", "--keep", "kept"),
            "kept/*.npz",
            marks=pytest.mark.by_hand,
        ),
    ],
    ids=["bench", "train"],
)
def test_a_killed_command_leaves_no_workers(words: tuple[object, ...], begun: str, tmp_path: Path) -> None:
    """They hold its output open, of which the end is read when the last of them is gone."""
    command = [sys.executable, "-m", "rasp", *map(str, words), "--workers", "2"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            while process.poll() is None and not any(file.stat().st_size for file in tmp_path.glob(begun)):
                time.sleep(0.05)
            assert process.poll() is None
            process.kill()
            process.communicate(timeout=60)
        finally:
            with contextlib.suppress(ProcessLookupError):  # all are gone, as they should be
                os.killpg(process.pid, signal.SIGKILL)
