"""One literal: where it holds all pairs score the same, and elsewhere less."""

from __future__ import annotations

from compiler.rechecking.literals import Margin, literal_margin
from tests.support.worked import COUNT, claims_of, stages, stream_of


def margin(dims: list[int] | None = None) -> Margin:
    """Of the tokens that are like mine, from the weights of the head that counts them."""
    made = stages(COUNT)
    stream = stream_of(made)
    [head] = claims_of(made).heads
    [claimed] = head.literals
    term = stream.term(head.term)
    [[literal]] = stream.domains.conjunctions(term.args[0])
    chosen = list(claimed.dims) if dims is None else dims
    return literal_margin(stream, stream.weights.layers[0], 0, literal, chosen, ordered=False)


def test_equal_tokens_score_alike_and_others_less() -> None:
    found = margin()
    assert (found.low, found.high, found.gap) == (0, 0, 256)


def test_a_dim_that_is_left_out_is_missed() -> None:
    """Each of the two alone tells nothing apart: some other token scores as much as mine."""
    assert margin([0]).gap == margin([1]).gap == 0
