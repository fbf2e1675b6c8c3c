"""The commands that make and use models: compile, apply, verify, generate."""

from __future__ import annotations

import itertools
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rasp.commands import values
from rasp.commands.options import (
    causal_option,
    json_option,
    max_length_option,
    program_argument,
    seed_option,
    string_option,
    vocab_option,
)
from rasp.errors import InputError, RaspError
from rasp.sops import Atom

if TYPE_CHECKING:
    import runtime
    from rasp.sops import SOp

STAGES = ("ast", "graph", "domains", "schedule", "layout", "weights")
SHOWN_VALUES = 12
BATCH = 1024  # inputs of a file answered at once

folder_argument = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.command("compile")
@program_argument
@vocab_option
@max_length_option
@causal_option
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="Save the model here.")
@click.option("--emit", type=click.Choice(STAGES), help="Print this stage of the compilation instead.")
@json_option
def compile_program(
    program: str,
    vocab: str | None,
    max_length: int | None,
    causal: bool,
    output: Path | None,
    emit: str | None,
    as_json: bool,
) -> None:
    """Compile PROGRAM to the weights of a transformer, and tell the model's size.

    \b
    Example:
      rasp compile sort --vocab 0:26 --max-length 32 -o sort-model
    """
    from rasp.commands.sources import load_sop, syntax_text

    if emit == "ast":
        click.echo(syntax_text(program))
        return
    tokens, longest = alphabet(vocab, max_length)
    sop = load_sop(program)
    import compiler

    if emit is not None:
        click.echo(compiler.emit(sop, emit, vocab=tokens, max_length=longest, causal=causal).rstrip("\n"))
        return
    start = time.perf_counter()
    model = compiler.compile(sop, vocab=tokens, max_length=longest, causal=causal)
    seconds = time.perf_counter() - start
    if output is not None:
        model.save(output)
    facts = model_facts(program, model, seconds)
    click.echo(values.dump_json(facts) if as_json else facts_table(facts))
    if output is not None and not as_json:
        click.echo(f"\nsaved to {output}")


def alphabet(vocab: str | None, max_length: int | None) -> tuple[list[Atom], int]:
    """The vocabulary and the longest input, which every compilation needs."""
    if vocab is None or max_length is None:
        raise click.UsageError("a program is compiled for a vocabulary and a length: give --vocab V --max-length N")
    return values.read_vocab(vocab), max_length


def model_facts(program: str, model: runtime.Model, seconds: float) -> dict[str, Any]:
    """What `compile` tells about a model, for people and for programs."""
    config = model.config
    outputs = list(config.output.labels) if config.output.kind == "labels" else None
    return {
        "program": program,
        "vocab": list(config.vocab),
        "max_length": config.max_length,
        "causal": config.causal,
        **asdict(model.size),
        "outputs": outputs,
        "certified": model.certificate.certified,
        "seconds": round(seconds, 3),
    }


def facts_table(facts: dict[str, Any]) -> str:
    """The same in lines of name and figure."""
    attention = "causal" if facts["causal"] else "bidirectional"
    rows = {
        "program": facts["program"],
        "tokens": f"{len(facts['vocab'])}: {few(facts['vocab'])}",
        "max length": f"{facts['max_length']:,} ({attention})",
        "layers": facts["layers"],
        "heads": facts["heads"],
        "d_model": facts["d_model"],
        "d_head": facts["d_head"],
        "d_mlp": facts["d_mlp"],
        "parameters": f"{facts['parameters']:,}",
        "non-zeros": f"{facts['nonzeros']:,}",
        "outputs": "numbers" if facts["outputs"] is None else f"{len(facts['outputs'])}: {few(facts['outputs'])}",
        "certified": "yes" if facts["certified"] else "no",
        "time": f"{facts['seconds']:.2f} s",
    }
    width = max(map(len, rows))
    return "\n".join(f"{name.ljust(width)}  {figure}" for name, figure in rows.items())


def few(atoms: list[Atom]) -> str:
    """The atoms, or the first and last of many."""
    shown = [values.show_atom(atom) for atom in atoms]
    if len(shown) > SHOWN_VALUES:
        shown = [*shown[: SHOWN_VALUES - 2], "...", shown[-1]]
    return " ".join(shown)


