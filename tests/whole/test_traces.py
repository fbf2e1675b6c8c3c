"""SUBLEQ as a trace that is generated, against the machine in plain Python: whole runs."""

from __future__ import annotations

from functools import cache

import pytest

import compiler
import programs
import rasp
from programs.machines import subleq
from rasp.notation import read_vocab
from runtime.model import Model
from tests.support import machines

NAME = "auto_subleq"
END = 512
PRINTED = {
    "hello": [*b"hello"],
    "multiply": [17 * 13],
    "factorial": [120],
    "fibonacci": [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144],
}


@cache
def model() -> Model:
    return compiler.compile(rasp.load(NAME).main, read_vocab(programs.header(NAME).vocab), 1600, causal=True)


def traced(name: str) -> list[int]:
    """The trace of a program's run on the machine in Python, state by state."""
    found: list[int] = []
    states = [*machines.run(machines.subleq, subleq.program(name), 50_000)]
    for before, after in zip(states, [*states[1:], states[-1]], strict=True):
        at = before[0]
        if at < 0:
            break
        a, b = (machines.read(before, at + i) for i in (0, 1))
        subtracted = machines.read(before, a)
        written = subtracted if b == -1 else machines.wrapped(machines.read(before, b) - subtracted, 10)
        found += [a, b, subtracted, written, END if after[0] < 0 else after[0]]
    return found


@pytest.mark.parametrize("name", PRINTED)
def test_what_a_trace_prints(name: str) -> None:
    trace = traced(name)
    assert trace[-1] == END
    assert END not in trace[:-1]
    assert subleq.printed_in(trace) == PRINTED[name]
    assert len(subleq.prompt(name)) + len(trace) < 1600


def test_a_prompt_is_the_words_and_where_to_begin() -> None:
    words = subleq.program("multiply")[2:30]
    assert subleq.prompt("multiply") == [28, *words, 2]


@pytest.mark.slow
def test_the_model_is_certified_and_its_answers_are_tokens() -> None:
    assert model().certificate.certified
    assert {*model().config.output.labels} == {*model().config.vocab}  # type: ignore[union-attr]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["hello", "multiply"])
def test_the_model_runs_programs_to_their_end(name: str) -> None:
    assert model().generate(subleq.prompt(name), 1600, [END]) == traced(name)
