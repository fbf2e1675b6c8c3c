"""The builder: from the plan and the demands to heads and neurons."""

from __future__ import annotations

from compiler import texts
from compiler.lowering.builder import lower
from tests.support.worked import COUNT, FIRST, assert_text, stages


def test_a_count_as_a_head_and_neurons() -> None:
    """Where the tokens differ, one of two products is -256, and exp makes 0 of that. BOS takes nearly all
    of the attention, so that its rest, scaled up, is the count and not a mean.
    """
    settled = stages(COUNT).settled
    assert_text(
        texts.lowered(lower(settled.root, settled.domains)),
        """
        token embedding: bos
        token embedding: tokens
        head for copies: BOS at 8.32031
          score: (256*tokens + 256*bos + -256) * (tokens)
          score: (-256*tokens) * (-1*tokens + -1*bos + 1)
          copies: 4107.94 * mean of -1*bos + 1
        neurons for (copies == 2): p = copies + -1
          (copies == 2): 0 + 1 * relu(p - 0) + -2 * relu(p - 1)
        output: (copies == 2)
        """,
    )


def test_a_copy_as_a_head_and_neurons() -> None:
    """All positions but the first score -256, and BOS -256 too, as there is always a first: the mean over
    what is left is a copy. Then p numbers the four combinations of that and the token here.
    """
    settled = stages(FIRST).settled
    assert_text(
        texts.lowered(lower(settled.root, settled.domains)),
        """
        token embedding: bos
        token embedding: tokens
        position embedding: indices >= 1
        head for first: BOS at -256
          score: (-256*bos + 256) * (-1*indices >= 1)
          first: 1 * mean of tokens
        neurons for answer: p = 2*first + tokens
          answer: 1 + -1 * relu(p - 0) + 1 * relu(p - 1) + 1 * relu(p - 2)
        output: answer
        """,
    )


def test_a_copy_that_nobody_can_tell_from_another_takes_no_head() -> None:
    """No table of one value asks for anything, so nothing is read at the first position."""
    settled = stages("""
        copies = selector_width(select(tokens, tokens, ==));
        answer = aggregate(select(indices, 0, ==), copies) in [7, 8];
    """).settled
    assert_text(
        texts.lowered(lower(settled.root, settled.domains)),
        """
        token embedding: bos
        output: 0
        """,
    )
