"""`rasp compile`: a program becomes a model, or one stage on the way is printed; `rasp info`: what it is."""

from __future__ import annotations

import re
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rasp import notation
from rasp.commands.given import alphabet
from rasp.commands.options import (
    causal_option,
    dtype_option,
    folder_argument,
    json_option,
    max_length_option,
    program_argument,
    verbose_option,
    vocab_option,
)
from rasp.commands.waiting import waiting
from rasp.words import Atom

if TYPE_CHECKING:
    import runtime
    from compiler.precision import Dtype
    from compiler.request import Basis, Heads, Style
    from runtime.saving.certificate import Certificate
    from runtime.weights import Config, Size

STAGES = ("ast", "graph", "domains", "schedule", "layout", "weights")
SHOWN_VALUES = 12


@click.command("compile")
@program_argument
@vocab_option
@max_length_option
@causal_option
@dtype_option
@click.option(
    "--keep",
    metavar="NAMES",
    multiple=True,
    help="S-ops that get columns of their own and can be replaced in Python; several with commas.",
)
@click.option(
    "--heads",
    type=click.Choice(["any", "fewest"]),
    default="any",
    show_default=True,
    help="Whether orders may take a head for each digit, for a smaller model, or one in all.",
)
@click.option(
    "--style",
    type=click.Choice(["exact", "soft"]),
    default="exact",
    show_default=True,
    help="Exact weights are certified; soft ones are small, to be trained and disturbed, and tried only.",
)
@click.option(
    "--basis",
    type=click.Choice(["fewest", "one-hot"]),
    default="fewest",
    show_default=True,
    help="The columns of a soft model: those that readers tell apart, or one for each value.",
)
@click.option("--no-optimize", is_flag=True, help="Recognise no counting tricks; for comparison.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="Save the model here.")
@click.option("--report", is_flag=True, help="Tell, too, what each s-op costs, and what running takes.")
@click.option("--emit", type=click.Choice(STAGES), help="Print this stage of the compilation instead.")
@verbose_option
@json_option
def compile_program(
    program: str,
    vocab: str | None,
    max_length: int | None,
    causal: bool,
    dtype: Dtype,
    keep: tuple[str, ...],
    heads: Heads,
    style: Style,
    basis: Basis,
    no_optimize: bool,
    output: Path | None,
    report: bool,
    emit: str | None,
    verbose: bool,
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
    from rasp.commands.sources import load_sop, syntax_tree

    if emit == "ast":
        click.echo(syntax_tree(program))
        return
    sop = load_sop(program)
    tokens, longest = alphabet(program, vocab, max_length)
    import compiler

    asked: dict[str, Any] = {
        "vocab": tokens,
        "max_length": longest,
        "causal": causal,
        "dtype": dtype,
        "keep": names_in(keep),
        "heads": heads,
        "style": style,
        "basis": basis,
        "optimize": not no_optimize,
    }
    if emit is not None:
        click.echo(compiler.emit(sop, emit, **asked).rstrip("\n"))
        return
    start = time.perf_counter()
    with waiting(f"compiling {program}") as told:
        model = compiler.compile(sop, **asked, progress=told)
    seconds = time.perf_counter() - start
    if output is not None:
        model.save(output)
    warnings = [str(warning) for warning in model.warnings]
    for warning in warnings:
        click.echo(warning, err=True)
    facts = model_facts(program, model, seconds)
    if as_json:
        facts["warnings"] = warnings
        if report:
            costs = [asdict(cost) for cost in model.costs().rows]
            facts |= {"costs": costs, "running": asdict(model.running())}
    click.echo(notation.dump_json(facts) if as_json else facts_table(facts, verbose))
    if verbose and not as_json:
        click.echo(f"\n{bounds_table(model.certificate)}")
    if report and not as_json:
        click.echo(f"\n{model.costs()}\n\n{model.running()}")
    if output is not None and not as_json:
        click.echo(f"\nsaved to {output}")


def names_in(options: tuple[str, ...]) -> list[str]:
    """The names of an option that may be repeated, or name several with commas between."""
    return [name for option in options for name in re.split(r"[,\s]+", option) if name]


def model_facts(program: str, model: runtime.Model, seconds: float) -> dict[str, Any]:
    """What `compile` tells about a model, for people and for programs."""
    made = facts_of(program, model.config, model.size, model.certificate)
    return {**made, "seconds": round(seconds, 3)}


def facts_of(program: str, config: Config, size: Size, certificate: Certificate) -> dict[str, Any]:
    """What there is to say of any model."""
    from compiler.certificate.needs import named
    from runtime.transformer.stepping import loop

    needs = named(certificate.claims)
    outputs = list(config.output.labels) if config.output.kind == "labels" else None
    return {
        "program": program,
        "vocab": list(config.vocab),
        "max_length": config.max_length,
        "causal": config.causal,
        **asdict(size),
        "outputs": outputs,
        "certified": certificate.certified,
        "certificate": certificate.summary,
        "needs": None if needs is None else needs.text,
        "as_a_step": loop(config).summary,
    }


def facts_table(facts: dict[str, Any], whole: bool = False) -> str:
    """The same in lines of name and figure; `whole`: with all tokens and outputs, however many."""
    listed = all_of if whole else few
    attention = "causal" if facts["causal"] else "bidirectional"
    rows = {
        "program": facts["program"],
        "tokens": f"{len(facts['vocab'])}: {listed(facts['vocab'])}",
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
        else f"{len(facts['outputs'])}: {listed(facts['outputs'])}",
        "certificate": facts["certificate"],
        **({} if facts["as_a_step"].startswith("none") else {"as a step": facts["as_a_step"]}),
        **({"time": f"{facts['seconds']:.2f} s"} if "seconds" in facts else {}),
    }
    width = max(map(len, rows))
    return "\n".join(f"{name.ljust(width)}  {figure}" for name, figure in rows.items())


def bounds_table(certificate: Certificate) -> str:
    """Each bound that the certificate stands on, below the tolerance that it has."""
    rows = [
        f"{item['bound']:<12.6g} < {item['tolerance']:<12.6g} {item['step']}: {item['what']}"
        for item in certificate.items
    ]
    return "\n".join(["bound          tolerance    of what", *rows])


def all_of(atoms: list[Atom]) -> str:
    """The atoms, quoted where they could be misread."""
    return " ".join(shown_atoms(atoms))


def few(atoms: list[Atom]) -> str:
    """The atoms, or the first and last of many."""
    shown = shown_atoms(atoms)
    if len(shown) > SHOWN_VALUES:
        shown = [*shown[: SHOWN_VALUES - 2], "...", shown[-1]]
    return " ".join(shown)


def shown_atoms(atoms: list[Atom]) -> list[str]:
    """Each atom as it is written; strings in quotes where any could be misread."""
    quoted = any(notation.could_be_misread(atom) or atom in ("T", "F") for atom in atoms)
    return [notation.show_atom(atom, quoted) for atom in atoms]


@click.command()
@folder_argument
@verbose_option
@json_option
def info(folder: Path, verbose: bool, as_json: bool) -> None:
    """Tell what the model in DIR is: its size, what is certain about it, its vocabulary and its program.

    \b
    Example:
      rasp info sort-model
    """
    from runtime.saving import storage
    from runtime.weights import size

    config, weights, certificate, program = storage.load(folder)
    facts = facts_of(str(folder), config, size(weights), certificate)
    if as_json:
        kept = [kept.name for kept in config.kept]
        click.echo(notation.dump_json({**facts, "dtype": config.dtype, "keep": kept, "source": program}))
        return
    click.echo(facts_table(facts, verbose))
    if facts["needs"] is not None:
        click.echo(f"needs        {facts['needs']}")
    if config.kept:
        click.echo(f"kept         {', '.join(kept.name for kept in config.kept)}")
    if verbose:
        click.echo(f"\n{bounds_table(certificate)}")
    click.echo(f"\n{program.rstrip()}")
