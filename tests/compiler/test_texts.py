"""Texts: what people see of a program at each stage on its way."""

from __future__ import annotations

from compiler import texts
from tests.support.worked import FIRST, assert_text, stages


def test_a_copy_in_the_residual_stream() -> None:
    """When each column is written, and how the answer is read off: 1 where the comparison holds."""
    made = stages(FIRST)
    assert_text(
        texts.layout(made.stored, made.lowered),
        """
           0  bos  [embedding]
           1  tokens  [embedding]
           2  indices >= 1  [embedding]
           3  first  [layer 1 attention]
           4  answer  [layer 1 MLP]
        every column has a place of its own: none can take over another's
        output: answer
        """,
    )


def test_a_copy_as_weights() -> None:
    """Head 0 scores 0 for the first position and -256 for any other, so that attention is on the first; it
    copies whether that is a `b`, and three neurons compare.
    """
    made = stages(FIRST)
    assert_text(
        texts.weights(made.stored.config, made.stored.weights),
        """
        token BOS: 1 bos
        token a: 0
        token b: 1 tokens
        layer 1 head 0 query 0: -256 bos + 256
        layer 1 head 0 query 1: 1024 bos + -256
        layer 1 head 0 key 0: -1 indices >= 1
        layer 1 head 0 key 1: 1 bos
        layer 1 head 0 value 0: 1 tokens
        layer 1 head 0 value 1: 0
        layer 1 head 0 writes 0: 1 first
        layer 1 head 0 writes 1: 0
        layer 1 neuron 0: relu(1 tokens + 2 first) -> -1 answer
        layer 1 neuron 1: relu(1 tokens + 2 first + -1) -> 1 answer
        layer 1 neuron 2: relu(1 tokens + 2 first + -2) -> 1 answer
        logit 0: 0
        logit 1: 2 answer + -1
        """,
    )
