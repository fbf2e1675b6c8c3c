"""Terms as tables over variables."""

from __future__ import annotations

import numpy as np

from compiler.soft.parts import Variable
from compiler.soft.tables import (
    cells,
    classes,
    combined,
    defined_everywhere,
    itself,
    numbers_of,
    together,
)
from rasp.words import Atom

X = Variable((0, 1, 2), (None, None, None))
Y = Variable((0, 1), (None, None))


def add(point: tuple[Atom, ...]) -> Atom:
    return sum(value for value in point if not isinstance(value, str))


def test_a_function_of_two_variables_is_a_table_over_both() -> None:
    table = combined([itself(X), itself(Y)], add)
    assert together([itself(X), table]) == (X, Y)
    assert cells([itself(X), table]) == 6
    assert [[table.values[rank] for rank in row] for row in table.ranks] == [[0, 1], [1, 2], [2, 3]]


def test_the_order_of_variables_does_not_matter() -> None:
    table = combined([itself(X), itself(Y)], add)
    again = combined([itself(Y), table], add)
    assert [[again.values[rank] for rank in row] for row in again.ranks] == [[0, 1, 2], [2, 3, 4]]


def test_a_function_of_one_variable_is_a_feature_of_it() -> None:
    table = combined([itself(X), itself(X)], add)
    assert table.variables == (X,)
    assert table.feature(lambda value: int(value == 2)) == [0, 1, 0]


def test_what_has_no_value_counts_for_the_most_frequent() -> None:
    table = combined([itself(X)], lambda point: None if point == (1,) else "a")
    assert table.ranks.tolist() == [0, -1, 0]
    assert table.feature(lambda _: 1) == [1, 0, 1]
    assert defined_everywhere(table.ranks)[0].tolist() == [0, 0, 0]


def test_values_that_make_no_difference_are_one_class() -> None:
    (rows, columns), small = classes(np.array([[0, 1], [0, 1], [2, 1]]))
    assert rows.tolist() == [0, 0, 1]
    assert columns.tolist() == [0, 1]
    assert small.tolist() == [[0, 1], [2, 1]]


def test_strings_are_no_numbers() -> None:
    assert numbers_of(["a", 2, True]) == {2: 2, True: 1}
