"""Bools among numbers: 1 and True are one value, and a function in Python must not tell them apart."""

from __future__ import annotations

import pytest

import rasp
from compiler.pipeline import run
from compiler.values.bools import check_alike, with_bools
from tests.support.worked import asked, assert_text, lines, named, stages

MIXED = """
    mixed = (indices == 0) if tokens == "a" else indices;
    answer = mixed * 2;
"""


def test_a_domain_that_hides_bools() -> None:
    """The domain lists integers, but `mixed` may be True for 1: a choice hands on what its branches are."""
    made = stages(MIXED)
    domains = made.settled.domains
    mixed = named(made.settled.root, "mixed")
    terms = (mixed, *mixed.args)
    assert_text(
        lines(f"{t.title}: {domains.get(t).text}, bools: {domains.may_be_bool(t)}" for t in terms),
        """
        mixed: {0, 1, 2}, bools: True
        (tokens_str == "a"): {False, True}, bools: True
        (indices == 0): {False, True}, bools: True
        indices: {0, 1, 2}, bools: False
        """,
    )
    assert with_bools([0, 1, 2]) == [2, 0, False, 1, True]


def test_a_function_that_tells_them_apart_is_refused() -> None:
    mixed = rasp.parse(MIXED)["mixed"]
    assert isinstance(mixed, rasp.SOp)
    with pytest.raises(rasp.CompileError, match="gives something else for False than for equal arguments"):
        run(rasp.map(str, mixed), asked())
    check_alike(stages(MIXED).settled.root, [(1,), (True,)], [5, 5])
