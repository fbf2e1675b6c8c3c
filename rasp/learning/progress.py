"""What a learner has done so far, kept in a small file in their own folder."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from rasp.errors import RaspError
from rasp.learning.course import Course, Lesson
from rasp.learning.exercise import MEASURES
from rasp.learning.judging import CORRECT, Size, Verdict

FILE = ".rasp-learn.json"
FORMAT = 1


@dataclass(frozen=True)
class Standing:
    """How a learner stands with one exercise: hints seen, checks made, and the smallest right program."""

    hints: int = 0
    tries: int = 0
    solved: bool = False
    size: Size | None = None
    best: Size | None = None

    def after(self, verdict: Verdict) -> Standing:
        """The standing once a program has been checked."""
        tried = replace(self, tries=self.tries + 1, best=verdict.best or self.best)
        if verdict.verdict != CORRECT:
            return tried
        sizes = [size for size in (self.size, verdict.size) if size is not None]
        smallest = min(sizes, key=lambda size: [size[key] for key in MEASURES], default=None)
        return replace(tried, solved=True, size=smallest)


@dataclass(frozen=True)
class Progress:
    """All standings, by the course's label and the exercise's name (`label/name`, or `name` alone)."""

    standings: Mapping[str, Standing] = field(default_factory=dict)

    def of(self, course: Course, lesson: Lesson) -> Standing:
        """The standing with one exercise."""
        return self.standings.get(_key(course, lesson), Standing())

    def with_standing(self, course: Course, lesson: Lesson, standing: Standing) -> Progress:
        """The progress with one exercise's standing replaced."""
        return Progress({**self.standings, _key(course, lesson): standing})

    def next_lesson(self, course: Course, after: Lesson | None = None) -> Lesson | None:
        """The first exercise that is not solved, or the first such after another; None if all are solved."""
        start = course.lessons.index(after) + 1 if after else 0
        in_turn = (*course.lessons[start:], *course.lessons[:start])
        return next((lesson for lesson in in_turn if not self.of(course, lesson).solved), None)


def _key(course: Course, lesson: Lesson) -> str:
    return f"{course.label}/{lesson.exercise.name}" if course.label else lesson.exercise.name


def read_progress(folder: Path) -> Progress:
    """The progress kept in a folder, empty if there is none; raises RaspError if its file is damaged."""
    file = folder / FILE
    if not file.exists():
        return Progress()
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ValueError(f"it has format {data['format']}")
        return Progress({str(name): _standing(entry) for name, entry in data["exercises"].items()})
    except OSError as error:
        raise RaspError(f"{FILE} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RaspError(
            f"{FILE} is not a record of progress that this version can read ({error})",
            hint="rename or delete it to begin anew",
        ) from None


def _standing(entry: Any) -> Standing:
    """One entry of the file, each part of the type that it should have; raises ValueError if it is not."""
    kinds = {"hints": int, "tries": int, "solved": bool, "size": dict, "best": dict}
    known = {item.name for item in fields(Standing)}
    for key, value in entry.items():
        if key not in known or not (isinstance(value, kinds[key]) or (kinds[key] is dict and value is None)):
            raise ValueError(f"the entry {key!r}")
        if isinstance(value, dict) and not all(isinstance(value.get(measure), int) for measure in MEASURES):
            raise ValueError(f"the entry {key!r}")
    return Standing(**entry)


def write_progress(folder: Path, progress: Progress) -> None:
    """Keep the progress in a folder: a whole new file in the old one's place, never a half-written one."""
    data = {
        "format": FORMAT,
        "exercises": {name: asdict(standing) for name, standing in progress.standings.items()},
    }
    file, new = folder / FILE, folder / f"{FILE}.new"
    try:
        new.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
        os.replace(new, file)
    except OSError as error:
        raise RaspError(f"the progress cannot be kept in {file}: {error.strerror}") from None
