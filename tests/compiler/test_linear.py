"""A constant plus weighted items, exactly."""

from __future__ import annotations

from fractions import Fraction

from compiler.linear import Linear


def test_what_cancels_is_gone() -> None:
    """(1 + x/3 + y) - 2 * (x/6 + y) = 1 - y: the x are gone, not left over as a tiny float."""
    third = Linear(Fraction(1), {"x": Fraction(1, 3), "y": Fraction(1)})
    sixth = Linear(Fraction(0), {"x": Fraction(1, 6), "y": Fraction(1)})
    rest = third.plus(sixth, -2)
    assert (rest.constant, dict(rest.coefficients)) == (Fraction(1), {"y": Fraction(-1)})
    assert rest.key == Linear(Fraction(0), {"y": Fraction(1)}).times(-1).shifted(1).key
