"""Faults planted in the compiler one at a time: the check of `tests.support.complaints` has to find them."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support import mutation, planted
from tests.support.complaints import complaints
from tests.support.paths import ROOT

SAMPLE = 60
"""Faults planted in the long run, drawn from all places."""

FOUND_AT_LEAST = 40
"""Most of those that are left make no difference to any answer, only to sizes, bounds or words."""

SLOWEST = 200
"""Seconds after which a check that goes on for ever counts as one that has found something."""


def found(mutant: str, *options: str) -> str | None:
    """Plant the fault in a process of its own and run the check there: what it says, None if nothing."""
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.support.mutation", mutant, *options],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=SLOWEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "goes on for ever"
    assert ran.returncode in (0, 1, 2), ran.stderr
    lines = ran.stdout.strip().splitlines()
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    return None if ran.returncode == 0 else (failed or lines)[-1]


def found_somehow(mutant: str) -> str | None:
    """By the check, else by the tests of the compiler."""
    return found(mutant) or found(mutant, "--suite")


def drawn(modules: tuple[str, ...], count: int) -> list[str]:
    return random.Random(7).sample(mutation.places(modules), count)


def left_over(mutants: list[str]) -> list[str]:
    """Those that nothing finds; prints what became of each."""
    with ThreadPoolExecutor(2) as pool:
        reasons = dict(zip(mutants, pool.map(found_somehow, mutants), strict=True))
    left = [mutant for mutant, reason in reasons.items() if reason is None]
    print(f"\n{len(mutants)} faults planted, {len(mutants) - len(left)} found, {len(left)} survived")
    for mutant, reason in reasons.items():
        print(f"  {mutant}: {reason or 'SURVIVED'}")
    return left


@pytest.mark.slow
def test_without_a_fault_there_is_no_complaint() -> None:
    assert next(complaints(), None) is None


@pytest.mark.slow
def test_a_handful_of_faults_is_found() -> None:
    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(found, planted.HANDFUL))


@pytest.mark.by_hand
def test_every_planted_fault_is_found() -> None:
    assert len(planted.FAULTS) >= 30
    assert not left_over(list(planted.FAULTS))


@pytest.mark.by_hand
def test_most_random_faults_are_found() -> None:
    left = left_over(drawn(mutation.MODULES, SAMPLE))
    assert SAMPLE - len(left) >= FOUND_AT_LEAST


@pytest.mark.parametrize("name", planted.FAULTS)
def test_every_planted_fault_has_its_place(name: str) -> None:
    assert mutation.mutated(name).co_filename == f"<{name}>"


def test_neither_moving_nor_reformatting_code_unplants_a_fault() -> None:
    """All code in one module, in another order and written by Python itself: each fault has its place."""
    moved = ast.Module([], [])
    for tree in mutation.trees().values():
        moved.body[:0] = ast.parse(ast.unparse(tree)).body
    for fault in planted.FAULTS.values():
        if ":" in fault.within:
            continue  # two files define it
        assert mutation.place_of(fault, {"elsewhere": moved}) == "elsewhere"


def test_a_fault_without_a_place() -> None:
    fault = planted.Fault("none", "bos_share", "np.log(3)", "np.log(4)")
    with pytest.raises(LookupError, match="stands 0 times within bos_share"):
        mutation.place_of(fault, mutation.trees())


@pytest.mark.parametrize("module", mutation.MODULES)
def test_every_module_has_places(module: str) -> None:
    assert mutation.places((module,))


def test_an_unknown_mutant() -> None:
    with pytest.raises(LookupError, match=r"lowering\.lines:nowhere:sign:1"):
        mutation.mutated("lowering.lines:nowhere:sign:1")


def test_mutants_differ_in_one_place() -> None:
    for mutant in drawn(("graph.conjunctions", "lowering.features"), 5):
        assert mutation.mutated(mutant).co_filename == f"<{mutant}>"
