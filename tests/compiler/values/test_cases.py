"""What an s-op is, case by case."""

from __future__ import annotations

from fractions import Fraction

from compiler.graph.terms import Graph
from compiler.values.affine import AffineForm
from compiler.values.cases import direction_of
from tests.support.worked import stages

INDEX = Graph(causal=False).indices()


def test_forms_of_one_direction() -> None:
    """2i + 3 and -i are multiples of i, constants apart."""
    for factor, rest in ((2, 3), (-1, 0)):
        form = AffineForm(Fraction(rest), {INDEX: Fraction(factor)})
        direction, taken_out = direction_of(form)
        assert direction.coefficients == {INDEX: 1}
        assert taken_out == factor


def test_what_cancels_in_every_case_is_seen_to_cancel() -> None:
    """`write` is the token or the last one, so what is added and taken away again leaves one of them."""
    settled = stages(
        """
        last = aggregate(select(indices, length - 1, ==), tokens_int);
        write = last if tokens_int > 3 else tokens_int;
        answer = tokens_int + write - tokens_int;
        """,
        vocab=range(10),
    ).settled
    assert settled.domains.get(settled.root).values == tuple(range(10))
