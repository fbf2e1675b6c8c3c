"""`rasp learn`: exercises, from the first task to the grades of a class."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rasp.commands import values
from rasp.commands.options import Decorator, json_option
from rasp.errors import RaspError

if TYPE_CHECKING:
    from rasp.learning.course import Course, Lesson
    from rasp.learning.grading import Grade
    from rasp.learning.judging import Failure, Verdict
    from rasp.learning.progress import Progress

from_option: Decorator = click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Exercises of your own, instead of those that come along.",
)
number_argument: Decorator = click.argument("number", metavar="[N]", required=False)
seconds_option: Decorator = click.option(
    "--seconds", type=click.IntRange(1), default=60, show_default=True, help="How long one check may take."
)
memory_option: Decorator = click.option(
    "--megabytes",
    type=click.IntRange(500),
    default=4000,
    show_default=True,
    help="How much memory one check may take (Linux and macOS).",
)


@click.group(invoke_without_command=True)
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
        show_list(course_of(context, None), as_json)


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
    show_list(course_of(context, folder), as_json)


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
        click.echo(values.dump_json({**described(course, lesson, progress), **task_of(lesson)}))
    else:
        print_markdown(task_page(lesson))
        click.echo(how_to_go_on(lesson))


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
        click.echo(values.dump_json({"hints": hints[:seen], "left": len(hints) - seen}))
        return
    for place, text in enumerate(hints[:seen], start=1):
        print_markdown(f"**Hint {place} of {len(hints)}.** {text}")
    if seen == len(hints):
        click.echo("There are no more hints." if hints else "There are no hints on this exercise.")


@learn.command()
@click.argument("number", metavar="N")
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
      rasp learn check 7 my_reverse.rasp
    """
    from rasp.learning.judging import CORRECT
    from rasp.learning.progress import write_progress
    from rasp.learning.sandbox import Limits, judge_apart
    from rasp.loader import Loader

    course = course_of(context, folder)
    progress = progress_here()
    lesson = course.find(number)
    path = file or Path(lesson.file_name)
    if not path.is_file():
        raise RaspError(
            f"there is no file {path}", hint=None if file else f"`rasp learn show {number} --write` makes it"
        )
    verdict = judge_apart(lesson, Loader.read(path), str(path), Limits(seconds, megabytes))
    progress = progress.with_standing(course, lesson, progress.of(course, lesson).after(verdict))
    write_progress(Path(), progress)
    if as_json:
        click.echo(values.dump_json(verdict.to_json()))
    else:
        print_verdict(verdict)
        if verdict.verdict == CORRECT:
            click.echo(what_comes_next(course, progress))
    if verdict.verdict != CORRECT:
        raise click.exceptions.Exit(1)


