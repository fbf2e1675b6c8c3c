"""Where the values of a program went that got no columns of their own."""

from __future__ import annotations

from rasp.errors import InputError
from rasp.graph.atoms import shown
from runtime.inspection.reading import meaning_of
from runtime.weights import Config

ANSWERS = "the answers"


def check_name(name: object) -> None:
    """Raise InputError for what cannot be the name of anything."""
    if not isinstance(name, str):
        raise InputError(f"a name is a string, not {shown(name)}")


def folded_into(name: str, config: Config) -> tuple[str, ...]:
    """What is computed, in columns, right from the value that the program calls `name`.

    These are the meanings of its own columns and of those of its nearest readers in the program as it was
    saved, or `ANSWERS` if only the logits are computed from it. Empty if the program has no such name.
    """
    numbers = [number for number, statement in enumerate(config.statements) if statement.name == name]
    if not numbers:
        return ()
    found = dict.fromkeys(meanings(config, numbers[0]))
    waiting, seen = numbers, set(numbers)
    while waiting:
        for reader in readers(config, waiting.pop()):
            if reader not in seen:
                seen.add(reader)
                own = meanings(config, reader)
                found |= dict.fromkeys(own)
                waiting += [] if own else [reader]
    return tuple(found) or (ANSWERS,)


def meanings(config: Config, statement: int) -> list[str]:
    """What the columns mean that hold the value of a statement."""
    own = config.statements[statement].sops
    return [meaning_of(column) for column in config.columns if column.of in own]


def readers(config: Config, statement: int) -> list[int]:
    """The statements that name this one."""
    named = enumerate(config.statements)
    return [number for number, each in named if any(m.statement == statement for m in each.mentions)]


def what_became_of(name: str, config: Config) -> str:
    """A sentence about a value without columns, for error messages."""
    into = folded_into(name, config)
    said = f"{name!r} has no columns of its own"
    return f"{said}: it was folded into {', '.join(map(repr, into))}" if into else said
