"""The commands that need the language alone: run, list, show."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rasp import notation
from rasp.commands.given import given_input
from rasp.commands.options import (
    causal_option,
    json_option,
    program_argument,
    program_or_folder_argument,
    string_option,
)
from rasp.graph.sops import Selector

if TYPE_CHECKING:
    import programs


@click.command()
@program_argument
@click.argument("input_text", metavar="INPUT")
@causal_option
@string_option
@json_option
def run(program: str, input_text: str, causal: bool, as_text: bool, as_json: bool) -> None:
    """Run PROGRAM on INPUT with the reference interpreter.

    Of a file with several s-ops, the one named like the file is meant, or else the last one; PROGRAM:NAME
    means the one of that name.

    \b
    Example:
      rasp run sort '[3, 1, 2]'
    """
    from rasp.commands.sources import load_value

    value = load_value(program)
    tokens = given_input(input_text, as_text)
    answer = value(tokens, causal=causal)
    if as_json:
        click.echo(notation.dump_json(answer))
    elif isinstance(value, Selector):
        click.echo(notation.show_matrix(answer, tokens))
    else:
        click.echo(notation.show_sequence(answer))


@click.command("list")
@json_option
def list_programs(as_json: bool) -> None:
    """List the library's programs by what they are about.

    \b
    Example:
      rasp list
    """
    import programs

    headers = {name: programs.header(name) for name in [*programs.names(), *programs.steps()]}
    if as_json:
        click.echo(notation.dump_json([_described(header) for header in headers.values()]))
        return
    width = max(map(len, headers))
    columns = min(shutil.get_terminal_size().columns, LIST_WIDTH)
    for number, (group, members) in enumerate(programs.groups().items()):
        click.echo(("\n" if number else "") + click.style(group, bold=True))
        for name in members:
            click.echo(_entry(name.ljust(width), headers[name].meaning, columns))


LIST_WIDTH = 100
"""Columns that `rasp list` takes at most, on a wider terminal too."""


def _entry(name: str, meaning: str, columns: int) -> str:
    """A name and what it means, in lines that break between words."""
    indent = " " * (len(name) + 4)
    return textwrap.fill(
        meaning,
        max(columns, len(indent) + 20),
        initial_indent=f"  {name}  ",
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _described(header: programs.Header) -> dict[str, Any]:
    return {**asdict(header), "causal": bool(header.generations)}


@click.command()
@program_or_folder_argument
@click.option("--library", is_flag=True, help="Show, too, the library's functions that the program calls.")
def show(program: str, library: bool) -> None:
    """Show the text of PROGRAM, or the program of the model in DIR.

    \b
    Examples:
      rasp show sort
      rasp show sort --library
    """
    from rasp.commands.editing import read_text
    from rasp.commands.python_files import is_python
    from rasp.commands.sources import source_of, split_name
    from rasp.commands.verifying import is_model_folder
    from rasp.repl.paint import paint_for

    if is_model_folder(program):
        from runtime.saving import storage

        text = storage.load(Path(program))[3]
    elif is_python(file := split_name(program)[0]):
        click.echo(read_text(Path(file)).strip())
        return
    else:
        text = source_of(program)
    parts = [*(library_functions(text) if library else ()), text.strip()]
    whole = "\n\n".join(parts)
    if paint_for(sys.stdout).colours:
        from rasp.syntax.highlighting import coloured

        whole = coloured(whole)
    click.echo(whole)


def library_functions(text: str) -> list[str]:
    """The definitions, with the comments above them, of all library functions that a text leads to."""
    from rasp.elaboration.library import LIBRARY_FILE

    source = files("rasp.elaboration").joinpath(LIBRARY_FILE).read_text(encoding="utf-8")
    found: dict[str, str] = {}
    definitions = re.split(r"\n\n(?=#|def |\w+ *=)", source.strip())
    texts = {
        name: definition.strip()
        for definition in definitions
        for name in re.findall(r"^(?:def )?([A-Za-z]\w*) *(?:\(.*\) *\{|=)", definition, re.MULTILINE)[:1]
    }
    pending = [text]
    while pending:
        for name in re.findall(r"[A-Za-z_]\w*", re.sub("#.*", "", pending.pop())):
            if name in texts and name not in found:
                found[name] = texts[name]
                pending.append(texts[name])
    return [texts[name] for name in texts if name in found]
