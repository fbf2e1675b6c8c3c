"""Random programs: interpreter, oracle, optimized and plain model agree. The seed is fresh, and printed."""

from __future__ import annotations

import json
import os
import random
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rasp
from compiler import fuzzing
from compiler.fuzzing import Tally, check, fuzz, numbered_program, reason, source
from compiler.generator import MOST_SOPS, RandomProgram, nodes, random_program
from compiler.oracle import Oracle
from compiler.shrinking import Case, shrink_case, shrink_input
from compiler.verification import expected
from rasp.sops import Aggregate, LookUp, Map, Member, Operation, Operator, Select, SelectorNot, in_order
from tests.command_line import rasp_command

PROGRAMS = int(os.environ.get("RASP_FUZZ_PROGRAMS", "100"))
SEED = int(os.environ.get("RASP_FUZZ_SEED", random.SystemRandom().randrange(1 << 30)))
MOST_REFUSED = 0.08
"""Of a few programs; of many it stays under 5%."""


def test_fresh_programs(capsys: pytest.CaptureFixture[str]) -> None:
    states: list[Tally] = []
    failures = list(fuzz(SEED, PROGRAMS, progress=states.append))
    with capsys.disabled():
        print(f"\nfuzzing: seed {SEED}: {states[-1].line()}")
    assert not failures, "\n\n".join(failure.report() for failure in failures)
    assert states[-1].programs == PROGRAMS
    assert states[-1].refused.total() <= max(3, MOST_REFUSED * PROGRAMS)


@pytest.mark.parametrize("seed", range(5))
def test_programs_are_the_same_every_time(seed: int) -> None:
    texts = []
    for _ in range(2):
        program, inputs = numbered_program(seed)
        texts.append((source(Case(program.sop, program.vocab, program.max_length, program.causal)), inputs))
    assert texts[0] == texts[1]


def test_every_construct_is_generated() -> None:
    kinds: set[object] = set()
    for seed in range(200):
        for node in in_order(random_program(Random(seed)).sop):
            kinds.add(node.operator if isinstance(node, Operation) else type(node))
            if isinstance(node, Select):
                kinds.add(node.comparison)
            if isinstance(node, LookUp):
                kinds.add(type(node.container))
    assert {operator for operator in Operator if operator not in kinds} == set()
    assert {Aggregate, LookUp, Map, Member, SelectorNot, str, tuple, dict} <= kinds
    assert {comparison for comparison in rasp.Comparison if comparison not in kinds} == set()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**40), st.integers(1, MOST_SOPS))
def test_size_is_about_what_was_asked_for(seed: int, sops: int) -> None:
    program = random_program(Random(seed), sops)
    # A library function brings several s-ops at once.
    assert nodes(program.sop) <= 12 * sops + 12


def test_most_inputs_are_defined() -> None:
    undefined = tried = 0
    for seed in range(50):
        program, inputs = numbered_program(seed)
        undefined += sum(expected(program.sop, one, program.causal) is None for one in inputs)
        tried += len(inputs)
    assert undefined < 0.1 * tried


@pytest.fixture
def wrong_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that answers something else wherever the program compares with `<`."""
    honest = fuzzing.answers

    def answers(compiled: object, inputs: list[list[object]], through_jax: bool = False) -> object:
        given = honest(compiled, inputs, through_jax)  # type: ignore[arg-type]
        if "<" in compiled.root.title:  # type: ignore[attr-defined]
            return [[False for _ in row] for row in given]
        return given

    monkeypatch.setattr(fuzzing, "answers", answers)


def test_failures_are_shrunk_and_printed_as_programs(wrong_comparison: None) -> None:
    doubled = rasp.tokens + rasp.tokens
    sop = (doubled * 1 - rasp.tokens) < rasp.where(rasp.indices >= 0, 2, 3)
    program = RandomProgram(sop, (0, 1, 2), 5, True)
    inputs: list[list[rasp.Atom]] = [[2, 2], [2, 0, 1, 2, 2]]
    outcome = check(program, inputs)
    assert outcome.status == "mismatch"
    failure = fuzzing.shrunk(7, program, inputs, True, outcome)
    assert nodes(failure.case.sop) <= 3
    assert len(failure.case.inputs or ()) == 1
    assert failure.case.max_length == 1
    report = failure.report()
    assert "# mismatch: seed 7" in report
    main = rasp.parse(report).main
    assert main(list(failure.case.inputs or ())) == failure.case.sop(list(failure.case.inputs or ()))


def test_a_crash_of_the_compiler_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> object:
        raise KeyError("lost")

    monkeypatch.setattr(fuzzing, "run", run)
    states: list[Tally] = []
    failures = list(fuzz(3, 2, progress=states.append))
    assert [failure.status for failure in failures] == ["crash", "crash"]
    assert states[-1].programs == 2
    assert "KeyError" in failures[0].report()


def test_a_wrong_oracle_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Oracle, "__call__", lambda self, inputs: [["?"] for _ in inputs])
    program, inputs = numbered_program(1)
    assert check(program, inputs).status == "mismatch"


def test_time_limit() -> None:
    times: list[float] = []
    list(fuzz(0, None, 0.2, lambda tally: times.append(tally.seconds)))
    assert times[-1] >= 0.2
    assert all(time < 0.2 for time in times[:-1])


def test_shrinking_an_input() -> None:
    def failing(one: tuple[object, ...]) -> bool:
        return one.count("b") >= 2

    found = shrink_input(tuple("aabcbab"), lambda some: next((one for one in some if failing(one)), None))
    assert found == ("b", "b")


def test_shrinking_keeps_to_the_limit() -> None:
    tried: list[Case] = []
    program = random_program(Random(5), 40)
    case = Case(program.sop, program.vocab, program.max_length, program.causal)

    def failing(smaller: Case) -> bool:
        tried.append(smaller)
        return False

    assert shrink_case(case, failing, most=25) is case
    assert len(tried) == 25


def test_reasons_forget_names() -> None:
    messages = [f"the table of step{n} over {n} values would take more than {9 * n} neurons" for n in (1, 22)]
    assert reason(messages[0]) == reason(messages[1])
    assert "would take more than" in reason(messages[0])


def test_command() -> None:
    result = rasp_command("fuzz", "--count", "4", "--seed", "11")
    assert result.code == 0, result.err
    assert "seed 11" in result.err
    assert result.out.startswith("4 programs, ")


def test_command_as_json() -> None:
    result = rasp_command("fuzz", "--count", "2", "--seed", "5", "--json")
    assert json.loads(result.out)["programs"] == 2
    assert json.loads(result.out)["failures"] == []
