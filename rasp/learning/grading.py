"""A folder of submissions, and the verdict on each."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from rasp.elaboration.loader import Loader
from rasp.errors import LoadError, RaspError
from rasp.learning.course import Course, Lesson
from rasp.learning.exercise import MEASURES, ExerciseError
from rasp.learning.judging import CORRECT, ERROR, TOO_LARGE, Size, Verdict, one_line
from rasp.learning.sandbox import Sandbox, judge_apart


@dataclass(frozen=True)
class Submission:
    """A student's file; `lesson` is None if its name does not tell which exercise it is for."""

    student: str
    file: Path
    lesson: Lesson | None


@dataclass(frozen=True)
class Grade:
    """A submission with what came out of its check."""

    submission: Submission
    verdict: Verdict


def find_submissions(folder: Path, course: Course, only: Lesson | None = None) -> list[Submission]:
    """The `.rasp` files of a folder, each as a student's answer to an exercise.

    A file in a sub-folder is that student's, and named after the exercise (`ann/08_backwards.rasp`,
    `ann/8.rasp`); one in the folder itself is named after both (`ann_08_backwards.rasp`, `ann-8.rasp`), or
    with `only` after the student alone. Raises RaspError if there are none.
    """
    if not folder.is_dir():
        raise RaspError(f"there is no folder {folder}")
    found = list(_in_sub_folders(folder, course, only)) + list(_side_by_side(folder, course, only))
    if not found:
        raise RaspError(f"there are no .rasp files in {folder}")
    return sorted(found, key=lambda each: (each.student, each.lesson.number if each.lesson else 0, each.file))


def _in_sub_folders(folder: Path, course: Course, only: Lesson | None) -> Iterator[Submission]:
    for student in sorted(each for each in folder.iterdir() if each.is_dir() and not each.is_symlink()):
        for file in student.glob("*.rasp"):
            lesson = lesson_named(file.stem, course)
            if only is None or lesson is None or lesson == only:
                yield Submission(student.name, file, lesson)


def _side_by_side(folder: Path, course: Course, only: Lesson | None) -> Iterator[Submission]:
    for file in folder.glob("*.rasp"):
        if only is not None:
            yield Submission(file.stem, file, only)
            continue
        places = [match.start() for match in re.finditer("[-_ ]", file.stem)]
        splits = ((file.stem[:place], lesson_named(file.stem[place + 1 :], course)) for place in places)
        student, lesson = next((split for split in splits if split[1] is not None), (file.stem, None))
        yield Submission(student, file, lesson)


def lesson_named(text: str, course: Course) -> Lesson | None:
    """The exercise that `08_backwards`, `backwards` or `8` means."""
    number = re.match(r"0*(\d{1,5})(?:[-_ ]|$)", text, re.ASCII)
    for wanted in (text, *([number[1]] if number else [])):
        try:
            return course.find(wanted)
        except ExerciseError:
            continue
    return None


def grade(
    submissions: Sequence[Submission], limits: Sandbox, jobs: int, progress: Callable[[Grade], None]
) -> list[Grade]:
    """Check all submissions, `jobs` at a time; `progress` hears of each one, in order."""
    grades: list[Grade] = []
    with ThreadPoolExecutor(jobs) as pool:
        for submission, verdict in zip(
            submissions, pool.map(lambda each: _verdict(each, limits), submissions), strict=True
        ):
            grades.append(Grade(submission, verdict))
            progress(grades[-1])
    return grades


def _verdict(submission: Submission, limits: Sandbox) -> Verdict:
    if submission.lesson is None:
        return Verdict(ERROR, "The file's name does not say which exercise it is for.")
    if submission.file.is_symlink() or not submission.file.is_file():
        return Verdict(ERROR, "It is a link or a special file, and is not read.")
    try:
        source = Loader.read(submission.file)
    except LoadError as error:
        return Verdict(ERROR, error.message)
    return judge_apart(limits, submission.lesson, source, submission.file.name)


POINTS = {CORRECT: 2, TOO_LARGE: 1}
"""Points for a right program, and for a right one that is too large; one more for the smallest size known."""


