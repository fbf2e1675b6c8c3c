"""Batching: few shapes for many inputs."""

from __future__ import annotations

from runtime.transformer.batching import chunks, padded_rows, padded_size
from tests.support.worked import COUNT, assert_text, lines, model


def test_inputs_of_like_lengths_run_together() -> None:
    """Of a model for up to 31 tokens: inputs are padded to 8, 16 or 32 positions (BOS is one), and rows to a
    power of four.
    """
    weights = model(COUNT).weights
    assert [padded_size(length, 31) for length in (0, 7, 8, 15, 16, 31)] == [8, 8, 16, 16, 32, 32]
    assert padded_rows(5, largest=64) == 16
    assert_text(
        lines(chunks(weights, [3, 20, 7, 8, 1], max_length=31)),
        """
        Chunk(inputs=(0, 2, 4), rows=4, size=8)
        Chunk(inputs=(3,), rows=1, size=16)
        Chunk(inputs=(1,), rows=1, size=32)
        """,
    )
