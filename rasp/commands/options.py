"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

program_argument: Decorator = click.argument("program", metavar="PROGRAM")
folder_argument: Decorator = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
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
    help="The tokens: a range of ints (0:26, upper end excluded), a JSON list, or characters (abc).",
)
max_length_option: Decorator = click.option(
    "--max-length", type=click.IntRange(min=1), metavar="N", help="The longest input, in tokens."
)
seed_option: Decorator = click.option(
    "--seed", type=int, default=0, show_default=True, help="Where random choices start."
)
