"""`rasp fuzz`: random programs, compiled and compared with the reference interpreter."""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from rasp import interrupts
from rasp.commands.options import cluster_option, json_option, workers_option

if TYPE_CHECKING:
    from compiler.fuzzing.loop import Refusals, Tally

DEFAULT_COUNT = 1000

REASONS = 10
"""How many reasons of refusals are shown."""

HEAD, TAIL = 110, 80
"""Characters shown of a long message: it begins with what is refused, and often ends with why."""


def _finite(_context: click.Context, _parameter: click.Parameter, minutes: float | None) -> float | None:
    if minutes is not None and not math.isfinite(60 * minutes):
        raise click.BadParameter(f"{minutes} is no number of minutes; give a finite one, such as 10.")
    return minutes


@click.command()
@click.option(
    "--count",
    type=click.IntRange(min=1),
    metavar="K",
    help=f"How many programs to try; {DEFAULT_COUNT} unless --minutes is given.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    callback=_finite,
    metavar="M",
    help="How long to try.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="S",
    help="The number of the first program; a fresh one by default.",
)
@workers_option
@cluster_option
@json_option
def fuzz(
    count: int | None,
    minutes: float | None,
    seed: int | None,
    workers: int,
    cluster: str | None,
    as_json: bool,
) -> None:
    """Compile random programs and compare interpreter, batched oracle and model.

    Each program is for a causal model or for one that is not, and is compiled twice, optimized and not.
    Programs are numbered; what fails is made smaller, and printed as a program that can be run, with the
    command to check it. Goes on after failures, and exits with 1 if there were any.

    \b
    Examples:
      rasp fuzz --count 500
      rasp fuzz --minutes 10 --seed 1
    """
    from compiler.fuzzing import loop
    from compiler.workers import Crew

    first = random.SystemRandom().randrange(1 << 30) if seed is None else seed
    if count is None and minutes is None:
        count = DEFAULT_COUNT
    click.echo(f"seed {first}", err=True)
    tally = loop.Tally(first)

    def show(state: Tally) -> None:
        nonlocal tally
        tally = state
        if sys.stderr.isatty():
            click.echo(f"\r{state.line()} ", nl=False, err=True)

    seconds = None if minutes is None else 60 * minutes
    with suppress(KeyboardInterrupt), interrupts.undone(lambda: last_words(tally, as_json)):
        for failure in loop.fuzz(first, count, seconds, show, Crew(workers, cluster)):
            if sys.stderr.isatty():
                click.echo(err=True)  # leave the progress line
            if not as_json:
                click.echo(failure.report())
    if sys.stderr.isatty():
        click.echo(err=True)
    click.echo(json.dumps(facts(tally), sort_keys=True) if as_json else summary(tally))
    if tally.failures:
        raise click.exceptions.Exit(1)


def last_words(tally: Tally, as_json: bool) -> str:
    """At Ctrl-C, what was done; what failed has been told. The JSON goes where it always goes."""
    if as_json:
        click.echo(json.dumps(facts(tally), sort_keys=True))
    return f"stopped: {tally.line()}"


def summary(tally: Tally) -> str:
    """The result, with the reasons why programs were refused."""
    return "\n".join(
        [
            tally.line(),
            *refusal_lines("refused", tally.refused, tally.programs),
            *refusal_lines("refused only unoptimized", tally.refused_as_written, tally.programs),
        ]
    )


def refusal_lines(kind: str, refused: Mapping[str, Refusals], programs: int) -> list[str]:
    """For each of the most frequent reasons its share of all programs, and the message of one program."""

    def share(count: int) -> str:
        return f"  {count:5d} {kind} ({count / programs:.2%})"

    groups = by_frequency(refused)
    lines = [
        f"{share(group.programs)}: {reason}, such as seed {group.seed}: {shortened(group.message)}"
        for reason, group in groups[:REASONS]
    ]
    rest = [group.programs for _, group in groups[REASONS:]]
    return [*lines, f"{share(sum(rest))} for {len(rest)} other reasons"] if rest else lines


def shortened(message: str) -> str:
    """A message on one line, with the middle left out if it is long."""
    line = " ".join(message.split())
    return line if len(line) <= HEAD + TAIL else f"{line[:HEAD].rstrip()} [...] {line[-TAIL:].lstrip()}"


def by_frequency(refused: Mapping[str, Refusals]) -> list[tuple[str, Refusals]]:
    """The reasons, those of most programs first."""
    return sorted(refused.items(), key=lambda item: -item[1].programs)


def facts(tally: Tally) -> dict[str, Any]:
    """The result as plain data."""
    return {
        "seed": tally.seed,
        "programs": tally.programs,
        "inputs": tally.compared,
        "undefined": tally.undefined,
        "through_jax": tally.through_jax,
        "refused": refusal_facts(tally.refused, tally.programs),
        "refused_only_unoptimized": refusal_facts(tally.refused_as_written, tally.programs),
        "seconds": round(tally.seconds, 1),
        "failures": [failure.facts() for failure in tally.failures],
    }


def refusal_facts(refused: Mapping[str, Refusals], programs: int) -> list[dict[str, Any]]:
    """Each reason with its share of all programs and the whole message of one of them."""
    return [
        {
            "reason": reason,
            "programs": group.programs,
            "share": group.programs / programs,
            "seed": group.seed,
            "message": group.message,
        }
        for reason, group in by_frequency(refused)
    ]
