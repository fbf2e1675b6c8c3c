"""What the compiler asks for that no program can say, in words."""

from __future__ import annotations

import pytest

from runtime.inspection.own import in_words, least
from runtime.inspection.spoken import Code, plain


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ('least(select(tokens_asis, ",)", ==), indices, 9)', 'first position in select(tokens, ",)", ==)'),
        ("least(earlier, (-tokens_asis), 1) feature", "-(largest tokens in earlier) feature"),
        ("least(select(1, 1, ==), copies, -1) #2", "least copies everywhere #2"),
        (
            "least(select([1, 2][tokens_asis], 1, ==), indices)",
            "first position in select([1, 2][tokens], 1, ==)",
        ),
        ("least(select((a + ...), 1, ==), indices, 3)", "least(select((a + ...), 1, ==), indices, 3)"),
        ("tokens_str == tokens_strange", "tokens == tokens_strange"),
        ("(tokens_asis == mirrored)", "(tokens == mirrored)"),
        ("at_least(copies, 2)", "at_least(copies, 2)"),
    ],
)
def test_titles_in_words(title: str, words: str) -> None:
    assert in_words(title) == words


@pytest.mark.parametrize(
    ("title", "words"),
    [
        (
            "least(select(wrong, True, ==), indices, 10)",
            "the first position that select(wrong, True, ==) selects, or 10 where it selects none. "
            "From it follows x.",
        ),
        (
            "least(select(1, 1, ==), (-copies), -1)",
            "minus the largest copies of all positions. From it follows x.",
        ),
        (
            "least(s, v, 3)",
            "the least v of the positions that s selects, or 3 where it selects none. From it follows x.",
        ),
    ],
)
def test_what_it_is_in_a_sentence(title: str, words: str) -> None:
    own = least(title)
    assert own is not None
    told = plain(own.told((Code("x"),)))
    article = "" if own.largest else "The "
    assert told == f"{article}{own.name} is no s-op of the program, but the compiler's: {words}"