def points(verdict: Verdict) -> int:
    """What a program is worth."""
    as_small = verdict.size is not None and verdict.best is not None and no_larger(verdict.size, verdict.best)
    return POINTS.get(verdict.verdict, 0) + (verdict.verdict == CORRECT and as_small)


def no_larger(size: Size, best: Size) -> bool:
    """Whether a size is at most the best known, the most important measure first."""
    return [size[key] for key in MEASURES] <= [best[key] for key in MEASURES]


@dataclass(frozen=True)
class Total:
    """A student's sum: how many programs were graded, how many are right, and their points."""

    student: str
    graded: int
    right: int
    points: int


def totals(grades: Sequence[Grade]) -> list[Total]:
    """The sums of all students, by name; of several programs for one exercise the best counts."""
    best: dict[str, dict[str, Verdict]] = {}
    for each in grades:
        mine = best.setdefault(each.submission.student, {})
        name = each.submission.lesson.exercise.name if each.submission.lesson else each.submission.file.name
        if name not in mine or points(each.verdict) > points(mine[name]):
            mine[name] = each.verdict
    return [
        Total(
            student,
            len(mine),
            sum(verdict.verdict == CORRECT for verdict in mine.values()),
            sum(map(points, mine.values())),
        )
        for student, mine in sorted(best.items())
    ]


LEAST_WORDS = 15
"""Of a program that is compared with others: what is shorter is found by many on their own."""


def equal_solutions(grades: Sequence[Grade]) -> list[tuple[str, tuple[str, ...]]]:
    """Exercises with the students whose programs are the same, comments, blanks and names of s-ops aside;
    not where they are so short that there is hardly another way, or no longer than the reference.
    """
    alike: dict[tuple[str, str], dict[str, None]] = {}
    for each in grades:
        lesson, file = each.submission.lesson, each.submission.file
        if lesson is not None and each.verdict.verdict in POINTS and not file.is_symlink():
            text = bare(Loader.read(file), lesson.exercise.name)
            reference = bare(lesson.exercise.reference, lesson.exercise.name)
            if len(text.split()) > max(LEAST_WORDS - 1, len(reference.split())):
                alike.setdefault((lesson.exercise.name, text), {})[each.submission.student] = None
    return [(name, tuple(students)) for (name, _), students in alike.items() if len(students) > 1]


def bare(source: str, name: str) -> str:
    """A program without comments and blanks, with numbers in place of the names that it defines itself."""
    words = re.findall(r'"[^"]*"|\w+|[^\w\s]', re.sub(r'("[^"\n]*")|#[^\n]*', r"\1", source))
    own = [word for word, after in pairwise([*words, ""]) if after == "=" and re.fullmatch(r"\w+", word)]
    numbers = {word: f"<{number}>" for number, word in enumerate(dict.fromkeys(own)) if word != name}
    return " ".join(numbers.get(word, word) for word in words)


COLUMNS = (
    *("student", "exercise", "name", "file", "verdict"),
    *MEASURES,
    *(f"best_{measure}" for measure in MEASURES),
    "points",
    "message",
)


def to_csv(grades: Sequence[Grade]) -> str:
    """A table with one row for each submission."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in grades:
        writer.writerow([_harmless(cell) for cell in row(each)])
    return out.getvalue()


def row(each: Grade) -> list[str | int]:
    """The cells of a submission's row, in the order of COLUMNS; empty where there is nothing to say."""
    lesson, verdict = each.submission.lesson, each.verdict
    sizes = [size.get(key, "") for size in (verdict.size or {}, verdict.best or {}) for key in MEASURES]
    return [
        each.submission.student,
        lesson.number if lesson else "",
        lesson.exercise.name if lesson else "",
        each.submission.file.name,
        verdict.verdict,
        *sizes,
        points(verdict),
        one_line(verdict),
    ]


def _harmless(cell: str | int) -> str | int:
    """A cell that no spreadsheet takes for a formula, whatever a student calls a file."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
