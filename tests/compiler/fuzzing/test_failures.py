"""Failures: what went wrong, as a program that can be saved and run."""

from __future__ import annotations

from fractions import Fraction

import rasp
from compiler.fuzzing.failures import Failure, not_for_verify
from compiler.fuzzing.shrinking import Case
from compiler.program.writing import write_program
from tests.support.worked import FIRST, asked, assert_text, sop_of


def test_a_failure_is_a_program() -> None:
    """Saved as it is, it runs; the comments say what happened and how to see it again."""
    case = Case(sop_of(FIRST), asked(), ("a", "b"))
    text = write_program(case.sop, {}).text
    failure = Failure(7, "mismatch", "['a', 'b']: expected [True, False], got [True, True]", case, text)
    assert_text(
        failure.report(),
        """
        # mismatch: seed 7
        # vocabulary ['a', 'b'], maximum length 3
        # ['a', 'b']: expected [True, False], got [True, True]
        # to check it again, save this as fuzz-7.rasp and run
        # rasp verify fuzz-7.rasp --vocab '["a", "b"]' --max-length 3 --exhaustive
        step1 = select(indices, 0, ==);
        first = aggregate(step1, tokens_str);
        answer = (first == tokens_str);
        """,
    )
    assert rasp.parse(failure.report()).main(["a", "b"]) == [True, False]
    assert failure.facts()["input"] == ["a", "b"]


def test_what_the_command_line_cannot_say() -> None:
    """A third has no decimal, so a few lines of Python take the place of `rasp verify`."""
    third = Case(rasp.tokens * 2, asked([Fraction(1, 3), 1]))
    assert_text(
        not_for_verify(third),
        """
        --vocab takes decimals, and 1/3 is none
        """,
    )
