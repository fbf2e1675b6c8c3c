"""Columns of the residual stream, and what is read off them."""

from __future__ import annotations

from fractions import Fraction

from compiler.lowering.columns import Column, column_reading, vanishing_at_bos, weighted_sum
from tests.support.worked import assert_text, lines


def test_a_reading_of_two_columns() -> None:
    """Length - 1 - index, as a query reads it: its bounds follow from those of the columns, and the column
    that marks BOS takes it to 0 there.
    """
    bos = Column("bos", "1 at BOS", Fraction(0), Fraction(0), at_bos=Fraction(1))
    length = Column("length", "how many tokens", Fraction(1), Fraction(3))
    index = Column("indices", "the position", Fraction(0), Fraction(2))
    parts = [(column_reading(length), Fraction(1)), (column_reading(index), Fraction(-1))]
    opposite = weighted_sum(Fraction(-1), parts)
    quiet = vanishing_at_bos(opposite, bos)
    assert_text(
        lines(
            f"{r.text}: from {r.low} to {r.high}, {r.at_bos} at BOS, sums up to {r.bound}"
            for r in (opposite, quiet)
        ),
        """
        length + -1*indices + -1: from -2 to 2, -1 at BOS, sums up to 6
        length + -1*indices + bos + -1: from -2 to 2, 0 at BOS, sums up to 7
        """,
    )
