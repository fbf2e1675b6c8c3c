"""Attention re-checked: a head selects what it should, and what it writes is what is claimed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.rechecking.attention import check_attention
from compiler.rechecking.points import Unproved
from compiler.rechecking.report import Steps
from tests.support.worked import COUNT, assert_text, claims_of, lines, stages, stream_of


def test_the_head_of_a_count() -> None:
    """What has to hold of the head, read off its weights: each bound stays below its tolerance."""
    made = stages(COUNT)
    steps = Steps()
    check_attention(stream_of(made), 1, claims_of(made).heads, steps)
    assert_text(
        lines(f"{step.what}: {step.bound:.4g} < {step.tolerance:.6g}" for step in steps.done),
        """
        BOS sees itself alone: 104 < 1032.32
        the score of BOS is exact: 1.321e+05 < 1.67772e+07
        scores are exact (in units of their lowest bit): 2 < 1.67772e+07
        unselected keys fall short: 104 < 256
        unselected keys fall short of BOS: 104 < 264.32
        copies: nats by which BOS outweighs what is counted: 8.32 < 60
        copies: rounded to the right integer: 0.0011 < 0.5
        """,
    )


def test_a_head_that_selects_something_else() -> None:
    """With its two keys exchanged, the head finds the tokens that are not the one here, and that is said."""
    made = stages(COUNT)
    stream = stream_of(made)
    layer = stream.weights.layers[0]
    wrong = replace(layer, w_k=layer.w_k[..., [1, 0, 2]], b_k=layer.b_k[..., [1, 0, 2]])
    stream.weights = replace(stream.weights, layers=(wrong,))
    with pytest.raises(Unproved) as refused:
        check_attention(stream, 1, claims_of(made).heads, Steps())
    assert_text(
        str(refused.value),
        """
        unselected keys fall short: 104 is not below -256
        """,
    )
