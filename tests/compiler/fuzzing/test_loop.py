"""Random programs: interpreter, oracle, optimized and plain model agree. The seed is fresh, and printed."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rasp
from compiler.fuzzing import loop
from compiler.fuzzing.failures import Failure, command, not_for_verify
from compiler.fuzzing.generator import MOST_SOPS, VOCABULARIES, RandomProgram, nodes, random_program
from compiler.fuzzing.loop import Outcome, Tally, check, fuzz, numbered_program, reason, source
from compiler.fuzzing.shrinking import Case, shrink_case
from compiler.request import Request
from compiler.verification.comparison import expected
from compiler.verification.oracle import Oracle
from compiler.workers import Crew
from rasp.errors import CompileError, TooLargeError
from rasp.graph.sops import Aggregate, LookUp, Map, Member, Operation, Select, SelectorNot, in_order
from rasp.notation import read_vocab
from rasp.records import from_data
from rasp.words import Atom, Operator
from runtime.transformer import numpy_forward
from runtime.weights import Array
from tests.support.command_line import assert_refused, rasp_command
from tests.support.paths import ROOT
from tests.support.sweeps import sweep

FEW, MANY = 25, 800
SEED = int(os.environ["RASP_FUZZ_SEED"])
MOST_REFUSED = 0.08
"""Of a few programs; of many it stays under 5%."""


@pytest.mark.parametrize("programs", sweep([FEW, MANY], [FEW]))
def test_fresh_programs(programs: int, capsys: pytest.CaptureFixture[str]) -> None:
    states: list[Tally] = []
    failures = list(fuzz(SEED, programs, progress=states.append))
    with capsys.disabled():
        print(f"\nfuzzing: seed {SEED}: {states[-1].line()}")
    assert not failures, "\n\n".join(failure.report() for failure in failures)
    assert states[-1].programs == programs
    assert states[-1].refusals <= max(3, MOST_REFUSED * programs)


@pytest.mark.parametrize("seed", range(5))
def test_programs_are_the_same_every_time(seed: int) -> None:
    texts = []
    for _ in range(2):
        program, inputs = numbered_program(seed)
        texts.append((source(Case(program.sop, program.asked)), inputs))
    assert texts[0] == texts[1]


def test_what_is_not_a_number_is_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    program, inputs = numbered_program(0)
    assert check(program, inputs).status == "ok"
    right = numpy_forward.forward

    def forward(*given: Any) -> Array:
        return right(*given) + np.float32("nan")

    monkeypatch.setattr(numpy_forward, "forward", forward)
    assert "not all finite" in check(program, inputs).detail


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
        undefined += sum(expected(program.sop, one, program.asked.causal) is None for one in inputs)
        tried += len(inputs)
    assert undefined < 0.1 * tried


@pytest.fixture
def wrong_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that answers something else wherever the program compares with `<`."""
    honest = loop.answers

    def answers(compiled: object, inputs: list[list[object]], through_jax: bool = False) -> object:
        given = honest(compiled, inputs, through_jax)  # type: ignore[arg-type]
        if "<" in compiled.settled.root.title:  # type: ignore[attr-defined]
            return [[False for _ in row] for row in given]
        return given

    monkeypatch.setattr(loop, "answers", answers)


def test_failures_are_shrunk_and_printed_as_programs(wrong_comparison: None) -> None:
    doubled = rasp.tokens + rasp.tokens
    sop = (doubled * 1 - rasp.tokens) < rasp.where(rasp.indices >= 0, 2, 3)
    program = RandomProgram(sop, Request((0, 1, 2), 5, True))
    inputs: list[list[rasp.Atom]] = [[2, 2], [2, 0, 1, 2, 2]]
    outcome = check(program, inputs)
    assert outcome.status == "mismatch"
    failure = loop.shrunk(7, Case(program.sop, program.asked, outcome.inputs), inputs, outcome)
    assert nodes(failure.case.sop) <= 3
    assert len(failure.case.inputs or ()) == 1
    assert failure.case.asked.max_length == 1
    report = failure.report()
    assert "# mismatch: seed 7" in report
    main = rasp.parse(report).main
    assert main(list(failure.case.inputs or ())) == failure.case.sop(list(failure.case.inputs or ()))


