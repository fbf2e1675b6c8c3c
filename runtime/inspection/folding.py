"""Where the values of a program went that got no columns of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rasp.errors import InputError
from rasp.graph.atoms import shown
from runtime.weights import Column

ANSWERS = "the answers"

WORD = re.compile(r"[A-Za-z_]\w*")
STATEMENT = re.compile(r"(\w+) = (.*);")
STRING = re.compile(r'"[^"]*"')


def check_name(name: object) -> None:
    """Raise InputError for what cannot be the name of anything."""
    if not isinstance(name, str):
        raise InputError(f"a name is a string, not {shown(name)}")


def folded_into(name: str, program: str, columns: Sequence[Column]) -> tuple[str, ...]:
    """What is computed, in columns, right from the value that the program calls `name`.

    These are the columns' meanings that mention it, and those of its nearest readers in the program as it
    was saved, or `ANSWERS` if only the logits are computed from it. Empty if the program has no such name.
    """
    statements = dict(STATEMENT.findall(STRING.sub('""', program)))
    words = {value: set(WORD.findall(expression)) for value, expression in statements.items()}
    meanings = {column.meaning: set(WORD.findall(STRING.sub("", column.meaning))) for column in columns}
    if name not in statements:
        return ()
    found = {meaning: None for meaning, mentioned in meanings.items() if name in mentioned}
    waiting, seen = [name], {name}
    while waiting:
        value = waiting.pop()
        for reader in statements:
            if value in words[reader] and reader not in seen:
                seen.add(reader)
                own = [reader] if reader in meanings else [m for m in meanings if reader in meanings[m]]
                found |= dict.fromkeys(own)
                if not own:
                    waiting.append(reader)
    return tuple(found) or (ANSWERS,)


def what_became_of(name: str, program: str, columns: Sequence[Column]) -> str:
    """A sentence about a value without columns, for error messages."""
    into = folded_into(name, program, columns)
    said = f"{name!r} has no columns of its own"
    return f"{said}: it was folded into {', '.join(map(repr, into))}" if into else said
