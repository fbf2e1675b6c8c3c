"""What an s-op is, case by case."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from compiler.graph.meaning import all_values
from compiler.graph.terms import Graph
from compiler.values.affine import AffineForm
from compiler.values.cases import CaseAnalysis, direction_of
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


def test_a_remainder_is_its_form_less_what_fits() -> None:
    """i % 3 is i, i - 3 or i - 6: one case for each multiple, within the bounds of where it is that."""
    settled = stages("answer = indices % 3;", max_length=8).settled
    found = CaseAnalysis(settled.domains.ranges).get(settled.root)
    bounds = [[(int(bound.low), int(bound.high)) for bound in case.bounds.values()] for case in found]
    assert [int(case.value.constant) for case in found] == [0, -3, -6]
    assert bounds == [[(0, 2)], [(3, 5)], [(6, 8)]]


def test_remainders_cancel_in_every_case() -> None:
    """Whatever is left of i by 3, it and the rest are i again, which is below 8."""
    settled = stages("answer = indices % 3 + (indices - indices % 3);", max_length=8).settled
    assert settled.domains.get(settled.root).values == tuple(range(8))


@pytest.mark.parametrize("modulus", [2, 3, 5])
@pytest.mark.parametrize("source", ["tokens_int - last", "last - 2 * tokens_int", "3 * last + 1"])
def test_cases_of_a_remainder_hold_what_occurs(source: str, modulus: int) -> None:
    """Exactly one case holds at each position, and there it gives the remainder."""
    made = stages(
        f"""
        last = aggregate(select(indices, length - 1, ==), tokens_int);
        answer = ({source}) % {modulus};
        """,
        vocab=(-2, 0, 1, 3),
    )
    settled, sop = made.settled, made.sop
    cases = CaseAnalysis(settled.domains.ranges).get(settled.root)
    for tokens in itertools.product((-2, 0, 1, 3), repeat=2):
        rows = all_values(settled.root, list(tokens), causal=False)
        for position, answer in enumerate(sop(list(tokens))):
            here = {number: row[position] for number, row in rows.items()}
            held = [
                case
                for case in cases
                if all(
                    bound.low <= value_of(bound.form, here) <= bound.high for bound in case.bounds.values()
                )
            ]
            assert [value_of(case.value, here) for case in held] == [answer]


def value_of(form: AffineForm, values: Mapping[int, Any]) -> Fraction:
    """The form where its s-ops, by number, have these values."""
    return sum((c * Fraction(values[leaf.index]) for leaf, c in form.coefficients.items()), form.constant)
