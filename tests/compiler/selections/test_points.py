"""What a proof speaks of: s-ops at positions of one unknown input."""

from __future__ import annotations

from fractions import Fraction

from compiler.selections.points import EVERYWHERE, Point
from tests.support.worked import COUNT, named, stages

MARKS = """
    marks = selector_width(select(tokens, "a", ==));
    answer = marks + selector_width(select(tokens, tokens, ==)) + indices;
"""


def test_an_s_op_at_a_position() -> None:
    """What differs from position to position is a point there; what is the same everywhere is one point."""
    settled = stages(MARKS).settled
    about, marks = settled.domains.relations.selections.subject, named(settled.root, "marks")
    assert about.uniform(marks)
    form = about.at(settled.root, 1)
    assert {point.leaf.title: point.position for point in form.coefficients} == {
        "marks": EVERYWHERE,
        "selector_width(select(tokens_str, tokens_str, ==))": 1,
        "indices": 1,
    }
    assert Point(marks, EVERYWHERE) in form.coefficients


def test_what_is_known_of_values() -> None:
    settled = stages(COUNT).settled
    about, copies = settled.domains.relations.selections.subject, named(settled.root, "copies")
    assert about.ends(copies) == (Fraction(1), Fraction(3))
    assert about.whole(copies)
    assert not about.binary(copies)