WITH_A_FAULT = """#!{python}
import sys
sys.path.insert(0, {root!r})
from tests.support import mutation
sys.meta_path.insert(0, mutation.Loader("neurons' thresholds off by half"))
if sys.argv[1] == "-c":
    exec(sys.argv[2], {{"__name__": "__main__"}})
else:
    from rasp.cli import main
    main(sys.argv[1:])
"""
"""What takes the places of `rasp` and `python` for a shell: the compiler has a fault."""


@pytest.fixture
def faulty_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory, and commands in front of the real ones."""
    for name in ("rasp", "python"):
        script = tmp_path / "bin" / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(WITH_A_FAULT.format(python=sys.executable, root=str(ROOT)))
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)


def failure_of(vocab: tuple[rasp.Atom, ...], causal: bool = False, optimize: bool = True) -> Failure:
    """A report of a program that the fault above breaks."""
    copies = rasp.selector_width(rasp.select(rasp.tokens, rasp.tokens, "=="))
    sop = (copies == 2) & (rasp.tokens == vocab[-1])
    case = Case(sop, Request(vocab, 3, causal, optimize), (vocab[0],))
    return Failure(7, "mismatch", "expected [0], got [1]", case, source(case))


@pytest.mark.parametrize(
    ("failure", "first"),
    [
        pytest.param(failure_of(("it's", '$HOME "q"', "a"), causal=True), "rasp", marks=pytest.mark.slow),
        pytest.param(failure_of((Fraction(-3, 2), 1, Fraction(1, 2))), "rasp", marks=pytest.mark.slow),
        (failure_of((0, Fraction(1, 3)), causal=True, optimize=False), "python"),
    ],
)
def test_a_report_says_how_to_check_it_again(failure: Failure, first: str, faulty_shell: None) -> None:
    report = failure.report()
    Path("fuzz-7.rasp").write_text(report)
    line = next(line for line in report.splitlines() if line.startswith(f"# {first} ")).removeprefix("# ")
    ran = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=600, check=False)
    assert "inputs differ" in ran.stdout, ran.stderr
    assert ran.returncode == (1 if first == "rasp" else 0)


@pytest.mark.parametrize("vocab", [*VOCABULARIES, ("1", "2"), ("[", "]"), (Fraction(1), 2), (-(10**30), 7)])
def test_the_vocabulary_of_a_report_is_the_failures(vocab: tuple[rasp.Atom, ...]) -> None:
    case = Case(rasp.tokens, Request(vocab, 2))
    words = shlex.split(command(case, "x.rasp"))
    endless = any(Fraction(token).denominator == 3 for token in vocab if isinstance(token, Fraction))
    assert bool(not_for_verify(case)) == endless == (words[0] == "python")
    if endless:
        assert repr(list(vocab)) in words[-1]
        assert "1/3" in Failure(7, "crash", "", case, "").report()
        return
    read = read_vocab(words[words.index("--vocab") + 1])
    assert [(type(token), token) for token in read] == [(type(token), token) for token in vocab]


def test_reports_tell_numbers_from_strings() -> None:
    reports = [Failure(7, "crash", "", Case(rasp.tokens, Request(vocab, 2)), "") for vocab in ((1,), ("1",))]
    assert "# vocabulary [1]," in reports[0].report()
    assert "# vocabulary ['1']," in reports[1].report()


def test_failures_as_data(wrong_comparison: None, monkeypatch: pytest.MonkeyPatch) -> None:
    program = RandomProgram(rasp.tokens < rasp.indices + 1, Request((Fraction(1, 3), Fraction(3)), 5))
    monkeypatch.setattr(loop, "numbered_program", lambda _: (program, [[Fraction(1, 3)], [Fraction(3)]]))
    ran = rasp_command("fuzz", "--count", 1, "--seed", 3, "--json")
    assert ran.code == 1
    (failure,) = json.loads(ran.out)["failures"]
    assert (failure["seed"], failure["status"], failure["optimize"]) == (3, "mismatch", True)
    assert (failure["max_length"], failure["causal"]) == (1, False)
    inputs, vocab = (from_data(list[Atom], failure[key], "the failure") for key in ("input", "vocab"))
    assert set(inputs) <= set(vocab) <= set(program.asked.vocab)
    assert "expected [True], got [False]" in failure["detail"]
    assert rasp.parse(failure["program"]).main(inputs) == [True]


def test_a_crash_of_the_compiler_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def attempt(*_: object) -> object:
        raise KeyError("lost")

    monkeypatch.setattr(loop, "attempt", attempt)
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


def test_shrinking_keeps_to_the_limit() -> None:
    tried: list[Case] = []
    program = random_program(Random(5), 40)
    case = Case(program.sop, program.asked)

    def failing(smaller: Case) -> bool:
        tried.append(smaller)
        return False

    assert shrink_case(case, failing, most=25) is case
    assert len(tried) == 25


def test_reasons_forget_names() -> None:
    errors = [CompileError(f"step{n} over {n} values is always the same, {9 * n} times") for n in (1, 22)]
    assert reason(errors[0]) == reason(errors[1])
    assert "is always the same" in reason(errors[0])
    large = [TooLargeError(f"{name} takes too many values", reason="a large table") for name in ("a", "b")]
    assert {*map(reason, large)} == {"a large table"}


def test_refusals_are_of_a_kind() -> None:
    for text, vocab, length, kind in (
        (
            'm = average(indices * indicator(tokens == "a")); x = m * m * m;',
            "ab",
            24,
            "an output of too many labels",
        ),
        (
            'x = (count(tokens, "a") * count(tokens, "b") * indices) % 7;',
            "abc",
            100,
            "too many combinations of values",
        ),
        ("x = average(aggregate(select(tokens, tokens, ==), indices));", "ab", 100, "a mean of means"),
    ):
        outcome = check(RandomProgram(rasp.parse(text).main, Request(tuple(vocab), length)), [["a"]])
        assert (outcome.status, outcome.reason) == ("refused", kind)


def of_number(number: int, optimize: bool) -> Outcome:
    """Every third program is refused, every other third only unoptimized."""
    if number % 3 == 0 or (number % 3 == 1 and not optimize):
        message = f"step{number} may be a mean of 1/{number + 2} " + "and so on " * 50 + "to the end"
        return Outcome("refused", message, reason="a mean of means")
    return Outcome("ok", compared=20)


def program_of(number: int) -> RandomProgram:
    """A program that tells its number."""
    return RandomProgram(rasp.tokens, Request((0,), 1 + number))


def number_of(program: RandomProgram) -> int:
    return program.asked.max_length - 1


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiler that refuses as `of_number` says."""
    monkeypatch.setattr(loop, "numbered_program", lambda number: (program_of(number), []))
    monkeypatch.setattr(loop, "_check_whole", lambda *_: None)
    monkeypatch.setattr(
        loop, "check", lambda program, _, **__: of_number(number_of(program), program.asked.optimize)
    )


