"""Two checkers of different kinds: what the one proves, the other finds certain on every input there is."""

from __future__ import annotations

from random import Random

import pytest

import compiler
import rasp
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


def compiled(name: str) -> Model:
    sop, vocab, length, causal = PROGRAMS[name]
    return compiler.compile(sop, vocab, length, causal)


@pytest.mark.parametrize("name", sweep(list(PROGRAMS), list(PROGRAMS)[:3]))
def test_what_is_proved_is_certain(name: str) -> None:
    model, sop = compiled(name), PROGRAMS[name][0]
    assert compiler.recheck(model, sop).ok
    assert always_right(model, sop)


@pytest.mark.parametrize("count", [20, pytest.param(2_000, marks=pytest.mark.by_hand)])
def test_of_forged_models_too(count: int) -> None:
    """And what the second finds wrong the first does not prove; some of either there is."""
    names = list(PROGRAMS)[:3]
    models = {name: compiled(name) for name in names}
    proved = refused = 0
    for number in range(count):
        rng = Random(number)
        name = rng.choice(names)
        try:
            other, moves = forged(rng, models[name])
        except ModelError:
            continue
        right = always_right(other, PROGRAMS[name][0])
        ok = compiler.recheck(other, PROGRAMS[name][0]).ok
        assert right or not ok, f"{number}: {name}: {moves}"
        proved, refused = proved + ok, refused + (not right)
    assert proved
    assert refused
