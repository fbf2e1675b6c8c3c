"""The telling of one attention sublayer."""

from __future__ import annotations

from runtime.walkthrough.attention import attended, brief_head, is_heavy
from runtime.walkthrough.document import plain
from runtime.walkthrough.subject import Subject
from tests.support.worked import COUNT, FIRST, assert_text, lines, model


def test_a_head_in_a_sentence() -> None:
    """A head that copies, and one that counts (BOS outweighs what it counts), at the last b of abb."""
    subjects = [Subject(made, made.trace("abb"), place=3) for made in (model(FIRST), model(COUNT))]
    assert [attended(subject, 1, 0) for subject in subjects] == [[1], [0, 2, 3]]
    assert [is_heavy(subject, 1, 0) for subject in subjects] == [False, True]
    assert_text(
        lines(plain(brief_head(subject, 1, 0)) for subject in subjects),
        """
        Head 1 (first): position 2 ("b") looks at position 0 ("a").
        Head 1 (copies): position 2 ("b") selects position 1 ("b"), position 2 ("b").
        """,
    )