def test_refusals_have_an_example(refusing: None) -> None:
    ran = rasp_command("fuzz", "--count", 9, "--seed", 2, "--json")
    refused, plain = (json.loads(ran.out)[key] for key in ("refused", "refused_only_unoptimized"))
    assert [(group["programs"], group["seed"]) for group in refused] == [(3, 3)]
    assert [(group["programs"], group["seed"]) for group in plain] == [(3, 4)]
    assert refused[0]["message"] == of_number(3, True).detail
    assert plain[0]["message"] == of_number(4, False).detail
    lines = rasp_command("fuzz", "--count", 9, "--seed", 2).out.splitlines()
    assert "33.3% refused" in lines[0]
    assert [(group["reason"], group["share"]) for group in refused] == [("a mean of means", 1 / 3)]
    first, second = (line.strip() for line in lines[1:])
    assert first.startswith("3 refused (33.33%): a mean of means, such as seed 3: step3 may be a mean of 1/5")
    assert second.startswith("3 refused only unoptimized (33.33%): a mean of means, such as seed 4: step4")
    assert len(lines) == 3
    assert all(line.endswith("so on to the end") and len(line) < 300 for line in lines[1:])


def test_many_reasons_are_summed_up(refusing: None, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = loop.check

    def check(program: RandomProgram, inputs: list[list[Atom]]) -> Outcome:
        outcome = plain(program, inputs)
        return replace(outcome, reason=outcome.detail)

    monkeypatch.setattr(loop, "check", check)
    lines = rasp_command("fuzz", "--count", 60, "--seed", 0).out.splitlines()
    assert len(lines) == 1 + 2 * 11
    assert "10 refused (16.67%) for 10 other reasons" in lines[11]


def test_an_unfinished_program_is_not_counted(refusing: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(program: RandomProgram, _: object) -> Outcome:
        number, optimize = number_of(program), program.asked.optimize
        if number == 6 and not optimize:
            raise KeyboardInterrupt
        return of_number(number, optimize)

    monkeypatch.setattr(loop, "check", check)
    ran = rasp_command("fuzz", "--seed", 2)
    assert ran.code == 0
    assert ran.out.startswith("4 programs, 100 inputs compared, 0 undefined, 25.0% refused, 0 failures")
    assert "1 refused (25.00%): a mean of means, such as seed 3" in ran.out


@pytest.mark.parametrize(
    ("option", "given", "parts"),
    [
        ("--minutes", "nan", ("--minutes", "nan is no number of minutes")),
        ("--minutes", "inf", ("--minutes", "finite")),
        ("--minutes", "0", ("--minutes", "x>0")),
        ("--seed", "-5", ("--seed", "-5", "x>=0")),
        ("--count", "0", ("--count", "x>=1")),
    ],
)
def test_senseless_amounts_are_refused(option: str, given: str, parts: tuple[str, ...]) -> None:
    assert_refused(rasp_command("fuzz", option, given), *parts)


def test_help_tells_the_default() -> None:
    text = " ".join(rasp_command("fuzz", "--help").out.split())
    assert "1000 unless --minutes is given" in text
    assert "optimized and not" in text
    assert "causal" in text


def test_command() -> None:
    result = rasp_command("fuzz", "--count", "4", "--seed", "11")
    assert result.code == 0, result.err
    assert "seed 11" in result.err
    assert result.out.startswith("4 programs, ")


def test_command_as_json() -> None:
    result = rasp_command("fuzz", "--count", "2", "--seed", "5", "--json")
    assert json.loads(result.out)["programs"] == 2
    assert json.loads(result.out)["failures"] == []


@pytest.mark.slow
def test_many_workers_do_the_same() -> None:
    tallies: list[list[Tally]] = [[], []]
    for tally, crew in zip(tallies, (Crew(), Crew(2)), strict=True):
        assert list(fuzz(5, 6, progress=tally.append, crew=crew)) == []
    same = [replace(tally[-1], seconds=0.0, slowest=(0.0, 0)) for tally in tallies]
    assert same[0] == same[1]
    assert same[0].programs == 6


@pytest.mark.parametrize(
    "number", sweep([9442983, 9422353, 9418385, 9418280, 9415133, 9420014, 9428060], [9442983, 9418385])
)
def test_what_failed_once_fails_no_more(number: int) -> None:
    """A choice of which a branch is constant; one that reads a sum twice; numbers far apart beside a truth
    value; a table over 155 things, nearly all of one value; a comparison of a sum of means that no table
    lists; the least of quotients that are carried as fractions; a function of a position and a constant that
    depends on the constant alone.
    """
    checked = loop._check_number(number)
    assert checked.failure is None, checked.failure
    assert {outcome.status for outcome in checked.outcomes} == {"ok"}
