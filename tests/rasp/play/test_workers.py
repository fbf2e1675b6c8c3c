"""Processes that answer task after task: one that takes too much is replaced, and the next is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from rasp.play.workers import SUPERSEDED, Limits, Workers

MODULE = "rasp.commands.playing_worker"
LONG = "n = 0;\nfor i in range(600) {\n    n = n + selector_width(select(indices + i, indices, <));\n}\n"
"""Within all limits of the language, but many seconds long on a long input."""

LARGE = "pairs = [[i, i] for i in range(90000)];\ny = tokens;"


def task(source: str) -> dict[str, Any]:
    typed = "ab" * 100 if source is LONG else "ab"
    return {"kind": "look", "given": {"source": source, "input": typed}}


def with_workers(limits: Limits, use: Callable[[Workers], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        workers = Workers([MODULE], limits)
        try:
            return await use(workers)
        finally:
            await workers.stop()

    return asyncio.run(run())


def test_a_runaway_program_is_told_of_and_the_next_one_works() -> None:
    async def use(workers: Workers) -> Any:
        return [await workers.ask("page", task(source)) for source in ("x = tokens;", LONG, "x = indices;")]

    first, runaway, after = with_workers(Limits(seconds=1), use)
    assert first["answer"] == ["a", "b"]
    assert runaway == {"stopped": "This takes longer than 1 seconds, so it was stopped."}
    assert after["answer"] == ["0", "1"]


def test_too_much_memory_is_told() -> None:
    async def use(workers: Workers) -> Any:
        return [await workers.ask("page", task(source)) for source in (LARGE, "x = tokens;")]

    large, after = with_workers(Limits(seconds=60, megabytes=60), use)
    assert "more than 60 MB of memory" in large["stopped"]
    assert after.get("answer") == ["a", "b"] or "memory" in after["stopped"]  # 60 MB is little for anything


def test_who_types_on_waits_for_the_last_program_only() -> None:
    """All but the first and the last of 50 are never begun; a long one is broken off."""

    async def use(workers: Workers) -> Any:
        await workers.ask("page", task("x = 1;"))
        asked = [asyncio.create_task(workers.ask("page", task(f"x = {i};\ny = tokens;"))) for i in range(49)]
        asked.append(asyncio.create_task(workers.ask("page", task("last = indices;"))))
        other = asyncio.create_task(workers.ask("another page", task("other = tokens;")))
        many = await asyncio.gather(*asked), await other
        long = asyncio.create_task(workers.ask("page", task(LONG)))
        await asyncio.sleep(0.1)  # it has begun, and is not yet long at work
        return many, await workers.ask("page", task("after = tokens;")), await long

    ((typed, other), after, long) = with_workers(Limits(seconds=60), use)
    assert typed[-1]["main"] == "last"
    assert typed[1:-1].count(SUPERSEDED) == 48
    assert other["main"] == "other"
    assert after["main"] == "after"
    assert long == SUPERSEDED
