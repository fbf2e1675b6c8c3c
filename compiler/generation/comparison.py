"""The two ways to generate, column by column: what the s-ops are, against what the weights compute."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from compiler.generation.meaning import Meaning, operands
from compiler.generation.prefixes import Now, Unanswered
from compiler.graph.terms import INDEX, TOKEN, Kind, Term
from compiler.ranges.domains import Listed
from compiler.rechecking.attention import NEAR
from compiler.rechecking.stream import Held, Stream
from rasp.errors import InputError
from rasp.words import Atom
from runtime.model import Model
from runtime.transformer import numpy_forward, tokens
from runtime.weights import Array


@dataclass(frozen=True)
class Difference:
    """At a position, a column that does not hold what the s-op is there; or the `answer`."""

    position: int
    name: str
    meant: Atom
    found: Any

    def __str__(self) -> str:
        where = f"position {self.position}: {self.name}"
        return f"{where} is {self.meant} by meaning, and the weights give {self.found}"


@dataclass(frozen=True)
class Compared:
    """How many numbers were compared, how many nobody looks at, and where there were differences. `answered`:
    the program has an answer at every position; only up to there was anything compared.
    """

    numbers: int
    unread: int
    differences: tuple[Difference, ...]
    answered: bool = True

    @property
    def ok(self) -> bool:
        """Whether there were none."""
        return not self.differences


def compare(model: Model, stream: Stream, meaning: Meaning, given: Sequence[Atom]) -> Compared:
    """Every column at every position of an input, and the answers: by meaning, and by a forward pass.
    `stream`: what its certificate says of each column of the model without shared places. Raises InputError
    for what the model cannot take.
    """
    ids = model.encode(given)
    residual, answers = by_weights(model.apart, ids)
    held = {id(each): each for each in stream.owner if each is not None and each.subject is not None}
    numbers, unread, differences = 0, 0, list[Difference]()
    for position, token in enumerate(ids):
        try:
            answer = meaning.append(token)
        except Unanswered:
            return Compared(numbers, unread, tuple(differences), False)
        loose = set(_loose(meaning))
        if answer != answers[position]:
            differences.append(Difference(position, "the answer", answer, answers[position]))
        for each in held.values():
            if each.subject is not None and each.subject.index in loose:
                unread += 1
                continue
            numbers += 1
            found = float(residual[1 + position, list(each.columns)].sum())
            value = _value(meaning, each.subject)
            if abs(found - _wanted(stream, each, value)) > (NEAR if each.real else 0.0):
                name = model.apart.config.columns[each.columns[0]].name
                differences.append(Difference(position, name, value, found))
    return Compared(numbers, unread, tuple(differences))


def by_weights(model: Model, ids: Sequence[int]) -> tuple[Array, list[Atom]]:
    """The residual stream [1 + n, d] at the end of a forward pass over n ids, and the answers."""
    kept: list[Array] = []

    def keep(x: Array) -> Array:
        kept.append(x)
        return x

    last = 2 * len(model.weights.layers)
    rows, lengths = tokens.padded([ids], 1, 1 + len(ids))
    logits = numpy_forward.forward(model.weights, rows, lengths, model.config.causal, {last: keep})
    return kept[0][0].astype(np.float64), tokens.decode(model.config.output, logits[0])


def _loose(meaning: Meaning) -> Iterator[int]:
    """The numbers of the s-ops that nobody looks at here: they depend on what is read where nothing is
    selected.
    """
    loose, now = set(meaning.loose), meaning.now
    for slot, term in enumerate(meaning.terms):
        args = [meaning.slots[each.index] for each in operands(term)]
        looked_at = _looked_at(term, args, now) if term.kind is Kind.MAP else args
        if loose and loose & set(looked_at):
            loose.add(slot)
    return (meaning.terms[slot].index for slot in loose)


def _looked_at(term: Term, args: Sequence[int], now: Now) -> Sequence[int]:
    """The operands that decide an elementwise s-op: of a choice only what is chosen."""
    if term.operator is not None and term.operator.value == "choose":
        return [args[0], args[1] if now[args[0]] else args[2]]
    return args


def _value(meaning: Meaning, subject: Term | None) -> Atom:
    """What an s-op is at the last position."""
    assert subject is not None
    if subject is TOKEN:
        return int(meaning.now[meaning.token])
    if subject is INDEX:
        return int(meaning.now[meaning.position])
    value: Atom = meaning.now[meaning.slots[subject.index]]
    return value


def _wanted(stream: Stream, held: Held, value: Atom) -> float:
    """What the columns hold in sum where the s-op has this value."""
    subject = held.subject
    assert subject is not None
    if subject is TOKEN:
        return float(held.values[int(value)])
    domain = stream.domains.get(subject)
    if held.slope is not None and not isinstance(domain, Listed):
        a, b = held.slope
        return float(a * Fraction(value) / domain.scale + b)
    rank = domain.ranks.get(value) if isinstance(domain, Listed) else _place(domain.values or (), value)
    if rank is None:
        raise InputError(f"{subject.title} is {value}, which it cannot be")
    return float(held.values[rank])


def _place(values: Sequence[Atom], value: Atom) -> int | None:
    """Where a value stands among others in their order; None if it does not."""
    place = bisect_left(values, value)
    return place if place < len(values) and values[place] == value else None
