"""`rasp check` and `rasp fmt`: what to look at again in a program, and its text in standard form."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rasp import interrupts
from rasp.commands.options import json_option, program_argument
from rasp.errors import RaspError
from rasp.notation import dump_json

if TYPE_CHECKING:
    from rasp.advice.checking import Finding


@click.command()
@program_argument
@click.option("--causal", is_flag=True, help="Warn also of what makes no sense in a causal model.")
@json_option
def check(program: str, causal: bool, as_json: bool) -> None:
    """Warn of what PROGRAM hardly means: unused names, comparisons that never vary, surprising precedence.

    Exits with 1 if there is any warning.

    \b
    Example:
      rasp check sort
    """
    from rasp.advice.checking import check as findings_in
    from rasp.commands.sources import load_program

    findings = findings_in(load_program(program), causal)
    if as_json:
        click.echo(dump_json([described(finding) for finding in findings]))
    else:
        for finding in findings:
            click.echo(str(finding))
    if findings:
        raise click.exceptions.Exit(1)


def described(finding: Finding) -> dict[str, object]:
    """A warning as JSON: its text and its place."""
    place = {key: value for key, value in asdict(finding.span).items() if key not in ("source", "first_line")}
    return {"message": finding.message, "hint": finding.hint, **place}


@click.command("fmt")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit with 1 if one would.")
def format_files(files: tuple[Path, ...], only_check: bool) -> None:
    """Rewrite FILEs in standard form; - formats standard input to standard output.

    \b
    Example:
      rasp fmt my.rasp
    """
    from rasp.commands.python_files import is_python, needs_text
    from rasp.syntax.formatter import format_source

    pending = []
    for file in files:
        piped = str(file) == "-"
        if is_python(str(file)):
            raise needs_text(str(file))
        text = read_text(file)
        formatted = format_source(text, "<input>" if piped else str(file))
        if piped and not only_check:
            click.echo(formatted, nl=False)
        elif formatted != text:
            pending.append((file, formatted))
    for file, formatted in pending:
        if only_check:
            click.echo(f"{file} would change")
        else:
            replace_text(file, formatted)
    if only_check and pending:
        raise click.exceptions.Exit(1)


def read_text(file: Path) -> str:
    """A file's text, standard input's for -; RaspError if it cannot be read as UTF-8."""
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        raise RaspError(f"cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise RaspError(f"{file} is not text in UTF-8 (byte {error.start})") from None


def refuse_source(file: Path) -> None:
    """Raise RaspError where the running command would write over the program or text that it was given."""
    context = click.get_current_context(silent=True)
    known = {} if context is None else context.params
    for name in ("program", "file"):
        given = str(known.get(name) or "")
        for source in map(Path, (given, given.rpartition(":")[0])):
            if source.is_file() and file.exists() and source.samefile(file):
                raise RaspError(
                    f"{file} is what is read here, and would be lost", hint="write to another file"
                )


def write(file: Path, text: str) -> None:
    """Write a file, at once or not at all; one that is no regular file, such as a pipe, as it comes.

    RaspError if that is not possible, or if it is the one that the command was given.
    """
    refuse_source(file)
    if file.exists() and not file.is_file():
        try:
            file.write_text(text, encoding="utf-8", errors="replace")
        except OSError as error:
            raise RaspError(f"cannot write {file}: {error.strerror}") from None
        return
    replace_text(file, text)


def refuse_unwritable(file: Path) -> None:
    """Raise RaspError where `write` could not write a file: before work of which the result would be lost."""
    refuse_source(file)
    target = file.resolve()
    try:
        if target.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        if target.is_file() or not target.exists():  # a pipe takes what comes
            with tempfile.TemporaryFile(dir=target.parent):
                pass
    except OSError as error:
        raise RaspError(f"cannot write {file}: {error.strerror}") from None


def umask() -> int:
    """The process's umask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def replace_text(file: Path, text: str) -> None:
    """Replace a file's text in one step, so that a failure leaves the old one; links and modes are kept."""
    target = file.resolve()
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with interrupts.undone(lambda: os.unlink(name)):
                with os.fdopen(handle, "wb") as temporary:
                    temporary.write(text.encode("utf-8", "replace"))
                os.chmod(name, target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~umask())
                os.replace(name, target)
        except OSError:
            os.unlink(name)
            raise
    except OSError as error:
        raise RaspError(f"cannot write {file}: {error.strerror}") from None
