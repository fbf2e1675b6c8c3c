"""The soft style on the library: right, right in any basis, robust, mended by training, seen by gradients."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import compiler
import rasp
from rasp.commands.given import alphabet
from rasp.errors import TooLargeError
from rasp.words import Atom
from runtime.exports.spacing import spaced
from runtime.model import Model
from runtime.weights import named_arrays
from tests.support.attribution import areas
from tests.support.disturbed import cases, inputs_right, noisy, tokens_right, trained
from tests.support.paths import ROOT

LENGTH = 8
LIBRARY = sorted(file.stem for file in (ROOT / "programs").glob("*.rasp"))

FEWER: dict[str, tuple[Atom, ...]] = {
    "auto_subleq": (*range(-2, 9),),
    "subleq_step": (*range(-4, 9),),
}
"""What the soft style refuses over its own 1,025 or 512 tokens (two operands of 512 values make 262,144
combinations, each a neuron), and the tokens over which it is tried instead.
"""

QUICK = {"hist"}
GRADIENTS: dict[str, tuple[Atom, ...]] = {
    "hist2": (*"abc",),
    "sort": (0, 1, 2, 3),
    "most_freq": (*"abc",),
    "dyck2_ptf": (*"(){}",),
    "sort_freq": (*"abc",),
}


@cache
def soft(name: str) -> Model:
    vocab, _ = alphabet(name, None, LENGTH)
    return compiler.compile(rasp.load(name).main, FEWER.get(name, vocab), LENGTH, style="soft")


def each_program() -> list[object]:
    """Few of them always, the others by hand."""
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.by_hand) for name in LIBRARY]


@pytest.mark.parametrize("name", each_program())
def test_soft_models_of_the_library(name: str) -> None:
    """The figures of each: `pytest -s -m by_hand -k library tests/whole/test_soft.py`"""
    model, sop = soft(name), rasp.load(name).main
    given = cases(sop, model.config.vocab, LENGTH, 500, seed=7)
    right, turned = inputs_right(model, given), inputs_right(model.rotate(0), given[:100])
    largest = max(float(np.abs(a).max()) for a in named_arrays(model.weights).values() if a.size)
    more = len(spaced(model.weights).weights.layers) - model.size.layers
    off = np.mean([tokens_right(model, noisy(model.weights, 1e-3, seed), given[:200]) for seed in range(3)])
    print(f"{name}: {right}/{len(given)}, rotated {turned}/100, largest {largest:g}, {more} more layers")
    print(f"{name}: {off:.2%} of tokens with noise")
    assert right == len(given) == 500
    assert turned >= 99
    assert largest <= 100
    assert more == 0
    assert off >= 0.99


@pytest.mark.slow
@pytest.mark.parametrize("name", FEWER)
def test_what_is_too_large_is_refused(name: str) -> None:
    vocab, _ = alphabet(name, None, LENGTH)
    with pytest.raises(TooLargeError, match="a column or neuron for each value"):
        compiler.compile(rasp.load(name).main, vocab, LENGTH, style="soft")


@pytest.mark.by_hand
@pytest.mark.parametrize(
    ("name", "vocab", "length"), [("hist", tuple("abcde"), 5), ("sort", tuple(range(5)), 5)]
)
@pytest.mark.parametrize("seed", range(3))
def test_training_mends_noise_of_a_tenth(name: str, vocab: tuple[Atom, ...], length: int, seed: int) -> None:
    sop = rasp.load(name).main
    model = compiler.compile(sop, vocab, length, style="soft")
    known, others = (cases(sop, model.config.vocab, length, count, s) for count, s in ((3000, 1), (500, 2)))
    disturbed = noisy(model.weights, 0.1, seed)
    mended = trained(model, disturbed, known, steps=1200, rate=1e-3)
    before, after = (tokens_right(model, weights, others) for weights in (disturbed, mended))
    print(f"{name} {seed}: {before:.1%} -> {after:.2%}")
    assert after >= 0.99


@pytest.mark.by_hand
@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_find_the_edges_that_vary(name: str) -> None:
    sop = rasp.load(name).main
    model = compiler.compile(sop, GRADIENTS[name], 6, style="soft")
    given = [case for case in cases(sop, model.config.vocab, 6, 500, seed=3) if len(case[0]) == 6][:48]
    varying, carrying = areas(model, given)
    print(f"{name}: {varying:.3f} of the edges that vary, {carrying:.3f} of all that carry anything")
    assert varying >= 0.9
