"""A course: the exercises of a folder, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from rasp.learning.exercise import Exercise, ExerciseError, read_exercise

FILE_NAME = r"(\d+)[-_]([A-Za-z]\w*)\.md"
LARGEST_FILE = 200_000  # bytes


@dataclass(frozen=True)
class Lesson:
    """An exercise with the number that its file's name begins with; `text` is the file's."""

    number: int
    exercise: Exercise
    text: str

    @property
    def file_name(self) -> str:
        """How the file with the learner's program is called unless they say otherwise."""
        return f"{self.number:02}_{self.exercise.name}.rasp"


@dataclass(frozen=True)
class Course:
    """Exercises in the order in which they are learnt from.

    `label` tells this course from others in a learner's progress; it is empty for the one that comes with
    the package.
    """

    label: str
    lessons: tuple[Lesson, ...]

    def find(self, wanted: str) -> Lesson:
        """The exercise of that number or name; raises ExerciseError if there is none."""
        for lesson in self.lessons:
            if wanted == lesson.exercise.name or (is_number(wanted) and int(wanted) == lesson.number):
                return lesson
        near = get_close_matches(wanted, [lesson.exercise.name for lesson in self.lessons], n=1)
        hint = f"did you mean {near[0]}?" if near else "`rasp learn list` shows them all"
        raise ExerciseError(f"there is no exercise {wanted}", hint=hint)


def is_number(text: str) -> bool:
    """Whether an argument is an exercise's number rather than its name."""
    return text.isascii() and text.isdigit() and len(text) < 6


def built_in() -> Course:
    """The course that comes with the package."""
    return Course("", tuple(_lessons(resources.files("programs").joinpath("exercises"))))


def from_folder(folder: Path) -> Course:
    """The course that a folder holds; raises ExerciseError if there is none or a file is not right."""
    if not folder.is_dir():
        raise ExerciseError(f"there is no folder {folder}")
    lessons = tuple(_lessons(folder))
    if not lessons:
        raise ExerciseError(
            f"there are no exercises in {folder}",
            hint="their files are called 01_name.md, 02_other_name.md, ...",
        )
    return Course(folder.resolve().name, lessons)


def _lessons(folder: Traversable) -> Iterator[Lesson]:
    """The exercises of a folder by the numbers that their files' names begin with."""
    found: list[tuple[int, str, Traversable]] = []
    for entry in folder.iterdir():
        parts = re.fullmatch(FILE_NAME, entry.name, re.ASCII)
        if parts and entry.is_file():
            found.append((int(parts[1]), parts[2], entry))
    seen: set[int | str] = set()
    for number, name, entry in sorted(found, key=lambda item: item[:2]):
        if seen & {number, name}:
            raise ExerciseError(f"{entry.name} has the number or the name of another exercise")
        seen |= {number, name}
        text = _read(entry)
        yield Lesson(number, read_exercise(text, name, entry.name), text)


def _read(entry: Traversable) -> str:
    try:
        data = entry.read_bytes()
        if len(data) > LARGEST_FILE:
            raise ExerciseError(f"{entry.name} is larger than {LARGEST_FILE:,} bytes")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise ExerciseError(f"{entry.name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ExerciseError(f"{entry.name} is not text in UTF-8") from None
