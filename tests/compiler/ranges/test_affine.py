"""Affine forms: an s-op as a constant plus multiples of others, which costs no neurons."""

from __future__ import annotations

from compiler.graph.terms import reachable
from compiler.ranges.affine import AffineForm
from tests.support.worked import assert_text, lines, stages

OPPOSITE = """
    opposite = 2 * (length - indices) - 3;
    answer = opposite * indices;
"""


def text(form: AffineForm) -> str:
    return " + ".join([str(form.constant), *(f"{c} * {leaf.title}" for leaf, c in form.coefficients.items())])


def test_forms_of_length_and_index() -> None:
    """Sums and multiples by a constant are affine in what is read; a product of two is its own leaf."""
    made = stages(OPPOSITE)
    forms = made.settled.domains.forms
    assert_text(
        lines(
            f"{term.title} = {text(forms[term.index])}"
            for term in reachable(made.settled.root)
            if not term.is_selector
        ),
        """
        2 = 2
        1 = 1
        length = 0 + 1 * length
        indices = 0 + 1 * indices
        (length - indices) = 0 + 1 * length + -1 * indices
        (2 * (length - indices)) = 0 + 2 * length + -2 * indices
        3 = 3
        opposite = -3 + 2 * length + -2 * indices
        answer = 0 + 1 * answer
        """,
    )
