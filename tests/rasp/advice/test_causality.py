"""Causality: what surprises once a program sees earlier positions only."""

from __future__ import annotations

import rasp
from rasp.advice.causality import causal_surprises
from tests.support.worked import assert_text, lines


def test_what_lies_ahead() -> None:
    """The next position is never seen, and the length is what there has been so far."""
    program = rasp.parse("next = aggregate(select(indices, indices + 1, ==), tokens, 0); far = tokens[-1];")
    roots = [value for value in program.values() if isinstance(value, rasp.SOp)]
    assert_text(
        lines(said for _, said, _ in causal_surprises(roots)),
        """
        causally, this selector never selects anything: what it looks for only comes later
        causally, the index -1 gives the value at the current position
        """,
    )
