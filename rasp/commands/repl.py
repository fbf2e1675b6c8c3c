"""`rasp repl`: the interactive language."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("repl")
@click.argument("file", metavar="[FILE]", required=False)
@click.option(
    "--allow-path",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Also let `load` read files below DIR.",
)
def start_repl(file: str | None, allow_path: tuple[Path, ...]) -> None:
    """Write RASP and see what it gives; FILE, a .rasp file or library program, is loaded first.

    At a terminal there are history, completion and colours. Piped input is answered line by line.

    \b
    Examples:
      rasp repl
      echo 'length("abc");' | rasp repl
    """
    from rasp.repl.console import converse

    converse(file, allow_path)
