"""The program's text in the page: which stretches of it belong to which columns."""

from __future__ import annotations

from runtime.view.source import program_source
from tests.support.worked import FIRST, assert_text, lines, model


def test_marks_of_a_program() -> None:
    """Columns are 0 bos, 1 tokens, 2 positions, 3 the copy and 4 the answer. The selector has none of its
    own, so its statement belongs to what reads with it.
    """
    made = model(FIRST)
    source = program_source(made.program, made.config)
    assert_text(
        lines(f"{source.text[mark.start : mark.end]} {mark.columns}" for mark in source.marks),
        """
        step1 = select(indices, 0, ==); (3,)
        indices (2,)
        first = aggregate(step1, tokens_str); (3,)
        first (3,)
        tokens_str (1,)
        answer = (first == tokens_str); (4,)
        answer (4,)
        first (3,)
        tokens_str (1,)
        """,
    )
