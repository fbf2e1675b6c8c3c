"""Mirroring: a residual stream that survives layer norms."""

from __future__ import annotations

import numpy as np

from runtime.exports.mirror import mirror, read, written
from tests.support.worked import COUNT, assert_text, model


def test_every_column_beside_its_negative() -> None:
    """The mean is 0, and readers take half of each: what comes out is what went in."""
    assert written(np.array([3.0, 1.0]), width=4).tolist() == [3, -3, 1, -1]
    row, matrix = np.array([3.0, 1.0]), np.array([[2.0], [5.0]])
    assert written(row, 4) @ read(matrix, 4) == row @ matrix


def test_the_sizes_of_a_mirrored_model() -> None:
    """Four columns become eight dimensions at least, in heads whose size is a power of four."""
    assert_text(
        repr(mirror(model(COUNT).weights).sizes),
        """
        Sizes(heads=2, head_size=4, neurons=2)
        """,
    )
