"""Measuring in a process of its own, so that what takes too long can be ended.

A worker is started once for each compiler: it reads requests as lines of JSON and answers each with lines
that hold what is measured so far, then one that says it is done.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from time import monotonic
from typing import IO, Any

Measured = dict[str, Any]

START = 120.0
"""Seconds that a worker may take to start: it imports JAX and compiles a first program to warm up."""


@dataclass(frozen=True)
class Request:
    """One measurement: a task at a size, the inputs to answer and the sizes of batches to time."""

    task: str
    vocab: list[int | str]
    length: int
    inputs: list[list[int | str]]
    batches: list[int]


def serve(measure: Callable[[Request], Iterator[Measured]], warm_up: Callable[[], None]) -> None:
    """The worker's side: answer requests until there are no more."""
    warm_up()
    print(json.dumps({"done": True}), flush=True)
    for line in sys.stdin:
        for part in measure(Request(**json.loads(line))):
            print(json.dumps(part), flush=True)
        print(json.dumps({"done": True}), flush=True)


class Worker:
    """The other side: a process that is started when it is first asked, and again after it was ended."""

    def __init__(self, python: str, module: str) -> None:
        self.command = [python, "-m", module]
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._errors: IO[str] | None = None
        self._reader: threading.Thread | None = None

    def ask(self, request: Request, limit: float) -> Measured:
        """What was measured within `limit` seconds; "error" says why something is missing."""
        if self._process is None:
            failed = self._start()
            if failed:
                return {"error": failed}
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(request)) + "\n")
        self._process.stdin.flush()
        return self._collect(limit)

    def stop(self) -> None:
        """End the process."""
        if self._process is None:
            return
        assert self._reader is not None
        assert self._errors is not None
        assert self._process.stdin is not None
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdin.close()
        self._errors.close()
        self._process = None

    def _start(self) -> str:
        """Why it could not be started, if so."""
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - lives as long as the process
        self._lines = queue.Queue()
        self._process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True
        )
        self._reader = threading.Thread(
            target=self._read, args=(self._process.stdout, self._lines), daemon=True
        )
        self._reader.start()
        return str(self._collect(START).get("error", ""))

    @staticmethod
    def _read(output: IO[str], lines: queue.Queue[str | None]) -> None:
        with output:
            for line in output:
                lines.put(line)
        lines.put(None)

    def _collect(self, limit: float) -> Measured:
        measured: Measured = {}
        end = monotonic() + limit
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, end - monotonic()))
            except queue.Empty:
                self.stop()
                return {**measured, "error": f"over {limit:g} s"}
            if line is None:
                reason = self._last_error()
                self.stop()
                return {**measured, "error": reason}
            part = json.loads(line)
            if part.pop("done", False):
                return measured
            measured |= part

    def _last_error(self) -> str:
        assert self._errors is not None
        self._errors.seek(0)
        lines = self._errors.read().strip().splitlines()
        return lines[-1] if lines else "the process ended"
