"""A data set of compiled models, written one by one; an unfinished one is gone on with.

Candidates are made in any order by any number of processes, and taken in the order of their numbers: so the
set depends on what is asked for only.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from compiler.lab import card
from compiler.lab.candidates import Made, Passed, Wanted, dumps, made
from compiler.workers import ALONE, Crew, refuse_unreachable, results
from rasp.errors import RaspError

MODELS, INDEX, LOG, ASKED = "models", "index.jsonl", "candidates.jsonl", "asked.json"

IN_VAIN = 2_000
"""After so many candidates of which none is taken there may be no such programs."""


class BenchError(RaspError):
    """A data set that cannot be written or does not hold what it says."""


@dataclass
class Tally:
    """How far a set has come: `taken` of `wanted` models, `deep` of them with two layers or more."""

    wanted: int
    taken: int = 0
    deep: int = 0
    candidates: int = 0
    passed: Counter[str] = field(default_factory=Counter)

    def line(self) -> str:
        """The state in one line."""
        return (
            f"{self.taken:,} of {self.wanted:,} models, {self.deep:,} of them with two layers or more, "
            f"of {self.candidates:,} program{'s' * (self.candidates != 1)}"
        )


def write(
    folder: Path,
    models: int,
    asked: Wanted,
    crew: Crew = ALONE,
    progress: Callable[[Tally], None] | None = None,
) -> Tally:
    """Write so many models to `folder`, or those that are missing there; at least half of them have two
    layers or more.

    Raises BenchError where the folder holds something else or cannot be written, a model answers wrongly, or
    hardly any program is what is asked for;
    RaspError where a cluster is not reached, before anything is written.
    """
    refuse_unreachable(crew)
    try:
        return _write(folder, models, asked, crew, progress)
    except OSError as error:
        raise BenchError(f"cannot write {error.filename or folder}: {error.strerror}") from None


def _write(
    folder: Path, models: int, asked: Wanted, crew: Crew, progress: Callable[[Tally], None] | None
) -> Tally:
    begun(folder, models, asked)
    tally, seen = Tally(models), set[str]()
    for entry in logged(folder):
        note(tally, seen, entry)
    shutil.rmtree(folder / MODELS / name(tally.taken), ignore_errors=True)
    vain = 0
    if tally.taken < models:
        candidates = results(partial(_made, asked), count(tally.candidates), crew)
        with (folder / LOG).open("a", encoding="utf-8") as log:
            for found in candidates:
                entry = judged(found, tally, seen, asked)
                if isinstance(found, Made) and entry["taken"]:
                    put(folder / MODELS / name(tally.taken), found)
                log.write(json.dumps(entry, sort_keys=True) + "\n")
                log.flush()
                note(tally, seen, entry)
                if progress is not None:
                    progress(tally)
                if tally.taken == models:
                    break
                vain = 0 if entry["taken"] else vain + 1
                if vain == IN_VAIN:
                    raise _none_such(tally)
        candidates.close()
    finish(folder, tally, asked)
    return tally


def _none_such(tally: Tally) -> BenchError:
    """The error where hardly any program is what is asked for."""
    reasons = ", ".join(f"{reason} ({number:,})" for reason, number in tally.passed.most_common(3))
    return BenchError(
        f"none of the last {IN_VAIN:,} programs is such a model, "
        f"{tally.taken:,} of {tally.wanted:,} are found: {reasons}",
        hint="ask for fewer layers, heads or distractors; what is found stays in the folder",
    )


def begun(folder: Path, models: int, asked: Wanted) -> None:
    """Begin the set, unless it has been begun: then the same must have been asked for."""
    told = dumps({"models": models, **asdict(asked)})
    there = folder / ASKED
    if not there.exists():
        if folder.exists() and any(folder.iterdir()):
            raise BenchError(f"{folder} is not empty and holds no data set", hint="give a new folder")
        (folder / MODELS).mkdir(parents=True, exist_ok=True)
        there.write_bytes(told)
    elif there.read_bytes() != told:
        raise BenchError(
            f"{folder} holds a set that was asked for in another way", hint=there.read_text().strip()
        )


def logged(folder: Path) -> list[dict[str, Any]]:
    """What became of the candidates so far; half a line, of a process that was killed, is cut off."""
    log = folder / LOG
    if not log.exists():
        return []
    whole = log.read_bytes().rpartition(b"\n")[0]
    log.write_bytes(whole + b"\n" if whole else b"")
    try:
        entries = [json.loads(line) for line in whole.splitlines()]
    except ValueError:
        entries = [None]
    if not all(isinstance(entry, dict) and "taken" in entry for entry in entries):
        raise BenchError(f"{log} is damaged", hint="write the set to a new folder")
    return entries


def judged(found: Made | Passed, tally: Tally, seen: set[str], asked: Wanted) -> dict[str, Any]:
    """What becomes of a candidate, as the log has it."""
    if isinstance(found, Passed):
        if found.wrong:
            raise BenchError(
                found.reason, hint=f"this is a mistake of the compiler; the seed is {asked.seed}"
            )
        return {"taken": False, "reason": found.reason}
    shallow = tally.taken - tally.deep
    if found.exact in seen:
        return {"taken": False, "reason": "the same behaviour"}
    if found.facts["layers"] < 2 and 2 * (shallow + 1) > tally.wanted:
        return {"taken": False, "reason": "enough with one layer"}
    told = {"name": name(tally.taken), "part": part(found.behaviour), "behaviour": found.behaviour}
    return {"taken": True, "exact": found.exact, "facts": {**told, **found.facts}}


def note(tally: Tally, seen: set[str], entry: dict[str, Any]) -> None:
    """Count a candidate."""
    tally.candidates += 1
    if not entry["taken"]:
        tally.passed[entry["reason"]] += 1
        return
    tally.taken += 1
    tally.deep += entry["facts"]["layers"] >= 2
    seen.add(entry["exact"])


def part(behaviour: str) -> str:
    """The part of the set for all programs of one behaviour: eight of ten are for training."""
    return {0: "test", 1: "validation"}.get(int(behaviour, 16) % 10, "train")


def name(number: int) -> str:
    """What the model of this number is called in the set."""
    return f"{number:05d}"


def put(folder: Path, found: Made) -> None:
    """Write a model's files."""
    folder.mkdir()
    for file, data in found.files.items():
        (folder / file).write_bytes(data)


def finish(folder: Path, tally: Tally, asked: Wanted) -> None:
    """Write what tells of the whole: the index, the card (its scores stay) and the Croissant metadata."""
    taken = [entry["facts"] for entry in logged(folder) if entry["taken"]]
    index = b"".join(map(dumps, taken))
    (folder / INDEX).write_bytes(index)
    there = folder / card.README
    scores = card.scores_of(there.read_text(encoding="utf-8", errors="replace")) if there.exists() else ""
    there.write_bytes((card.readme(taken, tally.passed, asked) + scores).encode())
    (folder / card.CROISSANT).write_bytes(dumps(card.croissant(taken, index)))


def _made(asked: Wanted, number: int) -> Made | Passed:
    return made(number, asked)
