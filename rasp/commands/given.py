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


def header_vocabulary(source: str) -> list[Atom] | None:
    """The vocabulary that the header of a program names, if it does."""
    import programs

    text = programs.said(source, "vocab")
    return None if text is None else notation.read_vocab(text)


def alphabet(source: str, vocab: str | None, max_length: int | None) -> tuple[list[Atom], int]:
    """The vocabulary and the longest input, which every compilation needs: as asked for, else the vocabulary
    of the program's header and the default length.
    """
    longest = DEFAULT_LENGTH if max_length is None else max_length
    if vocab is not None:
        return notation.read_vocab(vocab), longest
    known = header_vocabulary(source)
    if known is None:
        raise click.UsageError(
            "a program is compiled for a vocabulary: give --vocab V, such as a-z or 0:10 (or begin the "
            "program with a line `# vocab: V`, which is then its own)"
        )
    return known, longest
