"""The playground's server: the page, and answers about the programs that are typed into it."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rasp import interrupts
from rasp.errors import RaspError
from rasp.learning.course import Course, built_in
from rasp.learning.progress import read_progress, write_progress
from rasp.learning.sandbox import Sandbox, judge_apart
from rasp.play import lessons
from rasp.play.guarding import Guarded
from rasp.play.picking import boot_data
from rasp.play.workers import Limits, Workers

TOKEN_BYTES = 18

LOOKS = Limits(seconds=5)
MODELS = Limits(seconds=30)
CHECKS = 60
"""Seconds of the processor for the check of an exercise, as in `rasp learn check`."""

LOOK_KINDS = ("look", "iterate", "matrices")
MODEL_KINDS = ("model", "run", "explain", "page", "zip")

TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
SCRIPTS = ("editor.min.js", "values.js", "lessons.js", "showing.js", "following.js", "sharing.js", "play.js")
STATIC = (*SCRIPTS, "play.css")

FRAME_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; frame-ancestors 'self'"
)
"""The page of a model is a world of its own: it can ask nothing of this server or of the network."""


@dataclass(frozen=True)
class Kitchen:
    """What the server is made with: the modules of its workers, the page of a model without one, where a
    learner's progress is kept, and what programs may take.
    """

    worker: str
    judge: str
    frame: str
    folder: Path
    looks: Limits = LOOKS
    models: Limits = MODELS


def page_policy(nonce: str) -> str:
    """What the playground's page may do: its own scripts, and styles of its editor by their nonce."""
    return (
        "default-src 'none'; script-src 'self'; img-src data:; connect-src 'self'; frame-src 'self'; "
        f"style-src 'self' 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def application(kitchen: Kitchen, token: str, port: int) -> Guarded:
    """The server's application, which answers at addresses that begin with the token."""
    return Guarded(Playground(kitchen).app(), token, port)


class Playground:
    """The requests, and the processes that answer them."""

    def __init__(self, kitchen: Kitchen) -> None:
        self.kitchen = kitchen
        self.course: Course = built_in()
        self.looking = Workers([kitchen.worker], kitchen.looks)
        self.making = Workers([kitchen.worker, "--models"], kitchen.models, spare=True)
        self._checks = asyncio.Semaphore(2)

    def app(self) -> Starlette:
        """What Starlette runs."""
        return Starlette(
            routes=[
                Route("/", self.page),
                Route("/frame", self.frame),
                Route("/boot", self.boot),
                Route("/{name}", self.static),
                Route("/do/{kind}", self.do, methods=["POST"]),
            ],
            lifespan=self.lifespan,
        )

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Processes are started with the server and ended with it."""
        with interrupts.undone(self.ended):
            await self.looking.start()
            await self.making.start()
            try:
                yield
            finally:
                await self.looking.stop()
                await self.making.stop()

    def ended(self) -> str:
        """End the processes, as Ctrl-C does; the last words."""
        self.looking.kill()
        self.making.kill()
        return "The playground has ended."

    async def page(self, _: Request) -> Response:
        nonce = secrets.token_urlsafe(TOKEN_BYTES)
        text = resource("index.html").replace("@@NONCE@@", nonce)
        return Response(text, media_type="text/html", headers={"content-security-policy": page_policy(nonce)})

    async def frame(self, _: Request) -> Response:
        policy = {"content-security-policy": FRAME_POLICY}
        return Response(self.kitchen.frame, media_type="text/html", headers=policy)

    async def static(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in STATIC:
            return Response("There is no such file.", status_code=404)
        return Response(resource(name), media_type=TYPES[Path(name).suffix])

    async def boot(self, _: Request) -> Response:
        return JSONResponse({**boot_data(), "lessons": self.lessons()})

    def lessons(self) -> list[dict[str, Any]]:
        return lessons.listed(self.course, read_progress(self.kitchen.folder))

    async def do(self, request: Request) -> Response:
        """One task of the page."""
        kind = request.path_params["kind"]
        try:
            task = dict(json.loads(await request.body()))
            page = str(task.pop("page", ""))
        except (ValueError, TypeError):
            return Response("A task is an object in JSON.", status_code=400)
        try:
            return JSONResponse(await self.answer(kind, page, task))
        except RaspError as error:
            return JSONResponse({"error": error.message, "hint": error.hint})
        except (KeyError, TypeError, ValueError):
            return Response("The task is not complete.", status_code=400)

    async def answer(self, kind: str, page: str, task: Mapping[str, Any]) -> dict[str, Any]:
        """What a task comes to; KeyError if there are none of the kind."""
        if kind in (*LOOK_KINDS, *MODEL_KINDS):
            crew = self.looking if kind in LOOK_KINDS else self.making
            extra = self.exercise(task) if kind == "matrices" else {}
            return await crew.ask(page, {"kind": kind, **checked(task), **extra})
        own: Mapping[str, Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]]
        own = {"lesson": self.lesson, "hint": self.hint, "check": self.check}
        return await own[kind](task)

    def exercise(self, task: Mapping[str, Any]) -> dict[str, Any]:
        lesson = self.course.find(str(task["exercise"]))
        return {"exercise": lesson.text, "name": lesson.exercise.name, "input": list(task["input"])}

    async def lesson(self, task: Mapping[str, Any]) -> dict[str, Any]:
        return lessons.stated(self.course, str(task["exercise"]), read_progress(self.kitchen.folder))

    async def hint(self, task: Mapping[str, Any]) -> dict[str, Any]:
        """One more hint; that it has been seen is kept."""
        progress = lessons.with_hint(self.course, str(task["exercise"]), read_progress(self.kitchen.folder))
        write_progress(self.kitchen.folder, progress)
        return lessons.stated(self.course, str(task["exercise"]), progress)

    async def check(self, task: Mapping[str, Any]) -> dict[str, Any]:
        """The verdict on a program, which is judged in a process of its own; the progress is kept."""
        lesson = self.course.find(str(task["exercise"]))
        limits = Sandbox(self.kitchen.judge, CHECKS)
        async with self._checks:
            verdict = await asyncio.to_thread(
                judge_apart, limits, lesson, str(task["source"]), lesson.file_name
            )
        progress = read_progress(self.kitchen.folder)
        standing = progress.of(self.course, lesson).after(verdict)
        progress = progress.with_standing(self.course, lesson, standing)
        write_progress(self.kitchen.folder, progress)
        return {**lessons.judged(lesson, verdict), "lessons": lessons.listed(self.course, progress)}


def checked(task: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a task that a worker takes; raises TypeError or KeyError if one is not of its type."""
    given = task["given"]
    kinds: dict[str, tuple[type, ...]] = {
        "source": (str,),
        "input": (str,),
        "vocab": (str,),
        "name": (str,),
        "length": (int, type(None)),
        "causal": (bool, type(None)),
    }
    for name, value in given.items():
        if not isinstance(value, kinds[name]):
            raise TypeError(name)
    if not isinstance(given["source"], str):
        raise TypeError("source")
    length = given.get("length")
    if length is not None and not 1 <= length <= 100_000:
        raise RaspError("the length is a number from 1 on")
    position = task.get("position")
    if position is not None and not isinstance(position, int):
        raise TypeError("position")
    return {"given": dict(given), "position": position, "brief": bool(task.get("brief"))}


def resource(name: str) -> str:
    """One of the page's files."""
    return (files("rasp.play") / "page" / name).read_text(encoding="utf-8")
