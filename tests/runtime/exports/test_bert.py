"""Export to BERT: it sees later positions, and its norms stand on the residual stream itself."""

from __future__ import annotations

import numpy as np

from runtime.exports.bert import linear, norm, tensors
from runtime.exports.mirror import mirror
from tests.support.worked import COUNT, model


def test_norms_take_the_constant_off_and_leave_it_where_it_is_needed() -> None:
    """Sublayer 1 rounds the count (dimensions 4 and 5), so the norm before it leaves the constant there."""
    mirrored = mirror(model(COUNT).weights)
    before, after = (norm(mirrored, sublayer, "n")["n.bias"] for sublayer in (0, 1))
    assert not before[4:6].any()
    assert np.array_equal(after, -mirrored.carried)
    assert after[4] == -after[5] == -1.5 * 2**23


def test_matrices_are_outputs_by_inputs() -> None:
    assert linear("x", np.zeros((2, 3)), np.zeros(3))["x.weight"].shape == (3, 2)
    assert all(array.ndim in (1, 2) for array in tensors(mirror(model(COUNT).weights)).values())
