"""Long inputs: exact answers far beyond what the interpreter can be asked for in bulk (slow, by hand)."""

from __future__ import annotations

import random

import pytest

import compiler
import rasp
from compiler.verification.oracle import Oracle
from rasp.words import Atom

LETTERS = "abcdefghijklmnopqrstuvwxyz"
CASES = [
    *((name, 512) for name in ("reverse", "hist", "length", "sort", "frac_prevs")),
    *((name, 2048) for name in ("reverse", "hist", "length")),
]


def long_inputs(length: int, count: int) -> list[list[Atom]]:
    """Random inputs of mixed lengths, among them all-equal and maximal ones."""
    rng = random.Random(length)
    inputs: list[list[Atom]] = [["a"] * length, ["z"] * length, list(LETTERS), sorted("zxa" * (length // 3))]
    while len(inputs) < count:
        n = rng.choice([1, length, length, rng.randint(1, length)])
        some = rng.sample(LETTERS, rng.randint(1, 26))
        inputs.append([rng.choice(some) for _ in range(n)])
    return inputs


@pytest.mark.slow
@pytest.mark.parametrize(("name", "length"), CASES)
def test_long_inputs(name: str, length: int) -> None:
    main = rasp.load(name).main
    model = compiler.compile(main, LETTERS, length)
    assert model.certificate.certified
    inputs = long_inputs(length, 200)
    expected = Oracle(main, LETTERS, causal=False)
    for start in range(0, len(inputs), 10):
        some = inputs[start : start + 10]
        assert model.batch(some) == expected(some)
