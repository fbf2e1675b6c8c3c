"""`rasp repl`: the interactive language."""

from __future__ import annotations

import time
from pathlib import Path

import click

from rasp import interrupts
from rasp.commands.completing import programs_and_files
from rasp.graph.sops import SOp
from rasp.words import Atom

MOST_INPUTS = 5_000
"""Up to so many inputs `verify` tries them all, else as many random ones."""


@click.command("repl")
@click.argument("file", metavar="[FILE]", required=False, shell_complete=programs_and_files)
@click.option(
    "--allow-path",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Also let `load` read files below DIR.",
)
def start_repl(file: str | None, allow_path: tuple[Path, ...]) -> None:
    """Write RASP and see what it gives; FILE, a .rasp file or library program, is loaded first.

    At a terminal there are history, completion and colours. Piped input is answered line by line.

    \b
    Examples:
      rasp repl
      echo 'length("abc");' | rasp repl
    """
    from rasp.repl.console import converse

    with interrupts.raised():
        converse(Compiler(), file, allow_path)


class Compiler:
    """What a dialogue compiles and verifies with; most never do, and it takes long to import."""

    def compiled(self, name: str, sop: SOp, vocab: list[Atom], longest: int) -> str:
        """Compile, and tell the model's size and what is certain about it."""
        import compiler
        from rasp.commands.compiling import facts_table, model_facts

        start = time.perf_counter()
        model = compiler.compile(sop, vocab=vocab, max_length=longest)
        seconds = time.perf_counter() - start
        return "\n".join([facts_table(model_facts(name, model, seconds)), *map(str, model.warnings)])

    def verified(self, sop: SOp, vocab: list[Atom], longest: int) -> str:
        """Compile, and compare the model with the interpreter."""
        import compiler
        from compiler.verification.sampling import count_inputs

        model = compiler.compile(sop, vocab=vocab, max_length=longest)
        every = count_inputs(len(vocab), longest) <= MOST_INPUTS
        return compiler.verify(sop, model, exhaustive=every).summary()
