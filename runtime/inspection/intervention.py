"""Activation patching with meaning: the model's answers if an s-op had other values.

Only s-ops that were compiled to be kept can be replaced (`compiler.compile(..., keep=[names])`): they have
columns of their own, and whatever reads them is right for every combination of their values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

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


def intervene(config: Config, weights: Weights, ids: list[int], changes: Change) -> list[Atom]:
    """The answers where the named s-ops take the given values, whatever the model computes for them.

    A refusal tells what an s-op without columns was folded into.

    Raises:
        InputError: the s-op was not kept, cannot have the value, or the input has no such position.
    """
    patches: dict[int, Callable[[Array], Array]] = {}
    if not isinstance(changes, Mapping):
        raise InputError(f"the changes are a dict of values by the names of s-ops, not {shown(changes)}")
    for name, change in changes.items():
        check_name(name)
        kept = find(config, name)
        sublayer = config.columns[kept.columns[0]].written
        wanted = positions(kept, change, len(ids))
        replacing = _replacing(kept, [config.place(column) for column in kept.columns], wanted)
        patches[sublayer] = _then(patches.get(sublayer), replacing)
    padded, lengths = tokens.padded([ids], 1, 1 + len(ids))
    logits = numpy_forward.forward(weights, padded, lengths, config.causal, patches)
    return tokens.decode(config.output, logits[0])


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


def _replacing(kept: Kept, columns: list[int], wanted: Mapping[int, int]) -> Callable[[Array], Array]:
    def replace(x: Array) -> Array:
        changed = x.copy()
        for position, place in wanted.items():
            changed[:, 1 + position, columns] = np.array(kept.numbers[place], dtype=x.dtype)
        return changed

    return replace


def _then(
    first: Callable[[Array], Array] | None, second: Callable[[Array], Array]
) -> Callable[[Array], Array]:
    return second if first is None else lambda x: second(first(x))
