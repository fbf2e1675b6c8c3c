"""Choices built of their branches: right on every small input, proved, and no changed one is."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import cast

import numpy as np
import pytest

import compiler
import rasp
from compiler import ways
from compiler.graph.terms import Term
from compiler.lowering.columns import Column, Reading, column_reading
from compiler.lowering.coordinates import Grid, VariableCoordinate
from compiler.lowering.demands import Demands
from compiler.lowering.fans import Fan, find_fan, neurons
from compiler.lowering.features import Feature
from compiler.lowering.plan import Plan, Way
from compiler.precision import FLOAT32, Precision
from compiler.request import Request
from compiler.values.settling import Settled
from compiler.verification.comparison import expected
from tests.support.tampering import answers, tampered
from tests.support.worked import COUNT, named, stages

VOCAB = (-1, 0, 2)
INPUTS = [list(tokens) for n in (1, 2, 3) for tokens in itertools.product(VOCAB, repeat=n)]

BACK = "tokens = tokens_asis; one = shift(tokens, 1, 0); two = shift(tokens, 2, 0); kind = indices % 3;"
FOUND = "main = aggregate(select(indices, asked, ==), tokens, 5);"

PROGRAMS = [
    f"{BACK} asked = tokens if kind == 0 else (two + 1 if kind == 1 else one); {FOUND}",
    f"{BACK} asked = indices if tokens == 0 else (one if tokens == 2 else 3 * two); {FOUND}",
    f"{BACK} asked = one if indices > 1 else two; {FOUND}",
    f"{BACK} asked = one if indices - tokens[0] > 1 else two + 1; {FOUND}",
]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Fan]]:
    """Whatever can be built of branches is; all that was."""
    found: list[Fan] = []
    carry = ways.carry

    def of_branches(settled: Settled, asked: Request, way: Way) -> ways.Carried:
        return carry(settled, asked, replace(way, branches=True))

    def noted(grid: Grid, ranks: Feature, columns: list[Feature], precision: Precision) -> Fan | None:
        fan = find_fan(grid, ranks, columns, precision)
        found.extend([] if fan is None else [fan])
        return fan

    monkeypatch.setattr(ways, "carry", of_branches)
    monkeypatch.setattr("compiler.lowering.demands.find_fan", noted)
    monkeypatch.setattr(Demands, "_table_units", lambda *_: 10**6)
    yield found
    assert found


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(("source", "causal"), list(zip(PROGRAMS, [False, True, False, True], strict=True)))
def test_branches_are_right_and_proved(source: str, causal: bool) -> None:
    sop = rasp.parse(source).main
    model = compiler.compile(sop, VOCAB, 3, causal=causal)
    wanted = [(tokens, expected(sop, tokens, causal)) for tokens in INPUTS]
    wanted = [(tokens, answer) for tokens, answer in wanted if answer is not None]
    assert answers(model, [tokens for tokens, _ in wanted]) == [answer for _, answer in wanted]
    proved = compiler.recheck(model)
    assert proved.ok, proved.summary()


@pytest.mark.usefixtures("made")
def test_no_changed_branch_is_proved() -> None:
    sop = rasp.parse(PROGRAMS[0]).main
    model, rng = compiler.compile(sop, VOCAB, 3), random.Random(3)
    right, changed = answers(model, INPUTS), 0
    for _ in range(15):
        other, what = tampered(rng, model)
        if answers(other, INPUTS) != right:
            changed += 1
            assert not compiler.recheck(other).ok, what
    assert changed >= 3


def coordinates() -> list[VariableCoordinate]:
    """Three variables of 6, 3 and 4 values."""
    root = stages(COUNT).settled.root
    terms = [named(root, "copies"), root, root.args[0]]
    return [VariableCoordinate(term, size) for term, size in zip(terms, (6, 3, 4), strict=True)]


def at(fan: Fan, where: dict[int, int]) -> list[Fraction]:
    """What the neurons give where each variable has the value of that number."""
    features: dict[Column, tuple[Term, Feature]] = {}

    def read(term: Term, feature: Feature) -> Reading:
        column = Column(f"{len(features)}", "", Fraction(0), Fraction(0))
        features[column] = (term, feature)
        return column_reading(column)

    def value(reading: Reading) -> Fraction:
        parts = ((features[column], weight) for column, weight in reading.coefficients.items())
        return reading.constant + sum((w * int(f[where[t.index]]) for (t, f), w in parts), Fraction(0))

    built = neurons(fan, cast(Plan, None), read, lambda term, feature: read(term, cast(Feature, feature)))
    return [
        start + sum((w * max(value(r), Fraction(0)) for r, w in units), Fraction(0)) for start, units in built
    ]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_one_variable_at_a_time_is_a_fan(seed: int) -> None:
    """At each value of the first variable the s-op is a function of the second one or of the third one;
    somewhere it has no value. Two features are asked for, of which one is far larger.
    """
    rng, axes = np.random.default_rng(seed), coordinates()
    columns = [np.arange(5) - 2, rng.integers(-50, 50, 5)]
    ranks = np.zeros([each.size for each in axes], dtype=np.int64)
    for first in range(axes[0].size):
        rows = rng.integers(0, 5, (3, 1) if rng.random() < 0.5 else 4)
        ranks[first] = rows if first == 0 or rng.random() < 0.7 else ranks[first - 1]
    ranks[rng.random(ranks.shape) < 0.1] = -1
    fan = find_fan(Grid(axes[0].variable, tuple(axes), 1), ranks, columns, FLOAT32)
    assert fan is not None
    for point in np.ndindex(ranks.shape):
        if ranks[point] >= 0:
            where = {axis.variable.index: number for axis, number in zip(axes, point, strict=True)}
            assert at(fan, where) == [column[ranks[point]] for column in columns]


def test_what_needs_two_at_once_is_none() -> None:
    axes = coordinates()
    grid, ranks = Grid(axes[0].variable, tuple(axes), 1), np.random.default_rng(0).permutation(72)
    assert find_fan(grid, ranks.reshape(6, 3, 4), [np.arange(72)], FLOAT32) is None


def test_what_float32_does_not_add_up_is_none() -> None:
    axes = coordinates()
    ranks = np.zeros((6, 3, 4), dtype=np.int64)
    ranks[::2] = np.arange(3)[:, None]
    for largest, there in ((1_000, True), (1 << 20, False)):
        fan = find_fan(Grid(axes[0].variable, tuple(axes), 1), ranks, [np.array([0, 1, largest])], FLOAT32)
        assert (fan is not None) == there
