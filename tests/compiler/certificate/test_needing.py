"""What the compiler names as needed: at least what the checker finds out, and mostly the same."""

from __future__ import annotations

import pytest

from compiler.certificate.needing import needs_of
from compiler.certificate.needs import Needs
from tests.support.worked import COUNT, FIRST, stages


@pytest.mark.parametrize(("program", "counts"), [(COUNT, True), (FIRST, False)])
def test_what_counts_needs_a_rounding_and_an_exp(program: str, counts: bool) -> None:
    made = stages(program)
    needs = needs_of(made.schedule, made.settled.domains)
    assert (needs.bias_apart, needs.exp_roundings is not None) == (counts, counts)
    assert counts or needs == Needs("float32")
