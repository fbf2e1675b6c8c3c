"""How much memory a pass takes, and that too much is refused before it is taken."""

from __future__ import annotations

import pytest

import compiler
import rasp
from rasp.errors import InputError
from runtime.transformer import memory
from runtime.transformer.batching import MOST_SCORES
from runtime.weights import size
from tests.support.worked import COUNT, model


def test_scores_are_most_of_it_until_they_take_turns() -> None:
    weights = model(COUNT).weights
    few, many = (memory.needed(weights, 1, positions) for positions in (1_000, 5_000))
    assert few > 4 * memory.COPIES * 1_000**2
    assert many - few < 4 * memory.COPIES * (MOST_SCORES - 1_000**2) + 4 * 5_000 * 100
    assert memory.needed(weights, 1, 1) > 4 * size(weights).parameters


def test_a_trace_keeps_all_of_them() -> None:
    weights = model(COUNT).weights
    assert memory.needed(weights, 1, 16_385, recorded=True) > 4 * 3 * 16_385**2


def test_what_does_not_fit_is_refused_before_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """`reverse` of 16,384 tokens is answered in 4 GB; a trace of it would need more."""
    reverse = compiler.compile(rasp.load("reverse").main, "ab", 16_384)
    assert reverse.running(16_384).memory_bytes < 2e9
    monkeypatch.setattr(memory, "free", lambda: int(4e9))
    memory.require(reverse.weights, 1, 16_385)
    with pytest.raises(InputError) as refused:
        reverse.trace("ab" * 8_192)
    assert "a trace of 1 x 16,384 tokens takes about 18.3 GB at once" in str(refused.value)
    assert "4.0 GB are free" in str(refused.value)


def test_what_is_free_is_known_or_not_asked_for() -> None:
    room = memory.free()
    assert room is None or room > 0
    memory.require(model(COUNT).weights, 1, 4)
    assert [memory.gigabytes(count) for count in (12_345, 2_000_000_000)] == ["12.3 kB", "2.0 GB"]
