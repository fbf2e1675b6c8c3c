"""`rasp ngram`: a small language model counted in a text, as a program to be compiled."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click

from rasp.commands.editing import read_text, write


@click.command()
@click.argument("file", metavar="TEXT", type=click.Path(path_type=Path))
@click.option("--name", metavar="NAME", help="What the program is called. [default: as the file written]")
@click.option(
    "--prompt", "prompts", metavar="TEXT", multiple=True, help="Show in the program how it continues TEXT."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write here. [default: stdout]"
)
def ngram(file: Path, name: str | None, prompts: tuple[str, ...], output: Path | None) -> None:
    """Write a program that continues texts as the text file TEXT would; - reads standard input.

    What comes next is the character that most often follows the last two in TEXT.

    \b
    Example:
      rasp ngram diary.txt -o diary.rasp
    """
    from rasp.importers.ngrams import next_characters, ngram_program, vocabulary

    text = read_text(file)
    piped = str(file) == "-"
    called = name or program_name("text" if piped and output is None else (output or file).stem)
    source = ngram_program(text, called, "standard input" if piped else file.name, prompts)
    if output is None:
        click.echo(source, nl=False)
        return
    write(output, source)
    characters = shlex.quote(vocabulary(next_characters(text)))
    click.echo(f"{output}: compile it with --causal --vocab {characters}")


def program_name(stem: str) -> str:
    """A file's name as a program's."""
    letters = re.sub(r"[^A-Za-z0-9_]", "_", stem)
    return letters if re.match("[A-Za-z_]", letters) else f"_{letters}"
