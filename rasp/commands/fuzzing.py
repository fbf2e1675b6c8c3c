"""`rasp fuzz`: random programs, compiled and compared with the reference interpreter."""

from __future__ import annotations

import json
import random
import sys
from typing import TYPE_CHECKING, Any

import click

from rasp.commands.options import json_option

if TYPE_CHECKING:
    from compiler.fuzzing import Tally

DEFAULT_COUNT = 1000


@click.command()
@click.option("--count", type=click.IntRange(min=1), metavar="K", help="How many programs to try.")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), metavar="M", help="How long to try.")
@click.option("--seed", type=int, help="The number of the first program; a fresh one by default.")
@json_option
def fuzz(count: int | None, minutes: float | None, seed: int | None, as_json: bool) -> None:
    """Compile random programs and compare interpreter, batched oracle and model.

    Programs are numbered; what fails is made smaller, and printed as a program that can be run. Goes on
    after failures, and exits with 1 if there were any.

    \b
    Examples:
      rasp fuzz --count 500
      rasp fuzz --minutes 10 --seed 1
    """
    from compiler import fuzzing

    first = random.SystemRandom().randrange(1 << 30) if seed is None else seed
    if count is None and minutes is None:
        count = DEFAULT_COUNT
    click.echo(f"seed {first}", err=True)
    tally = fuzzing.Tally(first)

    def show(state: Tally) -> None:
        nonlocal tally
        tally = state
        if sys.stderr.isatty():
            click.echo(f"\r{state.line()} ", nl=False, err=True)

    seconds = None if minutes is None else 60 * minutes
    try:
        for failure in fuzzing.fuzz(first, count, seconds, show):
            if sys.stderr.isatty():
                click.echo(err=True)  # leave the progress line
            if not as_json:
                click.echo(failure.report())
    except KeyboardInterrupt:
        pass  # the summary of what was done is still wanted
    if sys.stderr.isatty():
        click.echo(err=True)
    click.echo(json.dumps(facts(tally), sort_keys=True) if as_json else summary(tally))
    if tally.failures:
        raise click.exceptions.Exit(1)


def summary(tally: Tally) -> str:
    """The result, with the reasons why programs were refused."""
    reasons = [f"  {times:5d} refused: {reason}" for reason, times in tally.refused.most_common(10)]
    return "\n".join([tally.line(), *reasons])


def facts(tally: Tally) -> dict[str, Any]:
    """The result as plain data."""
    return {
        "seed": tally.seed,
        "programs": tally.programs,
        "inputs": tally.compared,
        "undefined": tally.undefined,
        "through_jax": tally.through_jax,
        "refused": dict(tally.refused),
        "seconds": round(tally.seconds, 1),
        "failures": [
            {"seed": failure.seed, "status": failure.status, "program": failure.report()}
            for failure in tally.failures
        ],
    }
