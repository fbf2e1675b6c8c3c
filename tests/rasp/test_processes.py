"""Processes of their own: how they are started, and what they may take."""

from __future__ import annotations

import signal
import subprocess

from rasp import processes


def ran(code: str) -> subprocess.CompletedProcess[str]:
    command = [processes.command("x")[0], "-c", f"from rasp import processes\n{code}"]
    return subprocess.run(
        command, env=processes.environment(), capture_output=True, text=True, timeout=600, check=False
    )


def test_time_counts_from_when_it_is_given() -> None:
    """A process that stays is given so many seconds for each task; what was taken before does not count."""
    done = ran(
        "import time\n"
        "def work(seconds):\n"
        "    end = time.process_time() + seconds\n"
        "    while time.process_time() < end: pass\n"
        "processes.limit_time(1); work(0.7)\n"
        "processes.limit_time(1); work(0.7)\n"
        "print('two tasks', flush=True)\n"
        "processes.limit_time(1); work(5)\n"
    )
    assert done.stdout == "two tasks\n"
    assert done.returncode == -signal.SIGXCPU
    assert processes.ran_out_of_time(done.returncode)


def test_memory_and_files() -> None:
    done = ran(
        "processes.limit_memory(500)\n"
        "try: bytearray(600_000_000)\n"
        "except MemoryError: print('no memory')\n"
        "try:\n"
        "    with open('/tmp/rasp-stolen', 'wb', buffering=0) as file: file.write(b'x')\n"
        "except OSError: print('no file')\n"
    )
    assert done.stdout == "no memory\nno file\n"


def test_none_of_the_folders_files_is_run() -> None:
    assert processes.command("rasp.cli")[1:] == ["-P", "-m", "rasp.cli"]


def test_the_clock_is_patient_where_the_processor_is_counted() -> None:
    assert processes.patience(3) == (30 if processes.COUNTED else 3)
