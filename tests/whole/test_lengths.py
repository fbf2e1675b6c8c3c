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


WIDE = [
    *(("sort", 26, length) for length in (32, 512, 2048)),
    ("sort", 1_000, 32),
    *((name, 16_384, 32) for name in ("sort", "maximum", "sort_unique")),
    *((name, 26, 512) for name in ("hist2", "most_freq", "sort_freq", "rank", "running_count")),
    ("dyck1_ptf", 2, 512),
    ("dyck2_ptf", 4, 512),
]
"""Programs whose orders are read digit by digit, the number of tokens, and the maximum length."""

FEW = {2: "()", 4: "()[]", 26: LETTERS}


@pytest.mark.by_hand
@pytest.mark.parametrize(("name", "tokens", "length"), WIDE)
def test_digits_answer_exactly(name: str, tokens: int, length: int) -> None:
    """200 inputs each; sorted, reversed and all-equal ones are among them."""
    program = rasp.load(name)
    vocab: list[Atom] = list(FEW.get(tokens, range(tokens)))
    model = compiler.compile(program.main, vocab, length)
    assert model.certificate.certified
    rng = random.Random(length)
    some = [rng.choice(vocab) for _ in range(length)]
    inputs = [
        sorted(some, key=vocab.index),
        sorted(some, key=vocab.index, reverse=True),
        [vocab[-1]] * length,
    ]
    inputs += [
        [rng.choice(vocab) for _ in range(rng.choice([length, rng.randint(1, length)]))] for _ in range(197)
    ]
    expected = Oracle(program.main, vocab, causal=False)
    for start in range(0, len(inputs), 10):
        assert model.batch(inputs[start : start + 10]) == expected(inputs[start : start + 10])