@learn.command()
@click.argument("submissions", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option("--exercise", "number", metavar="N", help="Grade this exercise only.")
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

    The files lie in one sub-folder for each student (ann/07_reverse.rasp or ann/7.rasp), or side by side
    (ann_07_reverse.rasp; with --exercise 7 just ann.rasp). Programs can neither read nor write files, and
    each is checked in a process of its own, with limits to its time and memory.

    \b
    Example:
      rasp learn grade class-of-2030 --csv > grades.csv
    """
    from rasp.learning.grading import find_submissions, row, to_csv
    from rasp.learning.grading import grade as grade_all
    from rasp.learning.sandbox import Limits

    if as_csv and as_json:
        raise click.UsageError("give only one of --csv and --json")
    course = course_of(context, folder)
    found = find_submissions(submissions, course, course.find(number) if number else None)

    def tell(each: Grade) -> None:
        if not as_csv and not as_json:
            student, shown, name, file, verdict, *_, message = row(each)
            click.echo(f"{student}  {shown or '?'} {name or file}  {coloured(str(verdict))}  {message}")

    grades = grade_all(found, Limits(seconds, megabytes), jobs, tell)
    if as_csv:
        click.echo(to_csv(grades), nl=False)
    elif as_json:
        click.echo(values.dump_json([grade_as_json(each) for each in grades]))


@learn.command()
@click.argument("number", metavar="[N]", required=False)
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
    from rasp.learning.judging import summary
    from rasp.learning.proofreading import proofread as read_through
    from rasp.learning.sandbox import judge_apart

    course = course_of(context, folder)
    faults: list[dict[str, Any]] = []
    for lesson in [course.find(number)] if number else course.lessons:
        verdict, wrong = read_through(
            lesson.exercise, lambda source, file, lesson=lesson: judge_apart(lesson, source, file)
        )
        faults += [{"exercise": lesson.exercise.name, "fault": text} for text in wrong]
        if not as_json:
            size = ", ".join(f"{count:,} {key}" for key, count in (verdict.size or {}).items())
            name = f"{lesson.number:3}  {lesson.exercise.name}"
            click.echo(f"{name}: {'; '.join(wrong) or f'{verdict.tried} inputs, {size}' or summary(verdict)}")
    if as_json:
        click.echo(values.dump_json(faults))
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


def show_list(course: Course, as_json: bool) -> None:
    """All exercises by topic, with the progress."""
    progress = progress_here()
    if as_json:
        click.echo(values.dump_json([described(course, lesson, progress) for lesson in course.lessons]))
        return
    topic = None
    for lesson in course.lessons:
        if lesson.exercise.topic != topic:
            topic = lesson.exercise.topic
            click.secho(topic, bold=True)
        standing = progress.of(course, lesson)
        mark = click.style("x", fg="green") if standing.solved else " "
        line = f" [{mark}] {lesson.number:2}  {lesson.exercise.title}"
        click.echo(line + click.style(standing_in_words(course, lesson, progress), dim=True))
    solved = sum(progress.of(course, lesson).solved for lesson in course.lessons)
    click.echo(f"\n{solved} of {len(course.lessons)} solved. {what_comes_next(course, progress)}")


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


def what_comes_next(course: Course, progress: Progress) -> str:
    """The next exercise and how to see it."""
    lesson = progress.next_lesson(course)
    if lesson is None:
        return "You have solved them all."
    return f'Next: {lesson.number}, "{lesson.exercise.title}" (rasp learn show {lesson.number} --write).'


def described(course: Course, lesson: Lesson, progress: Progress) -> dict[str, Any]:
    """An exercise and the progress with it, for JSON."""
    from dataclasses import asdict

    head = {"number": lesson.number, "name": lesson.exercise.name, "title": lesson.exercise.title}
    return {**head, "topic": lesson.exercise.topic, **asdict(progress.of(course, lesson))}


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
    rules = []
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
    where = f"It is in {file}." if Path(file).exists() else f"rasp learn show {number} --write: into {file}."
    return f"{where} Then: rasp learn check {number}. Stuck? rasp learn hint {number}."


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
    click.echo(values.dump_json({"reference": reference}) if as_json else reference.rstrip())


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
            click.echo(f"  {count:>8,} {key:<11} best known: {verdict.best[key]:,}")


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
    text = values.dump_json(sequence)
    return text if len(text) <= 1000 else f"{text[:1000]}..."


def coloured(verdict: str) -> str:
    """The word in green for correct, in red for all else."""
    return click.style(verdict, fg="green" if verdict == "correct" else "red")


def grade_as_json(each: Grade) -> dict[str, Any]:
    """One submission's row with the whole verdict."""
    from rasp.learning.grading import COLUMNS, row

    cells = dict(zip(COLUMNS, row(each), strict=True))
    head = {key: cells[key] for key in ("student", "exercise", "name", "file")}
    return {**head, **each.verdict.to_json()}


def print_markdown(text: str) -> None:
    """Markdown in the terminal, at most 100 characters wide."""
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    console.width = min(console.width, 100)
    console.print(Markdown(text))
