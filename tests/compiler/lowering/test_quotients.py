"""Quotients as fractions: right on every small input, proved, and no changed one is."""

from __future__ import annotations

import itertools
import random

import pytest

import compiler
import rasp
from compiler import ways
from compiler.graph.building import build
from compiler.lowering.builder import lower
from compiler.lowering.operations import Gate
from compiler.lowering.planning import make_plan
from compiler.lowering.quotients import find_quotient
from compiler.request import Request
from compiler.values.settling import Wording, settle
from compiler.verification.comparison import expected
from rasp.errors import CompileError
from tests.support.tampering import answers, tampered

VOCAB = (-1, 0, 2)
INPUTS = [list(tokens) for n in (1, 2, 3) for tokens in itertools.product(VOCAB, repeat=n)]

FRACTIONS: tuple[Wording, ...] = ("fractions",)

PROGRAMS = [
    "main = indices / length;",
    "main = (tokens_int - indices) / (length + indices);",
    "c = indicator(tokens_int == 2); d = selector_width(select(tokens_int, 0, ==)); main = c / (c + d);",
    "c = selector_width(select(tokens_int, tokens_int, <)); main = round(5 * c / length);",
    "c = selector_width(select(tokens_int, 0, ==)); main = tokens_int / c if c > 0 else 0;",
    "c = selector_width(select(tokens_int, 0, ==)); main = (2 * tokens_int + 1) / c if c > 0 else 0;",
    "c = selector_width(select(tokens_int, 0, ==)); main = 0 if c == 0 else round(tokens_int / (2 * c));",
    "main = aggregate(select(tokens_int, 0, ==) or select(indices, 1, <), tokens_int);",
    "main = (tokens_int + 1/2) / (indices - 1);",
    "mine = select(indices, indices, ==) and select(tokens_int, 2, ==);"
    "main = 3 / (indices - only(mine, indices, -1));",
    "c = selector_width(select(tokens_int, 0, ==)) + 1; main = c / c if tokens_int > 0 else indices;",
    "main = round(5 * length / length);",
    "s = select(tokens_int, tokens_int, <=); main = aggregate(s, tokens_int) - aggregate(s, indices);",
]


@pytest.fixture
def fractions_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every quotient is carried as a fraction."""
    monkeypatch.setattr(ways, "settle", lambda built, asked: settle(built, asked, FRACTIONS))
    monkeypatch.setattr(ways, "_late_wordings", lambda built, asked: ())


@pytest.mark.usefixtures("fractions_only")
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("source", PROGRAMS)
def test_fractions_are_right_and_proved(source: str, causal: bool) -> None:
    sop = rasp.parse(source).main
    model = compiler.compile(sop, VOCAB, 3, causal=causal)
    proved = compiler.recheck(model)
    assert proved.ok, proved.summary()
    wanted = [(tokens, expected(sop, tokens, causal)) for tokens in INPUTS]
    wanted = [(tokens, answer) for tokens, answer in wanted if answer is not None]
    assert answers(model, [tokens for tokens, _ in wanted]) == [answer for _, answer in wanted]


@pytest.mark.usefixtures("fractions_only")
def test_no_changed_fraction_is_proved() -> None:
    sop = rasp.parse("main = (tokens_int - indices) / length;").main
    model, rng = compiler.compile(sop, VOCAB, 3), random.Random(3)
    right, changed = answers(model, INPUTS), 0
    for _ in range(15):
        other, what = tampered(rng, model)
        if answers(other, INPUTS) != right:
            changed += 1
            assert not compiler.recheck(other).ok, what
    assert changed >= 3


def test_there_is_a_neuron_for_each_divisor() -> None:
    """Two where what is divided may be negative; what divides is the position after the last."""
    asked = Request(VOCAB, 6)
    settled = settle(
        build(rasp.parse("main = (tokens_int - indices) / length;").main, asked), asked, FRACTIONS
    )
    lowered = lower(settled.root, settled.domains)
    (gate,) = [each for each in lowered.hidden if isinstance(each, Gate)]
    assert len(gate.units) == 12
    assert all(reading.at_bos == 0 for reading, _ in gate.units)


def test_a_fraction_waits_for_the_square_of_what_divides() -> None:
    """A count is one number, of which the square takes neurons; of a position it can be embedded."""
    asked = Request(VOCAB, 6)
    for source, layer in (("selector_width(select(tokens_int, 0, ==)) + 1", 2), ("indices + 1", 1)):
        sop = rasp.parse(f"main = tokens_int / ({source});").main
        settled = settle(build(sop, asked), asked, FRACTIONS)
        found = find_quotient(make_plan(settled.root, settled.domains), settled.root)
        assert (found.layer, found.middle) == (layer, 3 if layer == 1 else 4)


def test_too_large_numbers_are_no_fraction() -> None:
    asked = Request(VOCAB, 64)
    sop = rasp.parse("main = (1000 * indices + 1) / length;").main
    settled = settle(build(sop, asked), asked, FRACTIONS)
    with pytest.raises(CompileError, match="too many, or too large"):
        make_plan(settled.root, settled.domains)


def test_a_share_of_the_length_is_small() -> None:
    """It took 422,949 parameters as a table."""
    model = compiler.compile(rasp.parse("main = indices / length;").main, tuple("ab"), 64)
    assert model.size.layers == 1
    assert model.size.parameters < 2_000
