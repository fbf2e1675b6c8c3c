"""`rasp view`, `rasp explain` and `rasp draw`: models at work as pages and in words, programs as pictures."""

from __future__ import annotations

import sys
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rasp import notation
from rasp.commands.editing import write
from rasp.commands.given import DEFAULT_LENGTH, given_input, header_input, header_vocabulary
from rasp.commands.options import (
    causal_option,
    max_length_option,
    program_argument,
    program_or_folder_argument,
    string_option,
    vocab_option,
)
from rasp.commands.verifying import is_model_folder, saved_model
from rasp.commands.waiting import waiting
from rasp.words import Atom

if TYPE_CHECKING:
    import runtime
    from runtime.walkthrough import Document

LEAST_LENGTH = 10
"""A model made for an input takes at least so many tokens, so that others can be tried on it."""


SHOWN_TOKENS = 6
"""Of a vocabulary, where there is no example."""


@dataclass(frozen=True)
class Subject:
    """What is shown: a model, and what it is called."""

    title: str
    model: runtime.Model


def subject(
    program: str, tokens: list[Atom], vocab: str | None, max_length: int | None, causal: bool
) -> Subject:
    """The model of PROGRAM|DIR: loaded, or compiled for the vocabulary given or else the input's tokens."""
    if is_model_folder(program):
        if vocab is not None or max_length is not None or causal:
            raise click.UsageError("a saved model has its own --vocab, --max-length and mode; leave them out")
        return Subject(Path(program).resolve().name, saved_model(Path(program))[1])
    from rasp.commands.sources import load_sop, split_name

    sop = load_sop(program)
    known = suitable(program, tokens) if vocab is None else notation.read_vocab(vocab)
    longest = max(LEAST_LENGTH, len(tokens)) if max_length is None else max_length
    path, name = split_name(program)
    import compiler

    with waiting(f"compiling {program}") as told:
        model = compiler.compile(sop, vocab=known, max_length=longest, causal=causal, progress=told)
    return Subject(name or Path(path).stem, model)


def suitable(program: str, tokens: list[Atom]) -> list[Atom]:
    """The vocabulary of PROGRAM's header if it has all of the tokens, else each of them once."""
    known = header_vocabulary(program) or []
    kinds = {type(token) for token in known}
    fits = all(token in known and type(token) in kinds for token in tokens)
    return known if fits else distinct(tokens)


def distinct(tokens: list[Atom]) -> list[Atom]:
    """Each of the tokens once: 1 and 1.0 are the same."""
    found: list[Atom] = []
    for token in tokens:
        if token not in found:
            found.append(token)
    return sorted(found, key=lambda token: (str(type(token)), token))


@click.command()
@program_or_folder_argument
@click.argument("input_text", metavar="[INPUT]", required=False)
@vocab_option
@max_length_option
@causal_option
@string_option
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the page here (NAME.html)."
)
@click.option(
    "--browser/--no-browser",
    default=None,
    help="Open the page in the browser, or do not.  [default: only without INPUT]",
)
def view(
    program: str,
    input_text: str | None,
    vocab: str | None,
    max_length: int | None,
    causal: bool,
    as_text: bool,
    output: Path | None,
    browser: bool | None,
) -> None:
    """Write a page that shows a compiled model at work on INPUT, which can be changed in the page.

    The page is one file that needs no network. Without --vocab the model knows the tokens that the
    program's header names or, where those are others, the tokens of INPUT. Without INPUT, the page begins
    with the program's example and opens in the browser.

    \b
    Examples:
      rasp view hist
      rasp view hist hello -o hist.html
      rasp view sort '[3, 1, 2]' --vocab 0:26 --max-length 32
      rasp view sort-model '[3, 1, 2]'
    """
    tokens = example_of(program) if input_text is None else given_input(input_text, as_text)
    shown = subject(program, tokens, vocab, max_length, causal)
    page = shown.model.view(tokens, shown.title)
    target = Path(f"{shown.title}.html") if output is None else output
    write(target, page.html)
    click.echo(f"{target} ({len(page.html) / 1000:.0f} kB)")
    if (input_text is None) if browser is None else browser:
        webbrowser.open(target.resolve().as_uri())


def example_of(program: str) -> list[Atom]:
    """An input to begin with: the example in the program's header, else a few tokens of its vocabulary."""
    if is_model_folder(program):
        from runtime.saving import storage

        config = storage.load(Path(program))[0]
        return list(config.vocab[: min(config.max_length, SHOWN_TOKENS)])
    example = header_input(program)
    if example is not None:
        return example
    known = header_vocabulary(program)
    if known is None:
        raise click.UsageError(
            "give an INPUT (or begin the program with a line `# example: INPUT -> ANSWER`)"
        )
    return known[:SHOWN_TOKENS]


