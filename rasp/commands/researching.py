"""`rasp compress`: a soft model in fewer directions; `rasp train`: can the program be learned?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rasp import notation
from rasp.commands.editing import refuse_unwritable, write
from rasp.commands.given import alphabet
from rasp.commands.options import (
    causal_option,
    cluster_option,
    drawn_seed_option,
    json_option,
    max_length_option,
    program_argument,
    vocab_option,
    workers_option,
)
from rasp.commands.viewing import NO_DRAWINGS
from rasp.commands.waiting import waiting
from rasp.words import Atom

if TYPE_CHECKING:
    from compiler.lab.compressing import Start
    from compiler.lab.learner import Shape
    from compiler.lab.lessons import Lesson
    from compiler.lab.teaching import Agreement, Recipe, Trained
    from compiler.request import Basis
    from compiler.underway import Told
    from compiler.workers import Crew


def _sizes(_context: click.Context, _parameter: click.Parameter, text: str) -> list[int]:
    """`6`, or all of `1-6`, or `2,4`."""
    found: list[int] = []
    for part in text.split(","):
        read = re.fullmatch(r"\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*", part)
        if read is None or not 1 <= int(read[1]) <= int(read[2] or read[1]):
            raise click.BadParameter(f"{text!r} is no number of directions: write 6, or 1-8, or 2,4.")
        found += range(int(read[1]), int(read[2] or read[1]) + 1)
    return sorted({*found})


def refuse_plot(plot: Path | None, output: Path | None = None) -> None:
    """Refuse a plot that could not be drawn or written, before anything is computed for it."""
    if plot is None:
        return
    if plot.suffix.lower() in NO_DRAWINGS:
        raise click.UsageError(f"a plot is written as SVG, not as {plot.suffix[1:]}: name it NAME.svg")
    if output is not None and plot.resolve().is_relative_to(output.resolve()):
        raise click.UsageError(f"{output} is for the model alone: put the plot beside it")
    refuse_unwritable(plot)
    from compiler.lab import pictures

    pictures.extra()


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
@drawn_seed_option
@click.option(
    "--steps", type=click.IntRange(min=1), default=6000, show_default=True, metavar="S", help="Steps of Adam."
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
    from rasp.commands.sources import load_sop

    if output is not None and len(directions) > 1:
        raise click.UsageError("a model is saved for one number of directions")
    refuse_plot(plot, output)
    sop = load_sop(program)
    tokens, longest = alphabet(program, vocab, max_length)
    import compiler
    from compiler.lab import compressing, pictures
    from compiler.lab.training import extra

    extra()
    model = compiler.compile(sop, tokens, longest, causal, style="soft", basis=basis)
    for d in directions:
        compressing.refuse(model, d)
    if output is not None:
        compressing.refuse_folder(model, output)
    found = []
    for d in directions:
        with waiting(f"compressing {program} to {d}") as told:
            found.append(compiler.compress(model, d, seeds, start, steps, seed, told))
        if not as_json:
            click.echo(found[-1])
    if plot is not None:
        drawn = pictures.curve(found) if len(found) > 1 else pictures.overlap(found[0])
        write(plot, drawn.svg)
    if output is not None:
        found[0].save(output)
    if as_json:
        click.echo(notation.dump_json([each.facts() for each in found]))
    elif output is not None:
        click.echo(f"\nsaved to {output}")


PAPER_LENGTH = 100
MOST_LAYERS = 100
"""Layers that can be asked for: JAX takes minutes for more before it begins."""


@click.command()
@program_argument
@vocab_option
@max_length_option
@causal_option
@click.option(
    "--layers", type=click.IntRange(1, MOST_LAYERS), metavar="L", help="Layers.  [default: as drawn]"
)
@click.option("--heads", type=click.IntRange(min=1), metavar="H", help="Heads a layer.  [default: as drawn]")
@click.option("--ablate", is_flag=True, help="Train also with a layer less, and with a head less.")
@click.option("--supervise", is_flag=True, help="Teach the attention, too: what the program selects.")
@click.option("--paper", is_flag=True, help="The paper's recipe, of hours: four runs of 100 epochs.")
@click.option(
    "--steps", type=click.IntRange(min=1), metavar="S", help="Steps at most.  [default: 5000, or the paper's]"
)
@drawn_seed_option
@click.option("--keep", type=click.Path(path_type=Path), metavar="DIR", help="Keep the state; go on from it.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE.svg", help="Draw attention.")
@workers_option
@cluster_option
@json_option
def train(
    program: str,
    vocab: str | None,
    max_length: int | None,
    causal: bool,
    layers: int | None,
    heads: int | None,
    ablate: bool,
    supervise: bool,
    paper: bool,
    steps: int | None,
    seed: int,
    keep: Path | None,
    plot: Path | None,
    workers: int,
    cluster: str | None,
    as_json: bool,
) -> None:
    """Train a transformer on what PROGRAM computes, with the layers and heads that the program foretells.

    As section 5 of "Thinking Like Transformers" does: are they enough, are fewer not, and does the attention
    that is learned agree with the program's selectors? Needs the extra `lab`.

    \b
    Examples:
      rasp train hist --vocab a-j --max-length 10
      rasp train reverse --vocab a-j --max-length 10 --ablate --plot reverse.svg
    """
    refuse_plot(plot)
    longest = PAPER_LENGTH if paper and max_length is None else max_length
    tokens, longest = alphabet(program, vocab, longest)
    from compiler.lab.learner import Shape
    from compiler.lab.lessons import refuse_long, smaller
    from compiler.lab.teaching import PAPER_NEURONS, PAPER_WIDTH, refuse_kept
    from compiler.lab.training import extra
    from compiler.workers import Crew, refuse_unreachable
    from runtime.inspection.tables import counted

    lesson, drawn = foretold(program, tokens, longest, causal)
    first = (layers or drawn[0], heads or drawn[1])
    extra()
    width, neurons = (PAPER_WIDTH, PAPER_NEURONS) if paper else (64, 256)
    if first[1] > width:
        raise click.UsageError(
            f"{first[1]} heads do not fit: a stream of {width} numbers has {width} at most"
        )
    shapes = [
        Shape(a, b, width - width % b, neurons, paper)
        for a, b in (first, *(smaller(*first) if ablate else ()))
    ]
    work = [
        Work(program, tuple(tokens), longest, causal, shape, recipe, seed, kept_in(keep, shape, number, seed))
        for shape in shapes
        for number, recipe in enumerate(recipes(paper, supervise, steps))
    ]
    for each in work:
        refuse_long(lesson, each.recipe.inputs + each.recipe.others)
        refuse_kept(each.keep, lesson, each.shape, each.recipe, each.seed)
    crew = Crew(workers, cluster)
    refuse_unreachable(crew)
    if not as_json:
        click.echo(f"{program} foretells {counted(drawn[0], 'layer')} of {counted(drawn[1], 'head')}")
    found = []
    for one in trainings(work, crew):
        found.append(one)
        if not as_json:
            click.echo("\n".join([one.line(), *map(agreement_line, one.agreement)]))
    if plot is not None:
        from compiler.lab import pictures

        write(plot, pictures.attention(*compared(found[0], lesson)).svg)
    if as_json:
        click.echo(notation.dump_json([one.facts() for one in found]))


def foretold(program: str, vocab: list[Atom], longest: int, causal: bool) -> tuple[Lesson, tuple[int, int]]:
    """What is to be learned, and in how many layers and heads by the paper's rule: at least one of each."""
    from compiler.lab.lessons import Lesson, Predicted
    from rasp.commands.sources import load_sop
    from rasp.drawing import flow_of
    from rasp.graph.sops import Aggregate

    sop = load_sop(program)
    flow = flow_of(sop, causal=causal)
    predicted = tuple(
        tuple(
            Predicted(
                head.selector, head.name, not all(isinstance(read.node, Aggregate) for read in head.reads)
            )
            for head in stage.heads
        )
        for stage in flow.stages[1:]
    )
    return Lesson(sop, tuple(vocab), longest, causal, predicted), (max(1, flow.layers), max(1, flow.heads))


