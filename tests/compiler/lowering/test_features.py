"""Features: integer functions of one value, and the fewest columns that carry all that are asked for."""

from __future__ import annotations

import numpy as np

from compiler.lowering.features import choose_basis, key
from tests.support.worked import assert_text, lines


def shown(*features: list[int]) -> str:
    """The columns chosen, and each feature as a combination of them."""
    asked = [np.array(feature, dtype=np.int64) for feature in features]
    basis = choose_basis(asked)
    made = []
    for feature in asked:
        combination = basis.combinations[key(feature)]
        parts = [f"{weight} * column {number}" for number, weight in combination.weights]
        made.append(f"{feature.tolist()} = {' + '.join([str(combination.constant), *parts])}")
    return lines([f"{basis.encoding}: {[c.tolist() for c in basis.columns]}", *made])


def test_two_features_in_one_column() -> None:
    """Of a value with four cases, twice the code plus one is read off the code's column."""
    assert_text(
        shown([0, 1, 2, 3], [1, 3, 5, 7]),
        """
        number: [[0, 1, 2, 3]]
        [0, 1, 2, 3] = 0 + 1 * column 0
        [1, 3, 5, 7] = 1 + 2 * column 0
        """,
    )


def test_as_many_features_as_classes() -> None:
    """Three questions about three values: one column for each value but the first carries all of them."""
    assert_text(
        shown([0, 1, 0], [0, 0, 1], [5, 1, 2]),
        """
        one-hot of 3: [[0, 1, 0], [0, 0, 1]]
        [0, 1, 0] = 0 + 1 * column 0
        [0, 0, 1] = 0 + 1 * column 1
        [5, 1, 2] = 5 + -4 * column 0 + -3 * column 1
        """,
    )
