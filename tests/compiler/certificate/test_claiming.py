"""Claiming: what the compiler knows of the inside of a model, for others to prove again."""

from __future__ import annotations

from compiler import texts
from compiler.certificate.claiming import Claiming
from compiler.certificate.claims import numbered
from tests.support.worked import COUNT, FIRST, assert_text, stages


def claimed(program: str) -> str:
    """The claims about a program, with the names of s-ops and columns."""
    made = stages(program)
    claiming = Claiming(made.lowered, made.schedule, made.stored.columns, made.settled)
    claims = claiming.claims(True)
    return texts.claims(claims, numbered(made.settled.root), [c.name for c in made.stored.columns])


def test_claims_about_a_count() -> None:
    """Which column holds what, which dims of the head score the equality, and of what the table depends."""
    assert_text(
        claimed(COUNT),
        """
        bos: marks BOS
        tokens: the code of token
        copies: the code of copies
        (copies == 2): the code of (copies == 2)
        layer 1 head 0 reads for copies: tokens_str = tokens_str by dims [0, 1]
        layer 1 neurons make (copies == 2) from copies
        """,
    )


def test_claims_about_a_copy() -> None:
    """The position column holds 0 at the first position and 1 at the other two, a feature value by value."""
    assert_text(
        claimed(FIRST),
        """
        bos: marks BOS
        tokens: the code of token
        indices >= 1: of indices, value by value: 0 1*2
        first: the code of first
        answer: the code of answer
        layer 1 head 0 reads for first: indices = 0 by dims [0]
        layer 1 neurons make answer from first, token
        """,
    )
