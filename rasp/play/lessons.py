"""Exercises as the page shows them, and the medals for small solutions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasp.learning.course import Course, Lesson
from rasp.learning.exercise import MEASURES
from rasp.learning.judging import CORRECT, Size, Verdict, amount, summary
from rasp.learning.progress import Progress, Standing
from rasp.notation import dump_json, show_atom
from rasp.play.looking import input_text, vocabulary_text
from rasp.records import to_data

GOLD, SILVER, BRONZE = "gold", "silver", "bronze"
"""As small as the best known; as many layers; right."""


def medal(size: Size | None, best: Size | None) -> str:
    """The medal for a right program by its size beside the best known."""
    if size is None or best is None:
        return BRONZE
    mine, known = ([each[key] for key in MEASURES] for each in (size, best))
    if mine <= known:
        return GOLD
    return SILVER if mine[0] <= known[0] else BRONZE


def medal_of(standing: Standing) -> str | None:
    """The medal that a learner has; None without a right program."""
    return medal(standing.size, standing.best) if standing.solved else None


def listed(course: Course, progress: Progress) -> list[dict[str, Any]]:
    """All exercises with the learner's standing, in order."""
    return [
        {
            "number": lesson.number,
            "name": lesson.exercise.name,
            "title": lesson.exercise.title,
            "topic": lesson.exercise.topic,
            "stars": lesson.exercise.stars,
            "medal": medal_of(progress.of(course, lesson)),
            "tries": progress.of(course, lesson).tries,
        }
        for lesson in course.lessons
    ]


def stated(course: Course, name: str, progress: Progress) -> dict[str, Any]:
    """What is to be done, with the hints that were asked for; the reference once it is solved."""
    lesson = course.find(name)
    exercise, standing = lesson.exercise, progress.of(course, lesson)
    rules = []
    if exercise.causal:
        rules.append("Each position sees only itself and what is before it.")
    if exercise.without:
        rules.append(f"Solve it without {' and '.join(f'`{each}`' for each in exercise.without)}.")
    if exercise.budget:
        limits = [amount(limit, key) for key, limit in exercise.budget.items()]
        rules.append(f"The compiled program may have {' and '.join(limits)} at most.")
    first = exercise.examples[0].input
    return {
        "number": lesson.number,
        "name": exercise.name,
        "title": exercise.title,
        "topic": exercise.topic,
        "stars": exercise.stars,
        "statement": exercise.statement,
        "rules": rules,
        "examples": [each.text for each in exercise.examples],
        "skeleton": exercise.skeleton,
        "input": input_text(first),
        "vocab": vocabulary_text(exercise.vocab),
        "length": exercise.max_length,
        "causal": exercise.causal,
        "hints": list(exercise.hints[: standing.hints]),
        "hints_left": len(exercise.hints) - standing.hints,
        "medal": medal_of(standing),
        "reference": exercise.reference if standing.solved else None,
    }


def with_hint(course: Course, name: str, progress: Progress) -> Progress:
    """The progress once one more hint has been seen."""
    lesson = course.find(name)
    standing = progress.of(course, lesson)
    seen = min(standing.hints + 1, len(lesson.exercise.hints))
    return progress.with_standing(course, lesson, replace(standing, hints=seen))


def judged(lesson: Lesson, verdict: Verdict) -> dict[str, Any]:
    """A verdict as the page shows it."""
    failure = verdict.failure
    shown = None
    if failure is not None:
        shown = {
            "input": failure.input,
            "typed": dump_json(failure.input),
            "tokens": [show_atom(each) for each in failure.input],
            "expected": list(map(cell, failure.expected)),
            "got": None if failure.got is None else list(map(cell, failure.got)),
            "error": failure.error,
        }
    return {
        **to_data(replace(verdict, failure=None)),
        "summary": summary(verdict),
        "failure": shown,
        "medal": medal(verdict.size, verdict.best) if verdict.verdict == CORRECT else None,
        "number": lesson.number,
    }


def cell(value: Any) -> str:
    """A JSON value as it stands in a cell."""
    if isinstance(value, bool):
        return "T" if value else "F"
    return value if isinstance(value, str) else dump_json(value)
