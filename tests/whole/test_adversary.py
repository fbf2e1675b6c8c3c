"""Random forgeries of small models: whatever is proved answers rightly, in any order of its columns."""

from __future__ import annotations

import os
from functools import cache
from itertools import product
from random import Random
from typing import NamedTuple

import pytest

import compiler
import rasp
from compiler.precision import Dtype
from rasp.errors import EvaluationError, ModelError
from rasp.graph.sops import SOp
from rasp.words import Atom
from runtime import Model
from tests.support.adversary import MOVES, forged, in_order
from tests.support.checker_models import graphs_known
from tests.support.sweeps import sweep
from tests.support.tampering import answers

FIRST = int(os.environ.get("RASP_FORGED_FROM", "0"))
"""The number of the first forgery: what was tried before need not be tried again."""

ALTERNATING, MODULO, MEAN, FIRST_BUT = (
    rasp.parse(text).main
    for text in (
        'r = tokens if indices % 2 == 0 else "z";',
        "r = (tokens_int + indices) % 3;",
        "r = aggregate(select(tokens, tokens, ==), indices);",
        'r = aggregate(select(indices, indices, <), tokens, "_") if indices == 1 else tokens;',
    )
)

BEFORE = "before = select(indices, indices - 1, ==); near = aggregate(before, tokens_int, 0);"
LEAST, GATE, PRODUCT, MEANS, CLAMPED, BROKEN = (
    rasp.parse(text).main
    for text in (
        'r = has_focus(select(tokens, "a", ==) and select(indices, indices, <));',
        f"{BEFORE} r = max(near, tokens_int) - min(near, 2) if near < indices else near;",
        f"{BEFORE} r = near * (tokens_int > 1) + (near == tokens_int);",
        "r = aggregate(select(indices, indices, <), aggregate(full_s, tokens_int), 1 / 2);",
        "r = min(2 / 3, aggregate(select(indices, indices, <=), tokens_int));",
        "m = aggregate(select(indices, indices, <=), tokens_int); r = m if m > 1 / 3 else 0;",
    )
)


class Asked(NamedTuple):
    """A program, and for what it is compiled; `length`: if inputs are so long that some of them must do."""

    sop: SOp
    vocab: str
    causal: bool = False
    keep: tuple[str, ...] = ()
    dtype: Dtype = "float32"
    length: int | None = None


PROGRAMS: dict[str, Asked] = {
    "alternating": Asked(ALTERNATING, "ab"),
    "modulo": Asked(MODULO, "012"),
    "mean": Asked(MEAN, "ab"),
    "first but": Asked(FIRST_BUT, "ab"),
    **{name: Asked(rasp.load(name).main, "ab") for name in ("reverse", "hist", "sort", "hist2", "rotate")},
    "frac_prevs": Asked(rasp.load("frac_prevs").main, "ax", causal=True),
    "dyck1_ptf": Asked(rasp.load("dyck1_ptf").main, "()", causal=True),
    "majority": Asked(rasp.load("majority").main, "01"),
    "least": Asked(LEAST, "ab"),
    "gate": Asked(GATE, "012"),
    "product": Asked(PRODUCT, "012"),
    "means": Asked(MEANS, "01"),
    "clamped mean": Asked(CLAMPED, "012", length=14),
    "broken mean": Asked(BROKEN, "012", length=24),
    "kept": Asked(rasp.load("sort").main, "012", keep=("rank",)),
    **{
        f"{name}, float64": Asked(sop, vocab, dtype="float64")
        for name, sop, vocab in (
            ("alternating", ALTERNATING, "ab"),
            ("modulo", MODULO, "012"),
            ("hist", rasp.load("hist").main, "ab"),
            ("mean", MEAN, "ab"),
            ("gate", GATE, "012"),
        )
    },
}


@cache
def target(name: str) -> tuple[Model, list[list[Atom]], list[list[Atom]]]:
    """A model that is proved, and all inputs with an answer, with that."""
    sop, vocab, causal, keep, dtype, longer = PROGRAMS[name]
    length = longer or (4 if len(vocab) == 2 else 3)
    model = compiler.compile(sop, vocab, length, causal, keep=keep, dtype=dtype)
    assert compiler.recheck(model, sop).ok
    inputs, right, rng = list[list[Atom]](), list[list[Atom]](), Random(name)
    every = (list[Atom](x) for n in range(1, length + 1) for x in product(vocab, repeat=n))
    some = [list[Atom](rng.choices(vocab, k=rng.randint(1, length))) for _ in range(150)]
    for tokens in some if longer else every:
        try:
            right.append(list(sop(tokens, causal=causal)))
        except EvaluationError:
            continue
        inputs.append(tokens)
    assert answers(model, inputs) == right
    return model, inputs, right


@pytest.mark.parametrize(
    "count", [*sweep([250, 10_000], [250]), pytest.param(200_000, marks=pytest.mark.by_hand)]
)
def test_what_is_proved_answers_rightly(count: int) -> None:
    made = proved = 0
    with graphs_known():
        for number in range(FIRST, FIRST + count):
            rng = Random(number)
            name = rng.choice(list(PROGRAMS))
            model, inputs, right = target(name)
            try:
                other, moves = forged(rng, model)
            except ModelError:
                continue  # it does not fit together
            made += 1
            if other is model or not compiler.recheck(other, PROGRAMS[name].sop).ok:
                continue
            proved += 1
            order = rng.sample(range(len(other.config.columns)), len(other.config.columns))
            for each in (other, in_order(other, order)):
                assert answers(each, inputs) == right, f"{number}: {name}: {moves}"
            assert set_by(other) in ({}, set_by(model)), f"{number}: {name}: {moves}"
            if number % 1000 == 0:
                print(f"{number}: {made} made, {proved} proved", flush=True)
    assert proved > count / 20


def set_by(model: Model) -> dict[tuple[str, Atom], dict[str, int]]:
    """What interventions set for each value of a kept s-op, by the names of the columns."""
    names = [column.name for column in model.config.columns]
    return {
        (kept.name, value): {names[c]: number for c, number in zip(kept.columns, row, strict=True)}
        for kept in model.config.kept
        for value, row in zip(kept.values, kept.numbers, strict=True)
    }


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.__name__)
def test_every_move_changes_something(move: object) -> None:
    """And some of what it makes is not proved."""
    assert callable(move)
    refused = 0
    for number in range(200):
        name = Random(number).choice(list(PROGRAMS))
        model, _, _ = target(name)
        try:
            other = move(Random(number), model)
        except ModelError:
            refused += 1
            continue
        refused += other is not model and not compiler.recheck(other, PROGRAMS[name].sop).ok
        if refused:
            return
    assert refused


@pytest.mark.parametrize("number", [7_465_441])
def test_columns_that_share_a_place_are_not_cancelled(number: int) -> None:
    """What was made of the model before decides what another move can do with it."""
    rng = Random(number)
    model, _, _ = target(rng.choice(list(PROGRAMS)))
    _, moves = forged(rng, model)
    assert "cancelling_columns" in moves
