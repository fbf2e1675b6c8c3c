"""Variables of soft models, and what is read off them."""

from __future__ import annotations

from compiler.soft.parts import Column, Variable, constant, of_column

IS_A = Column("tokens = a", "tokens = a", 0)
IS_B = Column("tokens = b", "tokens = b", 2)


def test_a_number_for_each_value_is_read_off_one_hot_columns() -> None:
    form = Variable(("a", "b"), (IS_A, IS_B)).form([3, 0])
    assert form.key == of_column(IS_A).times(3).key
    assert form.ready == 0


def test_the_value_without_a_column_is_what_is_left() -> None:
    form = Variable(("a", "b"), (None, IS_B), rest=0).form([3, 1])
    assert form.key == constant(3).plus(of_column(IS_B), -2).key
    assert form.ready == 2


def test_constants_and_columns_are_readings() -> None:
    form = of_column(IS_A).plus(constant(2), 3)
    assert form.constant == 6
    assert form.coefficients == {IS_A: 1}
