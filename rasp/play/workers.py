"""Processes that stay and answer one task after the other, each within limits of time and memory.

A task and its answer are a line of JSON each. A process that takes too long is ended, and the task answered
by that; the next one is taken by another process, which stands by already.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rasp import processes

Task = dict[str, Any]
Answer = dict[str, Any]

LONGEST_ANSWER = 256 << 20
"""Bytes."""

SUPERSEDED: Answer = {"superseded": True}
"""The answer to a task that nobody waits for any more, as the same page has asked anew."""

STALE = 0.7
"""Seconds after which a task that is superseded is broken off; shorter ones are over before long."""


@dataclass(frozen=True)
class Limits:
    """What one task may take: seconds of the processor, and megabytes of memory for its process."""

    seconds: int
    megabytes: int = 4_000


@dataclass(frozen=True)
class Asked:
    """A task at work: whose it is, since when, and the process that has it."""

    key: tuple[str, str]
    since: float
    process: asyncio.subprocess.Process


class Workers:
    """One process at work and, with `spare`, another one ready to take over; `started` is the module that
    they run, with its arguments.
    """

    def __init__(self, started: Sequence[str], limits: Limits, spare: bool = False) -> None:
        self.command = [*processes.command(started[0]), *started[1:]]
        self.limits = limits
        self._with_spare = spare
        self._ready: list[asyncio.subprocess.Process] = []
        self._all: set[asyncio.subprocess.Process] = set()
        self._turn = asyncio.Lock()
        self._newest: dict[tuple[str, str], int] = {}
        self._at_work: Asked | None = None

    async def start(self) -> None:
        """Have as many processes ready as there should be."""
        while len(self._ready) < 1 + self._with_spare:
            self._ready.append(await self._started())

    async def ask(self, page: str, task: Task) -> Answer:
        """The answer to a task; that of an older one of the same page and kind is not waited for any more."""
        key = (page, task["kind"])
        number = self._newest[key] = self._newest.get(key, 0) + 1
        self._break_off(key)
        async with self._turn:
            if number != self._newest[key]:
                return SUPERSEDED
            answer = await self._answered(key, task)
        return SUPERSEDED if number != self._newest[key] and answer.get("stopped") else answer

    def _break_off(self, key: tuple[str, str]) -> None:
        """End the process at work as soon as it has been at an older task of this page for a while."""
        now = self._at_work
        if now is None or now.key != key:
            return
        left = STALE - (time.monotonic() - now.since)
        asyncio.get_running_loop().call_later(max(0.0, left), self._break_off_now, now)

    def _break_off_now(self, asked: Asked) -> None:
        if self._at_work is asked:
            kill(asked.process)

    async def _answered(self, key: tuple[str, str], task: Task) -> Answer:
        await self.start()
        process = self._ready[0]
        self._at_work = Asked(key, time.monotonic(), process)
        try:
            line = await asyncio.wait_for(
                exchanged(process, {**task, **asdict(self.limits)}),
                processes.patience(self.limits.seconds),
            )
            if line:
                answer: Answer = json.loads(line)
                return answer
        except TimeoutError:
            pass
        finally:
            self._at_work = None
        return await self._replaced(process)

    async def _replaced(self, process: asyncio.subprocess.Process) -> Answer:
        """Put the next process in the place of one that broke off, and say why it did."""
        late = not ended(process)
        if late:
            kill(process)  # one that has ended must not be asked: its code would be lost
        code = await process.wait()
        self._ready.remove(process)
        self._all.discard(process)
        await self.start()
        if late or processes.ran_out_of_time(code):
            return stopped(f"This takes longer than {self.limits.seconds} seconds, so it was stopped.")
        return stopped(f"This takes more than {self.limits.megabytes:,} MB of memory, so it was stopped.")

    async def _started(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=processes.environment(),
            limit=LONGEST_ANSWER,
            start_new_session=True,  # Ctrl-C is for the server, which then ends them all
        )
        self._all.add(process)
        return process

    def kill(self) -> None:
        """End all processes."""
        for process in self._all:
            kill(process)

    async def stop(self) -> None:
        """End all processes, and wait until they have ended."""
        self.kill()
        for process in self._all:
            await process.wait()
        self._all.clear()
        self._ready.clear()


def ended(process: asyncio.subprocess.Process) -> bool:
    """Whether the process writes no more: it has ended, even if its code is not known yet."""
    return process.stdout is None or process.stdout.at_eof()


def stopped(why: str) -> Answer:
    """The answer where a process was ended."""
    return {"stopped": why}


async def exchanged(process: asyncio.subprocess.Process, task: Task) -> bytes:
    """Write a task to a process and read its answer; nothing if it ends before."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(ConnectionError):
        process.stdin.write(json.dumps(task).encode() + b"\n")
        await process.stdin.drain()
    return await process.stdout.readline()


def kill(process: asyncio.subprocess.Process) -> None:
    """End a process, if it is there."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
