"""Attention re-checked: a head selects what it should, and what it writes is what is claimed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import compiler
import rasp
from compiler.graph.conjunctions import Part
from compiler.rechecking.attention import check_attention
from compiler.rechecking.report import Steps, Unproved
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


IS_FIRST = """
    earlier = select(tokens, tokens, ==) and select(indices, indices, <);
    answer = not has_focus(earlier);
"""
"""Whether the token has not occurred before: the head finds the first position of each token."""


def test_the_head_of_a_least() -> None:
    """Of the selected keys each scores more than any with a larger value, by enough for softmax to see no
    other; of those that are not selected none comes near, whatever its value.
    """
    made = stages(IS_FIRST)
    steps = Steps()
    check_attention(stream_of(made), 1, claims_of(made).heads, steps)
    assert_text(
        lines(f"{step.what}: {step.bound:.4g} < {step.tolerance:.6g}" for step in steps.done),
        """
        BOS sees itself alone: 104 < 767.999
        the score of BOS is exact: 9 < 1.67772e+07
        larger values fall short: 104 < 256
        scores are exact (in units of their lowest bit): 8 < 1.67772e+07
        unselected keys fall short: 104 < 256
        BOS falls short: 104 < 256
        """,
    )


PREFERS = {
    "the largest": (-1.0, "larger values fall short: 104 is not below -256"),
    "nothing in particular": (0.0, "larger values fall short: 104 is not below 0"),
    "the least more than a selected key": (9.0, "unselected keys fall short: 104 is not below"),
}


@pytest.mark.parametrize("what", PREFERS)
def test_a_head_that_prefers(what: str) -> None:
    """The dim that prefers small values is scaled by a factor."""
    factor, message = PREFERS[what]
    made = stages(IS_FIRST)
    [head] = claims_of(made).heads
    [dim] = head.order
    stream = stream_of(made)
    layer = stream.weights.layers[0]
    w_k, b_k = layer.w_k.copy(), layer.b_k.copy()
    w_k[..., dim] *= factor
    b_k[..., dim] *= factor
    stream.weights = replace(stream.weights, layers=(replace(layer, w_k=w_k, b_k=b_k),))
    with pytest.raises(Unproved) as refused:
        check_attention(stream, 1, [head], Steps())
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("dim", [-1, 99])
@pytest.mark.parametrize("claimed", ["literals", "order", "part_dims"])
def test_a_dim_that_does_not_exist(claimed: str, dim: int) -> None:
    made = stages(COUNT)
    (head,) = claims_of(made).heads
    (literal,) = head.literals
    dims: Any = (replace(literal, dims=(dim,)),) if claimed == "literals" else (dim,)
    part = Part(0, 9) if claimed == "part_dims" else None
    with pytest.raises(Unproved, match="a dim that does not exist"):
        check_attention(stream_of(made), 1, [replace(head, part=part, **{claimed: dims})], Steps())


@pytest.mark.parametrize(
    ("program", "order", "message"),
    [
        (COUNT, (2,), "only the least is read by order, and copies is claimed to be read otherwise"),
        (COUNT, (0,), "the scores of copies have dims that belong to no literal, or to two"),
        (IS_FIRST, (), "the scores of least.* have dims that belong to no literal, or to two"),
    ],
)
def test_only_the_least_is_read_by_order(program: str, order: tuple[int, ...], message: str) -> None:
    """No count may be claimed to prefer small values, and no least not to."""
    made = stages(program)
    [head] = claims_of(made).heads
    with pytest.raises(Unproved, match=message):
        check_attention(stream_of(made), 1, [replace(head, order=order)], Steps())


@pytest.mark.parametrize("asked", ["indices", "tokens_int", "length - 1"])
def test_one_position_is_counted_once(asked: str) -> None:
    """Of the keys with one index a count has one, whatever else it asks: the certificate says that it bears a
    worse `exp` than a count of all positions would, and is believed.
    """
    source = f"main = selector_width(select(tokens_int, 1, ==) and select(indices, {asked}, ==));"
    model = compiler.compile(rasp.parse(source).main, "0123", 24)
    assert compiler.recheck(model).ok
