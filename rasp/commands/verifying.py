"""`rasp verify`: a model against the reference interpreter."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rasp import interrupts, notation
from rasp.commands.given import alphabet
from rasp.commands.options import (
    causal_option,
    json_option,
    max_length_option,
    program_or_folder_argument,
    seed_option,
    vocab_option,
)
from rasp.commands.waiting import waiting
from rasp.notation import approximate

if TYPE_CHECKING:
    import compiler
    import runtime
    from rasp.graph.sops import SOp


@click.command()
@program_or_folder_argument
@vocab_option
@max_length_option
@causal_option
@click.option("--exhaustive", is_flag=True, help="Try every input there is.")
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    metavar="K",
    help="How many random inputs to try, besides the edge cases.  [default: 1000]",
)
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    default=1,
    metavar="K",
    help="Take answers as the next inputs, and compare every state of K steps.  [default: 1]",
)
@click.option("--certificate", is_flag=True, help="Try nothing; prove it right from its weights.")
@seed_option
@json_option
def verify(
    program: str,
    vocab: str | None,
    max_length: int | None,
    causal: bool,
    exhaustive: bool,
    samples: int | None,
    steps: int,
    certificate: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Compare a compiled model with the reference interpreter.

    Without --exhaustive or --certificate, tries edge cases (each token alone; the longest inputs of equal and
    of different tokens, sorted both ways) and random inputs of all lengths. Exits with 1 if any answer
    differs. A saved model brings its program, vocabulary and length along. Ctrl-C ends a
    sweep and tells how far it came.

    \b
    Examples:
      rasp verify sort-model --samples 1000
      rasp verify hist --vocab abc --max-length 5 --exhaustive
    """
    if exhaustive + (samples is not None) + certificate > 1:
        raise click.UsageError("give only one of --exhaustive, --samples and --certificate")
    if certificate and steps > 1:
        raise click.UsageError("--certificate proves every step; leave --steps out")
    if certificate and is_export(Path(program)):
        if vocab is not None or max_length is not None or causal:
            raise click.UsageError("an export has its own --vocab, --max-length and mode; leave them out")
        prove_export(Path(program), as_json)
        return
    if is_model_folder(program):
        if vocab is not None or max_length is not None or causal:
            raise click.UsageError("a saved model has its own --vocab, --max-length and mode; leave them out")
        sop, model = saved_model(Path(program))
    else:
        sop, model = compiled_model(program, vocab, max_length, causal, steps > 1)
    import compiler

    if certificate:
        from compiler.verification.report import of_proof

        with waiting(f"proving {program}") as told:
            report = of_proof(compiler.recheck(model, sop, told))
        tell(report, as_json)
        return
    chosen: dict[str, Any] = {} if samples is None else {"samples": samples}
    if exhaustive:
        click.echo(what_there_is(len(model.config.vocab), model.config.max_length), err=True)
    with progress_bar() as shown, interrupts.undone((sweep := Sweep(shown)).interrupted):
        report = compiler.verify(
            sop, model, exhaustive=exhaustive, seed=seed, progress=sweep, steps=steps, **chosen
        )
    tell(report, as_json, interrupted=sweep.stopping)


def is_export(folder: Path) -> bool:
    """Whether a folder was written by `rasp export`."""
    from runtime.exports import reading

    return folder.is_dir() and reading.is_export(folder)


def prove_export(folder: Path, as_json: bool) -> None:
    """The proof of an exported folder, from its file's arrays."""
    from compiler.verification.report import of_proof
    from rasp.commands.proving import recheck_export

    with waiting(f"proving {folder}") as told:
        report = of_proof(recheck_export(folder, told))
    tell(report, as_json)


def tell(report: compiler.Report, as_json: bool, interrupted: bool = False) -> None:
    """Print a report, and end with the code that goes with it."""
    click.echo(report.to_json() if as_json else report.summary())
    if interrupted:
        raise click.exceptions.Exit(interrupts.INTERRUPTED)
    if not report.ok:
        raise click.exceptions.Exit(1)


class Sweep:
    """How far it has come. Ctrl-C ends it at once with a line about that; where answers differ, though, with
    the report on them, after the batch that is being compared. A second Ctrl-C does not wait for it.
    """

    def __init__(self, shown: Callable[[compiler.Progress], None] | None) -> None:
        self.shown = shown
        self.state: compiler.Progress | None = None
        self.stopping = False

    def __call__(self, state: compiler.Progress) -> None:
        """What `compiler.verify` calls after every batch."""
        self.state = state
        if self.stopping:
            raise KeyboardInterrupt
        if self.shown is not None:
            self.shown(state)

    def interrupted(self) -> str | None:
        """The last words."""
        if self.state is None:
            return None
        if self.state.differing and not self.stopping:
            self.stopping = True
            raise interrupts.Later
        found = f"{self.state.differing:,} differ" if self.state.differing else "no difference"
        return f"stopped after {self.state.done:,} of {approximate(self.state.total)} inputs: {found}"


def what_there_is(tokens: int, longest: int) -> str:
    """How many inputs an exhaustive sweep tries."""
    from compiler.verification.sampling import count_inputs

    return (
        f"{approximate(count_inputs(tokens, longest))} inputs: all of 1 to {longest} tokens out of {tokens}"
    )


@contextmanager
def progress_bar() -> Iterator[Callable[[compiler.Progress], None] | None]:
    """A bar with counts and the time left on stderr, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    text = TextColumn("{task.description}")
    bar = Progress(BarColumn(), text, console=Console(stderr=True), transient=True)
    with interrupts.undone(show_cursor), bar:
        task = bar.add_task("", total=None)
        first: list[compiler.Progress] = []

        def update(state: compiler.Progress) -> None:
            count = f"{state.done:,} of {approximate(state.total)} inputs"
            left = f", {time_left(state, first[0])}" if first else ""
            first.append(state)
            said = f"{count}{left}, {state.differing:,} differ"
            bar.update(task, completed=state.done, total=state.total, description=said)

        yield update


def show_cursor() -> None:
    """What the bar would do at its end, which Ctrl-C leaves out."""
    os.write(2, b"\r\x1b[K\x1b[?25h")


def time_left(state: compiler.Progress, first: compiler.Progress) -> str:
    """How long a sweep still takes, if it goes on as it did since its `first` batch: that one had to wait for
    JAX to make ready what all others use.
    """
    tried = max(1, state.done - first.done)
    milliseconds = max(1, round(1000 * (state.seconds - first.seconds)))
    return notation.time_left((state.total - state.done) * milliseconds // (1000 * tried))


def is_model_folder(argument: str) -> bool:
    """Whether PROGRAM|DIR means a folder; a library program's name means one only if a model is in it."""
    import programs

    folder = Path(argument)
    return folder.is_dir() and ((folder / "config.json").exists() or argument not in programs.names())


def saved_model(folder: Path) -> tuple[SOp, runtime.Model]:
    """A saved model with the s-op of the program saved with it."""
    import runtime
    from rasp.session import parse

    model = runtime.load(folder)
    main = parse(model.program).main
    return main, model


def compiled_model(
    program: str, vocab: str | None, max_length: int | None, causal: bool, as_step: bool
) -> tuple[SOp, runtime.Model]:
    """A program's s-op, or the one that is its step, and the model that it compiles to."""
    from rasp.commands.sources import load_sop, load_step

    sop = load_step(program) if as_step else load_sop(program)
    tokens, longest = alphabet(program, vocab, max_length)
    import compiler

    with waiting(f"compiling {program}") as told:
        return sop, compiler.compile(sop, vocab=tokens, max_length=longest, causal=causal, progress=told)
