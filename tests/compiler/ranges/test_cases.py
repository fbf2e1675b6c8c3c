"""What an s-op is, case by case."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import pytest

from compiler.graph.building import build
from compiler.graph.meaning import all_values
from compiler.graph.terms import Graph
from compiler.ranges.affine import AffineForm
from compiler.ranges.cases import Case, CaseAnalysis, direction_of, quotients
from compiler.request import Request
from compiler.values.inference import Domains
from compiler.values.settling import Settled, settle
from tests.support.worked import sop_of, stages

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
    assert bounds == [[(0, 2)], [(3, 5)], [(6, 7)]]


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
            held = [case for case in cases if holds(case, here)]
            assert [value_of(case.value, here) for case in held] == [answer]


DIVIDED = ("indices + 2", "indices - 2", "2 * indices - n", "0 - n - 1")
DIVISORS = ("length", "indices + 1", "n + 1")
COUNTED = ("select(tokens_int, 1, ==)", "select(tokens_int, 1, ==) and select(indices, indices, !=)")


def remainders() -> Iterator[tuple[Settled, bool]]:
    """Remainders of sums of indices and counts by such, causal and not."""
    for number, (dividend, divisor) in enumerate(itertools.product(DIVIDED, DIVISORS)):
        for causal in (False, True):
            text = f"n = selector_width({COUNTED[number % 2]}); answer = ({dividend}) % ({divisor});"
            asked = Request((0, 1), 3, causal)
            yield settle(build(sop_of(text), asked), asked), causal


def misses(settled: Settled, causal: bool) -> bool:
    """Whether some input has a position of which no case holds, or where one gives another remainder; or
    whether a divisor goes into a number so often as is not said.
    """
    domains, root = settled.domains, settled.root
    cases = CaseAnalysis(domains.ranges).get(root)
    dividend, divisor = (domains.forms[a.index] for a in root.args)
    told = quotients(domains.ranges, dividend, divisor)
    for tokens in (list(t) for n in (1, 2, 3) for t in itertools.product((0, 1), repeat=n)):
        rows = all_values(root, tokens, causal)
        for position in range(len(tokens)):
            here = {number: row[position] for number, row in rows.items()}
            held = [case for case in cases if holds(case, here)]
            times = value_of(dividend, here) // value_of(divisor, here)
            if [value_of(case.value, here) for case in held] != [here[root.index]]:
                return True
            if told is not None and times not in told:
                return True
    return False


def test_no_input_has_other_remainders() -> None:
    assert not any(misses(*one) for one in remainders())


def test_counts_do_not_always_leave_one_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """That a selector never selects my own position is what makes a count smaller than the length."""
    monkeypatch.setattr(Domains, "room", lambda self, leaf: 1)
    assert any(misses(*one) for one in remainders())


def holds(case: Case, here: Mapping[int, Any]) -> bool:
    """Whether a case holds where s-ops have these values."""
    return all(bound.low <= value_of(bound.form, here) <= bound.high for bound in case.bounds.values())


def value_of(form: AffineForm, values: Mapping[int, Any]) -> Fraction:
    """The form where its s-ops, by number, have these values."""
    return sum((c * Fraction(values[leaf.index]) for leaf, c in form.coefficients.items()), form.constant)
