"""Ctrl-C: one line and code 130, at any moment, with nothing left half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import compiler
import rasp
from rasp import interrupts
from tests.support.paths import ROOT
from tests.support.sweeps import sweep

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are another matter elsewhere")

SWEEP = ("verify", "sort", "--vocab", "0:6", "--max-length", "9", "--exhaustive")


def interrupted(words: tuple[str, ...], after: float) -> tuple[int, str, str]:
    """Code and output of a command that gets SIGINT after so many seconds."""
    process = subprocess.Popen(
        [sys.executable, "-m", "rasp", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(after)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


@pytest.mark.parametrize("after", sweep([1.2, 2.4, 3.0, 3.8, 5.0], [2.4]))
def test_a_sweep_ends_with_code_130(after: float) -> None:
    """Also while JAX is at work, which used to crash or to go on as if nothing had happened."""
    code, out, err = interrupted(SWEEP, after)
    assert code == interrupts.INTERRUPTED
    assert out == ""
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith(("interrupted", "stopped after "))


def ran(script: str) -> tuple[int, str, str]:
    """Code and output of a script."""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("module", ["rasp.interrupts", "rasp.cli", "rasp.commands.verifying", "json"])
def test_at_start_up_too(module: str) -> None:
    """Ctrl-C at the moment when a module is imported."""
    code, out, err = ran(f"""
import os, signal, sys

class Interrupter:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.modules.pop({module!r}, None)
sys.meta_path.insert(0, Interrupter())
from rasp.__main__ import main
sys.argv = ["rasp", "list", "--json"]
main()
""")
    assert (code, out, err) == (interrupts.INTERRUPTED, "", "interrupted\n")


def test_while_python_ends_too() -> None:
    """Threads and what is to be done at exit can take their time, in which Ctrl-C made a traceback."""
    code, out, err = ran("""
import atexit, os, signal, sys
from rasp import cli
from rasp.__main__ import main
run = cli.main
cli.main = lambda: (atexit.register(os.kill, os.getpid(), signal.SIGINT), run())
sys.argv = ["rasp", "--version"]
main()
""")
    assert (code, err) == (interrupts.INTERRUPTED, "interrupted\n")
    assert out.startswith("rasp ")


def test_what_is_done_stays_done() -> None:
    """Python takes its modules apart at the very end, when no handler of ours is left."""
    code, out, err = ran("""
import os, signal, sys
from rasp.__main__ import main
class Late:
    def __del__(self, kill=os.kill, myself=os.getpid()):
        kill(myself, 2)
late = Late()
sys.argv = ["rasp", "--version"]
main()
""")
    assert (code, err) == (0, "")
    assert out.startswith("rasp ")


def test_the_start_of_the_command_loads_next_to_nothing() -> None:
    """Not even typing, before Ctrl-C is seen to."""
    code, out, _ = ran("""
import sys
before = set(sys.modules)
import rasp
print(*set(sys.modules) - before)
import rasp.__main__
print(sum(name.startswith("rasp") for name in sys.modules))
""")
    assert (code, out) == (0, "rasp\n2\n")


def test_nothing_is_left_half_written(tmp_path: Path) -> None:
    """Ctrl-C while a model is saved over another one: the old one stays, and nothing beside it."""
    folder = tmp_path / "model"
    model = compiler.compile(rasp.load("hist").main, vocab="ab", max_length=3)
    model.save(folder)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    code, _, err = ran(f"""
import os, signal
from rasp.__main__ import main
from runtime.saving import folders
import sys
folders.sync_folder = lambda folder: os.kill(os.getpid(), signal.SIGINT)
sys.argv = ["rasp", "compile", "hist", "--vocab", "abc", "--max-length", "4", "-o", {str(folder)!r}]
main()
""")
    assert (code, err) == (interrupts.INTERRUPTED, "interrupted\n")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert [file.name for file in tmp_path.iterdir()] == ["model"]


def test_in_python_a_sweep_stops_between_two_batches() -> None:
    """Not in the middle of one, where JAX could not be left."""
    model = compiler.compile(rasp.load("hist").main, vocab="ab", max_length=9)
    seen: list[int] = []

    def interrupt(state: compiler.Progress) -> None:
        seen.append(state.done)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)  # the signal is dealt with here

    report = compiler.verify(rasp.load("hist").main, model, exhaustive=True, progress=interrupt)
    assert len(seen) == 1
    assert report.inputs == seen[0] < report.total
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_where_answers_differ_the_report_is_still_made() -> None:
    code, out, err = ran("""
import os, signal, sys
from rasp.commands import verifying
shown = verifying.Sweep.__call__
def interrupting(self, state):
    if state.differing and not self.stopping:
        self.state = state
        os.kill(os.getpid(), signal.SIGINT)
    shown(self, state)
verifying.Sweep.__call__ = interrupting
import rasp, compiler, runtime
wrong = compiler.compile(rasp.load("reverse").main, vocab="ab", max_length=9)
verifying.compiled_model = lambda *_: (rasp.load("identity").main, wrong)
from rasp.__main__ import main
sys.argv = ["rasp", "verify", "identity", "--exhaustive"]
main()
""")
    assert code == interrupts.INTERRUPTED, err
    assert "the smallest of them" in out
    assert "stopped before the end" in out
