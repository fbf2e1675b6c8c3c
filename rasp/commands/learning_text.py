"""What `rasp learn` prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rasp import notation
from rasp.records import to_data

if TYPE_CHECKING:
    from rasp.learning.course import Course, Lesson
    from rasp.learning.exercise import Exercise
    from rasp.learning.grading import Grade
    from rasp.learning.judging import Failure, Verdict
    from rasp.learning.progress import Progress


def show_list(course: Course, progress: Progress, as_json: bool) -> None:
    """All exercises by topic, with the progress; the stars say how hard they are."""
    if as_json:
        click.echo(notation.dump_json([described(course, lesson, progress) for lesson in course.lessons]))
        return
    topic = None
    for lesson in course.lessons:
        if lesson.exercise.topic != topic:
            topic = lesson.exercise.topic
            click.secho(topic, bold=True)
        standing = progress.of(course, lesson)
        mark = click.style("x", fg="green") if standing.solved else " "
        line = f" [{mark}] {lesson.number:2}  {stars_of(lesson.exercise)}  {lesson.exercise.title}"
        click.echo(line + click.style(standing_in_words(course, lesson, progress), dim=True))
    solved = sum(progress.of(course, lesson).solved for lesson in course.lessons)
    click.echo(f"\n{solved} of {len(course.lessons)} solved. {what_comes_next(course, progress)}")


def stars_of(exercise: Exercise) -> str:
    """How hard an exercise is; blank where that is not said."""
    from rasp.learning.exercise import MOST_STARS

    return "\u2605" * exercise.stars + "\u2606 "[not exercise.stars] * (MOST_STARS - exercise.stars)


def standing_in_words(course: Course, lesson: Lesson, progress: Progress) -> str:
    """What a line of the list adds about an exercise that has been tried."""
    from rasp.learning.judging import amount, comparison

    standing = progress.of(course, lesson)
    said = []
    if standing.size and standing.best:
        said.append(comparison(standing.size, standing.best))
    if standing.tries and not standing.solved:
        said.append(f"{standing.tries} {'try' if standing.tries == 1 else 'tries'}")
    if standing.hints:
        said.append(amount(standing.hints, "hints"))
    return f"  ({'; '.join(said)})" if said else ""


def what_comes_next(course: Course, progress: Progress, after: Lesson | None = None) -> str:
    """The next exercise and how to see it."""
    lesson = progress.next_lesson(course, after)
    if lesson is None:
        return "You have solved them all."
    return f'Next: {lesson.number}, "{lesson.exercise.title}" (rasp learn show {lesson.number} --write).'


def described(course: Course, lesson: Lesson, progress: Progress) -> dict[str, Any]:
    """An exercise and the progress with it, for JSON."""
    from dataclasses import asdict

    head: dict[str, Any] = {
        "number": lesson.number,
        "name": lesson.exercise.name,
        "title": lesson.exercise.title,
    }
    head |= {"topic": lesson.exercise.topic, "stars": lesson.exercise.stars}
    return {**head, **asdict(progress.of(course, lesson))}


def task_of(lesson: Lesson) -> dict[str, Any]:
    """What is to be done, for JSON."""
    exercise = lesson.exercise
    return {
        "statement": exercise.statement,
        "examples": [{"input": list(each.input), "output": each.output} for each in exercise.examples],
        "causal": exercise.causal,
        "vocab": list(exercise.vocab),
        "max_length": exercise.max_length,
        "without": list(exercise.without),
        "budget": dict(exercise.budget),
        "skeleton": exercise.skeleton,
        "file": lesson.file_name,
    }


def task_page(lesson: Lesson) -> str:
    """What is to be done, in Markdown."""
    from rasp.learning.judging import amount

    exercise = lesson.exercise
    examples = "\n".join(f"    {example.text}" for example in exercise.examples)
    rules = [f"Difficulty: {stars_of(exercise)}"] if exercise.stars else []
    if exercise.causal:
        rules.append("The program runs in causal mode: each position sees only itself and what is before it.")
    if exercise.without:
        rules.append(f"Solve it without {' and '.join(f'`{name}`' for name in exercise.without)}.")
    if exercise.budget:
        limits = [amount(limit, key) for key, limit in exercise.budget.items()]
        rules.append(f"The compiled program may have {' and '.join(limits)} at most.")
    parts = [f"# {lesson.number}. {exercise.title}", exercise.statement, examples, *rules]
    return "\n\n".join([*parts, f"```rasp\n{exercise.skeleton}```"])


def how_to_go_on(lesson: Lesson) -> str:
    """Where the program goes, and how it is checked."""
    number, file = lesson.number, lesson.file_name
    where = (
        f"Your program is {file}."
        if Path(file).exists()
        else f"To have the skeleton in {file}: rasp learn show {number} --write."
    )
    return f"{where} Then: rasp learn check {number}. Stuck? rasp learn hint {number}."


def print_verdict(verdict: Verdict) -> None:
    """The verdict for people: a sentence, then the failing input or the sizes."""
    from rasp.learning.judging import CORRECT, WRONG, summary

    good = verdict.verdict == CORRECT
    click.secho(summary(verdict), fg="green" if good else "red", bold=True)
    if verdict.verdict == WRONG and verdict.failure is not None:
        print_failure(verdict.failure)
    if verdict.message:
        click.echo(verdict.message)
    if verdict.size is not None and verdict.best is not None:
        click.echo(f"Right on all {verdict.tried} inputs tried. Compiled, it has:")
        for key, count in verdict.size.items():
            noun = key[:-1] if count == 1 else key
            label = f"{noun} a layer" if key == "heads" else noun
            click.echo(f"  {count:>8,} {label:<13}  best known: {verdict.best[key]:,}")


def print_failure(failure: Failure) -> None:
    """The smallest failing input with both answers, one below the other."""
    click.echo("The smallest input found on which it fails:")
    click.echo(f"  input:    {shown(failure.input)}")
    click.echo(f"  expected: {shown(failure.expected)}")
    if failure.got is not None:
        click.echo(f"  got:      {shown(failure.got)}")
    else:
        click.echo(f"  got an error: {failure.error}")


def shown(sequence: list[Any]) -> str:
    """A sequence in JSON, as `rasp run` takes it; cut where it is very long."""
    text = notation.dump_json(sequence)
    return text if len(text) <= 1000 else f"{text[:1000]}..."


def coloured(verdict: str) -> str:
    """The word in green for correct, in red for all else."""
    return click.style(verdict, fg="green" if verdict == "correct" else "red")


MOST_ALIKE = 6
"""Students with one solution who are named."""


def print_totals(grades: list[Grade]) -> None:
    """What each student has in all, and whose programs are the same."""
    from rasp.learning.grading import equal_solutions, totals

    sums = totals(grades)
    width = max(len(each.student) for each in sums)
    click.secho("\nIn all", bold=True)
    for each in sums:
        right = f"{each.right} of {each.graded} right"
        click.echo(f"{each.student:<{width}}  {right}  {each.points} points")
    for name, students in equal_solutions(grades):
        click.echo(f"The same solution of {name}: {alike(students, len(sums))}")


def alike(students: Sequence[str], count: int) -> str:
    """Who has the same solution; what many have was hardly copied from one another."""
    if len(students) <= MOST_ALIKE:
        return ", ".join(students)
    return f"{len(students)} of {count} students, so it is rather from the lesson than from one another"


def grade_as_json(each: Grade) -> dict[str, Any]:
    """One submission's row with the whole verdict."""
    from rasp.learning.grading import COLUMNS, row

    cells = dict(zip(COLUMNS, row(each), strict=True))
    head = {key: cells[key] for key in ("student", "exercise", "name", "file")}
    return {**head, **to_data(each.verdict)}
