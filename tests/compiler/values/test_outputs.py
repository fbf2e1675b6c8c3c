"""Outputs: the values that the answer really takes, which are the labels of the model."""

from __future__ import annotations

from compiler.graph.meaning import call
from compiler.values.outputs import tried_values
from tests.support.worked import assert_text, lines, named, stages

CAPPED = """
    small = indicator(tokens_int < 9);
    answer = tokens_int + small;
"""


def test_what_values_together_rule_out() -> None:
    """Tokens are 7, 8 or 9 and `small` is 0 or 1, so the sum seems to be anything from 7 to 10; but 9 goes
    with 0 and the others with 1, so it is 8 or 9, and these are the labels of the model.
    """
    made = stages(CAPPED, "789")
    answer, domains = made.settled.root, made.settled.domains
    token = named(answer, "tokens_int")
    vocab = [{token.index: number} for number in (7, 8, 9)]
    tried = tried_values(answer, vocab, lambda term: domains.get(term).values, call)
    assert_text(
        lines(
            [
                f"tokens: {domains.get(token).text}",
                f"small: {domains.get(named(answer, 'small')).text}",
                f"tried: {sorted(tried)}",
                f"answer: {domains.get(answer).text}",
            ]
        ),
        """
        tokens: {7, 8, 9}
        small: {0, 1}
        tried: [8, 9]
        answer: {8, 9}
        """,
    )
