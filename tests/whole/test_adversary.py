"""Random forgeries of small models: whatever is proved answers rightly, in any order of its columns."""

from __future__ import annotations

from functools import cache
from itertools import product
from random import Random

import pytest

import compiler
import rasp
from rasp.errors import EvaluationError, ModelError
from rasp.graph.sops import SOp
from rasp.words import Atom
from runtime import Model
from tests.support.adversary import MOVES, forged, in_order
from tests.support.sweeps import sweep
from tests.support.tampering import answers

ALTERNATING, MODULO, MEAN, FIRST_BUT = (
    rasp.parse(text).main
    for text in (
        'r = tokens if indices % 2 == 0 else "z";',
        "r = (tokens_int + indices) % 3;",
        "r = aggregate(select(tokens, tokens, ==), indices);",
        'r = aggregate(select(indices, indices, <), tokens, "_") if indices == 1 else tokens;',
    )
)

PROGRAMS: dict[str, tuple[SOp, str, bool]] = {
    "alternating": (ALTERNATING, "ab", False),
    "modulo": (MODULO, "012", False),
    "mean": (MEAN, "ab", False),
    "first but": (FIRST_BUT, "ab", False),
    **{name: (rasp.load(name).main, "ab", False) for name in ("reverse", "hist", "sort", "hist2", "rotate")},
    "frac_prevs": (rasp.load("frac_prevs").main, "ax", True),
    "dyck1_ptf": (rasp.load("dyck1_ptf").main, "()", True),
    "majority": (rasp.load("majority").main, "01", False),
}


@cache
def target(name: str) -> tuple[Model, list[list[Atom]], list[list[Atom]]]:
    """A model that is proved, and all inputs with an answer, with that."""
    sop, vocab, causal = PROGRAMS[name]
    length = 4 if len(vocab) == 2 else 3
    model = compiler.compile(sop, vocab, length, causal)
    assert compiler.recheck(model, sop).ok
    inputs, right = list[list[Atom]](), list[list[Atom]]()
    for tokens in (list[Atom](x) for n in range(1, length + 1) for x in product(vocab, repeat=n)):
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
    proved = 0
    for number in range(count):
        rng = Random(number)
        name = rng.choice(list(PROGRAMS))
        model, inputs, right = target(name)
        try:
            other, moves = forged(rng, model)
        except ModelError:
            continue  # it does not fit together
        if other is model or not compiler.recheck(other, PROGRAMS[name][0]).ok:
            continue
        proved += 1
        order = rng.sample(range(len(other.config.columns)), len(other.config.columns))
        for each in (other, in_order(other, order)):
            assert answers(each, inputs) == right, f"{number}: {name}: {moves}"
    assert proved > count / 20


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
        refused += other is not model and not compiler.recheck(other, PROGRAMS[name][0]).ok
        if refused:
            return
    assert refused
