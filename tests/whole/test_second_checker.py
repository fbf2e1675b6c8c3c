"""Two checkers of different kinds: what the one proves, the other finds certain on every input there is."""

from __future__ import annotations

from random import Random

import pytest

import compiler
import rasp
from compiler.precision import PRECISIONS, Dtype
from rasp.errors import ModelError
from rasp.graph.sops import SOp
from runtime import Model
from tests.support.adversary import forged
from tests.support.second_checker import always_right
from tests.support.sweeps import sweep

PROGRAMS: dict[str, tuple[SOp, str, int, bool]] = {
    "alternating": (rasp.parse('r = tokens if indices % 2 == 0 else "z";').main, "ab", 3, False),
    "modulo": (rasp.parse("r = (tokens_int + indices) % 3;").main, "012", 2, False),
    "before": (
        rasp.parse('r = aggregate(select(indices, indices - 1, ==), tokens, "_");').main,
        "ab",
        3,
        True,
    ),
    "hist": (rasp.load("hist").main, "ab", 3, False),
    "reverse": (rasp.load("reverse").main, "ab", 3, False),
    "default": (rasp.parse("r = aggregate(select(tokens_int, 2, ==), indices, 1/3);").main, "012", 3, False),
    "mean": (rasp.parse("r = aggregate(select(tokens, tokens, ==), indices);").main, "ab", 3, False),
}


SETTINGS: list[tuple[str, Dtype]] = [(name, dtype) for dtype in PRECISIONS for name in PROGRAMS]
QUICK: list[tuple[str, Dtype]] = [("alternating", "float32"), ("modulo", "float64"), ("before", "float32")]


def compiled(name: str, dtype: Dtype) -> Model:
    sop, vocab, length, causal = PROGRAMS[name]
    return compiler.compile(sop, vocab, length, causal, dtype=dtype)


@pytest.mark.parametrize("setting", sweep(SETTINGS, QUICK), ids="-".join)
def test_what_is_proved_is_certain(setting: tuple[str, Dtype]) -> None:
    model, sop = compiled(*setting), PROGRAMS[setting[0]][0]
    assert compiler.recheck(model, sop).ok
    assert always_right(model, sop)


@pytest.mark.parametrize("count", [20, pytest.param(2_000, marks=pytest.mark.by_hand)])
def test_of_forged_models_too(count: int) -> None:
    """And what the second finds wrong the first does not prove; some of either there is."""
    settings = QUICK if count < 100 else SETTINGS
    models = {setting: compiled(*setting) for setting in settings}
    proved = refused = 0
    for number in range(count):
        rng = Random(number)
        setting = rng.choice(settings)
        sop = PROGRAMS[setting[0]][0]
        try:
            other, moves = forged(rng, models[setting])
        except ModelError:
            continue
        right = always_right(other, sop)
        ok = compiler.recheck(other, sop).ok
        assert right or not ok, f"{number}: {setting}: {moves}"
        proved, refused = proved + ok, refused + (not right)
    print(f"{count} forgeries: {proved} proved, {refused} not certain; none both")
    assert proved
    assert refused
