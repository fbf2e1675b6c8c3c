"""What the telling needs: values in words, and sums as they are written."""

from __future__ import annotations

import pytest

import compiler
import rasp
from runtime.walkthrough.subject import Subject, number, product_sum, read_sum
from tests.support.worked import COUNT, assert_text, lines, model


def plain_minus(texts: list[str]) -> str:
    """With a minus that can be typed."""
    return lines(texts).replace("\N{MINUS SIGN}", "-")


def test_sums_as_they_are_written() -> None:
    """Products of 0 are left out, and of many terms only the first few are written."""
    assert_text(
        plain_minus(
            [
                product_sum([(2, "rank", 4), (5, "other", 0)], 1),
                product_sum([(1, name, 1) for name in "abcdef"], -2),
                number(1 / 3),
            ]
        ),
        """
        2·4 [rank] + 1 = 9
        1·1 [a] + 1·1 [b] + 1·1 [c] + 3 more - 2 = 4
        0.333333
        """,
    )


def test_a_neuron_of_a_model() -> None:
    """At position 1 of abb, the first neuron reads the count less 1."""
    made = model(COUNT)
    subject = Subject(made, made.trace("abb"), place=2)
    assert subject.token(2) == '"b"'
    layer = subject.layer(1)
    assert_text(
        plain_minus([read_sum(subject, subject.before(2), layer.w_in[:, 0], layer.b_in[0])]),
        """
        1·2 [copies] - 1 = 1
        """,
    )


@pytest.mark.parametrize("program", ["windowed_sum", "maze_step"])
def test_sums_name_whole_expressions(program: str) -> None:
    """A column of the compiler's with a cut name is told by all of it."""
    made = compiler.compile(
        rasp.load(program).main, [".", "#", "~"] if program == "maze_step" else range(4), 6
    )
    subject = Subject(made, made.trace([*made.config.vocab[:3]]), 1)
    names = [subject.name(column).text for column in range(len(subject.columns))]
    assert not [name for name in names if "..." in name], names
    assert len(set(names)) == len(names), names


def test_an_embedded_token_is_told_by_its_number() -> None:
    """n is what one token has as its number, not how many tokens there are."""
    made = compiler.compile(rasp.load("most_freq").main, "abcd", 8).apart
    subject = Subject(made, made.trace("ab"), 1)
    names = [subject.name(column).text for column in range(len(subject.columns))]
    assert [name for name in names if name.endswith(", n the token's number")], names
