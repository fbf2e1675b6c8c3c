"""`rasp compile`: a program becomes a model, or one stage on the way is printed."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rasp import notation
from rasp.commands.given import alphabet
from rasp.commands.options import (
    causal_option,
    json_option,
    max_length_option,
    program_argument,
    vocab_option,
)
from rasp.words import Atom

if TYPE_CHECKING:
    import runtime

STAGES = ("ast", "graph", "domains", "schedule", "layout", "weights")
SHOWN_VALUES = 12


@click.command("compile")
@program_argument
@vocab_option
@max_length_option
@causal_option
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="Save the model here.")
@click.option("--report", is_flag=True, help="Tell, too, what each s-op costs, and what running takes.")
@click.option("--emit", type=click.Choice(STAGES), help="Print this stage of the compilation instead.")
@json_option
def compile_program(
    program: str,
    vocab: str | None,
    max_length: int | None,
    causal: bool,
    output: Path | None,
    report: bool,
    emit: str | None,
    as_json: bool,
) -> None:
    """Compile PROGRAM to the weights of a transformer, and tell the model's size.

    Warns if one step takes most of a large model and something can be done about it.

    \b
    Examples:
      rasp compile sort
      rasp compile sort --vocab 0:26 --max-length 32 -o sort-model
      rasp compile hist --vocab abc --max-length 8 --report
    """
    from rasp.commands.sources import load_sop, source_of, syntax_tree

    if emit == "ast":
        click.echo(syntax_tree(program))
        return
    sop = load_sop(program)
    tokens, longest = alphabet(source_of(program), vocab, max_length)
    import compiler

    if emit is not None:
        click.echo(compiler.emit(sop, emit, vocab=tokens, max_length=longest, causal=causal).rstrip("\n"))
        return
    start = time.perf_counter()
    model = compiler.compile(sop, vocab=tokens, max_length=longest, causal=causal)
    seconds = time.perf_counter() - start
    if output is not None:
        model.save(output)
    for warning in model.warnings:
        click.echo(str(warning), err=True)
    facts = model_facts(program, model, seconds)
    if as_json:
        facts["warnings"] = [str(warning) for warning in model.warnings]
        if report:
            costs = [asdict(cost) for cost in model.costs().rows]
            facts |= {"costs": costs, "running": asdict(model.running())}
    click.echo(notation.dump_json(facts) if as_json else facts_table(facts))
    if report and not as_json:
        click.echo(f"\n{model.costs()}\n\n{model.running()}")
    if output is not None and not as_json:
        click.echo(f"\nsaved to {output}")


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
        "certificate": model.certificate.summary,
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
        "outputs": "numbers"
        if facts["outputs"] is None
        else f"{len(facts['outputs'])}: {few(facts['outputs'])}",
        "certificate": facts["certificate"],
        "time": f"{facts['seconds']:.2f} s",
    }
    width = max(map(len, rows))
    return "\n".join(f"{name.ljust(width)}  {figure}" for name, figure in rows.items())


def few(atoms: list[Atom]) -> str:
    """The atoms, or the first and last of many."""
    quoted = any(notation.could_be_misread(atom) or atom in ("T", "F") for atom in atoms)
    shown = [notation.show_atom(atom, quoted) for atom in atoms]
    if len(shown) > SHOWN_VALUES:
        shown = [*shown[: SHOWN_VALUES - 2], "...", shown[-1]]
    return " ".join(shown)
