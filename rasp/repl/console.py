"""Where a dialogue takes place: at a terminal or through a pipe."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rasp.repl.dialogue import Dialogue
from rasp.repl.orders import Models
from rasp.repl.paint import paint_for
from rasp.repl.reading import LineReader, Reader
from rasp.session import Session, find_source


def converse(models: Models, file: str | None = None, allow_path: Sequence[Path] = ()) -> None:
    """Hold a dialogue on standard input and output until it ends; first load a file or library program.

    Raises `LoadError` if there is no such file or program.
    """
    source = None if file is None else find_source(file)
    folder = source.folder if source else Path()
    session = Session(folder, allow_path=allow_path, on_error="skip")
    dialogue = Dialogue(session, models, write, remark, paint_for(sys.stdout))
    interactive = sys.stdin.isatty()
    if interactive:
        write(greeting(dialogue))
    elif hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")  # what is no text is told of as an unknown character
    if source is not None:
        dialogue.run_file(source)
    reader = choose_reader(dialogue) if interactive else LineReader(ask_pipe, whole=True)
    hold(dialogue, reader, interactive)


def hold(dialogue: Dialogue, reader: Reader, interactive: bool) -> None:
    """Carry out one entry after the other. An interrupt drops the entry, not the dialogue."""
    line = 1
    while True:
        try:
            entry = reader.read(line)
            line += entry.lines
            if not dialogue.carry_out(entry):
                return
        except EOFError:
            write("\n")
            return
        except KeyboardInterrupt:
            if not interactive:
                raise
            write("\n")


def choose_reader(dialogue: Dialogue) -> Reader:
    """An editor with history and completion where the output is seen."""
    if not sys.stdout.isatty():
        return LineReader(input)
    from rasp.repl.terminal import TerminalReader

    return TerminalReader(dialogue.session.scope)


def ask_pipe(prompt: str) -> str:
    """A line of piped input; the prompt is shown all the same, so that the output reads as a dialogue."""
    write(prompt)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\r\n")


def write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def remark(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def greeting(dialogue: Dialogue) -> str:
    """What is said at the start."""
    try:
        number = f" {version('rasp-compiler')}"
    except PackageNotFoundError:
        number = ""
    note = dialogue.paint.note
    return note(f'RASP{number}. Running example: "{dialogue.settings.sop_example}". ') + note(
        "For help, write `help`; to leave, `exit`.\n"
    )
