"""The telling of one attention sublayer."""

from __future__ import annotations

import textwrap

import pytest

import compiler
import rasp
from runtime.walkthrough.attention import (
    attended,
    brief_head,
    heads_of_reads,
    is_heavy,
    tell_attention,
)
from runtime.walkthrough.document import Heading, Paragraph, Table, plain
from runtime.walkthrough.subject import Subject
from tests.support.worked import COUNT, FIRST, TWO_PARTS, assert_text, digits, lines, model

ASKED_FOR = 'before = shift(tokens, 1, "_"); first = "new" if before == "_" else "old";'


def test_a_head_in_a_sentence() -> None:
    """A head that copies, and one that counts (BOS outweighs what it counts), at the last b of abb."""
    subjects = [Subject(made, made.trace("abb"), place=3) for made in (model(FIRST), model(COUNT))]
    assert [attended(subject, 1, 0) for subject in subjects] == [[1], [0, 2, 3]]
    assert [is_heavy(subject, 1, 0) for subject in subjects] == [False, True]
    assert_text(
        lines(plain(brief_head(subject, 1, 0)) for subject in subjects),
        """
        Head 1 (first): position 2 ("b") looks at position 0 ("a").
        Head 1 (copies): position 2 ("b") selects positions 1 ("b") and 2 ("b").
        """,
    )


@pytest.mark.parametrize(
    ("vocab", "tokens", "told"),
    [
        ("Zb", "bZ", 'So before is not "_".'),
        ("Zb", "b", 'So before is "_".'),
        ("ab", "ba", 'So before is at least "a".'),
        ("ab", "b", 'So before is below "a".'),
    ],
)
def test_of_an_s_op_it_may_only_be_asked_how_it_compares(vocab: str, tokens: str, told: str) -> None:
    """How it does is told, not the column that says so."""
    made = compiler.compile(rasp.parse(ASKED_FOR).main, vocab, 3)
    subject = Subject(made, made.trace(tokens), place=len(tokens))
    blocks = [each for each in tell_attention(subject, 1, True) if isinstance(each, Paragraph)]
    said = lines(plain(block.text) for block in blocks)
    assert told in said
    assert "Head 1 (before): " in said
    assert "=" not in said


def wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 90, subsequent_indent="    ")


def test_heads_of_one_read_are_told_together() -> None:
    """Two heads count the tokens below 9, each by a digit; two copy the token before, one of them its own."""
    made, two = digits(), model(TWO_PARTS)
    subjects = [Subject(made, made.trace([3, 8, 0, 9]), place=4), Subject(two, two.trace("abb"), place=1)]
    assert heads_of_reads(subjects[0], 1) == [[0, 1]]
    told = [block for subject in subjects for block in tell_attention(subject, 1, brief=True)]
    assert_text(
        lines(line for block in told if isinstance(block, Paragraph) for line in wrapped(plain(block.text))),
        """
        Heads 1 and 2 (less, a read in 2 parts): position 3 (9) selects positions 0 (3) and 2 (0)
            by head 1; position 1 (8) by head 2.
        So less = 3.
        Heads 1 and 2 (before, a read in 2 parts): position 0 ("a") selects position 0 ("a") by
            head 1.
        So before = "a".
        """,
    )


def test_in_full_each_part_is_told_and_their_sum() -> None:
    made = digits()
    told = list(tell_attention(Subject(made, made.trace([3, 8, 0, 9]), place=4), 1, brief=False))
    table = told[-1]
    assert isinstance(table, Table)
    about = next(plain(block.text) for block in told if isinstance(block, Paragraph))
    rows = [" | ".join(map(plain, row)).replace("\u2212", "-") for row in table.rows]
    assert_text(
        lines([*(plain(each.text) for each in told if isinstance(each, Heading)), *wrapped(about), *rows]),
        """
        Layer 1: attention
        Head 1, for less, part 1 of 2
        Head 2, for less, part 2 of 2
        Heads 1 and 2 compute one read, less: each selects by a part of its selector, no key is
            selected by two, and their numbers add up. Head 1: less where tokens < tokens (digit 1
            of 2). Head 2: less where tokens < tokens (digit 2 of 2).
        less, part 1 of 2 | -C | C | 2 | 2
        less, part 2 of 2 | -C | C | 1 | 1
        less, the sum |  |  | 3 | 3
        """,
    )


def test_an_s_op_without_a_name_is_told_by_its_formula_in_full() -> None:
    """No expression is cut, and two of them are told apart without a number."""
    source = """
        last = aggregate(select(indices, indices - 1, ==), indices + 1, 0);
        far = last + aggregate(select(indices, indices - 2, ==), indices + 1, 0);
    """
    made = model(source)
    subject = Subject(made, made.trace("abb"), place=3)
    told = [plain(brief_head(subject, 1, head)) for head in range(2)]
    assert "aggregate(select(indices, indices - 2, ==), indices + 1, 0)" in " ".join(told)
    assert not any("..." in text or "#" in text for text in told)
