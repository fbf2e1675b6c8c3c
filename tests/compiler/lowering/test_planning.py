"""Planning: how each s-op's value will reach its readers, decided operands first."""

from __future__ import annotations

import compiler
import rasp
from compiler import texts
from compiler.lowering.planning import make_plan
from tests.support.worked import COUNT, FIRST, assert_text, stages

OPPOSITE = """
    opposite = length - 1 - indices;
    answer = aggregate(select(indices, opposite, ==), tokens);
"""


def test_a_count_and_its_table() -> None:
    """A head brings the count as one number in layer 1; the answer takes neurons over its three values."""
    settled = stages(COUNT).settled
    assert_text(
        texts.plan(make_plan(settled.root, settled.domains)),
        """
        tokens_str: a function of tokens, after layer 0
        copies: attention brings only its number (1 head), after layer 1
        (copies == 2): neurons over copies (3), after layer 1
        answer: a function of (copies == 2), after layer 1
        """,
    )


def test_a_copy_and_its_table() -> None:
    """What is copied from a single position may be any feature of the token there, not only a number."""
    settled = stages(FIRST).settled
    assert_text(
        texts.plan(make_plan(settled.root, settled.domains)),
        """
        indices: embedded, after layer 0
        tokens_str: a function of tokens, after layer 0
        first: attention brings any feature of it (1 head), after layer 1
        answer: neurons over first (2) x tokens (2), after layer 1
        """,
    )


def test_a_sum_costs_nothing() -> None:
    """`opposite` is a weighted sum of a count and a position: no neurons, and it is there with the count, so
    that the copy follows in the next layer.
    """
    settled = stages(OPPOSITE).settled
    assert_text(
        texts.plan(make_plan(settled.root, settled.domains)),
        """
        indices: embedded, after layer 0
        length: attention brings only its number (1 head), after layer 1
        (length - 1): a weighted sum of what is there, after layer 1
        opposite: a weighted sum of what is there, after layer 1
        tokens_str: a function of tokens, after layer 0
        answer: attention brings any feature of it (1 head), after layer 2
        """,
    )


def test_a_number_waits_for_neurons_if_it_is_not_copied_as_it_stands() -> None:
    """What is moved might be thirds, so it counts in thirds; of what arrives there are whole ones only. The
    head was planned before the neurons that divide, and the column that it read did not exist.
    """
    text = """
        zero = 1 / aggregate(select(indices, 0, ==) or select(indices, 9, ==), indicator(indices == 0)) - 1;
        moved = indices + (zero if zero else (((indices == indices) == 2) / 3));
        x = aggregate(select(indices + 1, indices, ==), moved);
    """
    model = compiler.compile(rasp.parse(text).main, "z", 4, optimize=False)
    assert compiler.recheck(model).ok
    assert model("zzzz") == [0, 0, 1, 2]
