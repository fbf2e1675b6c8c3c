"""The `rasp` command: its list of commands, and what happens to errors.

Each command imports what it needs when it runs, so that `rasp run` starts without JAX and numpy.
Exit codes: 0 success, 1 where the answer is "no" (a failed verification), 2 a user's mistake.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click
from click.shell_completion import shell_complete

from rasp import interrupts
from rasp.commands.answering import apply, generate
from rasp.commands.benchmarking import bench
from rasp.commands.compiling import compile_program, info
from rasp.commands.completing import VARIABLE, completion
from rasp.commands.counting import ngram
from rasp.commands.editing import check, format_files
from rasp.commands.exporting import export
from rasp.commands.fuzzing import fuzz
from rasp.commands.hints import hint_for, in_flags
from rasp.commands.iterating import iterate
from rasp.commands.language import list_programs, run, show
from rasp.commands.learning import learn
from rasp.commands.playing import play
from rasp.commands.repl import start_repl
from rasp.commands.researching import compress, train
from rasp.commands.verifying import verify
from rasp.commands.viewing import draw, explain, view
from rasp.errors import RaspError

USER_ERROR = 2
PIPE_CLOSED = 141  # 128 + SIGPIPE


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(
    None,
    *("-v", "-V", "--version"),
    package_name="rasp-compiler",
    prog_name="rasp",
    message="%(prog)s %(version)s",
)
def rasp() -> None:
    """RASP programs, run as they stand or compiled to the weights of a transformer.

    PROGRAM is a .rasp file or the name of a library program (see "rasp list"); PROGRAM:NAME means its
    s-op of that name; without it, the one named like the file is meant, or else the last one. tool.py:NAME
    means an s-op of a Python file. INPUT is a JSON list such as '[3, 1, 2]', or else a string of
    one-character tokens; - reads it from standard input.

    \b
    Examples:
      rasp run reverse hello
      rasp compile reverse --vocab abcdefgh --max-length 20 -o reverse-model
      rasp apply reverse-model headache
    """


COMMANDS = (
    *(run, check, format_files, start_repl, compile_program, info, apply, iterate, verify, fuzz, bench),
    *(
        compress,
        train,
        view,
        explain,
        draw,
        play,
        generate,
        ngram,
        export,
        learn,
        list_programs,
        show,
        completion,
    ),
)
for _command in COMMANDS:
    rasp.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line (that of the process by default) and exit with its code."""
    with interrupts.at_once():
        code = _exit_code(list(sys.argv[1:] if arguments is None else arguments))
    sys.exit(code)


def _exit_code(arguments: list[str]) -> int:
    _print_any_character()
    try:
        if asked := os.environ.get(VARIABLE):  # by a shell, for what could come next
            return shell_complete(rasp, {}, "rasp", VARIABLE, asked)
        plain = False if os.environ.get("NO_COLOR") else None
        with rasp.make_context("rasp", arguments, color=plain) as context:
            rasp.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as finished:
        return finished.exit_code
    except click.ClickException as mistake:
        mistake.show()
        if hint := hint_for(mistake):
            click.echo(f"  hint: {hint}", err=True)
        return USER_ERROR
    except RaspError as mistake:
        if mistake.hint is not None:
            mistake.hint = in_flags(mistake.hint)
        click.echo(str(mistake), err=True)
        return USER_ERROR
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return interrupts.INTERRUPTED
    except BrokenPipeError:
        # What is still buffered cannot be delivered either; without this, Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    return 0


def _print_any_character() -> None:
    """Show characters that the terminal's encoding lacks as escapes, rather than fail at them."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
