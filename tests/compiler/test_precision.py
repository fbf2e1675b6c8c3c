"""Precision: what a number format carries exactly."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.precision import PRECISIONS, Precision


@pytest.mark.parametrize("precision", PRECISIONS.values(), ids=str)
def test_integers_up_to_the_bound_and_no_further(precision: Precision) -> None:
    """2**24 in float32 is the first integer whose successor is lost, and one operation errs by its share."""
    number = np.dtype(precision.dtype).type
    assert number(precision.exact - 1) + number(1) == precision.exact
    assert number(precision.exact) + number(1) == precision.exact
    assert precision.rounding == number(np.finfo(number).eps) / 2


@pytest.mark.parametrize("precision", PRECISIONS.values(), ids=str)
def test_adding_the_snap_rounds(precision: Precision) -> None:
    """Near to the snap only whole numbers exist, so what is added to it and taken off again is rounded."""
    number = np.dtype(precision.dtype).type
    snap = number(precision.snap)
    assert [(snap + number(x)) - snap for x in (1.25, 2.75, -0.49, 100.4)] == [1, 3, 0, 100]