@click.command()
@program_or_folder_argument
@click.argument("input_text", metavar="INPUT")
@vocab_option
@max_length_option
@causal_option
@string_option
@click.option(
    "--position",
    type=int,
    metavar="P",
    help="The position to follow, from 0; negative from the end. [default: the last]",
)
@click.option("--layer", type=click.IntRange(min=1), metavar="L", help="Only this layer, from 1.")
@click.option("--brief", is_flag=True, help="A sentence or two for each step, without the sums.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["terminal", "markdown", "html"]),
    default="terminal",
    show_default=True,
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE instead."
)
def explain(
    program: str,
    input_text: str,
    vocab: str | None,
    max_length: int | None,
    causal: bool,
    as_text: bool,
    position: int | None,
    layer: int | None,
    brief: bool,
    form: str,
    output: Path | None,
) -> None:
    """Walk through a compiled model's computation at one position of INPUT, in words and numbers.

    \b
    Examples:
      rasp explain hist hello --position 2
      rasp explain sort '[3, 1, 2]' --layer 2 --brief
      rasp explain reverse abc --format html -o reverse.html
    """
    tokens = given_input(input_text, as_text)
    shown = subject(program, tokens, vocab, max_length, causal)
    from runtime.walkthrough import explain as explain_model

    document = explain_model(
        shown.model, tokens, title=shown.title, position=position, layer=layer, brief=brief
    )
    if output is not None:
        write(output, document.html() if form == "html" else document.markdown())
    elif form == "terminal":
        print_document(document)
    else:
        click.echo(document.html() if form == "html" else document.markdown(), nl=False)


def print_document(document: Document) -> None:
    """The document in the terminal, with colours where it has them."""
    from rich.console import Console

    from rasp.commands.rich_text import renderables

    console = Console(highlight=False)
    for part in renderables(document, console.width):
        console.print(part)


NO_DRAWINGS = (".png", ".pdf", ".jpg", ".jpeg", ".gif", ".bmp", ".eps", ".ps", ".webp")
"""Endings of pictures that other programs make of a drawing."""


@click.command()
@program_argument
@click.argument("input_text", metavar="[INPUT]", required=False)
@causal_option
@string_option
@click.option("--dot", "as_dot", is_flag=True, help="Write text for graphviz instead of SVG.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write here. [default: stdout, or NAME.svg on a terminal]",
)
def draw(
    program: str, input_text: str | None, causal: bool, as_text: bool, as_dot: bool, output: Path | None
) -> None:
    """Draw the computation flow of PROGRAM, by layers and heads, with its values on INPUT.

    Selectors are matrices, values are rows. Without INPUT only the flow is drawn. Below stands whether the
    model that `rasp compile` makes has the same heads. On a terminal, which shows no pictures, the drawing
    goes to a file that is named.

    \b
    Examples:
      rasp draw reverse hello -o reverse.svg
      rasp draw sort '[3, 1, 2]' --dot | dot -Tpdf -o sort.pdf
    """
    from rasp.commands.drawn import quickly_compiled
    from rasp.commands.sources import load_value, split_name
    from rasp.drawing import dot, flow_of, note, svg

    ending = "" if output is None else output.suffix.lower()
    if ending in NO_DRAWINGS:
        raise click.UsageError(
            f"a drawing is written as SVG (or DOT), not as {ending[1:]}: name it NAME.svg, or "
            f"`--dot | dot -T{ending[1:]} -o {output}`"
        )
    as_dot = as_dot or ending in (".dot", ".gv")
    tokens = None if input_text is None else given_input(input_text, as_text)
    flow = flow_of(load_value(program), tokens, causal)
    path, name = split_name(program)
    title = name or Path(path).stem
    given = tokens or []
    longest = max(DEFAULT_LENGTH, len(given))
    made = quickly_compiled(flow.root, suitable(program, given), longest, causal)
    below = note(flow, made)
    text = (dot if as_dot else svg)(flow, title, below)
    if output is not None:
        write(output, text)
    elif sys.stdout.isatty():
        target = Path(f"{title}.{'dot' if as_dot else 'svg'}")
        write(target, text)
        click.echo(f"{target} ({len(text) / 1000:.0f} kB)")
    else:
        click.echo(text, nl=False)
