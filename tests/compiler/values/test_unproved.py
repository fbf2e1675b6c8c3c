"""Which mean a refusal stems from."""

from __future__ import annotations

from compiler.values.unproved import advice_on, nearest_mean
from tests.support.worked import stages

BAR = """
    bar = aggregate(select(tokens, "a", ==), indices);
    answer = indices - bar;
"""
"""Nothing shows that there is one "a" only."""


def test_the_nearest_mean_is_named_with_its_place() -> None:
    settled = stages(BAR).settled
    mean = nearest_mean(settled.root, settled.domains)
    assert mean is not None
    assert mean.name == "bar"
    advice = advice_on(settled.root, settled.domains)
    assert advice is not None
    assert "`bar` at <source>:2:" in advice
    assert advice.endswith('write `only(select(tokens, "a", ==), indices)`')


def test_what_picks_one_position_is_no_mean() -> None:
    settled = stages("first = aggregate(select(indices, 0, ==), indices); answer = first + 1;").settled
    assert nearest_mean(settled.root, settled.domains) is None
