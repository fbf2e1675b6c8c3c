"""What a command is given: inputs, also through standard input, and what goes without saying of a program."""

from __future__ import annotations

from pathlib import Path

import click

from rasp import notation
from rasp.commands.editing import read_text
from rasp.words import Atom

DEFAULT_LENGTH = 16
"""The longest input of a model, where nothing else is said."""


def given_input(text: str, as_text: bool) -> list[Atom]:
    """The tokens of an INPUT argument; - means all of standard input, without the end of its last line."""
    if text == "-" and not as_text:
        text = read_text(Path("-")).removesuffix("\n").removesuffix("\r")
    return notation.read_input(text, as_text)


def header_vocabulary(program: str) -> list[Atom] | None:
    """The vocabulary that the header of PROGRAM names, if it does."""
    from rasp.commands.sources import source_of, split_name

    return notation.read_header(source_of(program), "vocab", notation.read_vocab, split_name(program)[0])


def header_input(program: str) -> list[Atom] | None:
    """The first input of which the header of PROGRAM tells the answer, if it does."""
    from rasp.commands.sources import source_of, split_name

    return notation.read_header_input(source_of(program), split_name(program)[0])


def alphabet(program: str, vocab: str | None, max_length: int | None) -> tuple[list[Atom], int]:
    """The vocabulary and the longest input, which every compilation of PROGRAM needs: as asked for, else the
    vocabulary of its header and the default length.
    """
    longest = DEFAULT_LENGTH if max_length is None else max_length
    if vocab is not None:
        return notation.read_vocab(vocab), longest
    known = header_vocabulary(program)
    if known is None:
        raise click.UsageError(
            "a program is compiled for a vocabulary: give --vocab V, such as a-z or 0:10 (or begin the "
            "program with a line `# vocab: V`, which is then its own)"
        )
    return known, longest
