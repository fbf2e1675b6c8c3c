"""Switches: what is added where something holds."""

from __future__ import annotations

from fractions import Fraction

import pytest

from compiler.graph.terms import Graph
from compiler.lowering.switches import Condition, Gated, Switch, condition, multiple, plus
from compiler.values.affine import AffineForm, constant

INDEX = Graph(causal=False).indices()
FORM = AffineForm(Fraction(-2), {INDEX: Fraction(1)})
SWITCH = Switch(FORM, equal=False)
"""On from position 2 on."""


def test_the_same_switch_adds_up() -> None:
    """5 where it is on, and 1 more there, is one part of 6; the opposite takes it away again."""
    five, one = (Gated(constant(3), ((SWITCH, constant(added)),)) for added in (5, 1))
    both = five.plus(one)
    assert both.base.constant == 6
    [(switch, added)] = both.parts
    assert switch is SWITCH
    assert added.constant == 6
    assert both.plus(both, -1).parts == ()
    assert five.times(2).parts[0][1].constant == 10


def test_conditions_are_counted() -> None:
    on = condition(Fraction(0), [(SWITCH, Fraction(1))])
    assert isinstance(on, Condition)
    off = plus(condition(Fraction(1), []), on, -1)
    assert (off.constant, [c for _, c in off.parts]) == (Fraction(1), [Fraction(-1)])
    assert plus(on, off).parts == ()


@pytest.mark.parametrize(("factor", "rest"), [(1, 0), (-2, 3)])
def test_what_is_a_multiple_of_what(factor: int, rest: int) -> None:
    other = FORM.times(factor).shifted(rest)
    assert multiple(FORM, other) == (Fraction(factor), Fraction(rest))
    assert multiple(FORM, constant(1)) is None
