"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from rasp.commands.completing import folders, programs_and_files

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


ALLOWED = "rasp.allowed_folders"
"""Under this key, a command's context keeps the folders that --allow-path names."""


def _keep(context: click.Context, _: click.Parameter, folders: tuple[Path, ...]) -> None:
    context.meta[ALLOWED] = folders


def allowed_folders() -> tuple[Path, ...]:
    """The folders that the running command may load from besides the program's own."""
    context = click.get_current_context(silent=True)
    folders: tuple[Path, ...] = () if context is None else context.meta.get(ALLOWED, ())
    return folders


allow_path_option: Decorator = click.option(
    "--allow-path",
    metavar="FOLDER",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    expose_value=False,
    callback=_keep,
    help="Let `load` reach files of FOLDER, too (may be repeated).",
)


def program_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """The argument PROGRAM, and where the files that it loads may lie."""
    return program_or_folder_argument(command, "PROGRAM")


def program_or_folder_argument(
    command: Callable[..., Any], metavar: str = "PROGRAM|DIR"
) -> Callable[..., Any]:
    """The argument PROGRAM or the folder of a model, and where the files that a program loads may lie."""
    argument: Decorator = click.argument("program", metavar=metavar, shell_complete=programs_and_files)
    return argument(allow_path_option(command))


folder_argument: Decorator = click.argument(
    "folder", metavar="DIR", type=click.Path(path_type=Path), shell_complete=folders
)
json_option: Decorator = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
string_option: Decorator = click.option(
    "--string", "as_text", is_flag=True, help="Take INPUT as text, even if it looks like a JSON list."
)
causal_option: Decorator = click.option(
    "--causal", is_flag=True, help="Let each position see only itself and what is before it."
)
vocab_option: Decorator = click.option(
    "--vocab",
    metavar="V",
    help="The tokens: characters (abc), a range of letters (a-z) or of ints (0:26, upper end "
    "excluded), or a JSON list.  [default: as the program's header says]",
)
max_length_option: Decorator = click.option(
    "--max-length",
    type=click.IntRange(min=1),
    metavar="N",
    help="The longest input, in tokens.  [default: 16]",
)
dtype_option: Decorator = click.option(
    "--dtype",
    type=click.Choice(["float32", "float64"]),
    default="float32",
    show_default=True,
    help="The number format of the weights.",
)
verbose_option: Decorator = click.option(
    "-v", "--verbose", is_flag=True, help="Tell all tokens and outputs, and each bound of the certificate."
)
seed_option: Decorator = click.option(
    "--seed", type=int, default=0, show_default=True, help="Where random choices start."
)
drawn_seed_option: Decorator = click.option(
    "--seed",
    type=click.IntRange(min=0, max=(1 << 31) - 1),
    default=0,
    show_default=True,
    metavar="S",
    help="Where random choices start.",
)
"""The same for what draws by numpy and JAX, which take no others."""
workers_option: Decorator = click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="W",
    help="So many processes.",
)
cluster_option: Decorator = click.option(
    "--cluster", metavar="ADDRESS", help="The workers of this Dask cluster instead (the extra `cluster`)."
)
