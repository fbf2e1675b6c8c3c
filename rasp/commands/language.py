"""The commands that need the language alone: run, list."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from rasp import notation
from rasp.commands.given import given_input
from rasp.commands.options import causal_option, json_option, program_argument, string_option
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
    """List the library's programs.

    \b
    Example:
      rasp list
    """
    import programs

    headers = [programs.header(name) for name in programs.names()]
    if as_json:
        click.echo(notation.dump_json([_described(header) for header in headers]))
        return
    width = max(len(header.name) for header in headers)
    for header in headers:
        click.echo(f"{header.name.ljust(width)}  {header.meaning}")


def _described(header: programs.Header) -> dict[str, Any]:
    return {**asdict(header), "causal": bool(header.generations)}
