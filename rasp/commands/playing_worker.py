"""A process of the playground: it looks at programs or makes models of them, one task after the other.

It reads tasks as lines of JSON from standard input and writes the answers as lines of JSON to standard
output; `rasp.play.workers` starts it, and ends it if a task takes too long.
"""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rasp.commands.drawn import compiled
from rasp.drawing import flow_of, note
from rasp.errors import CompileError, RaspError
from rasp.learning.exercise import read_exercise
from rasp.play.comparing import failing_matrices
from rasp.play.looking import FILE, Given, iterate, look, placed, problem, ran, settings, stepped
from rasp.processes import limit_memory, limit_time

if TYPE_CHECKING:
    from rasp.graph.sops import SOp
    from runtime.model import Model

Data = dict[str, Any]

LARGEST_PAGE = 3_000_000
"""Numbers other than 0 of a model whose page a browser can still draw."""


@dataclass(frozen=True)
class Made:
    """The last model, and of what it was made; `serves` says whether it is the program's step, its answer, or
    both.
    """

    given: Given
    serves: frozenset[bool]
    sop: SOp
    model: Model

    @property
    def drawing_note(self) -> str:
        """What a drawing of it says of the model."""
        return note(
            flow_of(self.sop, None, self.model.config.causal), compiled(self.model.config, self.model.weights)
        )


class Answers:
    """The answers to the tasks, by their kind. The last model is kept: the next task is often about it."""

    def __init__(self) -> None:
        self._last: Made | None = None

    def __call__(self, task: Data) -> Data:
        given = Given(**task["given"])
        kinds: Mapping[str, Callable[[Given, Data], Data]] = {
            "look": lambda given, _: look(given),
            "iterate": lambda given, _: iterate(given),
            "model": self._model,
            "run": self._run,
            "explain": self._explain,
            "page": self._page,
            "zip": self._zip,
            "matrices": self._matrices,
        }
        try:
            return kinds[task["kind"]](given, task)
        except CompileError as error:
            found = problem(error)
            return {"error": error.message, "hint": error.hint, "problems": [found] if found["line"] else []}
        except RaspError as error:
            return {"error": error.message, "hint": error.hint, "problems": []}

    def _compiled(self, given: Given, as_step: bool = False) -> Model:
        return self._made(given, as_step).model

    def _made(self, given: Given, as_step: bool = False) -> Made:
        if self._last is not None and self._last.given == given and as_step in self._last.serves:
            return self._last
        done = ran(given.source, given.name)
        if done.problems:
            raise RaspError("the program has a mistake, so there is no model of it")
        step, main = done.program.step, done.main
        chosen = settings(given)
        import compiler

        self._last = None
        sop = step if as_step else main
        model = compiler.compile(sop, chosen.vocab, chosen.length, causal=chosen.causal)
        self._last = Made(given, frozenset({as_step} if step is not main else {True, False}), sop, model)
        return self._last

    def _model(self, given: Given, _: Data) -> Data:
        made = self._made(given)
        model = made.model
        size = model.size
        costs = model.costs()
        warned = [placed(each.message, each.span, each.hint, "warning") for each in model.warnings]
        heads = sum(layer.w_q.shape[0] for layer in model.weights.layers)
        neurons = sum(layer.w_in.shape[1] for layer in model.weights.layers)
        return {
            "size": {**asdict(size), "all_heads": heads, "neurons": neurons},
            "certified": model.certificate.certified,
            "certificate": model.certificate.summary,
            "bounds": [
                [f"{each['bound']:.4g}", f"{each['tolerance']:.4g}", f"{each['step']}: {each['what']}"]
                for each in model.certificate.items
            ],
            "costs": [asdict(row) for row in costs.rows],
            "parameters": costs.parameters,
            "problems": [each for each in warned if each["line"]],
            "view": self._view(given, model) if size.nonzeros <= LARGEST_PAGE else None,
            "program": model.program,
            "drawing_note": made.drawing_note,
        }

    def _view(self, given: Given, model: Model) -> Data:
        return model.view_data(list(settings(given).tokens), title_of(given))

    def _run(self, given: Given, _: Data) -> Data:
        """The page of the program's run, with the model at work on each state."""
        found = stepped(given)
        model = self._compiled(given, as_step=True)
        if model.size.nonzeros > LARGEST_PAGE:
            return {"view": None}
        return {"view": model.view_data(found.states[0], title_of(given), found.states, found.ending)}

    def _explain(self, given: Given, task: Data) -> Data:
        from runtime.walkthrough import explain
        from runtime.walkthrough.document import as_data

        tokens = settings(given).tokens
        position = task.get("position")
        chosen = len(tokens) - 1 if position is None else min(int(position), len(tokens) - 1)
        document = explain(
            self._compiled(given),
            list(tokens),
            title=title_of(given),
            position=chosen,
            brief=bool(task.get("brief")),
        )
        return {"blocks": as_data(document), "position": chosen, "positions": len(tokens)}

    def _page(self, given: Given, _: Data) -> Data:
        model = self._compiled(given)
        return {
            "html": model.view(list(settings(given).tokens), title_of(given)).html,
            "name": file_name(given),
        }

    def _zip(self, given: Given, _: Data) -> Data:
        from runtime.saving import storage

        model = self._compiled(given)
        files = storage.contents(model.config, model.weights, model.certificate, model.program)
        return {"zip": base64.b64encode(zipped(files, file_name(given))).decode(), "name": file_name(given)}

    def _matrices(self, given: Given, task: Data) -> Data:
        exercise = read_exercise(task["exercise"], task["name"], task["name"])
        return failing_matrices(exercise, given.source, task["input"])


def title_of(given: Given) -> str:
    return given.name or FILE.removesuffix(".rasp")


def file_name(given: Given) -> str:
    """What a file made of the program is called, whatever the page says."""
    kept = "".join(c for c in title_of(given) if c.isascii() and (c.isalnum() or c in "-_"))
    return kept[:40] or "program"


def zipped(files: Mapping[str, bytes], folder: str) -> bytes:
    """A folder of these files as a zip; the same files give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(f"{folder}/{name}"), data, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def main() -> None:
    """Answer one task after the other, until standard input ends."""
    answers = Answers()
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as out:
        sys.stdout = sys.stderr  # an answer is all that is ever written there
        warm_up()
        for line in sys.stdin.buffer:
            task = json.loads(line)
            limit_memory(task["megabytes"])
            limit_time(task["seconds"])
            try:
                answer = answers(task)
            except MemoryError:
                answer = {"stopped": f"This takes more than {task['megabytes']:,} MB of memory."}
            out.write(json.dumps(answer) + "\n")
            out.flush()


def warm_up() -> None:
    """Import what tasks need before the first one comes."""
    if "--models" in sys.argv:
        import runtime.model  # noqa: F401


if __name__ == "__main__":
    main()