@click.command()
@folder_argument
@click.argument("input_text", metavar="[INPUT | -]", required=False)
@click.option("--file", "file", type=click.Path(path_type=Path), metavar="FILE", help="Inputs, one JSON value a line.")
@string_option
@json_option
def apply(folder: Path, input_text: str | None, file: Path | None, as_text: bool, as_json: bool) -> None:
    """Answer INPUT with the compiled model in DIR.

    With --file, or with - for standard input, each line is one input (a JSON list or string) and is answered
    with one line of JSON.

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
        answer = model(values.read_input(input_text or "", as_text))
        click.echo(values.dump_json(answer) if as_json else values.show_sequence(answer))


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
            click.echo(values.dump_json(answer))


def answer_lines(model: runtime.Model) -> None:
    """Answer standard input, each line as soon as it is there."""
    for number, line in enumerate(sys.stdin.buffer, start=1):
        tokens = line_input(model, line, f"standard input, line {number}")
        if tokens is not None:
            click.echo(values.dump_json(model(tokens)))
            sys.stdout.flush()


def line_input(model: runtime.Model, line: bytes, place: str) -> list[Atom] | None:
    """The tokens of one line, checked against the model; None for a blank line. InputError names the place."""
    try:
        text = line.decode("utf-8").strip()
        if not text:
            return None
        tokens = values.read_json_input(text)
        model.encode(tokens)
    except UnicodeDecodeError:
        raise InputError(f"{place}: not UTF-8 text") from None
    except InputError as error:
        raise InputError(f"{place}: {error.message}", hint=error.hint) from None
    return tokens


@click.command()
@click.argument("program", metavar="PROGRAM|DIR")
@vocab_option
@max_length_option
@causal_option
@click.option("--exhaustive", is_flag=True, help="Try every input there is.")
@click.option("--samples", type=click.IntRange(min=1), metavar="K", help="How many random inputs to try.")
@seed_option
@json_option
def verify(
    program: str,
    vocab: str | None,
    max_length: int | None,
    causal: bool,
    exhaustive: bool,
    samples: int | None,
    seed: int,
    as_json: bool,
) -> None:
    """Compare a compiled model with the reference interpreter.

    Exits with 1 if any answer differs. A saved model brings its program, vocabulary and length along.

    \b
    Examples:
      rasp verify sort-model --samples 1000
      rasp verify hist --vocab abc --max-length 5 --exhaustive
    """
    if exhaustive and samples is not None:
        raise click.UsageError("give --exhaustive or --samples, not both")
    if is_model_folder(program):
        if vocab is not None or max_length is not None or causal:
            raise click.UsageError("a saved model has its own vocabulary, length and mode; leave these options out")
        sop, model = saved_model(Path(program))
    else:
        sop, model = compiled_model(program, vocab, max_length, causal)
    import compiler

    chosen = {} if samples is None else {"samples": samples}
    report = compiler.verify(sop, model, exhaustive=exhaustive, seed=seed, **chosen)
    click.echo(report.to_json() if as_json else report.summary())
    if not report.ok:
        raise click.exceptions.Exit(1)


def is_model_folder(argument: str) -> bool:
    """Whether PROGRAM|DIR means a folder; a library program's name means one only if a model is in it."""
    import programs

    folder = Path(argument)
    return folder.is_dir() and ((folder / "config.json").exists() or argument not in programs.names())


def saved_model(folder: Path) -> tuple[SOp, runtime.Model]:
    """A saved model with the s-op of the program saved with it."""
    import rasp
    import runtime

    model = runtime.load(folder)
    main = rasp.parse(model.program).main
    return main, model


def compiled_model(
    program: str, vocab: str | None, max_length: int | None, causal: bool
) -> tuple[SOp, runtime.Model]:
    """A program's s-op and the model that it compiles to."""
    from rasp.commands.sources import load_sop

    tokens, longest = alphabet(vocab, max_length)
    sop = load_sop(program)
    import compiler

    return sop, compiler.compile(sop, vocab=tokens, max_length=longest, causal=causal)


@click.command()
@folder_argument
@click.argument("prompt", metavar="PROMPT")
@click.option("--steps", type=click.IntRange(min=0), required=True, metavar="K", help="How many tokens to add.")
@click.option("--stop", multiple=True, metavar="TOKEN", help="Stop after this token; may be given several times.")
@string_option
def generate(folder: Path, prompt: str, steps: int, stop: tuple[str, ...], as_text: bool) -> None:
    """Continue PROMPT with the causal model in DIR, one token at a time.

    Prints the prompt and its continuation: as text if all tokens are single characters, else as a JSON list.

    \b
    Example:
      rasp compile aab_next --vocab ab --max-length 30 --causal -o aab-model
      rasp generate aab-model a --steps 8
    """
    import runtime

    model = runtime.load(folder)
    tokens = values.read_input(prompt, as_text)
    stops = [stop_token(model, text) for text in stop]
    plain = all(isinstance(token, str) and len(token) == 1 for token in model.config.vocab)
    opening, between, closing = ("", "", "") if plain else ("[", ", ", "]")
    stream = model.stream(tokens, steps, stops)
    separator = opening
    for token in itertools.chain(tokens, stream):
        click.echo(separator + (str(token) if plain else values.dump_json(token)), nl=False)
        sys.stdout.flush()
        separator = between
    click.echo(closing)


def stop_token(model: runtime.Model, text: str) -> Atom:
    """The vocabulary's token that is written like this; InputError if there is none."""
    for token in model.config.vocab:
        if values.show_atom(token) == text:
            return token
    raise InputError(f"the stop token {text!r} is not in the model's vocabulary")


COMMANDS = (compile_program, apply, verify, generate)