def recipes(paper: bool, supervise: bool, steps: int | None) -> list[Recipe]:
    """How it is trained: once in the small setting, in the paper's with four rates."""
    from compiler.lab.teaching import PAPER, SUPERVISED, Recipe

    changed: dict[str, Any] = {"attention": SUPERVISED} if supervise else {}
    changed |= {} if steps is None else {"steps": steps}
    return [replace(each, **changed) for each in (PAPER if paper else (Recipe(),))]


@dataclass(frozen=True)
class Work:
    """One training, as it can be handed to a process: programs themselves do not travel."""

    program: str
    vocab: tuple[Atom, ...]
    max_length: int
    causal: bool
    shape: Shape
    recipe: Recipe
    seed: int
    keep: Path | None


def kept_in(folder: Path | None, shape: Shape, number: int, seed: int) -> Path | None:
    """The file in which a training is kept."""
    return None if folder is None else folder / f"{shape.layers}-{shape.heads}-{number}-{seed}.npz"


def trainings(works: list[Work], crew: Crew) -> Iterator[Trained]:
    """All trainings, in their order."""
    from compiler.workers import ALONE, results

    if crew != ALONE:
        yield from results(trained, works, crew)
        return
    for work in works:
        with waiting(f"training {work.shape.layers} layers of {work.shape.heads} heads") as told:
            found = trained(work, told)
        yield found


def trained(work: Work, told: Told | None = None) -> Trained:
    """One training."""
    from compiler.lab.teaching import train

    lesson, _ = foretold(work.program, list(work.vocab), work.max_length, work.causal)
    return train(lesson, work.shape, work.recipe, work.seed, told, work.keep)


def agreement_line(found: Agreement) -> str:
    """How a head agrees with a selector, in one line."""
    times = "" if found.times is None else f", {found.times:.1f} times what another gets"
    return (
        f"  layer {found.layer}, head {found.head} for {found.selector}: {found.on_selected:.0%} of its "
        f"attention on the {found.share:.0%} selected{times}; {found.on_bos:.0%} on BOS"
    )


def compared(found: Trained, lesson: Lesson) -> tuple[dict[str, Any], list[str]]:
    """What a trained head attends to on one input, beside what the program selects."""
    from compiler.lab.teaching import patterns

    row, learned = patterns(found, lesson.causal)
    some = found.examples.some(row, row + 1)
    size = 1 + int(some.lengths[0])
    heads: dict[str, Any] = {}
    for each in found.agreement:
        place = [one.title for one in lesson.predicted[each.layer - 1]].index(each.selector)
        heads[f"layer {each.layer}: {each.selector}"] = some.selected[each.layer - 1][place][0, :size, :size]
        heads[f"learned, head {each.head}, layer {each.layer}"] = learned[each.layer - 1][
            each.head, :size, :size
        ]
    names = ["BOS", *(str(lesson.vocab[token - 1]) for token in some.ids[0, 1:size])]
    return heads, names
