"""Rules: what a pattern of terms can be replaced by."""

from __future__ import annotations

from compiler.graph.building import build
from compiler.graph.terms import dump
from tests.support.worked import asked, assert_text, sop_of

MEAN = """
    marked = indicator(tokens == "a");
    answer = round(length * aggregate(full_s, marked));
"""
"""The share of `a` times how many tokens there are: how many `a` there are, said in a roundabout way."""


def test_a_count_in_disguise() -> None:
    """Length times mean is a sum, and a sum of whole numbers needs no rounding: one head, no neurons."""
    assert_text(
        dump(build(sop_of(MEAN), asked()).root),
        """
        %0 = 1
        %1 full_s = select(%0, %0, ==)
        %2 tokens_str = tokens_str
        %3 = "a"
        %4 = (%2 == %3)
        %5 marked = indicator(%4)
        %6 answer = sum(%1, %5)
        """,
    )
