"""What notebooks show of s-ops and selectors."""

from __future__ import annotations

import rasp
from rasp import indices, length, select, tokens
from rasp.drawing import flow_of, note, svg
from rasp.graph.sops import Width


def test_an_s_op_is_drawn_on_the_example() -> None:
    mirrored = rasp.aggregate(select(indices, length - 1 - indices, "=="), tokens)
    flow = flow_of(mirrored, "hello")
    assert mirrored._repr_svg_() == svg(flow, note=note(flow, None))
    assert ">h<" in mirrored._repr_svg_()


def test_what_has_no_answer_to_it_is_drawn_without_values() -> None:
    doubled = rasp.tokens_int * 2
    assert doubled._repr_svg_() == svg(flow_of(doubled))


def test_a_selector_is_drawn_as_what_it_selects() -> None:
    same = select(tokens, tokens, "==")
    flow = flow_of(Width(same), "hello")
    assert same._repr_svg_() == svg(flow, note=note(flow, None))


def test_a_picture_shows_itself() -> None:
    picture = svg(flow_of(tokens, "ab"))
    assert picture._repr_svg_() == picture
