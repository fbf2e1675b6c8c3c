"""Sums by where a position is."""

from __future__ import annotations

from fractions import Fraction

from compiler.graph.terms import Graph, Kind, Term
from compiler.ranges.affine import AffineForm
from compiler.ranges.positions import corners, of_position
from tests.support.derivations import term

GRAPH = Graph(causal=False)
INDEX, LENGTH, TOKEN = (term(GRAPH, text) for text in ("indices", "length", "tokens_int"))


def is_length(leaf: Term) -> bool:
    return leaf.kind is Kind.WIDTH


def form(constant: int, **times: int) -> AffineForm:
    leaves = {"index": INDEX, "length": LENGTH, "token": TOKEN}
    return AffineForm(Fraction(constant), {leaves[name]: Fraction(each) for name, each in times.items()})


def test_multiples_of_index_and_length() -> None:
    assert list(of_position(form(3, index=-1, length=2), is_length) or ()) == [-1, 2]
    assert of_position(form(3, index=-1, token=2), is_length) is None


def test_the_corners_of_all_positions() -> None:
    """length - 1 - indices is at least 0 and at most 4, of five positions."""

    def ends(leaf: Term, seen: int) -> tuple[Fraction, Fraction]:
        return Fraction(1), Fraction(9)

    assert set(corners(form(-1, index=-1, length=1), 5, False, is_length, ends) or ()) == {0, 4}
    assert set(corners(form(0, index=1, token=1), 5, True, is_length, ends) or ()) == {1, 9, 5, 13}
    assert corners(form(0, token=1), 5, False, is_length, ends) is None
