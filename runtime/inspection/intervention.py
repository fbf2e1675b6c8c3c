"""Activation patching with meaning: the model's answers if an s-op had other values.

Only s-ops that were compiled to be kept can be replaced (`compiler.compile(..., keep=[names])`): they have
columns of their own, and whatever reads them is right for every combination of their values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

import numpy as np

from rasp.errors import InputError
from rasp.graph.atoms import shown
from runtime.inspection.folding import check_name, what_became_of
from runtime.inspection.reading import sop_name
from runtime.transformer import numpy_forward, tokens
from runtime.weights import Array, Atom, Config, Kept, Weights

Values = Atom | Sequence[Atom] | Mapping[int, Atom]
"""Of an s-op: its value at every position, one for each position, or those at some positions (from 0)."""

Change = Mapping[str, Values]
"""Values by the name of a kept s-op."""


ROWS = 1024
"""Inputs that run together."""


def intervene(
    config: Config, weights: Weights, encoded: Sequence[list[int]], changes: Change | Sequence[Change]
) -> list[list[Atom]]:
    """For each input, given as ids, the answers where the named s-ops take the given values, whatever the
    model computes for them. The changes are those of all inputs, or a list with those of each.

    A refusal tells what an s-op without columns was folded into.

    Raises:
        InputError: the s-op was not kept, cannot have the value, or the input has no such position.
    """
    wanted = _for_each(changes, len(encoded))
    answers: list[list[Atom]] = []
    for start in range(0, len(encoded), ROWS):
        rows = encoded[start : start + ROWS]
        setting = [
            set_of(config, change, len(ids)) for ids, change in zip(rows, wanted[start:], strict=False)
        ]
        padded, lengths = tokens.padded(rows, len(rows), 1 + max(map(len, rows)))
        logits = numpy_forward.forward(weights, padded, lengths, config.causal, _patches(setting))
        answers += tokens.decode_batch(config.output, logits, [len(ids) for ids in rows])
    return answers


def _for_each(changes: Change | Sequence[Change], count: int) -> Sequence[Change]:
    """The changes of each of so many inputs."""
    if isinstance(changes, Mapping):
        return [changes] * count
    if isinstance(changes, str) or not isinstance(changes, Sequence):
        raise InputError(f"the changes are a dict of values by the names of s-ops, not {shown(changes)}")
    if len(changes) != count:
        raise InputError(f"there are changes for {len(changes)} inputs, and {count} inputs")
    return changes


@dataclass(frozen=True)
class Setting:
    """What one kept s-op is set to: after a sublayer, numbers in places, by position."""

    sublayer: int
    places: list[int]
    numbers: Mapping[int, tuple[int, ...]]


def set_of(config: Config, changes: Change, count: int) -> list[Setting]:
    """What the changes set in an input of so many tokens."""
    if not isinstance(changes, Mapping):
        raise InputError(f"the changes are a dict of values by the names of s-ops, not {shown(changes)}")
    found = []
    for name, change in changes.items():
        check_name(name)
        kept = find(config, name)
        numbers = {
            position: kept.numbers[place] for position, place in positions(kept, change, count).items()
        }
        places = [config.place(column) for column in kept.columns]
        found.append(Setting(config.columns[kept.columns[0]].written, places, numbers))
    return found


def _patches(rows: Sequence[Sequence[Setting]]) -> numpy_forward.Patches:
    """What replaces the residual stream of all rows, by sublayer."""
    by_sublayer: dict[int, list[tuple[int, Setting]]] = {}
    for row, settings in enumerate(rows):
        for each in settings:
            by_sublayer.setdefault(each.sublayer, []).append((row, each))
    return {sublayer: partial(_replaced, settings) for sublayer, settings in by_sublayer.items()}


def _replaced(settings: Sequence[tuple[int, Setting]], x: Array) -> Array:
    """The residual stream [B, T, d] with what the rows set."""
    changed = x.copy()
    for row, each in settings:
        for position, numbers in each.numbers.items():
            changed[row, 1 + position, each.places] = np.array(numbers, dtype=x.dtype)
    return changed


def find(config: Config, name: str) -> Kept:
    """The kept s-op of this name."""
    for kept in config.kept:
        if kept.name == name:
            return kept
    known = ", ".join(kept.name for kept in config.kept)
    named = [statement.name for statement in config.statements if statement.name]
    if name not in named and not any(sop_name(column) == name for column in config.columns):
        near = get_close_matches(name, named, n=1)
        meant = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(
            f"the program has no s-op called {name!r}",
            hint=f"{meant}{f'kept are {known}' if known else 'no s-op was kept: compile with keep=[names]'}",
        )
    if any(sop_name(column) == name for column in config.columns):
        reason = f"{name!r} was not kept: what reads it is right only for values that occur together"
    else:
        reason = what_became_of(name, config)
    raise InputError(
        f"{reason}; it cannot be replaced",
        hint=f"compile with keep=[{name!r}]" + (f"; kept are {known}" if known else ""),
    )


def positions(kept: Kept, change: Values, count: int) -> dict[int, int]:
    """For each position to be changed, the place of its new value among the s-op's values."""
    wanted = by_position(kept, change, count)
    places: dict[Atom | None, int] = {value: place for place, value in enumerate(kept.values)}
    found: dict[int, int] = {}
    for position, value in wanted.items():
        whole = isinstance(position, int | np.integer) and not isinstance(position, bool)
        if not whole or not 0 <= position < count:
            raise InputError(f"there is no position {shown(position)} in an input of {count} tokens")
        place = places.get(tokens.as_atom(value))
        if place is None:
            known = ", ".join(map(shown, kept.values[:8])) + (", ..." if len(kept.values) > 8 else "")
            raise InputError(f"{kept.name} cannot be {shown(value)}; its values are {known}")
        found[int(position)] = place
    return found


def by_position(kept: Kept, change: Values, count: int) -> Mapping[int, Atom]:
    """The values that are to be set, each with its position."""
    if isinstance(change, Mapping):
        return change
    if isinstance(change, str) or not isinstance(change, Sequence | np.ndarray):
        return dict.fromkeys(range(count), change)
    if len(change) != count:
        raise InputError(
            f"{kept.name} is given {len(change)} values for an input of {count} tokens",
            hint="give one for each position, one value for all, or a dict of values by position",
        )
    return dict(enumerate(change))
