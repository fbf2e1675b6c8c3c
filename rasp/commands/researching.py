"""`rasp compress`: the residual stream of a soft model in fewer directions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rasp import notation
from rasp.commands.given import alphabet
from rasp.commands.options import (
    causal_option,
    json_option,
    max_length_option,
    program_argument,
    seed_option,
    vocab_option,
)
from rasp.commands.waiting import waiting

if TYPE_CHECKING:
    from compiler.lab.compressing import Start
    from compiler.request import Basis


def _sizes(_context: click.Context, _parameter: click.Parameter, text: str) -> list[int]:
    """`6`, or all of `1-6`, or `2,4`."""
    found: list[int] = []
    for part in text.split(","):
        read = re.fullmatch(r"\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*", part)
        if read is None or not 1 <= int(read[1]) <= int(read[2] or read[1]):
            raise click.BadParameter(f"{text!r} is no number of directions: write 6, or 1-8, or 2,4.")
        found += range(int(read[1]), int(read[2] or read[1]) + 1)
    return sorted({*found})


@click.command()
@program_argument
@vocab_option
@max_length_option
@causal_option
@click.option(
    "-d",
    "--directions",
    required=True,
    callback=_sizes,
    metavar="D",
    help="How many directions: a number, or several, as 1-8.",
)
@click.option(
    "--basis",
    type=click.Choice(["one-hot", "fewest"]),
    default="one-hot",
    show_default=True,
    help="The columns that are compressed: one for each value, or those that readers tell apart.",
)
@click.option(
    "--seeds", type=click.IntRange(min=1), default=10, show_default=True, metavar="K", help="How many seeds."
)
@seed_option
@click.option(
    "--steps", type=click.IntRange(min=1), default=3000, show_default=True, metavar="S", help="Steps of Adam."
)
@click.option(
    "--start",
    type=click.Choice(["principal", "random"]),
    default="principal",
    show_default=True,
    help="Begin where the stream varies most, or anywhere.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="Save the best seed's model here."
)
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE.svg", help="Draw accuracy or overlap.")
@json_option
def compress(
    program: str,
    vocab: str | None,
    max_length: int | None,
    causal: bool,
    directions: list[int],
    basis: Basis,
    seeds: int,
    seed: int,
    steps: int,
    start: Start,
    output: Path | None,
    plot: Path | None,
    as_json: bool,
) -> None:
    """Compress the residual stream of PROGRAM's soft model to D directions, after Tracr's section 5.

    The weights stay as they are; a projection is learned. Needs the extra `lab`. The plot of one number of
    directions is the overlap of columns, that of several how many tokens are right with each.

    \b
    Examples:
      rasp compress frac_prevs --vocab xyz --max-length 5 -d 6 -o squeezed
      rasp compress hist --vocab abc --max-length 5 -d 1-8 --seeds 4 --plot hist.svg
    """
    from rasp.commands.sources import load_sop, source_of

    if output is not None and len(directions) > 1:
        raise click.UsageError("a model is saved for one number of directions")
    sop = load_sop(program)
    tokens, longest = alphabet(source_of(program), vocab, max_length)
    import compiler
    from compiler.lab import pictures

    model = compiler.compile(sop, tokens, longest, causal, style="soft", basis=basis)
    found = []
    for d in directions:
        with waiting(f"compressing {program} to {d}") as told:
            found.append(compiler.compress(model, d, seeds, start, steps, seed, told))
        if not as_json:
            click.echo(found[-1])
    if plot is not None:
        drawn = pictures.curve(found) if len(found) > 1 else pictures.overlap(found[0])
        drawn.save(plot)
    if output is not None:
        found[0].save(output)
    if as_json:
        click.echo(notation.dump_json([each.facts() for each in found]))
    elif output is not None:
        click.echo(f"\nsaved to {output}")
