"""`rasp learn`: exercises, from the first task to the grades of a class."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rasp import notation
from rasp.commands.completing import exercises, folders
from rasp.commands.learning_text import (
    coloured,
    described,
    grade_as_json,
    how_to_go_on,
    print_totals,
    print_verdict,
    show_list,
    task_of,
    task_page,
    what_comes_next,
)
from rasp.commands.options import Decorator, json_option
from rasp.errors import RaspError
from rasp.records import to_data

if TYPE_CHECKING:
    from rasp.learning.course import Course, Lesson
    from rasp.learning.grading import Grade
    from rasp.learning.progress import Progress

from_option: Decorator = click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Exercises of your own, instead of those that come along.",
)
number_argument: Decorator = click.argument("number", metavar="[N]", required=False, shell_complete=exercises)
seconds_option: Decorator = click.option(
    "--seconds",
    type=click.IntRange(1),
    default=60,
    show_default=True,
    help="Seconds of the processor that one check may take.",
)
memory_option: Decorator = click.option(
    "--megabytes",
    type=click.IntRange(500),
    default=4000,
    show_default=True,
    help="How much memory one check may take (Linux and macOS).",
)

BETWEEN_LOOKS = 0.3
"""Seconds after which `watch` looks at the file again."""

WORKER = "rasp.commands.judging_worker"
"""The process that judges a learner's program."""


@click.group(invoke_without_command=True, subcommand_metavar="[COMMAND] [ARGS]...")
@from_option
@json_option
@click.pass_context
def learn(context: click.Context, folder: Path | None, as_json: bool) -> None:
    """Exercises: write programs, have them checked, and see how large they get.

    Without a command it lists the exercises and says which comes next. N is an exercise's number or name.
    Your progress is kept in the file .rasp-learn.json of the current folder.

    \b
    Examples:
      rasp learn
      rasp learn show 1 --write
      rasp learn check 1
    """
    context.obj = folder
    if context.invoked_subcommand is None:
        show_list(course_of(context, None), progress_here(), as_json)


@learn.command("list")
@from_option
@json_option
@click.pass_context
def list_exercises(context: click.Context, folder: Path | None, as_json: bool) -> None:
    """List the exercises, what you have done, and what comes next.

    \b
    Example:
      rasp learn list
    """
    show_list(course_of(context, folder), progress_here(), as_json)


