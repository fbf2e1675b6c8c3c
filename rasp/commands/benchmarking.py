"""`rasp bench`: a data set of compiled models with their true circuits, written and checked."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rasp import interrupts
from rasp.commands.options import cluster_option, json_option, seed_option, workers_option

if TYPE_CHECKING:
    from compiler.lab.bench import Tally
    from compiler.lab.candidates import Wanted
    from compiler.request import Style
    from compiler.workers import Crew

CHECK, SCORE = "check", "score"
COUNT = 100


@click.command()
@click.argument(
    "folders", metavar="[check|score] DIR", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "--count",
    type=click.IntRange(min=1),
    default=COUNT,
    show_default=True,
    metavar="K",
    help="How many models.",
)
@seed_option
@click.option("--layers", type=click.IntRange(min=1), default=1, metavar="L", help="With at least L layers.")
@click.option("--heads", type=click.IntRange(min=1), default=1, metavar="H", help="With at least H heads.")
@click.option(
    "--distractors",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="With at least N heads of which nothing reads what they write.",
)
@click.option("--only-true", is_flag=True, help="Also models in which every edge carries something.")
@click.option(
    "--style",
    type=click.Choice(["exact", "soft"]),
    default="exact",
    show_default=True,
    help="Exact models are proved, soft ones are tried on their tests only.",
)
@workers_option
@cluster_option
@json_option
def bench(
    folders: tuple[Path, ...],
    count: int,
    seed: int,
    layers: int,
    heads: int,
    distractors: int,
    only_true: bool,
    style: Style,
    workers: int,
    cluster: str | None,
    as_json: bool,
) -> None:
    """Write a data set of compiled models to DIR: weights, programs, circuits, certificates and tests.

    Library programs come first, then random ones; at least half have two layers or more. The same options
    give the same bytes, with any number of processes; a set that was stopped is gone on with. With `check`,
    DIR is such a set: every model is proved again and compared with its program; exits with 1 if any fails.
    With `score`, methods that find circuits are tried on its first models: activation patching, ACDC and edge
    attribution (EAP, EAP-IG); scores.json there and a section of its README.md keep what they find.

    \b
    Examples:
      rasp bench models --count 500 --seed 1
      rasp bench check models
      rasp bench score models --count 50
    """
    from compiler.lab.candidates import Wanted
    from compiler.workers import Crew

    if len(folders) == 2 and str(folders[0]) == CHECK:
        check_set(folders[1], Crew(workers, cluster), as_json)
    elif len(folders) == 2 and str(folders[0]) == SCORE:
        score_set(folders[1], count, Crew(workers, cluster), as_json)
    elif len(folders) == 1:
        asked = Wanted(seed, layers, heads, only_true, style, distractors)
        write_set(folders[0], count, asked, Crew(workers, cluster), as_json)
    else:
        raise click.UsageError("give one folder to write, or `check` or `score` and a folder")


def write_set(folder: Path, count: int, asked: Wanted, crew: Crew, as_json: bool) -> None:
    """Write a set, or the rest of it."""
    from compiler.lab.bench import write

    said = f"stopped; the same command goes on with {folder}"
    with interrupts.undone(lambda: said):
        tally = write(folder, count, asked, crew, show)
    if sys.stderr.isatty():
        click.echo(err=True)
    click.echo(json.dumps(facts(tally), sort_keys=True) if as_json else summary(tally))


def show(tally: Tally) -> None:
    """The state, where somebody looks."""
    if sys.stderr.isatty():
        click.echo(f"\r{tally.line()} ", nl=False, err=True)


def summary(tally: Tally) -> str:
    """What was taken, and why programs were left out."""
    left_out = [f"  {number:5d} left out: {reason}" for reason, number in tally.passed.most_common()]
    return "\n".join([tally.line(), *left_out])


def facts(tally: Tally) -> dict[str, object]:
    """The result as plain data."""
    return {
        "models": tally.taken,
        "two_layers_or_more": tally.deep,
        "programs": tally.candidates,
        "left_out": dict(tally.passed),
    }


def check_set(folder: Path, crew: Crew, as_json: bool) -> None:
    """Prove and compare every model of a set."""
    from compiler.lab.checking import check

    compared = models = 0
    problems: dict[str, str] = {}
    for checked in check(folder, crew):
        compared, models = compared + checked.compared, models + 1
        if checked.wrong is not None:
            problems[checked.name] = checked.wrong
        if sys.stderr.isatty():
            click.echo(f"\r{models:,} models checked, {len(problems)} fail ", nl=False, err=True)
    if sys.stderr.isatty():
        click.echo(err=True)
    told = {"models": models - 1, "compared": compared, "problems": problems}
    lines = [f"{name}: {problem}" for name, problem in problems.items()]
    lines.append(f"{models - 1:,} models checked, {compared:,} answers compared, {len(problems)} fail")
    click.echo(json.dumps(told, sort_keys=True) if as_json else "\n".join(lines))
    if problems:
        raise click.exceptions.Exit(1)


def score_set(folder: Path, most: int, crew: Crew, as_json: bool) -> None:
    """Try the methods on so many models of a set, and keep there what they find."""
    from compiler.lab.scoring import keep, score, table

    each = []
    for scored in score(folder, crew, most=most):
        each.append(scored)
        if sys.stderr.isatty():
            click.echo(f"\r{len(each):,} models scored ", nl=False, err=True)
    if sys.stderr.isatty():
        click.echo(err=True)
    keep(folder, each)
    click.echo(json.dumps([asdict(one) for one in each], sort_keys=True) if as_json else table(each))
