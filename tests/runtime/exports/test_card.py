"""The README of an export, for people who meet the folder without us."""

from __future__ import annotations

from runtime.exports.card import alphabet, code, sizes
from tests.support.worked import COUNT, assert_text, lines, model


def test_what_goes_in_and_comes_out() -> None:
    """Tokens with their ids, labels, and the sizes as a table."""
    made = model(COUNT)
    assert_text(
        lines([alphabet(made), sizes(made)]),
        """
        - up to 3 tokens after a beginning token (id 0); each position sees all
        - tokens (ids from 1 on, in this order): `a`, `b`
        - answers at each position: `not`, `twice`
        | layers | heads | d_model | d_head | d_mlp | parameters | nonzeros |
        | --- | --- | --- | --- | --- | --- | --- |
        | 1 | 1 | 4 | 3 | 2 | 121 | 28 |
        """,
    )


def test_a_block_is_never_left() -> None:
    assert code("", "```") == "````\n```\n````"
