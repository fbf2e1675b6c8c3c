"""The constructs of the language, on plain values and on s-ops."""

from __future__ import annotations

import rasp
from rasp.graph.constructs import binary, choose, index, membership, range_list, zipped
from rasp.graph.labels import expression
from rasp.graph.sops import SOp
from rasp.words import Operator
from tests.support.worked import assert_text, lines


def test_values_give_values_and_s_ops_give_s_ops() -> None:
    """The same construct works at once on plain values, and later, position by position, on s-ops."""
    assert binary(Operator.ADD, 1, 2) == 3
    made = [
        binary(Operator.ADD, rasp.indices, 2),
        choose(rasp.indices, 1, 0),
        index(["x", "y"], rasp.indices),
        membership(rasp.tokens, ["a"]),
    ]
    assert all(isinstance(each, SOp) for each in made)
    assert_text(
        lines(expression(each, 60) for each in made if isinstance(each, SOp)),
        """
        ( indices + 2 )
        ( 1 if indices else 0 )
        [...][indices]
        ( tokens_asis in [...] )
        """,
    )
    assert zipped([range_list([2]), [5, 6]]) == [[0, 5], [1, 6]]
