"""Rounding: by how much a sum that attention computes may be off."""

from __future__ import annotations

from math import exp

import jax
import numpy as np
import pytest

from compiler.precision import FLOAT32, PRECISIONS, Dtype
from compiler.rounding import sum_error
from tests.support.worked import assert_text, lines


@pytest.mark.parametrize("dtype", PRECISIONS)
def test_what_exp_makes_zero(dtype: Dtype) -> None:
    """So much less than nothing, and half the distance of scores is more than that; in JAX as in numpy."""
    precision, number = PRECISIONS[dtype], np.dtype(dtype).type
    assert np.exp(number(-precision.underflow)) == 0
    assert np.exp(number(2 - precision.underflow)) > 0
    assert precision.gap / 2 > precision.underflow
    with jax.enable_x64(True):
        assert jax.numpy.exp(jax.numpy.asarray([-precision.underflow], dtype=dtype))[0] == 0


def test_the_more_bos_weighs_the_straighter_the_line() -> None:
    """A count over up to 16 positions, beside a BOS that weighs exp(score): where that is little, what the
    head gives is no straight line in the count; from a score of 8 on it is off by far less than one half.
    """
    unit = float(FLOAT32.rounding)
    errors = {score: sum_error(1.0, exp(score) + 8, score, 16, unit) for score in (0, 4, 8, 10, 14, 18)}
    assert_text(
        lines(f"{score}: {error:.1g}" for score, error in errors.items()),
        """
        0: 8
        4: 2
        8: 0.04
        10: 0.006
        14: 0.0001
        18: 3e-05
        """,
    )


@pytest.mark.parametrize("count", [1, 7, 16])
def test_the_bound_covers_what_float32_does(count: int) -> None:
    """`count` ones and BOS, as float32 adds and divides them."""
    score, factor = 10.0, exp(10.0) + 8
    share = np.float32(1) / (np.exp(np.float32(score)) + np.float32(count))
    found = np.float32(factor) * (np.float32(count) * share)
    assert abs(float(found) - count) <= sum_error(1.0, factor, score, 16, float(FLOAT32.rounding))
