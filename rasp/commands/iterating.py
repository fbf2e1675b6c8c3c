"""`rasp iterate`: a program or a saved model as a step, taken until something ends it."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

import click

from rasp import interrupts, notation
from rasp.commands.editing import refuse_source, umask
from rasp.commands.given import given_input, header_vocabulary
from rasp.commands.options import causal_option, json_option, program_or_folder_argument, string_option
from rasp.commands.verifying import is_model_folder
from rasp.commands.viewing import LEAST_LENGTH, distinct
from rasp.commands.waiting import PATIENCE, waiting
from rasp.errors import InputError, RaspError
from rasp.graph.sops import SOp
from rasp.runs import DEFAULT_STEPS, Run
from rasp.words import Atom

if TYPE_CHECKING:
    import runtime

Until = Literal["fixpoint", "halt"]
State = tuple[Atom, ...]
MOST_KEPT = 4_000_000
"""Tokens of all states together that are kept for the page."""

Taken = Callable[[list[Atom], int, "Seen"], Run]
"""Does the run from some tokens on, of at most so many steps, and shows its states."""


@dataclass(frozen=True)
class Stepped:
    """What is run: how, what it is called, and its model for states of some tokens and a length. `vocab` are
    the tokens that states may hold, if that is known.
    """

    taken: Taken
    title: str
    model: Callable[[Iterable[Atom], int], runtime.Model]
    vocab: tuple[Atom, ...] | None


@click.command()
@program_or_folder_argument
@click.argument("input_text", metavar="INPUT")
@click.option(
    "--until",
    type=click.Choice(["fixpoint", "halt"]),
    help="End only where nothing changes any more; or insist on a truth s-op `halt`.  "
    "[default: at the first of the two, if there is a `halt`]",
)
@click.option(
    "--max-steps",
    type=click.IntRange(min=1),
    default=DEFAULT_STEPS,
    show_default=True,
    metavar="K",
    help="Take at most so many steps.",
)
@click.option(
    "--halt",
    "halt_folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="For a model: the model of the truth s-op that ends its runs.",
)
@click.option(
    "--watch", type=int, metavar="POSITION", help="Tell what this position, from 0, holds when it changes."
)
@click.option(
    "--trace",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write every state to FILE, a line of JSON each.",
)
@click.option(
    "--page",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a page to FILE (NAME.html) that plays the run and shows the model at work on each state.",
)
@click.option(
    "--vocab",
    metavar="V",
    help="For a program: the tokens that a state may hold.  [default: as the program's header says]",
)
@causal_option
@string_option
@json_option
def iterate(
    program: str,
    input_text: str,
    until: Until | None,
    max_steps: int,
    halt_folder: Path | None,
    watch: int | None,
    trace: Path | None,
    page: Path | None,
    vocab: str | None,
    causal: bool,
    as_text: bool,
    as_json: bool,
) -> None:
    """Take PROGRAM as a step: its answer on INPUT is its next input, and so on.

    A file that has an s-op `step` means that one, and a truth s-op `halt` in it ends the run where it is true
    at any position. A run ends, too, where nothing changes any more (a fixpoint), before a step that gives
    what is no token, and after --max-steps steps. Ctrl-C ends it with the state so far.

    PROGRAM is run by the interpreter, the model in DIR on the device. Exits with 1 if the run would have left
    the vocabulary.

    \b
    Examples:
      rasp iterate rule110 '[0, 0, 0, 0, 1]' --max-steps 3
      rasp iterate maze_step '~.#...#.' --trace flood.jsonl
      rasp iterate maze_step '~.#...#.' --page flood.html
      rasp iterate sort-model '[3, 1, 2]' --watch 0
    """
    if page is not None and trace is not None and page.resolve() == trace.resolve():
        raise click.UsageError("--page and --trace name one file")
    tokens = given_input(input_text, as_text)
    if is_model_folder(program):
        if vocab is not None or causal:
            raise click.UsageError("a saved model has its own --vocab and mode; leave them out")
        stepped = of_model(Path(program), halt_folder, until)
    else:
        if halt_folder is not None:
            raise click.UsageError("--halt belongs to a saved model: a program has an s-op `halt` of its own")
        stepped = of_program(program, until, vocab, causal)
    with ExitStack() as stack:
        watched = Watch(watch, len(tokens), as_json)
        lines = None if trace is None else stack.enter_context(output_file(trace))
        paper = None if page is None else stack.enter_context(output_file(page))
        model = None if page is None or stepped.vocab is None else stepped.model(stepped.vocab, len(tokens))
        seen = Seen(watched, lines, keeps=page is not None)
        with interrupts.undone(seen.interrupted):
            run = stepped.taken(tokens, max_steps, seen)
        seen.clear()
        if paper is not None:
            model = model or stepped.model(
                distinct([token for state in seen.kept for token in state]), len(tokens)
            )
            paper.write(page_of(model, stepped.title, seen.kept, run).encode())
    tell(run, watched, as_json)
    if page is not None and not as_json:
        click.echo(f"{page} has the run")


def page_of(model: runtime.Model, title: str, states: list[State], run: Run) -> str:
    """The page that plays a run; says so if it does not keep all of the states."""
    from runtime.view import view

    data = model.view_data(states[0], title, states, run.summary())
    kept = 1 + len(data["run"]["changes"])
    if kept <= run.steps:
        click.echo(f"the page keeps the first {kept:,} states, and goes on from there by itself", err=True)
    return view(data).html


def of_program(program: str, until: Until | None, vocab: str | None, causal: bool) -> Stepped:
    """The step that PROGRAM means, and what ends it."""
    from rasp.commands.python_files import is_python
    from rasp.commands.sources import load_program, load_step, split_name

    path, _ = split_name(program)
    step = load_step(program)
    said = None if is_python(path) else load_program(path).get("halt")
    halt = said if isinstance(said, SOp) else None
    if until == "halt" and halt is None:
        hint = "it is a truth s-op, such as `halt = tokens_asis == 0;`, and ends a run where it is true"
        raise RaspError(f"{path} has no s-op `halt`", hint=hint)
    known = header_vocabulary(path) if vocab is None else notation.read_vocab(vocab)
    ending = None if until == "fixpoint" else halt

    def taken(tokens: list[Atom], max_steps: int, seen: Seen) -> Run:
        def each(steps: int, state: State) -> None:
            seen.state(steps, state)
            seen.progress(steps)

        return step.iterate(tokens, vocab=known, max_steps=max_steps, halt=ending, causal=causal, each=each)

    def model(tokens: Iterable[Atom], length: int) -> runtime.Model:
        import compiler

        longest = max(LEAST_LENGTH, length)
        with waiting(f"compiling {program}") as told:
            return compiler.compile(step, tokens, longest, causal=causal, progress=told)

    return Stepped(taken, Path(path).stem, model, None if known is None else tuple(known))


def of_model(folder: Path, halt_folder: Path | None, until: Until | None) -> Stepped:
    """The model in a folder, and the one that ends its runs."""
    import runtime

    if until == "halt" and halt_folder is None:
        raise click.UsageError("--until halt needs --halt DIR, the model of the s-op `halt`")
    if until == "fixpoint":
        halt_folder = None
    model = runtime.load(folder)
    vocab = model.config.vocab
    halt = None if halt_folder is None else runtime.load(halt_folder)

    def taken(tokens: list[Atom], max_steps: int, seen: Seen) -> Run:
        each = seen.state if seen.wanted else None
        return model.iterate(tokens, max_steps=max_steps, halt=halt, each=each, progress=seen.progress)

    return Stepped(taken, folder.resolve().name, lambda *_: model, vocab)


class Watch:
    """What one position holds, told whenever it changes; kept instead where the answer is JSON."""

    def __init__(self, position: int | None, length: int, as_json: bool) -> None:
        if position is not None and not -length <= position < length:
            raise InputError(f"there is no position {position} to watch: the input has {length} tokens")
        self.position = position
        self.changes: list[tuple[int, Atom]] = []
        self._tells = not as_json

    def state(self, steps: int, state: State) -> None:
        """The next state."""
        if self.position is None:
            return
        value = state[self.position]
        if not self.changes or self.changes[-1][1] != value:
            self.changes = [*self.changes, (steps, value)] if not self._tells else [(steps, value)]
            if self._tells:
                click.echo(f"{steps:>8,}  {notation.show_atom(value)}")


class Seen:
    """What goes by while a run is under way: states for whoever wants them, and how far it has come."""

    def __init__(self, watched: Watch, lines: IO[bytes] | None, keeps: bool) -> None:
        self.watched, self.lines, self.keeps = watched, lines, keeps
        self.kept: list[State] = []
        self.stopping = False
        self.wanted = watched.position is not None or lines is not None or keeps
        self._start = self._told = time.monotonic()
        self._shows = sys.stderr.isatty()
        self._shown = False

    def state(self, steps: int, state: State) -> None:
        """The next state."""
        self.watched.state(steps, state)
        if self.keeps and len(self.kept) * len(state) < MOST_KEPT:
            self.kept.append(state)
        if self.lines is not None:
            self.lines.write(notation.dump_json(state).encode() + b"\n")

    def progress(self, steps: int) -> None:
        """Whether to go on, now and then, and at a terminal how far it is."""
        if self.stopping:
            raise KeyboardInterrupt
        now = time.monotonic()
        if self._shows and now - self._start > PATIENCE and now - self._told > PATIENCE / 2:
            speed = steps / (now - self._start)
            sys.stderr.write(f"\r\x1b[K{steps:,} steps, {speed:,.0f} a second (Ctrl-C stops)")
            sys.stderr.flush()
            self._told, self._shown = now, True

    def clear(self) -> None:
        """Take the line of progress away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def interrupted(self) -> str | None:
        """What Ctrl-C does: the run ends after the step that is being taken; a second one does not wait."""
        if self.stopping:
            return None
        self.stopping = True
        raise interrupts.Later


