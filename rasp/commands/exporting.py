"""`rasp export`: a saved model for other people's tools."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from rasp.commands.options import folder_argument, json_option
from rasp.notation import dump_json

TARGETS = "gpt2|bert|llama|onnx|transformer-lens|safetensors|gguf"


def targets(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """The formats that begin like this, for shells that complete."""
    return [CompletionItem(each) for each in TARGETS.split("|") if each.startswith(begun)]


@click.command()
@folder_argument
@click.option(
    "--to", "target", required=True, metavar=TARGETS, shell_complete=targets, help="The format to write."
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="The folder to write.",
)
@click.option("--check", is_flag=True, help="Open it with the target's own package and compare the answers.")
@json_option
def export(folder: Path, target: str, output: Path, check: bool, as_json: bool) -> None:
    """Write the model in DIR in a form that other tools open.

    With --check it exits with 1 if any answer differs.

    \b
    Example:
      rasp export sort-model --to onnx -o sort-onnx
    """
    import runtime

    report = runtime.export(runtime.load(folder), target, output, check=check)
    facts = {**asdict(report), "folder": str(report.folder)}
    click.echo(dump_json(facts) if as_json else str(report))
    if report.comparison is not None and not report.comparison.ok:
        raise click.exceptions.Exit(1)
