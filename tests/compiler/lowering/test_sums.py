"""Sums by attention: BOS takes nearly all of it, so that what is left over is nearly linear."""

from __future__ import annotations

import pytest

from compiler.lowering.sums import SNAP_TOLERANCE, bos_share, sum_off, sum_refused
from compiler.precision import PRECISIONS
from tests.support.worked import named, stages

FLOAT32 = PRECISIONS["float32"]


@pytest.mark.parametrize("length", [1, 5, 300])
@pytest.mark.parametrize("largest", [1, 40])
def test_what_bos_leaves_over_is_nearly_the_sum(length: int, largest: int) -> None:
    """The mean over what is selected and a BOS of weight B, times B + N/2, is the sum to within 1/128."""
    score, weight = bos_share(length, largest)
    assert (score * 256).denominator == 1  # float32 holds it exactly
    for selected in range(length + 1):
        total = selected * largest
        assert abs(total / (selected + weight) * (weight + length / 2) - total) < 1 / 128


def test_a_sum_is_refused_with_the_length_up_to_which_it_works() -> None:
    term = named(stages("answer = selector_width(full_s);").settled.root, "answer")
    length, largest = 4_000, 500
    assert sum_off(length, largest, FLOAT32) >= SNAP_TOLERANCE
    refused = sum_refused(term, length, largest, FLOAT32)
    assert "the sum answer over 4000 positions of values up to 500 may be off by" in str(refused)
    works = refused.likely
    assert works is not None
    assert sum_off(works, largest, FLOAT32) < SNAP_TOLERANCE
