"""Cases: what is known of a few positions, and what follows."""

from __future__ import annotations

from compiler.graph.conjunctions import EQUAL
from compiler.selections.cases import Case, Patience
from tests.support.worked import COUNT, named, stages


def case_of(positions: int) -> Case:
    """Positions of an unknown input of the worked example."""
    case = Case(stages(COUNT).settled.domains.relations.selections.subject, Patience(1000))
    for _ in range(positions):
        case.new_position()
    return case


def test_orders_add_up() -> None:
    """0 before 1 and 1 before 2 give 0 before 2; 2 before 0 as well is impossible."""
    case = case_of(3)
    case.order(case.apart(1, 0), strict=True)
    case.order(case.apart(2, 1), strict=True)
    assert case.before(0, 2)
    assert not case.before(2, 0)
    assert not case.impossible
    case.order(case.apart(0, 2), strict=True)
    assert case.impossible


def test_equations_are_used() -> None:
    """Positions of equal indices are one, so an s-op is the same at both."""
    case = case_of(2)
    copies = named(stages(COUNT).settled.root, "copies")
    difference = case.at(copies, 0).plus(case.at(copies, 1), -1)
    assert not case.is_zero(difference)
    case.relate(difference, EQUAL)
    assert case.is_zero(difference)
    assert not case.different(0, 1)