@contextmanager
def output_file(file: Path) -> Iterator[IO[bytes]]:
    """A file for what comes of a run, which takes its name at the end; if anything fails, it never does.

    RaspError if it cannot be written, before the first step is taken.
    """
    refuse_source(file)
    if file.exists() and not file.is_file() and not file.is_dir():  # a pipe, such as /dev/stdout
        try:
            with file.open("wb") as piped:
                yield piped
        except OSError as error:
            raise RaspError(f"cannot write {file}: {error.strerror}") from None
        return
    target = file.resolve()
    try:
        if target.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise RaspError(f"cannot write {file}: {error.strerror}") from None
    with interrupts.undone(lambda: os.unlink(name)):
        try:
            with os.fdopen(handle, "wb") as temporary:
                yield temporary
            os.chmod(name, target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~umask())
            os.replace(name, target)
        except BaseException as error:
            Path(name).unlink(missing_ok=True)
            if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
                raise RaspError(f"cannot write {file}: {error.strerror}") from None
            raise


def tell(run: Run, watched: Watch, as_json: bool) -> None:
    """The end of a run, and the exit code that goes with it."""
    if as_json:
        facts: dict[str, Any] = {"state": run.state, "steps": run.steps, "reason": run.reason}
        if run.outside is not None:
            position, value = run.outside
            facts["outside"] = {"position": position, "value": value}
        if watched.position is not None:
            facts["watched"] = [list(change) for change in watched.changes]
        click.echo(notation.dump_json(facts))
    else:
        click.echo(notation.show_sequence(run.state))
        click.echo(run.summary())
    if run.reason == "limit":
        click.echo(f"--max-steps {run.steps} ended the run; a larger one lets it go on", err=True)
    code = {"left": 1, "stopped": interrupts.INTERRUPTED}.get(run.reason, 0)
    if code:
        raise click.exceptions.Exit(code)
