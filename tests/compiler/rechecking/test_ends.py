"""The two ends re-checked: what the embeddings put in, and how answers are read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.rechecking.ends import check_embeddings, check_output
from compiler.rechecking.report import Steps, Unproved
from tests.support.worked import COUNT, assert_text, lines, stages, stream_of


def test_the_right_label_wins() -> None:
    """Logits are 0 for `not` and 2x - 1 for `twice`: at x = 0 and at x = 1 the right one is ahead by 1, and
    nothing is lost to rounding.
    """
    made = stages(COUNT)
    stream, steps = stream_of(made), Steps()
    check_embeddings(stream)
    check_output(stream, made.settled.root, steps)
    assert_text(
        lines(f"{step.what}: {step.bound:.4g} < {step.tolerance:.6g}" for step in steps.done),
        """
        the right label wins: 0 < 1
        """,
    )


def test_embeddings_of_something_else() -> None:
    """The column of tokens is claimed to be 0 for a and 1 for b, and here it is 0 and 2."""
    stream = stream_of(stages(COUNT))
    stream.weights = replace(stream.weights, token_embedding=2 * stream.weights.token_embedding)
    with pytest.raises(Unproved) as refused:
        check_embeddings(stream)
    assert_text(
        str(refused.value),
        """
        the embeddings of tokens are not as claimed
        """,
    )
