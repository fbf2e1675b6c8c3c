"""The generator: random programs, grown s-op by s-op, that have answers."""

from __future__ import annotations

from random import Random

import pytest

import rasp
from compiler.fuzzing.generator import is_no_text, random_program
from compiler.program.writing import write_program
from rasp.errors import EvaluationError, OperandError
from rasp.graph.sops import Aggregate
from tests.support.worked import assert_text


def test_a_program_of_its_seed() -> None:
    """The same number always gives the same program; its last statement is what is compiled."""
    program = random_program(Random(33), sops=4)
    asked = program.asked
    assert_text(
        write_program(program.sop, {}).text
        + f"over {list(asked.vocab)}, up to {asked.max_length}, {'causal' if asked.causal else 'not causal'}",
        """
        step1 = select(indices, 3, ==);
        step2 = (indices % 2);
        step3 = aggregate(step1, step2);
        over [0, 1], up to 4, not causal
        """,
    )


def test_most_programs_have_an_answer_to_most_inputs() -> None:
    answered = 0
    for seed in range(40):
        program = random_program(Random(seed), sops=4)
        for one in program.inputs(Random(seed), 3):
            try:
                program.sop(one, causal=program.asked.causal)
            except EvaluationError:
                continue
            answered += 1
    assert answered > 100


def test_a_default_that_is_never_read_is_not_proposed() -> None:
    """The language refuses it as a mistake, so that no saved program could be read back."""
    for selector in (rasp.full_s, rasp.select(rasp.tokens, 1, "==")):
        read = Aggregate(selector, rasp.indices, rasp.tokens)
        try:
            rasp.parse(write_program(read, {}).text)
            refused = False
        except OperandError:
            refused = True
        assert is_no_text(read) is refused is (selector is rasp.full_s)


@pytest.mark.parametrize("number", [928000710, 928000790])
def test_programs_that_were_no_text(number: int) -> None:
    program = random_program(Random(number))
    rasp.parse(write_program(program.sop, {}).text)
