"""Writing: an s-op as a program of its own, one statement for each s-op and selector."""

from __future__ import annotations

from fractions import Fraction

import pytest

import compiler
import rasp
from compiler.program.writing import DEEPEST, write_program
from rasp import embedded
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


def test_equal_values_are_one_key() -> None:
    """As they are where the fuzzer prints a program with the values that it has met, each with its type."""
    low = rasp.map(lambda number: "low" if number < 1 else "high", rasp.indices)
    text = write_program(low, {rasp.indices: [0, False, 1, Fraction(1)]}).text
    assert_text(text, 'step1 = {0: "low", 1: "high"}[indices];')


@pytest.mark.parametrize("count", [DEEPEST - 1, DEEPEST, DEEPEST + 1, 2 * DEEPEST])
def test_a_function_of_two_numbers_can_be_read_back(count: int) -> None:
    """Conditions nest less deep than the parser reads; more values than that are numbered."""
    numbers = list(range(count))
    compared = rasp.map(lambda a, b: "low" if a < b else "high", rasp.tokens, rasp.indices)
    text = write_program(compared, {rasp.tokens: numbers, rasp.indices: [0, 1, 2]}).text
    given = [0, 0, count - 1]
    assert rasp.parse(text).main(given) == compared(given) == ["high", "low", "high"]


def test_a_choice_that_is_always_the_same_stays_an_s_op() -> None:
    """A condition that is a plain value would choose at once, and give a plain value."""
    always = rasp.where(Constant(True), True, rasp.tokens)
    text = write_program(always, {}).text
    assert_text(text, "step1 = (True if (True if indices == 0 else True) else tokens_asis);")
    assert rasp.parse(text).main([False, True]) == always([False, True]) == [True, True]


def test_a_function_that_depends_on_a_constant_alone_stays_an_s_op() -> None:
    """Of one position there is one index, and the dict is over the constant: of a plain value it is one."""
    told = embedded.map(lambda a, b: "low" if a < b else "high", embedded.indices, Constant(Fraction(1, 4)))
    model = compiler.compile(told, "ab", 1)
    assert rasp.parse(model.program).main("a") == model("a") == ["low"]
