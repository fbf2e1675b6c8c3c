"""Training to a circuit: what a swap does, and that a model without noise has the soft one's circuit."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import compiler
import rasp
from compiler.lab.realistic import ALIGNMENT, Pairs, alike, begun, pairs, realistic
from runtime.inspection.circuit import Part
from runtime.model import Model, load

PARTS: list[Part] = [("head", 1, 0), ("mlp", 1)]


@cache
def soft() -> Model:
    return compiler.compile(rasp.load("hist").main, "ab", 3, style="soft")


def test_pairs() -> None:
    found = pairs(soft(), 20, seed=0)
    for ids, other, length in zip(found.ids, found.other, found.lengths, strict=True):
        assert ids[1 : 1 + length].all()
        assert other[1 : 1 + length].all()
        assert not ids[1 + length :].any()


@pytest.mark.slow
def test_where_nothing_is_off_the_circuit_is_the_same() -> None:
    some = pairs(soft(), 8, seed=1)
    assert isinstance(some, Pairs)
    weights = begun(soft(), noise=0.0, seed=0)
    assert weights.token_embedding.shape[1] > soft().config.width
    assert np.count_nonzero(weights.token_embedding) == weights.token_embedding.size
    assert [alike(soft(), weights, some, PARTS, number) for number in range(3)] == [1, 1, 1]


@pytest.mark.by_hand
def test_a_short_training(tmp_path: Path) -> None:
    pytest.importorskip("optax")
    found = realistic(soft(), steps=2, noise=0.01)
    assert found.agreement.keys() == {*PARTS}
    assert 0 <= found.accuracy <= 1
    found.save(tmp_path / "saved")
    assert load(tmp_path / "saved")("ab") == found.model("ab")
    assert json.loads((tmp_path / "saved" / ALIGNMENT).read_text())["accuracy"] == found.accuracy


def test_exact_models_are_no_start() -> None:
    with pytest.raises(rasp.InputError, match="begins from a soft model"):
        realistic(compiler.compile(rasp.load("hist").main, "ab", 3))


PROGRAMS = (
    *("hist", "reverse", "length", "rotate", "first", "maximum"),
    *("first_occurrences", "shift_right", "swap_neighbours", "run_starts"),
)


@pytest.mark.by_hand
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_with_realistic_weights(name: str) -> None:
    """`pytest -s -m by_hand tests/compiler/lab/test_realistic.py`"""
    vocab = range(3) if name == "maximum" else "abc"
    found = realistic(compiler.compile(rasp.load(name).main, vocab, 5, style="soft"))
    print(name, f"{found.accuracy:.2%}", {part: f"{share:.2%}" for part, share in found.agreement.items()})
    assert found.accuracy >= 0.99
    assert min(found.agreement.values()) >= 0.99
