"""Where a dialogue takes place: at a terminal or through a pipe."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import rasp.session
from rasp.errors import LoadError
from rasp.loader import Loader
from rasp.repl.dialogue import Dialogue
from rasp.repl.paint import paint_for
from rasp.repl.reading import LineReader, Reader
from rasp.session import Session


def converse(file: str | None = None, allow_path: Sequence[Path] = ()) -> None:
    """Hold a dialogue on standard input and output until it ends; first load a file or library program.

    Raises `LoadError` if there is no such file or program.
    """
    name, text, folder = ("", None, Path()) if file is None else named_source(file)
    session = Session(folder, allow_path=allow_path, on_error="skip")
    dialogue = Dialogue(session, write, warn, paint_for(sys.stdout))
    interactive = sys.stdin.isatty()
    if interactive:
        write(greeting(dialogue))
    if file is not None and text is not None:
        dialogue.run_file(name, text, file)
    reader = choose_reader(dialogue) if interactive else LineReader(ask_pipe)
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


def named_source(file: str) -> tuple[str, str, Path]:
    """Name, text and folder of a file or library program; raises `LoadError`."""
    if not file.endswith(".rasp") and "/" not in file and "\\" not in file:
        return file, rasp.session.library_program(file), Path()
    path = Path(file)
    if not file.endswith(".rasp") or not path.is_file():
        raise LoadError(
            f"there is no RASP program at {file}", hint="the name of a program file ends in .rasp"
        )
    return path.stem, Loader.read(path), path.parent


def choose_reader(dialogue: Dialogue) -> Reader:
    """An editor with history and completion where prompt_toolkit is there and the output is seen."""
    if not sys.stdout.isatty():
        return LineReader(input)
    try:
        from rasp.repl.terminal import TerminalReader
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.partition(".")[0] != "prompt_toolkit":
            raise
        write("(no history, completion or colours while typing: pip install 'rasp-compiler[repl]')\n")
        return LineReader(input)
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


def warn(text: str) -> None:
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
