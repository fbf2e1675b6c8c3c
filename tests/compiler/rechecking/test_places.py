"""Shared places re-checked: what gives up its place can be cleared exactly."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.rechecking.places import check_places
from compiler.rechecking.report import Unproved
from runtime.places import changes
from tests.support.worked import assert_text, lines, stages, stream_of

THREE_STEPS = """
    x = aggregate(select(indices, indices - 1, ==), tokens, "a"); y = aggregate(select(indices, 0, ==), x);
    answer = aggregate(select(indices, indices + 1, ==), y, "a");
"""


def test_a_column_that_another_takes_over() -> None:
    """Tokens are read in layer 1 for the last time and `x` in layer 2; the neurons there clear their places
    for what the next layer writes. A column that holds a half could not be cleared exactly, nor one of which
    it is not certain what BOS holds.
    """
    made = stages(THREE_STEPS)
    stream, config = stream_of(made), made.stored.config
    assert_text(
        lines(f"{stream.name(c.old)} -> {stream.name(c.new)}, layer {c.layer}" for c in changes(config)),
        """
        tokens -> y, layer 1
        x -> answer, layer 2
        """,
    )
    check_places(stream, config)
    lost = stream_of(made)
    lost.lose(changes(config)[-1].old, 1.0)
    with pytest.raises(Unproved, match="cannot be cleared exactly"):
        check_places(lost, config)
    for change in changes(config):
        held = stream.owner[change.old]
        assert held is not None
        held.values = held.values + np.array(0.5)
    with pytest.raises(Unproved, match="cannot be cleared exactly"):
        check_places(stream, config)
