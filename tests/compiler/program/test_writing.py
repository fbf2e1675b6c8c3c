"""Writing: an s-op as a program of its own, one statement for each s-op and selector."""

from __future__ import annotations

import rasp
from compiler.program.writing import DEEPEST, write_program
from rasp import indices as INDICES
from rasp import tokens as TOKENS
from rasp.graph.sops import Constant
from tests.support.worked import FIRST, assert_text, lines, sop_of


def test_a_program_written_out() -> None:
    """What a name stands for is written before it; what has no name gets a numbered one."""
    assert_text(
        write_program(sop_of(FIRST), {}).text,
        """
        step1 = select(indices, 0, ==);
        first = aggregate(step1, tokens_str);
        answer = (first == tokens_str);
        """,
    )


def test_which_characters_name_which_s_op() -> None:
    """Each statement knows where it names others, so that pages can tie its words to columns."""
    written = write_program(sop_of(FIRST), {})
    assert_text(
        lines(
            f"{line.name}: {[written.text[m.start : m.end] for m in line.mentions]}" for line in written.lines
        ),
        """
        step1: ['indices']
        first: ['step1', 'tokens_str']
        answer: ['first', 'tokens_str']
        """,
    )


def test_a_function_in_python_as_a_dict() -> None:
    """No Python is saved: the function is tried on every value that its argument can take."""
    shouted = rasp.map(lambda token: f"{token}!", rasp.tokens)
    assert_text(
        write_program(shouted, {rasp.tokens: ["a", "b"]}).text,
        """
        step1 = {"a": "a!", "b": "b!"}[tokens_asis];
        """,
    )


def test_a_choice_that_is_always_the_same_stays_an_s_op() -> None:
    """A condition that is a plain value would choose at once, and give a plain value."""
    always = rasp.where(Constant(True), True, rasp.tokens)
    text = write_program(always, {}).text
    assert_text(text, "step1 = (True if (True if indices == 0 else True) else tokens_asis);")
    assert rasp.parse(text).main([False, True]) == always([False, True]) == [True, True]


def test_many_conditions_can_be_read_back() -> None:
    """As many as may nest, in the middle of two others; and more, which are counted through instead."""
    for many in (DEEPEST, DEEPEST + 1):
        found = rasp.map(lambda index, token, other: f"{index}{token}{other}", INDICES, TOKENS, TOKENS)
        written = write_program(found, {INDICES: range(-many + 1, 1), TOKENS: ("a",)})
        assert rasp.parse(written.text).main("a") == ["0aa"]


def test_equal_values_of_two_types_are_one() -> None:
    written = write_program(
        rasp.map(lambda x, y: x + y, INDICES, TOKENS), {INDICES: (0, 1), TOKENS: (1, True)}
    )
    assert rasp.parse(written.text).main([1, 1]) == [1, 2]