@learn.command()
@number_argument
@click.option("--write", is_flag=True, help="Also write the skeleton to a file, to be filled in.")
@click.option("--reference", is_flag=True, help="Show our solution, once you have found yours.")
@from_option
@json_option
@click.pass_context
def show(
    context: click.Context,
    number: str | None,
    write: bool,
    reference: bool,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Show exercise N, or the next one: its statement, examples and skeleton.

    \b
    Example:
      rasp learn show 7 --write
    """
    course = course_of(context, folder)
    progress = progress_here()
    lesson = lesson_of(course, number, progress)
    if reference:
        show_reference(lesson, progress.of(course, lesson).solved, as_json)
        return
    if write:
        write_skeleton(lesson)
    if as_json:
        click.echo(notation.dump_json({**described(course, lesson, progress), **task_of(lesson)}))
    else:
        from rasp.commands.markdown_text import print_markdown

        print_markdown(task_page(lesson))
        click.echo(how_to_go_on(lesson))


@learn.command("next")
@click.option("--write", is_flag=True, help="Also write the skeleton to a file, to be filled in.")
@from_option
@json_option
@click.pass_context
def next_one(context: click.Context, write: bool, folder: Path | None, as_json: bool) -> None:
    """Show the next exercise that you have not solved.

    \b
    Example:
      rasp learn next --write
    """
    context.invoke(show, number=None, write=write, reference=False, folder=folder, as_json=as_json)


@learn.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--exercise",
    "number",
    metavar="N",
    help="The exercise, if the file's name does not say it.",
    shell_complete=exercises,
)
@from_option
@seconds_option
@memory_option
@click.pass_context
def watch(
    context: click.Context, file: Path, number: str | None, folder: Path | None, seconds: int, megabytes: int
) -> None:
    """Check FILE now and each time that it is saved, until it is right.

    \b
    Example:
      rasp learn watch 08_backwards.rasp
    """
    from rasp.learning.grading import lesson_named

    course = course_of(context, folder)
    lesson = course.find(number) if number else lesson_named(file.stem, course)
    if lesson is None:
        raise RaspError(
            f"the name of {file} does not say which exercise it is for", hint="--exercise N says it"
        )
    seen: float | None = None
    while True:
        saved = file.stat().st_mtime if file.is_file() else None
        if saved is None and seen is None:
            raise RaspError(
                f"there is no file {file}", hint=f"`rasp learn show {lesson.number} --write` makes it"
            )
        if saved is not None and saved != seen:
            seen = saved
            try:
                context.invoke(
                    check,
                    number=str(lesson.number),
                    file=file,
                    folder=folder,
                    seconds=seconds,
                    megabytes=megabytes,
                    as_json=False,
                )
                return
            except click.exceptions.Exit:
                click.echo(f"Waiting until {file} is saved. Ctrl-C ends it.")
        time.sleep(BETWEEN_LOOKS)


@learn.command()
@number_argument
@from_option
@json_option
@click.pass_context
def hint(context: click.Context, number: str | None, folder: Path | None, as_json: bool) -> None:
    """Reveal one more hint on exercise N, or on the next one.

    \b
    Example:
      rasp learn hint 7
    """
    from dataclasses import replace

    from rasp.learning.progress import write_progress

    course = course_of(context, folder)
    progress = progress_here()
    lesson = lesson_of(course, number, progress)
    hints = lesson.exercise.hints
    standing = progress.of(course, lesson)
    seen = min(standing.hints + 1, len(hints))
    if seen != standing.hints:
        standing = replace(standing, hints=seen)
        write_progress(Path(), progress.with_standing(course, lesson, standing))
    if as_json:
        click.echo(notation.dump_json({"hints": hints[:seen], "left": len(hints) - seen}))
        return
    for place, text in enumerate(hints[:seen], start=1):
        from rasp.commands.markdown_text import print_markdown

        print_markdown(f"**Hint {place} of {len(hints)}.** {text}")
    if seen == len(hints):
        click.echo("There are no more hints." if hints else "There are no hints on this exercise.")


@learn.command()
@click.argument("number", metavar="N", shell_complete=exercises)
@click.argument("file", metavar="[FILE]", type=click.Path(path_type=Path), required=False)
@from_option
@seconds_option
@memory_option
@json_option
@click.pass_context
def check(
    context: click.Context,
    number: str,
    file: Path | None,
    folder: Path | None,
    seconds: int,
    megabytes: int,
    as_json: bool,
) -> None:
    """Check your program for exercise N, and grade its size.

    It is tried on edge cases and random inputs; if it is right, it is compiled and its size compared with
    the best known. FILE is the one that "rasp learn show N --write" writes, unless given. Exits with 1 if
    the program is not right.

    \b
    Example:
      rasp learn check 8 my_backwards.rasp
    """
    from rasp.elaboration.loader import Loader
    from rasp.learning.judging import CORRECT
    from rasp.learning.progress import write_progress
    from rasp.learning.sandbox import Sandbox, judge_apart

    course = course_of(context, folder)
    progress = progress_here()
    lesson = course.find(number)
    path = file or Path(lesson.file_name)
    if not path.is_file():
        raise RaspError(
            f"there is no file {path}", hint=None if file else f"`rasp learn show {number} --write` makes it"
        )
    verdict = judge_apart(Sandbox(WORKER, seconds, megabytes), lesson, Loader.read(path), str(path))
    progress = progress.with_standing(course, lesson, progress.of(course, lesson).after(verdict))
    write_progress(Path(), progress)
    if as_json:
        click.echo(notation.dump_json(to_data(verdict)))
    else:
        print_verdict(verdict)
        if verdict.verdict == CORRECT:
            click.echo(what_comes_next(course, progress, lesson))
    if verdict.verdict != CORRECT:
        raise click.exceptions.Exit(1)


@learn.command()
@click.argument("submissions", metavar="FOLDER", type=click.Path(path_type=Path), shell_complete=folders)
@click.option("--exercise", "number", metavar="N", help="Grade this exercise only.", shell_complete=exercises)
@click.option("--csv", "as_csv", is_flag=True, help="Answer in CSV.")
@click.option(
    "--jobs", type=click.IntRange(1), default=lambda: min(4, os.cpu_count() or 1), help="Checks at a time."
)
@from_option
@seconds_option
@memory_option
@json_option
@click.pass_context
def grade(
    context: click.Context,
    submissions: Path,
    number: str | None,
    as_csv: bool,
    jobs: int,
    folder: Path | None,
    seconds: int,
    megabytes: int,
    as_json: bool,
) -> None:
    """Check all programs in FOLDER, those of a class for instance.

    The files lie in one sub-folder for each student (ann/08_backwards.rasp or ann/8.rasp), or side by side
    (ann_08_backwards.rasp; with --exercise 8 just ann.rasp). Programs can neither read nor write files, and
    each is checked in a process of its own, with limits to its time and memory.

    \b
    Example:
      rasp learn grade class-of-2030 --csv > grades.csv
    """
    from rasp.learning.grading import find_submissions, row, to_csv
    from rasp.learning.grading import grade as grade_all
    from rasp.learning.sandbox import Sandbox

    if as_csv and as_json:
        raise click.UsageError("give only one of --csv and --json")
    course = course_of(context, folder)
    found = find_submissions(submissions, course, course.find(number) if number else None)

    done = 0

    def tell(each: Grade) -> None:
        nonlocal done
        done += 1
        if not as_csv and not as_json:
            student, shown, name, file, verdict, *_, message = row(each)
            what = f"{shown or '?'} {name or file}"
            click.echo(f"[{done}/{len(found)}] {student}  {what}  {coloured(str(verdict))}  {message}")

    grades = grade_all(found, Sandbox(WORKER, seconds, megabytes), jobs, tell)
    if as_csv:
        click.echo(to_csv(grades), nl=False)
    elif as_json:
        click.echo(notation.dump_json([grade_as_json(each) for each in grades]))
    else:
        print_totals(grades)


@learn.command()
@click.argument("number", metavar="[N]", required=False, shell_complete=exercises)
@from_option
@json_option
@click.pass_context
def proofread(context: click.Context, number: str | None, folder: Path | None, as_json: bool) -> None:
    """For teachers: check the exercises themselves, all or exercise N.

    Their references must pass, their examples be true, and their skeletons run but not be solutions. Exits
    with 1 if something is wrong.

    \b
    Example:
      rasp learn proofread --from my-exercises
    """
    from rasp.learning.proofreading import proofread as read_through
    from rasp.learning.sandbox import Sandbox, judge_apart

    course = course_of(context, folder)
    faults: list[dict[str, Any]] = []
    for lesson in [course.find(number)] if number else course.lessons:
        verdict, wrong = read_through(lesson.exercise, partial(judge_apart, Sandbox(WORKER), lesson))
        faults += [{"exercise": lesson.exercise.name, "fault": text} for text in wrong]
        if not as_json:
            size = ", ".join(f"{count:,} {key}" for key, count in (verdict.size or {}).items())
            name = f"{lesson.number:3}  {lesson.exercise.name}"
            click.echo(f"{name}: {'; '.join(wrong) or f'{verdict.tried} inputs, {size}'}")
    if as_json:
        click.echo(notation.dump_json(faults))
    if faults:
        raise click.exceptions.Exit(1)


def course_of(context: click.Context, folder: Path | None) -> Course:
    """The course that --from names, before or after the command, or the one that comes along."""
    from rasp.learning.course import built_in, from_folder

    chosen = folder or context.find_object(Path)
    return built_in() if chosen is None else from_folder(chosen)


def progress_here() -> Progress:
    """The progress kept in the current folder."""
    from rasp.learning.progress import read_progress

    return read_progress(Path())


def lesson_of(course: Course, number: str | None, progress: Progress) -> Lesson:
    """The exercise asked for, or else the next one; the last one if all are solved."""
    return course.find(number) if number else (progress.next_lesson(course) or course.lessons[-1])


def write_skeleton(lesson: Lesson) -> None:
    """Write the skeleton into the current folder, but over no file."""
    file = Path(lesson.file_name)
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(lesson.exercise.skeleton)
    except FileExistsError:
        raise RaspError(f"{file} exists already", hint="move it away to begin anew") from None
    except OSError as error:
        raise RaspError(f"{file} cannot be written: {error.strerror}") from None


def show_reference(lesson: Lesson, solved: bool, as_json: bool) -> None:
    """Our solution, for those who have theirs."""
    if not solved:
        raise RaspError(
            "the reference is shown once the exercise is solved",
            hint=f"`rasp learn hint {lesson.number}` helps on the way",
        )
    reference = lesson.exercise.reference
    click.echo(notation.dump_json({"reference": reference}) if as_json else reference.rstrip())
