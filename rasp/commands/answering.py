"""`rasp apply` and `rasp generate`: a saved model answers inputs, or continues a prompt."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rasp import notation
from rasp.commands.given import given_input
from rasp.commands.options import folder_argument, json_option, string_option
from rasp.errors import InputError, RaspError
from rasp.words import Atom

if TYPE_CHECKING:
    import runtime

BATCH = 1024  # inputs of a file answered at once


@click.command()
@folder_argument
@click.argument("input_text", metavar="[INPUT | -]", required=False)
@click.option("--file", "file", type=click.Path(path_type=Path), metavar="FILE", help="Inputs, one a line.")
@string_option
@json_option
def apply(folder: Path, input_text: str | None, file: Path | None, as_text: bool, as_json: bool) -> None:
    """Answer INPUT with the compiled model in DIR.

    With --file, or with - for standard input, each line is one input (a JSON list, a JSON string or text)
    and is answered with one line of JSON.

    \b
    Examples:
      rasp apply sort-model '[3, 1, 2]'
      rasp apply sort-model --file inputs.jsonl
    """
    if (input_text is None) == (file is None):
        raise click.UsageError("give one of INPUT, --file FILE, or - for standard input")
    import runtime

    model = runtime.load(folder)
    if file is not None:
        answer_file(model, file)
    elif input_text == "-" and not as_text:
        answer_lines(model)
    else:
        answer = model(given_input(input_text or "", as_text))
        click.echo(notation.dump_json(answer) if as_json else notation.show_sequence(answer))


def answer_file(model: runtime.Model, file: Path) -> None:
    """Answer all inputs of a file; every line is checked before the first answer is printed."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise RaspError(f"cannot read {file}: {error.strerror}") from None
    inputs = []
    for number, line in enumerate(lines, start=1):
        tokens = line_input(model, line, f"{file}, line {number}")
        if tokens is not None:
            inputs.append(tokens)
    for start in range(0, len(inputs), BATCH):
        for answer in model.batch(inputs[start : start + BATCH]):
            click.echo(notation.dump_json(answer))


def answer_lines(model: runtime.Model) -> None:
    """Answer standard input, each line as soon as it is there."""
    for number, line in enumerate(sys.stdin.buffer, start=1):
        tokens = line_input(model, line, f"standard input, line {number}")
        if tokens is not None:
            click.echo(notation.dump_json(model(tokens)))
            sys.stdout.flush()


def line_input(model: runtime.Model, line: bytes, place: str) -> list[Atom] | None:
    """The tokens of one line, checked against the model; None for a blank line.

    InputError names the place.
    """
    try:
        text = line.decode("utf-8").strip()
        if not text:
            return None
        tokens = notation.read_line(text)
        model.encode(tokens)
    except UnicodeDecodeError:
        raise InputError(f"{place}: not UTF-8 text") from None
    except InputError as error:
        raise InputError(f"{place}: {error.message}", hint=error.hint) from None
    return tokens


@click.command()
@folder_argument
@click.argument("prompt", metavar="PROMPT")
@click.option(
    "--steps", type=click.IntRange(min=0), required=True, metavar="K", help="How many tokens to add."
)
@click.option(
    "--stop", multiple=True, metavar="TOKEN", help="Stop after this token; may be given several times."
)
@click.option(
    "--by-meaning",
    is_flag=True,
    help="Serve each head of a certified model by a structure that fits what it does: faster in long texts.",
)
@click.option(
    "--check",
    is_flag=True,
    help="With --by-meaning: let the weights compute it, too, and compare every column.",
)
@string_option
def generate(
    folder: Path, prompt: str, steps: int, stop: tuple[str, ...], by_meaning: bool, check: bool, as_text: bool
) -> None:
    """Continue PROMPT with the causal model in DIR, one token at a time.

    Prints the prompt and its continuation: as text if all tokens are single characters, else as a JSON list.

    \b
    Example:
      rasp compile aab_next --vocab ab --max-length 30 --causal -o aab-model
      rasp generate aab-model a --steps 8
    """
    import runtime

    model = runtime.load(folder)
    tokens = given_input(prompt, as_text)
    stops = [stop_token(model, text) for text in stop]
    plain = all(isinstance(token, str) and len(token) == 1 for token in model.config.vocab)
    opening, between, closing = ("", "", "") if plain else ("[", ", ", "]")
    if check and not by_meaning:
        raise click.UsageError("--check compares what --by-meaning finds: give both")
    if by_meaning:
        import compiler

        stream = compiler.by_meaning(model).stream(tokens, steps, stops, check)
    else:
        stream = model.stream(tokens, steps, stops)
    separator = opening
    try:
        for token in itertools.chain(tokens, stream):
            click.echo(separator + (str(token) if plain else notation.dump_json(token)), nl=False)
            sys.stdout.flush()
            separator = between
    except RaspError:
        click.echo()  # what went wrong is said on a line of its own
        raise
    click.echo(closing)


def stop_token(model: runtime.Model, text: str) -> Atom:
    """The vocabulary's token that is written like this; InputError if there is none."""
    for token in model.config.vocab:
        if notation.show_atom(token) == text:
            return token
    raise InputError(f"the stop token {text!r} is not in the model's vocabulary")
